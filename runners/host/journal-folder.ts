/**
 * Decides how a container's folder is made and locked: a flock on the folder itself. Refuses a lock on a folder that
 * its former holder removed, and a folder that is a symbolic link.
 */
import { constants } from 'node:fs'
import { dirname } from 'node:path'
import { makeDirectory } from '../node/durable-directory.js'
import type { FileSystem } from '../node/file-system.js'
import type { Lock } from '../node/flock.js'

/** A folder that is ours until the descriptor is closed; or that there is none; or why it cannot be had. */
export type LockedFolder =
  | { readonly kind: 'locked'; readonly descriptor: number; readonly unlocked?: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly message: string }

// Every attempt but the last one waits for another holder who then removes the folder.
const mostAttempts = 1000

/**
 * Locks the folder; waits for its holder until the signal fires. `create` makes it and its parents, mode 0700; with
 * `existing` it may be `absent`. `unlocked` says why there is no lock on a machine without flock(1).
 */
export const lockFolder = async (
  folder: string,
  mode: 'create' | 'existing',
  lock: Lock,
  signal: AbortSignal,
  files: FileSystem,
): Promise<LockedFolder> => {
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const opened = await openFolder(folder, mode, files)
    if (opened.kind === 'gone') continue
    if (opened.kind !== 'open') return opened
    const { descriptor } = opened
    const locked = await lock(descriptor, signal)
    if (locked.kind === 'locked' || locked.kind === 'unavailable') {
      if (isStillAt(folder, descriptor, files)) {
        return locked.kind === 'locked'
          ? { kind: 'locked', descriptor }
          : { kind: 'locked', descriptor, unlocked: locked.message }
      }
      files.closeSync(descriptor)
    } else {
      files.closeSync(descriptor)
      const why = locked.kind === 'aborted' ? 'waiting was given up' : locked.message
      return { kind: 'failed', message: `cannot lock ${folder}: ${why}` }
    }
  }
  return { kind: 'failed', message: `cannot lock ${folder}: it is removed again and again` }
}

type Opened =
  | { readonly kind: 'open'; readonly descriptor: number }
  | { readonly kind: 'gone' }
  | Exclude<LockedFolder, { kind: 'locked' }>

const openFolder = async (
  folder: string,
  mode: 'create' | 'existing',
  files: FileSystem,
): Promise<Opened> => {
  try {
    if (mode === 'create') await make(folder, files)
    const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants
    const descriptor = files.openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    return { kind: 'open', descriptor }
  } catch (error) {
    const { code, message, syscall } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT') return { kind: 'failed', message: `cannot open ${folder}: ${message}` }
    if (mode === 'existing') return { kind: 'absent' }
    // Removed by its holder since it was made; unless it is the making that failed.
    return syscall === 'open'
      ? { kind: 'gone' }
      : { kind: 'failed', message: `cannot make ${folder}: ${message}` }
  }
}

const make = async (folder: string, files: FileSystem): Promise<void> => {
  try {
    makeFolder(folder, files)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    await makeDirectory(dirname(folder), files)
    makeFolder(folder, files)
  }
}

// On its own, and not with its parents: a symbolic link in its place is not followed.
const makeFolder = (folder: string, files: FileSystem): void => {
  try {
    files.mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Whether an open descriptor is what a path leads to. */
export const isStillAt = (path: string, descriptor: number, files: FileSystem): boolean => {
  try {
    const there = files.statSync(path, { bigint: true })
    const held = files.fstatSync(descriptor, { bigint: true })
    return there.dev === held.dev && there.ino === held.ino
  } catch {
    return false
  }
}
