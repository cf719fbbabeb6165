/**
 * Decides how a lease is read and made: it appears under its name with its whole text or not at all, whenever the process
 * is killed. Refuses to follow links, to wait for pipes, and to replace a lease.
 */
import { constants } from 'node:fs'
import { join } from 'node:path'
import { codeOf, type PoolFiles } from './pool-files.js'
import { create, discard, type FileOptions, writeTemporary } from './temporary-file.js'

const exhausted = ['EMFILE', 'ENFILE', 'ENOMEM']

const chunkBytes = 4096
// More than any environment can hold, and so more than any container id.
const limitBytes = 256 * 1024

/**
 * The text of a regular file; '' for what is none, is too long, or cannot be read; undefined when it is not there. Throws
 * when this process can open nothing at all: then no lease would be found.
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
    if (exhausted.includes(codeOf(error))) throw error
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

// What file systems answer that have no hard links.
const withoutLinks = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP']
