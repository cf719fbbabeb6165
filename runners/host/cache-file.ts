/**
 * Decides what of a cache file is an attachment, and says why it is none. Refuses to take a file that the disk does not
 * give for one that is not there.
 */
import { isRight } from 'fp-ts/lib/Either.js'
import { type CachedAttachment, decodeCached } from '../../lib/cni/cache.js'
import { isNoText, readFileBounded } from '../node/bounded-read.js'
import { type FileSystem, machineFiles } from '../node/file-system.js'

/** The longest cache file that is read, in bytes: 16 MiB. */
export const cacheLimit = 16 * 1024 * 1024

/** A cached attachment, or undefined for whatever else lies there. Throws when the disk does not give what it has. */
export const readCached = (
  file: string,
  files: FileSystem = machineFiles,
  decode: typeof decodeCached = decodeCached,
): CachedAttachment | undefined => {
  const read = readEntry(file, files, decode)
  return typeof read === 'string' ? undefined : read
}

/** A cached attachment, or why it is none; undefined where nothing lies. */
export const readEntry = (
  file: string,
  files: FileSystem,
  decode: typeof decodeCached = decodeCached,
): CachedAttachment | string | undefined => {
  const read = readFileBounded(file, cacheLimit, files)
  if (!read.ok) {
    if (read.code === 'ENOENT') return undefined
    if (isNoText(read.code)) return read.message
    throw new Error(`${file}: ${read.message}`)
  }
  try {
    const decoded = decode(JSON.parse(read.text))
    return isRight(decoded) ? decoded.right : decoded.left
  } catch (error) {
    return `it is not JSON: ${String(error)}`
  }
}
