/** Decides how a file that a plugin keeps is written and removed: atomically, mode 0600. Refuses directories and links in its place. */
import { unlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { type CniError, cniError, cniErrorCodes } from '../../lib/cni/error.js'
import type { KeptFile } from '../../lib/native/command.js'
import { writeAtomically } from '../node/atomic-write.js'
import { readFileBounded } from '../node/bounded-read.js'
import { makeDirectories } from '../node/make-directory.js'

/** The most that is read of one: 64 KiB, in bytes. */
const limit = 64 * 1024

/** Writes or removes a file. What went wrong, or undefined; a file that is gone already is removed. */
export const keepFile = async ({ path, text }: KeptFile): Promise<CniError | undefined> => {
  try {
    if (text === undefined) {
      unlinkSync(path)
      return undefined
    }
    makeDirectories(dirname(path), 0o700)
    const written = await writeAtomically(path, text)
    return written.ok ? undefined : failure(path, written.message)
  } catch (error) {
    if (text === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    return failure(path, String(error))
  }
}

/** The text of a file, or undefined when there is none that can be read. */
export const readKept = (path: string): string | undefined => {
  const read = readFileBounded(path, limit)
  return read.ok ? read.text : undefined
}

const failure = (path: string, reason: string): CniError =>
  cniError(cniErrorCodes.ioFailure, `cannot keep ${path}: ${reason}`)
