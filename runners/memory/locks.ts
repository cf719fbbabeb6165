/** Decides who holds a lock: one at a time by name, first come first served. A signal ends the waiting. */
import { onAbort } from '../node/abort.js'

/** Locks by name. */
export interface Locks {
  /** Waits for the lock; gives the function that lets the next one in, or undefined when `signal` fired first. */
  acquire(name: string, signal: AbortSignal): Promise<(() => void) | undefined>
  /** The names that are held. */
  held(): readonly string[]
  /** Forgets every holder and everybody who waits: their promises never settle. */
  clear(): void
}

/** Locks that nobody holds. */
export const createLocks = (): Locks => {
  const queues = new Map<string, (() => void)[]>()

  const releaser = (name: string, queue: (() => void)[]): (() => void) => {
    let isHeld = true
    return () => {
      // After `clear` the queue of this name is another one, or none.
      if (!isHeld || queues.get(name) !== queue) return
      isHeld = false
      const next = queue.shift()
      if (next === undefined) queues.delete(name)
      else next()
    }
  }

  return {
    acquire: (name, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve(undefined)
        const queue = queues.get(name)
        if (queue === undefined) {
          const created: (() => void)[] = []
          queues.set(name, created)
          return resolve(releaser(name, created))
        }
        const enter = (): void => {
          release()
          resolve(releaser(name, queue))
        }
        const leave = (): void => {
          queue.splice(queue.indexOf(enter), 1)
          resolve(undefined)
        }
        const release = onAbort(signal, leave)
        queue.push(enter)
      }),
    held: () => [...queues.keys()],
    clear: () => queues.clear(),
  }
}
