/** Decides how a synchronous read or write waits for a non-blocking descriptor that is not ready: a millisecond. */

/** Holds this thread up for a millisecond, then the caller tries again. */
export const pauseBriefly = (): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
}

/** Whether an error says that a non-blocking descriptor is not ready. */
export const isNotReady = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException).code === 'EAGAIN'
