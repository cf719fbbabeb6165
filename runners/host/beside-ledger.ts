/**
 * Decides what there is to see of a node beside its journal: scratch files of the Go plugins and the files of result
 * caches, whoever wrote them. Refuses to lock, to make and to remove anything.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { CachedAttachment } from '../../lib/cni/cache.js'
import type { EngineRecord } from '../../lib/engine/record.js'
import { isTemporary } from '../node/atomic-write.js'
import { machineFiles } from '../node/file-system.js'
import { isSetAside } from './file-changes.js'
import { readCached } from './result-cache.js'
import { listScratchFiles, readScratchFile } from './scratch-file.js'

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
          entries.push({ containerId, ...read })
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

/** A file of a result cache; without an attachment it is none of today's form: the name alone may tell whose it is. */
export interface CacheEntry {
  readonly file: string
  readonly name: string
  readonly attachment?: CachedAttachment
}

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
          const attachment = readCached(file)
          entries.push({ file, name, ...(attachment && { attachment }) })
        })
      }
    })
  }
  return entries
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
