/**
 * Decides how libcni's result cache lies on disk: `<directory>/results/<network>-<container>-<interface>`, 0600, written
 * atomically (reference/cni.md 2.8; divergence X-19). Refuses names that would leave the directory.
 */
import { dirname, join } from 'node:path'
import {
  type CachedAttachment,
  type CacheKey,
  cacheFileName,
  decodeCachedAt,
  encodeCached,
} from '../../lib/cni/cache.js'
import type { ResultCache, Stored } from '../../lib/ports/index.js'
import { isAbandoned, isTemporary, syncDirectory, writeAtomically } from '../node/atomic-write.js'
import { makeDirectory } from '../node/durable-directory.js'
import { type FileSystem, machineFiles } from '../node/file-system.js'
import { readCached, readEntry } from './cache-file.js'

/** Where a result cache lies. */
export interface ResultCacheOptions {
  /** libcni's default is /var/lib/cni; its files are in `results` below. Made when it is missing, mode 0700. */
  readonly directory: string
  /**
   * Told of an attachment whose names are too long for one file name, which is then passed over: for a cache beside a
   * journal, which knows it all the same. Default: it cannot be written.
   */
  readonly onTooLong?: (key: CacheKey) => void
  /** What it lies on. Default: the file systems of this machine. */
  readonly files?: FileSystem
}

/** The longest name of a file, in bytes: NAME_MAX of Linux. The parts of a cache file's name are ASCII. */
const longestName = 255

/** A ResultCache whose files can be looked up by their names, too. */
export interface HostResultCache extends ResultCache {
  /**
   * What is cached of one attachment, also a bare result, as early versions of libcni wrote it; `list` passes those over,
   * as libcni does. Undefined for no file, and for one that cannot be read as its own.
   */
  read(key: CacheKey): Promise<Stored<CachedAttachment | undefined>>
  /** Why the file of one attachment cannot be read as its own; undefined for no file, and for one that can. */
  faultOf(key: CacheKey): Promise<string | undefined>
  /** Where the file of one attachment lies, whether it is there or not; undefined for names that no file can have. */
  fileOf(key: CacheKey): string | undefined
}

/** A ResultCache in a directory. */
export const createResultCache = ({
  directory,
  onTooLong,
  files = machineFiles,
}: ResultCacheOptions): HostResultCache => {
  const folder = join(directory, 'results')
  const withFile = async <A>(
    key: CacheKey,
    work: (file: string) => Promise<Stored<A>>,
  ): Promise<Stored<A>> => {
    const name = cacheFileName(key)
    if (name === undefined) {
      return { ok: false, message: `no cache file can be named after ${JSON.stringify(key)}` }
    }
    try {
      if (name.length <= longestName) return await work(join(folder, name))
      const what = JSON.stringify(key).slice(0, 100)
      return { ok: false, message: `the name of a cache file for ${what} is too long` }
    } catch (error) {
      return { ok: false, message: String(error) }
    }
  }
  return {
    list: async (containerId) => readAll(folder, containerId, files),
    read: (key) =>
      withFile(key, async (file) => {
        const value = readCached(file, files, (json) => decodeCachedAt(json, key))
        return { ok: true, value }
      }),
    faultOf: async (key) => {
      const read = await withFile(key, async (file) => {
        const value = readEntry(file, files, (json) => decodeCachedAt(json, key))
        // What is another attachment's by its fields is nothing of this one (divergence X-20).
        const isFault = typeof value === 'string' && typeof readEntry(file, files) === 'string'
        return { ok: true, value: isFault ? value : undefined }
      })
      return read.ok ? read.value : read.message
    },
    fileOf: (key) => {
      const name = cacheFileName(key)
      return name === undefined ? undefined : join(folder, name)
    },
    write: async (attachment) => {
      if (onTooLong && isTooLong(attachment)) {
        const { networkName, containerId, ifname } = attachment
        onTooLong({ networkName, containerId, ifname })
        return success
      }
      return withFile(attachment, async (file) => {
        const made = await makeFolder(folder, files)
        const text = JSON.stringify(encodeCached(attachment))
        return made.ok ? writeAtomically(file, text, files) : made
      })
    },
    remove: async (key) => {
      if (isTooLong(key)) return success
      return withFile(key, async (file) => {
        try {
          files.unlinkSync(file)
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
        }
        return success
      })
    },
  }
}

const isTooLong = (key: CacheKey): boolean => (cacheFileName(key) ?? '').length > longestName

const success: Stored<void> = { ok: true, value: undefined }

const makeFolder = async (folder: string, files: FileSystem): Promise<Stored<void>> => {
  if (files.lstatSync(folder, { bigint: true, throwIfNoEntry: false })) return success
  await makeDirectory(folder, files)
  return syncDirectory(dirname(folder), files)
}

const readAll = (
  folder: string,
  containerId: string | undefined,
  files: FileSystem,
): Stored<readonly CachedAttachment[]> => {
  const all: CachedAttachment[] = []
  try {
    // A name alone decides nothing, but one without the id cannot be this container's: it need not be read.
    const names = files
      .readdirSync(folder)
      .filter((name) => containerId === undefined || name.includes(`-${containerId}-`))
    // Whoever asks for one container holds its lock: what a killed writer has left of it goes now.
    if (containerId !== undefined) discardAbandoned(folder, names, files)
    for (const name of names.filter((one) => !isTemporary(one)).sort()) {
      const cached = readCached(join(folder, name), files)
      if (cached !== undefined) all.push(cached)
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? { ok: true, value: [] } : { ok: false, message }
  }
  const isWanted = (one: CachedAttachment): boolean => one.containerId === containerId
  return { ok: true, value: containerId === undefined ? all : all.filter(isWanted) }
}

const discardAbandoned = (folder: string, names: readonly string[], files: FileSystem): void => {
  for (const name of names.filter(isAbandoned)) {
    try {
      files.unlinkSync(join(folder, name))
    } catch {
      // A read-only disk: it is never read, and the next one tries again.
    }
  }
}
