/**
 * Decides how one file of a pool is read and written: a lease appears under its name with its whole text or not at all,
 * whenever the process is killed. Refuses to follow links, to wait for pipes, and to replace a lease.
 */
import { constants } from 'node:fs'
import { join } from 'node:path'
import { codeOf, type PoolFiles } from './pool-files.js'

/** How files are written. */
export interface FileOptions {
  readonly files: PoolFiles
  /** Permissions of new files, less the umask. */
  readonly mode: number
  /** Whether a lease is on disk before it gets its name, so that a power cut leaves none without its owner. */
  readonly sync: boolean
}

/** The file that every write begins as. One name is enough: only the holder of the pool's lock writes. */
export const temporaryName = '.metacni.tmp'

const chunkBytes = 4096
// More than any environment can hold, and so more than any container id.
const limitBytes = 256 * 1024

/**
 * The text of a regular file; '' for what is none, is too long, or cannot be read; undefined when it is not there. Never
 * throws.
 */
export const readText = (path: string, files: PoolFiles): string | undefined => {
  let descriptor: number | undefined
  try {
    descriptor = files.openSync(
      path,
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    )
    return readAll(descriptor, files)
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? undefined : ''
  } finally {
    if (descriptor !== undefined) files.closeSync(descriptor)
  }
}

const readAll = (descriptor: number, files: PoolFiles): string => {
  const chunks: Buffer[] = []
  for (let length = 0; length <= limitBytes; ) {
    const chunk = Buffer.allocUnsafe(chunkBytes)
    const count = files.readSync(descriptor, chunk, 0, chunkBytes, null)
    if (count === 0) return Buffer.concat(chunks).toString('utf8')
    chunks.push(chunk.subarray(0, count))
    length += count
  }
  return ''
}

/** Makes a lease. False: the name is taken. Throws as node:fs does, and leaves nothing then. */
export const createLease = (
  folder: string,
  name: string,
  text: string,
  options: FileOptions,
): boolean => {
  const { files } = options
  const temporary = writeTemporary(folder, text, options, options.sync)
  try {
    files.linkSync(temporary, join(folder, name))
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    if (!withoutLinks.includes(codeOf(error))) throw error
    return create(join(folder, name), text, options, options.sync)
  } finally {
    discard(temporary, files)
  }
}

/** Replaces a file that only steers: its old text or its new one is there, whole. Throws as node:fs does. */
export const replaceText = (
  folder: string,
  name: string,
  text: string,
  options: FileOptions,
): void => {
  const { files } = options
  const temporary = writeTemporary(folder, text, options, false)
  try {
    files.renameSync(temporary, join(folder, name))
  } catch (error) {
    discard(temporary, files)
    throw error
  }
}

/** Removes a file that is in nobody's way. Never throws. */
export const discard = (path: string, files: PoolFiles): void => {
  try {
    files.unlinkSync(path)
  } catch {
    // Whoever writes next removes it.
  }
}

// What file systems answer that have no hard links.
const withoutLinks = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP']

const exclusive = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

const writeTemporary = (
  folder: string,
  text: string,
  options: FileOptions,
  sync: boolean,
): string => {
  const path = join(folder, temporaryName)
  if (create(path, text, options, sync)) return path
  // A killed process left one.
  options.files.unlinkSync(path)
  if (create(path, text, options, sync)) return path
  throw new Error(`${path}: somebody makes it again and again without the lock`)
}

const create = (
  path: string,
  text: string,
  { files, mode }: FileOptions,
  sync: boolean,
): boolean => {
  let descriptor: number
  try {
    descriptor = files.openSync(path, exclusive, mode)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
  try {
    files.writeFileSync(descriptor, text)
    if (sync) files.fdatasyncSync(descriptor)
  } catch (error) {
    discard(path, files)
    throw error
  } finally {
    files.closeSync(descriptor)
  }
  return true
}
