/**
 * Decides what a recording is: one operation of an engine, with everything that it asked of its ports and was answered, so
 * that it can be gone through again with nothing else at hand. Types only.
 */
import type { ValidAttachment } from '../cni/derive.js'
import type { Answer, Invocation } from '../cni/invocation.js'
import type { Sandbox } from '../cni/sandbox.js'
import type { Network } from '../network/network.js'
import type { Plan } from '../plan/types.js'
import type { Stored } from '../ports/index.js'
import type { SandboxReference } from '../records.js'

/** The major version of the format. Keys and kinds of lines may be added within it. */
export const recordingVersion = 1
/** What has been added to the major version so far. 1: how many steps there were, at the end. */
export const recordingMinor = 1

/** What the engine was told to do. */
export type RecordedCommand =
  | { readonly verb: 'ADD'; readonly plan: Plan; readonly sandbox: Sandbox }
  | { readonly verb: 'CHECK' | 'DEL'; readonly sandbox: SandboxReference }
  | {
      readonly verb: 'GC'
      readonly valid: readonly ValidAttachment[]
      readonly networks: readonly Network[]
      readonly path: readonly string[]
    }
  | { readonly verb: 'STATUS'; readonly plan: Plan; readonly path: readonly string[] }

/** What the engine asked of its runner or its journal: one step. */
export type Asked =
  | ({ readonly kind: 'run' } & Invocation)
  | { readonly kind: 'list' }
  | {
      readonly kind: 'open'
      readonly containerId: string
      readonly mode: 'create' | 'existing'
    }
  | {
      readonly kind: 'save'
      readonly containerId: string
      readonly ifname: string
      readonly record: unknown
    }
  | {
      readonly kind: 'remove' | 'quarantine'
      readonly containerId: string
      readonly ifname: string
    }
  | { readonly kind: 'close'; readonly containerId: string }

/** The records of a container, as a journal opened them. */
export interface OpenedRecords {
  readonly records: readonly { readonly ifname: string; readonly record: unknown }[]
  readonly corrupt: readonly { readonly ifname: string; readonly message: string }[]
}

/** What each kind of step is answered with. */
export interface Answers {
  readonly run: Answer
  readonly list: Stored<readonly string[]>
  readonly open: Stored<OpenedRecords>
  readonly save: Stored<void>
  readonly remove: Stored<void>
  readonly quarantine: Stored<void>
  readonly close: Stored<void>
}

/** One step, by its place from 1. */
export interface RecordedStep {
  readonly asked: Asked
  /** Of the step's kind. Missing where the recording ends before it. */
  readonly answer?: Answers[Asked['kind']]
}

/** One operation, as it was recorded. Secrets are masked. */
export interface Recording {
  /** Where it begins: the file, and the line from 1. */
  readonly source: string
  /** Tells operations in one file apart. */
  readonly operation: string
  /** The program that recorded it. */
  readonly by?: string
  /** When it began, in milliseconds since the epoch. */
  readonly time?: number
  readonly command: RecordedCommand
  readonly steps: readonly RecordedStep[]
  /** What came of it (recording/outcome.ts). Missing where the recording is cut short. */
  readonly outcome?: unknown
  /** It went on after the last step, but lines in between are missing: it is no recording of a crash. */
  readonly hasGap?: true
}
