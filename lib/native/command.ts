/**
 * Decides what a native plugin can ask of the kernel: lines of `ip -batch`, sysctls, readings, rules of a packet filter,
 * each with what undoes it. Refuses words that a batch file, a shell or a path could read as something else.
 */
import type { CniError } from '../cni/error.js'
import type { Result } from '../cni/result.js'

/** What the kernel may say of a command that is no failure: it is there already, it is not there, or whatever. */
export type Tolerance = 'exists' | 'absent' | 'any'

/** A link whose absence tells that a command has done its work, though its program has not ended yet. */
export interface Gone {
  readonly where: 'host' | 'container'
  readonly link: string
}

/** One thing to do in one network namespace. */
export type Command =
  /** One line of `ip -batch`. */
  | {
      readonly kind: 'ip'
      readonly words: readonly string[]
      /** What it is for, in the words of an error: `failed to ...`. */
      readonly purpose?: string
      readonly tolerates?: Tolerance
      /** Undoes it, in the same namespace, when something later fails. */
      readonly undo?: readonly string[]
      /** The same, in the container. */
      readonly containerUndo?: readonly string[]
      /**
       * It is done when this link is gone. A link that is deleted is out of reach at once, with its addresses, routes and its
       * place in a bridge; then the kernel keeps whoever deleted it for as long again, until nothing refers to its memory.
       */
      readonly gone?: Gone
    }
  /** A line of `ip -json -details -batch` that prints what is there; read back in order. */
  | { readonly kind: 'show'; readonly words: readonly string[] }
  /** Reads a file below /proc/sys; its first line is what was read, '' where there is none. */
  | { readonly kind: 'read'; readonly path: string }
  /** A text for a file below /proc/sys. Not required: a kernel without it is no failure. */
  | {
      readonly kind: 'sysctl'
      /** From `net/` on, with slashes. */
      readonly path: string
      readonly value: string
      readonly required: boolean
    }

/** Rules of iptables-restore for one family, and those that undo them. */
export interface FilterRules {
  readonly family: 4 | 6
  /** The lines between `*nat` and `COMMIT`. */
  readonly lines: readonly string[]
  readonly undo?: readonly string[]
}

/** A file that a plugin keeps, such as tuning's backup. `text` undefined: it is removed. */
export interface KeptFile {
  readonly path: string
  readonly text: string | undefined
}

/**
 * What can be done at once: the parts run beside each other, the commands of one part in order. What a part needs of
 * another belongs into a later stage.
 */
export interface Stage {
  readonly host?: readonly Command[]
  readonly container?: readonly Command[]
  /** The address plugin of the configuration is called; the script goes on meanwhile. */
  readonly ipam?: 'ADD' | 'DEL' | 'CHECK' | 'STATUS'
  /** The stage ends when what was begun before has come, too: the address plugin's answer, the rules. */
  readonly awaits?: boolean
  readonly filter?: readonly FilterRules[]
  /** Families whose table nat is read; the script goes on meanwhile. */
  readonly readsRules?: readonly (4 | 6)[]
  /** Written before the commands of this stage. */
  readonly keep?: KeptFile
  /** Milliseconds to wait before the commands. */
  readonly pause?: number
  /** Nothing of the container follows: its program may end with the last command. */
  readonly isLast?: boolean
  /** The script goes on after a command of the host that failed, and is told (`Seen.failure`). */
  readonly goesOn?: boolean
}

/** What a stage brought: one entry for each `show`, in order, as `ip -json` printed it, and for each `read` its text. */
export interface Seen {
  readonly host: readonly unknown[]
  readonly container: readonly unknown[]
  /** What failed in a stage that goes on. */
  readonly failure?: CniError
  /** What the address plugin gave on ADD, in the newest version, once it was awaited. */
  readonly ipam?: Result
  /** The lines of iptables-save for the table nat, by family, once they were awaited. */
  readonly rules: ReadonlyMap<4 | 6, readonly string[]>
}

/** A line of `ip -batch`. */
export const ip = (
  words: readonly (string | number)[],
  more: Omit<Command & { readonly kind: 'ip' }, 'kind' | 'words'> = {},
): Command => ({ kind: 'ip', words: words.map(String), ...more })

/**
 * A reading: `address` or `route`, as `ip` takes it. Never `link`, which shows less, and after which `address` shows no
 * addresses either as long as the program runs (iproute2 6.1).
 */
export const show = (...words: readonly string[]): Command => ({ kind: 'show', words })

/** A reading of a sysctl. */
export const readSysctl = (path: string): Command => ({ kind: 'read', path })

/** A sysctl that must be set. */
export const requireSysctl = (path: string, value: string): Command => ({
  kind: 'sysctl',
  path,
  value,
  required: true,
})

/** A sysctl that is set where the kernel has it. */
export const trySysctl = (path: string, value: string): Command => ({
  kind: 'sysctl',
  path,
  value,
  required: false,
})

/** The text of a command, as somebody would type it. */
export const commandText = (command: Command): string => {
  if (command.kind === 'sysctl') return `sysctl -w ${command.path}=${command.value}`
  return command.kind === 'read' ? `sysctl -n ${command.path}` : ['ip', ...command.words].join(' ')
}

/**
 * Whether a word means itself alone in a batch file, in a shell and as an argument: letters, digits and a few signs. An
 * interface name may hold more; those are not for this runner (`chooseEngine`).
 */
export const isPlainWord = (word: string): boolean => /^[A-Za-z0-9._:/@+%=-]{1,4096}$/.test(word)
