/**
 * Decides how a file is replaced so that a crash or a power cut leaves the old text or the new one, never a mixture:
 * temporary file in the same directory, fsync, rename, fsync of the directory. Refuses nothing; errors are values.
 */
import { basename, dirname, join } from 'node:path'
import type { Stored } from '../../lib/ports/index.js'
import { type FileSystem, machineFiles, type WritableFile } from './file-system.js'

/** Writes `text` to `file`, mode 0600. The directory must exist. Nothing of a failed attempt stays behind. */
export const writeAtomically = async (
  file: string,
  text: string,
  files: FileSystem = machineFiles,
): Promise<Stored<void>> => {
  let temporary: string | undefined
  let handle: WritableFile | undefined
  try {
    ;[temporary, handle] = await openTemporary(file, files)
    await handle.writeFile(text)
    await handle.sync()
    await handle.close()
    handle = undefined
    await files.promises.rename(temporary, file)
    temporary = undefined
  } catch (error) {
    return { ok: false, message: `cannot write ${file}: ${reasonOf(error)}` }
  } finally {
    await handle?.close().catch(() => {})
    if (temporary !== undefined) await files.promises.unlink(temporary).catch(() => {})
  }
  return syncDirectory(dirname(file), files)
}

/** Whether a file name is that of a temporary file of `writeAtomically`, which a crash can leave behind. */
export const isTemporary = (name: string): boolean => /^\..+\.\d+-\d+\.tmp$/.test(name)

/** Whether a file name is that of a temporary file whose writer is gone: nobody will rename it any more. */
export const isAbandoned = (name: string): boolean => {
  const writer = /^\..+\.(\d{1,9})-\d+\.tmp$/.exec(name)?.[1]
  if (writer === undefined) return false
  try {
    process.kill(Number(writer), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

// A file system that cannot sync its directories.
const noSync = ['EINVAL']

/**
 * Waits until the entries of a directory are on disk. The `tolerated` error codes are no failure; by default that of a
 * file system that cannot do it.
 */
export const syncDirectory = async (
  directory: string,
  files: FileSystem = machineFiles,
  tolerated: readonly string[] = noSync,
): Promise<Stored<void>> => {
  let handle: WritableFile | undefined
  try {
    handle = await files.promises.open(directory, 'r')
    await handle.sync()
    return { ok: true, value: undefined }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (tolerated.includes(code)) return { ok: true, value: undefined }
    return { ok: false, message: `cannot sync ${directory}: ${reasonOf(error)}` }
  } finally {
    await handle?.close().catch(() => {})
  }
}

let counter = 0

// Another process may have our number in another pid namespace: exclusive creation, and the next name when taken.
const openTemporary = async (file: string, files: FileSystem): Promise<[string, WritableFile]> => {
  for (let attempt = 0; ; attempt++) {
    // A name of its own must fit, too, where the file's is as long as names get.
    const name = `.${basename(file).slice(0, 200)}.${process.pid}-${counter++}.tmp`
    const temporary = join(dirname(file), name)
    try {
      return [temporary, await files.promises.open(temporary, 'wx', 0o600)]
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt === 100) throw error
    }
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
