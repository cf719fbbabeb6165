/**
 * Decides how a file goes away for good, or out of the way: renamed beside the others, where a person finds it. Refuses
 * nothing that is gone already.
 */
import { dirname } from 'node:path'
import type { Stored } from '../../lib/ports/index.js'
import { syncDirectory } from '../node/atomic-write.js'
import type { FileSystem } from '../node/file-system.js'

/** Removes a file; resolves when it is gone from the disk. */
export const removeFile = (file: string, files: FileSystem): Promise<Stored<void>> =>
  alter(file, files, () => files.unlinkSync(file))

/** Renames a file to `<file>.corrupt`, or to the next such name that is free; resolves when that is on disk. */
export const setFileAside = (file: string, files: FileSystem): Promise<Stored<void>> =>
  alter(file, files, () => files.renameSync(file, freeNameBeside(file, files)))

/** Whether a name is one that `setFileAside` gives. */
export const isSetAside = (name: string): boolean => /\.corrupt(-\d+)?$/.test(name)

// What is not there is altered already.
const alter = async (file: string, files: FileSystem, work: () => void): Promise<Stored<void>> => {
  try {
    work()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? { ok: true, value: undefined } : { ok: false, message }
  }
  return syncDirectory(dirname(file), files)
}

const freeNameBeside = (file: string, files: FileSystem): string => {
  // Throws when the disk does not say: a name that is taken must not be taken for free.
  const isTaken = (name: string) => files.lstatSync(name, { bigint: true, throwIfNoEntry: false })
  let name = `${file}.corrupt`
  for (let count = 2; isTaken(name); count++) name = `${file}.corrupt-${count}`
  return name
}
