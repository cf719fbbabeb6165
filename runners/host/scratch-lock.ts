/**
 * Decides how the users of a scratch file are kept apart: by a flock on the file itself, beside that of the container's
 * folder, which a full disk does not let us make. Refuses nothing that is gone when its turn comes.
 */
import { constants } from 'node:fs'
import type { FileSystem } from '../node/file-system.js'
import type { Lock } from '../node/flock.js'
import { isStillAt } from './journal-folder.js'

/** A lock, until `unlock`; why a lock cannot be had; or why waiting for it was of no use. */
export type ScratchLock =
  | { readonly kind: 'locked'; unlock(): void }
  | { readonly kind: 'unlocked'; readonly reason: string }
  | { readonly kind: 'failed'; readonly message: string }

/** Locks a scratch file; waits for its holder until the signal fires. Throws when the disk does not give the file. */
export const lockScratchFile = async (
  file: string,
  lock: Lock,
  signal: AbortSignal,
  files: FileSystem,
): Promise<ScratchLock> => {
  for (;;) {
    const descriptor = open(file, files)
    if (descriptor === undefined) return { kind: 'locked', unlock: () => {} }
    const locked = await lock(descriptor, signal)
    if (locked.kind === 'locked' && isStillAt(file, descriptor, files)) {
      return { kind: 'locked', unlock: () => files.closeSync(descriptor) }
    }
    files.closeSync(descriptor)
    if (locked.kind === 'aborted') return { kind: 'failed', message: 'waiting was given up' }
    if (locked.kind !== 'locked') return { kind: 'unlocked', reason: locked.message }
  }
}

const open = (file: string, files: FileSystem): number | undefined => {
  try {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
    return files.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
