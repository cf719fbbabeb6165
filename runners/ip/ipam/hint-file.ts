/**
 * Decides how the address last reserved is written: it says where the next search begins, and a torn one does no harm.
 * Refuses to follow links.
 */
import { constants } from 'node:fs'
import { join } from 'node:path'
import type { PoolFiles } from './pool-files.js'
import { discard, type FileOptions, writeTemporary } from './temporary-file.js'

/**
 * Writes a file that only steers, so that a torn one does no harm. In place: to empty it first, as the binary does, or to
 * rename over it makes ext4 start writing to the disk. Throws as node:fs does.
 */
export const writeHint = (
  folder: string,
  name: string,
  text: string,
  options: FileOptions,
): void => {
  if (!overwrite(join(folder, name), text, options.files)) replace(folder, name, text, options)
}

// False: there is no regular file to write to.
const overwrite = (path: string, text: string, files: PoolFiles): boolean => {
  const { O_WRONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  let descriptor: number
  try {
    descriptor = files.openSync(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch {
    return false
  }
  try {
    if (!files.fstatSync(descriptor, { bigint: true }).isFile()) return false
    files.writeFileSync(descriptor, text)
    files.ftruncateSync(descriptor, Buffer.byteLength(text))
    return true
  } finally {
    files.closeSync(descriptor)
  }
}

const replace = (folder: string, name: string, text: string, options: FileOptions): void => {
  const { files } = options
  const temporary = writeTemporary(folder, text, options, false)
  try {
    files.renameSync(temporary, join(folder, name))
  } catch (error) {
    discard(temporary, files)
    throw error
  }
}
