/**
 * Decides what the command line knows of the world around it: streams, environment, signals. Refuses nothing; a test
 * hands in one of its own.
 */
import type { Readable } from 'node:stream'

/** Where text goes. */
export interface Output {
  write(text: string): void
  /** Somebody looks at it: colours make sense. */
  readonly isTerminal: boolean
  /** How many characters fit into a line; undefined: as many as there are. */
  readonly columns?: number
}

/** The signals that interrupt a command. */
export type Interrupt = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

/** The world around the command line. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: Readable
  readonly stdout: Output
  readonly stderr: Output
  /** Calls `listener` at every interrupt until the function that it returns is called. */
  onInterrupt(listener: (signal: Interrupt) => void): () => void
  /** Told what stays, and how to undo it, before a result is printed: for people who do not get to see the result. */
  leave(hint: string): void
}

const interrupts: readonly Interrupt[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * The terminal of this process. `fail` is told when stdout cannot be written, with what was left then. A reader that has
 * gone is none of that, unless something was.
 */
export const processTerminal = (process: NodeJS.Process, fail: (why: string) => void): Terminal => {
  let left = ''
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE' && left === '') return
    fail(`${message}${left === '' ? '' : `\n  hint ${left}`}`)
    left = ''
  })
  // There is nowhere left to tell it.
  process.stderr.on('error', () => {})
  return {
    env: process.env,
    get stdin() {
      return process.stdin
    },
    stdout: outputOn(process.stdout),
    stderr: outputOn(process.stderr),
    onInterrupt: (listener) => {
      for (const signal of interrupts) process.on(signal, listener)
      return () => {
        for (const signal of interrupts) process.off(signal, listener)
      }
    },
    leave: (hint) => {
      left = hint
    },
  }
}

const outputOn = (stream: NodeJS.WriteStream): Output => ({
  write: (text) => {
    stream.write(text)
  },
  isTerminal: stream.isTTY === true,
  ...(stream.isTTY && stream.columns > 0 ? { columns: stream.columns } : {}),
})
