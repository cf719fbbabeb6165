/**
 * Decides how the folder of a pool is opened for a change: `<dataDir>/<network>`, under the flock(2) on its file `lock`
 * that the host-local binary takes (reference/plugins-and-ip.md 7.6). Refuses a folder or a lock that is a link.
 */
import { constants } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { type CniError, cniError, cniErrorCodes } from '../../../lib/cni/error.js'
import type { PoolPlace } from '../../../lib/ipam/host-local-config.js'
import type { Log } from '../../../lib/ports/index.js'
import type { Lock, Locked } from '../../node/flock.js'
import { makeDirectories } from '../../node/make-directory.js'
import { codeOf, type PoolFiles } from './pool-files.js'

/** What pools are opened with. */
export interface PoolOptions {
  readonly files: PoolFiles
  readonly lock: Lock
  readonly log?: Log | undefined
}

/** An open pool. */
export interface OpenPool {
  readonly folder: string
  /** False: the lock was not to be had, and the caller could go on without. */
  readonly isLocked: boolean
  /** Gives the lock back. */
  close(): void
}

/**
 * Whether a folder that is missing is made, and whether nothing is done without the lock. A DEL goes on without it: it
 * removes what bears its own name, and no pod must stay until somebody installs flock(1).
 */
export interface PoolNeeds {
  readonly make: boolean
  readonly lock: boolean
}

/** The folder of a pool: a valid network name leads nowhere else. */
export const folderOf = ({ dataDir, network }: PoolPlace): string => join(dataDir, network)

/**
 * Opens a pool and waits for its lock. Right undefined: there is none, and none was made. Left: code 999, as the binary
 * answers; code 11 when the signal fired first. Throws as node:fs does.
 */
export const openPool = async (
  place: PoolPlace,
  needs: PoolNeeds,
  options: PoolOptions,
  signal: AbortSignal,
): Promise<E.Either<CniError, OpenPool | undefined>> => {
  const folder = folderOf(place)
  // Whoever cleans a node may remove the folder while we wait: then the lock is on a file that nobody else will find.
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (needs.make) makeDirectories(folder, 0o755, options.files)
    if (!isFolder(folder, options.files)) {
      if (needs.make) continue
      return E.right(undefined)
    }
    const opened = await openLocked(folder, needs, options, signal)
    if (E.isLeft(opened) || opened.right !== undefined) return opened
  }
  return refuse(`${folder} is removed again and again`)
}

const attempts = 5

const openLocked = async (
  folder: string,
  needs: PoolNeeds,
  { files, lock, log }: PoolOptions,
  signal: AbortSignal,
): Promise<E.Either<CniError, OpenPool | undefined>> => {
  const path = join(folder, 'lock')
  const descriptor = openLock(path, files)
  if (descriptor === undefined) return E.right(undefined)
  const close = (): void => files.closeSync(descriptor)
  let isOpen = false
  try {
    if (!files.fstatSync(descriptor, { bigint: true }).isFile()) {
      return refuse(`${path} is not a regular file`)
    }
    const locked = await lock(descriptor, signal)
    if (locked.kind === 'aborted') return refuse(`stopped while waiting for ${path}`, 11)
    if (locked.kind !== 'locked') {
      if (needs.lock) return refuse(withoutLock(path, locked))
      log?.write('error', `${path} is not locked: ${locked.message}`)
    } else if (!isSameFile(path, descriptor, files)) return E.right(undefined)
    isOpen = true
    return E.right({ folder, isLocked: locked.kind === 'locked', close })
  } finally {
    if (!isOpen) close()
  }
}

/** Whether a folder is there. Throws when the place is taken by something else, a link to a folder included. */
export const isFolder = (folder: string, files: PoolFiles): boolean => {
  const status = files.lstatSync(folder, { bigint: true, throwIfNoEntry: false })
  if (status === undefined) return false
  if (status.isDirectory()) return true
  throw new Error(`${folder} is not a directory`)
}

// The mode is the binary's. Without O_NONBLOCK a pipe in its place would wait for a writer.
const openLock = (path: string, files: PoolFiles): number | undefined => {
  const { O_RDONLY, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants
  try {
    return files.openSync(path, O_RDONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o750)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

const isSameFile = (path: string, descriptor: number, files: PoolFiles): boolean => {
  const there = files.lstatSync(path, { bigint: true, throwIfNoEntry: false })
  const ours = files.fstatSync(descriptor, { bigint: true })
  return there !== undefined && there.dev === ours.dev && there.ino === ours.ino
}

const withoutLock = (path: string, locked: Locked & { readonly message: string }): string =>
  locked.kind === 'unavailable'
    ? `cannot lock ${path}: ${locked.message}; without it two containers could get one address`
    : `cannot lock ${path}: ${locked.message}`

const refuse = (
  message: string,
  code: number = cniErrorCodes.internal,
): E.Either<CniError, never> => E.left(cniError(code, `host-local: ${message}`))
