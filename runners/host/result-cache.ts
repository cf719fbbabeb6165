/**
 * Decides how libcni's result cache lies on disk: `<directory>/results/<network>-<container>-<interface>`, 0600, written
 * atomically (reference/cni.md 2.8; divergence X-19). Refuses names that would leave the directory.
 */
import { mkdirSync, readdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import {
  type CachedAttachment,
  type CacheKey,
  cacheFileName,
  decodeCached,
  encodeCached,
} from '../../lib/cni/cache.js'
import type { ResultCache, Stored } from '../../lib/ports/index.js'
import { writeAtomically } from '../node/atomic-write.js'
import { readFileBounded } from '../node/bounded-read.js'

/** A ResultCache in a directory: libcni's default is /var/lib/cni. */
export const createResultCache = ({ directory }: { readonly directory: string }): ResultCache => {
  const folder = join(directory, 'results')
  const fileOf = (key: CacheKey): Stored<string> => {
    const name = cacheFileName(key)
    return name === undefined
      ? { ok: false, message: `no cache file can be named after ${JSON.stringify(key)}` }
      : { ok: true, value: join(folder, name) }
  }
  return {
    list: async (containerId) => readAll(folder, containerId),
    write: async (attachment) => {
      const file = fileOf(attachment)
      if (!file.ok) return file
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 })
      } catch (error) {
        return { ok: false, message: String(error) }
      }
      return writeAtomically(file.value, JSON.stringify(encodeCached(attachment)))
    },
    remove: async (key) => {
      const file = fileOf(key)
      if (!file.ok) return file
      try {
        unlinkSync(file.value)
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException
        if (code !== 'ENOENT') return { ok: false, message }
      }
      return { ok: true, value: undefined }
    },
  }
}

const readAll = (
  folder: string,
  containerId: string | undefined,
): Stored<readonly CachedAttachment[]> => {
  let names: readonly string[]
  try {
    // A name alone decides nothing, but one without the id cannot be this container's: it need not be read.
    names = readdirSync(folder)
      .filter((name) => containerId === undefined || name.includes(`-${containerId}-`))
      .sort()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? { ok: true, value: [] } : { ok: false, message }
  }
  const all = names.flatMap((name) => readOne(join(folder, name)) ?? [])
  const wanted =
    containerId === undefined ? all : all.filter((one) => one.containerId === containerId)
  return { ok: true, value: wanted }
}

/** A cached attachment, or undefined for whatever else lies there. */
const readOne = (file: string): CachedAttachment | undefined => {
  const read = readFileBounded(file, 16 * 1024 * 1024)
  if (!read.ok) return undefined
  try {
    const decoded = decodeCached(JSON.parse(read.text))
    return decoded._tag === 'Right' ? decoded.right : undefined
  } catch {
    return undefined
  }
}
