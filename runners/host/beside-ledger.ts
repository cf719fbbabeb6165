/**
 * Decides what there is to see of a node beside its journal: scratch files of the Go plugins and the files of result
 * caches, whoever wrote them. Refuses to lock, to make and to remove anything.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isRight } from 'fp-ts/lib/Either.js'
import { decodeCached } from '../../lib/cni/cache.js'
import { isObject } from '../../lib/cni/json.js'
import type { CacheHolding } from '../../lib/engine/node-view.js'
import type { EngineRecord } from '../../lib/engine/record.js'
import { isTemporary } from '../node/atomic-write.js'
import { isNoText, readFileBounded, tooLarge } from '../node/bounded-read.js'
import { machineFiles } from '../node/file-system.js'
import { cacheLimit } from './cache-file.js'
import { isSetAside } from './file-changes.js'
import { listScratchFiles, parse, readScratchFile } from './scratch-file.js'

/** Something that could not be read, and why. */
export interface Unread {
  readonly where: string
  readonly why: string
}

/** A scratch file of a Go plugin. */
export type ScratchEntry = { readonly containerId: string; readonly file: string } & (
  | { readonly kind: 'record'; readonly record: EngineRecord }
  | { readonly kind: 'corrupt'; readonly message: string }
  /** It was set aside: nobody looks at it but people. */
  | { readonly kind: 'quarantined' }
)

/** The scratch files of these directories, spoiled ones included. */
export const readScratchLedger = (
  directories: readonly string[],
  unread: Unread[],
): readonly ScratchEntry[] => {
  const entries: ScratchEntry[] = []
  for (const directory of new Set(directories)) {
    tryToRead(directory, unread, () => {
      for (const containerId of listScratchFiles(directory, machineFiles)) {
        tryToRead(join(directory, containerId), unread, () => {
          const file = join(directory, containerId)
          const read = readScratchFile(file, containerId, machineFiles)
          if (read === undefined || read.kind === 'nothing') return
          if (read.kind === 'record') entries.push({ containerId, ...read })
          // The file is named beside it.
          else entries.push({ containerId, ...read, message: read.message.slice(file.length + 2) })
        })
      }
      for (const name of namesIn(directory).filter(isSetAside)) {
        const containerId = name.replace(/\.corrupt(-\d+)?$/, '')
        entries.push({ containerId, file: join(directory, name), kind: 'quarantined' })
      }
    })
  }
  return entries
}

/** A file of a result cache: an attachment, a bare result as early versions of libcni wrote it, or why it is neither. */
export type CacheEntry = CacheHolding

/** The files of the caches in these directories, each once. */
export const readCacheLedger = (
  directories: readonly string[],
  unread: Unread[],
): readonly CacheEntry[] => {
  const entries: CacheEntry[] = []
  for (const directory of new Set(directories)) {
    const folder = join(directory, 'results')
    tryToRead(folder, unread, () => {
      for (const name of namesIn(folder).filter((one) => !isTemporary(one))) {
        const file = join(folder, name)
        tryToRead(file, unread, () => {
          const content = readCacheFile(file)
          // Without a hyphen no network and no container is in its name: it is no file of a cache.
          if (content !== undefined && name.includes('-')) entries.push({ file, name, ...content })
        })
      }
    })
  }
  return entries
}

/** What a file of a result cache holds; undefined when it is gone, or no file at all. */
const readCacheFile = (file: string): Omit<CacheEntry, 'file' | 'name'> | undefined => {
  const read = readFileBounded(file, cacheLimit)
  if (!read.ok && read.code === tooLarge) return { fault: read.message }
  if (!read.ok && isNoText(read.code)) return undefined
  if (!read.ok) throw new Error(read.message)
  const parsed = parse(read.text)
  if (!parsed.ok) return { fault: parsed.message }
  if (isObject(parsed.value) && parsed.value.kind === undefined) return { result: parsed.value }
  const decoded = decodeCached(parsed.value)
  return isRight(decoded) ? { attachment: decoded.right } : { fault: decoded.left }
}

const namesIn = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Does what reads something; what cannot be read is noted, and hides nothing else. */
export const tryToRead = (where: string, unread: Unread[], read: () => void): void => {
  try {
    read()
  } catch (error) {
    unread.push({ where, why: error instanceof Error ? error.message : String(error) })
  }
}
