/**
 * Decides what the engine knows between two events, what can happen to it and what it can ask for. Types only: `step`
 * (step.ts) is the machine, `drive` performs its effects.
 */
import type { ValidAttachment } from '../cni/derive.js'
import type { Answer, Invocation } from '../cni/invocation.js'
import type { AnyResult } from '../cni/result.js'
import type { Sandbox } from '../cni/sandbox.js'
import type { AttachmentResult, Merges } from '../plan/merge.js'
import type { Attachment, Plan } from '../plan/types.js'
import type { EngineError } from './error.js'
import type { EngineRecord, StepState } from './record.js'

/** One attachment as an outcome reports it. */
export interface StepReport {
  /** CNI_CONTAINERID; GC alone, which works on many, says it. */
  readonly containerId?: string
  readonly network: string
  readonly ifname: string
  readonly state: StepState
  readonly error?: EngineError
}

/** What an operation came to: a value, or an error with what was undone and what is left behind. */
export type Outcome<A> =
  | { readonly ok: true; readonly value: A }
  | {
      readonly ok: false
      readonly error: EngineError
      readonly undone: readonly StepReport[]
      readonly left: readonly StepReport[]
    }

/** A complete ADD. */
export interface Added {
  /** The merged result, in the plan's result version. */
  readonly result: AnyResult
  /** Each attachment's own result in the newest version, in execution order. */
  readonly attachments: readonly AttachmentResult[]
}

/** A complete CHECK or STATUS, or the plugins' part of a GC. */
export interface Surveyed {
  readonly checked: readonly StepReport[]
  /** Attachments whose configuration does not have the verb: an older version, `disableCheck`, `disableGC`. */
  readonly skipped: readonly StepReport[]
}

/** A complete DEL; empty when there was nothing. */
export interface Deleted {
  readonly undone: readonly StepReport[]
}

/** What is known of a container when an operation on it begins. */
export type EngineCommand =
  | {
      readonly verb: 'ADD'
      readonly plan: Plan
      readonly sandbox: Sandbox
      readonly merges: Merges
      /** The stored record of this attachment, as it was read. */
      readonly record: unknown
      /** Interface names that other attachments of the container hold. */
      readonly taken: readonly string[]
    }
  | { readonly verb: 'DEL' | 'CHECK'; readonly sandbox: Sandbox; readonly record: unknown }
  | {
      readonly verb: 'STATUS'
      readonly attachments: readonly Attachment[]
      readonly path: readonly string[]
    }
  | {
      readonly verb: 'GC'
      readonly attachments: readonly Attachment[]
      readonly path: readonly string[]
      /** Every attachment of the node that must stay, those of all its networks. */
      readonly valid: readonly ValidAttachment[]
    }

/** What happens to the machine. */
export type EngineEvent =
  | { readonly kind: 'begin'; readonly command: EngineCommand }
  /** The journal did as asked, or says why not (`message`). */
  | { readonly kind: 'stored'; readonly message?: string }
  /** The runner's answer to the invocation that was asked for. */
  | { readonly kind: 'answered'; readonly answer: Answer }

/** What the machine asks for. At most one of a step's effects is answered by an event; `note` is not. */
export type Effect =
  | { readonly kind: 'save'; readonly record: EngineRecord }
  | { readonly kind: 'remove'; readonly ifname: string }
  | { readonly kind: 'quarantine'; readonly ifname: string }
  /** `abortable`: the caller's signal may stop it. Undoing after an interrupted ADD is not abortable. */
  | { readonly kind: 'run'; readonly invocation: Invocation; readonly abortable: boolean }
  | { readonly kind: 'note'; readonly level: 'info' | 'error'; readonly message: string }

/** What ADD knows while it runs. */
export interface Addition {
  readonly record: EngineRecord
  readonly merges: Merges
  /** The attachment and the plugin of its list that are in hand. */
  readonly attachment: number
  readonly plugin: number
  /** The result of the plugin before. */
  readonly previous?: AnyResult
}

/** Why something is being undone, and what follows. */
export type Purpose =
  /** ADD failed. `running`: an attachment that may still be changing, which must not be touched. */
  | { readonly kind: 'rollback'; readonly error: EngineError; readonly running?: number }
  | { readonly kind: 'delete' }
  /** The leftovers of an unfinished ADD go first. */
  | { readonly kind: 'replace'; readonly command: EngineCommand & { readonly verb: 'ADD' } }

/** What undoing knows while it runs. */
export interface Undoing {
  readonly record: EngineRecord
  /** With what of the DEL request overrides the record's. */
  readonly sandbox: Sandbox
  readonly purpose: Purpose
  /** The attachments whose last call nobody saw end: their plugin may still be running. */
  readonly interrupted: readonly number[]
  /** The attachments that are still to be undone, the next one first. */
  readonly queue: readonly number[]
  readonly undone: readonly number[]
  readonly failures: readonly { readonly attachment: number; readonly error: EngineError }[]
}

/** What the visiting verbs know while they run. */
export interface Survey {
  readonly verb: 'CHECK' | 'STATUS' | 'GC'
  readonly attachments: readonly Attachment[]
  /** CHECK: the results of the ADD, by attachment. */
  readonly results: readonly (AnyResult | undefined)[]
  readonly sandbox: Sandbox
  readonly valid?: readonly ValidAttachment[]
  readonly attachment: number
  readonly plugin: number
  readonly visited: readonly StepReport[]
  readonly skipped: readonly StepReport[]
  readonly failures: readonly EngineError[]
}

/** The state of the machine: what it waits for, with all that it knows. */
export type EngineState =
  | { readonly phase: 'idle' }
  /** ADD: the record that names the next attachment is on its way to the disk. */
  | { readonly phase: 'announcing'; readonly add: Addition }
  | { readonly phase: 'adding'; readonly add: Addition }
  /** ADD: all is attached, the record that says so is on its way. */
  | { readonly phase: 'concluding'; readonly add: Addition; readonly added: Added }
  | { readonly phase: 'announcing-undo'; readonly undo: Undoing }
  | { readonly phase: 'undoing'; readonly undo: Undoing }
  | { readonly phase: 'concluding-undo'; readonly undo: Undoing }
  | { readonly phase: 'setting-aside'; readonly undone: readonly StepReport[] }
  | { readonly phase: 'surveying'; readonly survey: Survey }
  | { readonly phase: 'done'; readonly outcome: Outcome<Added | Surveyed | Deleted> }

/** A state and the effects that it asks for. */
export type Transition = readonly [EngineState, readonly Effect[]]
