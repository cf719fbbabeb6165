/**
 * Decides how a directory comes to be that must survive a power cut: every directory above it is on disk before it is
 * made, so that a directory that is there proves its parents. Refuses a place that is taken by something else.
 */
import { dirname } from 'node:path'
import { syncDirectory } from './atomic-write.js'
import type { FileSystem } from './file-system.js'
import { makeDirectories } from './make-directory.js'

/**
 * Makes a directory that is missing, and its parents, mode 0700. Its own name is on disk when its parent is synced. Throws
 * as node:fs does.
 */
export const makeDirectory = async (directory: string, files: FileSystem): Promise<void> => {
  const parent = dirname(directory)
  makeDirectories(parent, 0o700, files)
  // All of them: who made one may have died before it was on disk. What is not ours to open was not ours to make.
  for (let above = dirname(parent); ; above = dirname(above)) {
    const synced = await syncDirectory(above, files, ['EINVAL', 'EACCES', 'EPERM', 'EROFS'])
    if (!synced.ok) throw new Error(synced.message)
    if (above === dirname(above)) break
  }
  try {
    files.mkdirSync(directory, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
