/**
 * Decides how a file of a pool is made: as a temporary one first, which no reader looks for. Refuses to follow links and
 * to write to what is there already.
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

/** Makes the temporary file of a pool and gives its path. Throws as node:fs does, and leaves none then. */
export const writeTemporary = (
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

/** Makes a file with this text. False: the name is taken. Throws as node:fs does, and leaves nothing then. */
export const create = (
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

/** Removes a file that is in nobody's way. Never throws. */
export const discard = (path: string, files: PoolFiles): void => {
  try {
    files.unlinkSync(path)
  } catch {
    // Whoever writes next removes it.
  }
}

const exclusive = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
