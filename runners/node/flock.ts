/**
 * Decides how a flock(2) is taken without native code: flock(1) of util-linux or busybox locks our open descriptor,
 * which it is given, and leaves. The lock stays with our open file, and ends when we close it or die.
 */
import type { ChildProcess } from 'node:child_process'
import { onAbort } from './abort.js'
import { childProcess } from './child-process.js'

/** What came of waiting for a lock. After anything but `locked`, close the descriptor: it may be locked all the same. */
export type Locked =
  | { readonly kind: 'locked' }
  | { readonly kind: 'aborted' }
  /** There is no flock(1) on this machine. */
  | { readonly kind: 'unavailable'; readonly message: string }
  /** flock(1) could not be started or could not lock, for example on a file system without locks. */
  | { readonly kind: 'failed'; readonly message: string }

/** Takes an exclusive lock on an open descriptor; waits for its holder until the signal fires. */
export type Lock = (descriptor: number, signal: AbortSignal) => Promise<Locked>

/** The Lock on flock(1), which is looked for in the PATH of this process. Never rejects. */
export const lockDescriptor: Lock = async (descriptor, signal) => {
  if (signal.aborted) return { kind: 'aborted' }
  let child: ChildProcess
  try {
    child = childProcess().spawn('flock', ['-x', '3'], {
      stdio: ['ignore', 'ignore', 'pipe', descriptor],
    })
  } catch (error) {
    return startFailure(error)
  }
  return settle(child, signal)
}

const settle = (child: ChildProcess, signal: AbortSignal): Promise<Locked> =>
  new Promise((resolve) => {
    let stderr = ''
    const abort = (): void => {
      child.kill('SIGKILL')
    }
    const release = onAbort(signal, abort)
    const finish = (locked: Locked): void => {
      release()
      resolve(signal.aborted ? { kind: 'aborted' } : locked)
    }
    child.stderr?.on('data', (data: Buffer) => {
      stderr += data.toString('utf8').slice(0, 1000)
    })
    child.on('error', (error) => finish(startFailure(error)))
    child.on('close', (code, name) => {
      if (code === 0) return finish({ kind: 'locked' })
      const status = name ?? `exit status ${code}`
      finish({ kind: 'failed', message: `flock: ${status} ${stderr.trim()}`.trim() })
    })
  })

const startFailure = (error: unknown): Locked => {
  const { code, message } = error as NodeJS.ErrnoException
  return code === 'ENOENT'
    ? { kind: 'unavailable', message: 'flock(1) is not on this machine' }
    : { kind: 'failed', message: `cannot start flock: ${message}` }
}
