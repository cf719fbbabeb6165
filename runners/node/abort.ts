/**
 * Decides how many listen to a signal: one, however many wait for it. A program may stop hundreds of calls by one signal, and
 * Node warns on stderr when an eleventh listens. Refuses to tell anybody twice.
 */

interface Listeners {
  readonly calls: Set<() => void>
  /** The one listener of the signal itself. */
  readonly tell: () => void
}

const waiting = new WeakMap<AbortSignal, Listeners>()

/**
 * Calls the listener once when the signal fires, in the order of these calls; never when it has fired already. Gives the
 * function that takes it back. A listener must not throw.
 */
export const onAbort = (signal: AbortSignal, listener: () => void): (() => void) => {
  const call = (): void => listener()
  const listeners = waiting.get(signal) ?? listenTo(signal)
  listeners.calls.add(call)
  return () => {
    listeners.calls.delete(call)
    if (listeners.calls.size > 0 || waiting.get(signal) !== listeners) return
    waiting.delete(signal)
    signal.removeEventListener('abort', listeners.tell)
  }
}

const listenTo = (signal: AbortSignal): Listeners => {
  const calls = new Set<() => void>()
  const tell = (): void => {
    waiting.delete(signal)
    for (const call of calls) call()
  }
  const listeners = { calls, tell }
  waiting.set(signal, listeners)
  signal.addEventListener('abort', tell, { once: true })
  return listeners
}

/** Waits so many milliseconds, or until the signal fires. */
export const sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const finish = (): void => {
      clearTimeout(timer)
      release?.()
      resolve()
    }
    const timer = setTimeout(finish, milliseconds)
    const release = signal && onAbort(signal, finish)
  })
