/**
 * Decides how a directory is made with all its parents. Refuses to try for ever, as Node's `recursive` does where the
 * kernel answers ENOENT to every attempt: below /proc.
 */
import { dirname } from 'node:path'
import { type FileSystem, machineFiles } from './file-system.js'

/** Makes a directory and what is missing above it, with this mode. What exists is left as it is. Throws errno. */
export const makeDirectories = (
  path: string,
  mode: number,
  files: Pick<FileSystem, 'mkdirSync'> = machineFiles,
): void => {
  try {
    makeOne(path, mode, files)
    return
  } catch (error) {
    const parent = dirname(path)
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path) throw error
    makeDirectories(parent, mode, files)
  }
  makeOne(path, mode, files)
}

const makeOne = (path: string, mode: number, files: Pick<FileSystem, 'mkdirSync'>): void => {
  try {
    files.mkdirSync(path, { mode })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
