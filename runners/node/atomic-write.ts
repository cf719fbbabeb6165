/**
 * Decides how a file is replaced so that a crash or a power cut leaves the old text or the new one, never a mixture:
 * temporary file in the same directory, fsync, rename, fsync of the directory. Refuses nothing; errors are values.
 */
import { type FileHandle, open, rename, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Stored } from '../../lib/ports/index.js'

/** Writes `text` to `file`, mode 0600. The directory must exist. Nothing of a failed attempt stays behind. */
export const writeAtomically = async (file: string, text: string): Promise<Stored<void>> => {
  let temporary: string | undefined
  let handle: FileHandle | undefined
  try {
    ;[temporary, handle] = await openTemporary(file)
    await handle.writeFile(text)
    await handle.sync()
    await handle.close()
    handle = undefined
    await rename(temporary, file)
    temporary = undefined
  } catch (error) {
    return { ok: false, message: `cannot write ${file}: ${reasonOf(error)}` }
  } finally {
    await handle?.close().catch(() => {})
    if (temporary !== undefined) await unlink(temporary).catch(() => {})
  }
  return syncDirectory(dirname(file))
}

/** Whether a file name is that of a temporary file of `writeAtomically`, which a crash can leave behind. */
export const isTemporary = (name: string): boolean => /^\..+\.\d+-\d+\.tmp$/.test(name)

/** Waits until the entries of a directory are on disk. A file system that cannot do that is not an error. */
export const syncDirectory = async (directory: string): Promise<Stored<void>> => {
  let handle: FileHandle | undefined
  try {
    handle = await open(directory, 'r')
    await handle.sync()
    return { ok: true, value: undefined }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EINVAL') return { ok: true, value: undefined }
    return { ok: false, message: `cannot sync ${directory}: ${reasonOf(error)}` }
  } finally {
    await handle?.close().catch(() => {})
  }
}

let counter = 0

// Another process may have our number in another pid namespace: exclusive creation, and the next name when taken.
const openTemporary = async (file: string): Promise<[string, FileHandle]> => {
  for (let attempt = 0; ; attempt++) {
    const name = `.${basename(file)}.${process.pid}-${counter++}.tmp`
    const temporary = join(dirname(file), name)
    try {
      return [temporary, await open(temporary, 'wx', 0o600)]
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt === 100) throw error
    }
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
