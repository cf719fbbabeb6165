/**
 * Decides what a signal does to a command: it aborts the work, which then ends in its own way. Refuses to stop an
 * undoing that has begun: a second signal is answered, and waits.
 */
import type { Interrupt, Terminal } from './terminal.js'

/** What came of work that could be interrupted. */
export interface Interruptible<A> {
  readonly value: A
  /** The first signal that came while it went on. */
  readonly interrupt?: Interrupt
}

/** Does work under a signal that interrupts fire. `during` says what goes on after the first one. */
export const interruptible = async <A>(
  terminal: Terminal,
  during: string,
  work: (signal: AbortSignal) => Promise<A>,
): Promise<Interruptible<A>> => {
  const controller = new AbortController()
  let interrupt: Interrupt | undefined
  const release = terminal.onInterrupt((signal) => {
    terminal.stderr.write(`${signal}: ${interrupt === undefined ? '' : 'still '}${during}\n`)
    interrupt ??= signal
    controller.abort()
  })
  try {
    const value = await work(controller.signal)
    return interrupt === undefined ? { value } : { value, interrupt }
  } finally {
    release()
  }
}

/** What a shell says of a program that a signal ended. */
export const exitCodes: Readonly<Record<Interrupt, number>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143,
}
