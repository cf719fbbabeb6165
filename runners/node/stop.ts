/** Decides when a running program has to be stopped, and remembers why: whichever reason comes first. */
import { onAbort } from './abort.js'

/** A request to stop, made at most once. */
export interface Stop {
  /** Resolves when the program has to be stopped. Never rejects; stays pending when nobody asks. */
  readonly requested: Promise<void>
  /** Why, once it was requested. */
  reason(): 'aborted' | 'overflow' | undefined
  /** Requests it because there is too much output. */
  readonly overflow: () => void
  /** Stops listening to the signal. */
  release(): void
}

/** A Stop that the signal requests too. */
export const createStop = (signal: AbortSignal): Stop => {
  let why: 'aborted' | 'overflow' | undefined
  let resolve: () => void = () => {}
  const requested = new Promise<void>((done) => {
    resolve = done
  })
  const request = (reason: 'aborted' | 'overflow'): void => {
    why ??= reason
    resolve()
  }
  const release = onAbort(signal, () => request('aborted'))
  return {
    requested,
    reason: () => why,
    overflow: () => request('overflow'),
    release,
  }
}
