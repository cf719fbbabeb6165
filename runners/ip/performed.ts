/** Decides what is known of commands that were carried out: readings, what undoes them, and where it ended. Types only. */
import type { Command } from '../../lib/native/command.js'
import type { Failure } from './failure.js'

/** Undoes one command. */
export interface Undo {
  readonly where: 'host' | 'container'
  readonly words: readonly string[]
}

/** What became of the commands of one namespace. */
export interface Performed {
  readonly readings: readonly unknown[]
  /** In the order in which they were done. */
  readonly undo: readonly Undo[]
  /** The command that failed; none after it was carried out. */
  readonly failure?: Failure
}

/** One namespace, in which commands are carried out. */
export interface NamespaceSession {
  /** `isLast`: the container's programs may end with these commands. */
  perform(commands: readonly Command[], isLast: boolean): Promise<Performed>
  /** Lets its programs end, and waits for that. */
  close(): Promise<void>
}
