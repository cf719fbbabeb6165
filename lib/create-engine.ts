/** Decides what an Engine offers: ADD, CHECK, DEL, GC and STATUS on the ports it is given. Its promises always resolve. */
import { settled } from './attempt.js'
import type { Sandbox } from './cni/sandbox.js'
import { type Collected, type Collection, collect } from './collection.js'
import { failed } from './engine/outcome.js'
import type { Added, Deleted, Outcome, Surveyed } from './engine/state.js'
import { add, check, remove, status } from './operations.js'
import { type Merges, standardMerges } from './plan/merge.js'
import type { Plan } from './plan/types.js'
import type { Clock, Journal, Log, Runner } from './ports/index.js'
import type { SandboxReference } from './records.js'

/** What an engine is made of. */
export interface EnginePorts {
  /** Carries out plugin calls. It owns no time limit: wrap it in one (`metacni/runners/wrap`). */
  readonly runner: Runner
  /** Keeps the records that DEL and CHECK work from. */
  readonly journal: Journal
  /** Merge functions by rule, beside `primaryResultOnly` and `allInterfaces`. */
  readonly merges?: Merges
  /** Measures the calls that are logged. */
  readonly clock?: Clock
  readonly log?: Log
}

/**
 * What every call takes: a signal that interrupts it. An interrupted ADD is undone before it resolves; a call whose signal
 * has fired before it has its container opens and changes nothing.
 */
export interface CallOptions {
  readonly signal?: AbortSignal
}

/**
 * Carries out plans. Nothing here throws and no promise rejects, whatever a caller without types or a port gives: there
 * is an outcome, and the container is let go.
 */
export interface Engine {
  /**
   * Attaches a container as planned. Fails fast, and then undoes what ran. Over a complete attachment it is refused;
   * what an ADD that died has left is undone first.
   */
  add(plan: Plan, sandbox: Sandbox, options?: CallOptions): Promise<Outcome<Added>>
  /** Checks an attachment against the result of its ADD, from the journal. */
  check(sandbox: SandboxReference, options?: CallOptions): Promise<Outcome<Surveyed>>
  /** Undoes an attachment from the journal, in reverse; what fails stays recorded for the next DEL. */
  del(sandbox: SandboxReference, options?: CallOptions): Promise<Outcome<Deleted>>
  /**
   * Undoes every recorded attachment that is not valid, then tells the plugins of the networks which ones are. Never
   * run it beside an ADD whose attachment is not in the list yet (SPEC "Lifecycle": GC is exclusive).
   */
  gc(what: Collection, options?: CallOptions): Promise<Outcome<Collected>>
  /** Asks the plugins of a plan, from version 1.1.0 on, whether they can serve an ADD; the first refusal counts. */
  status(
    plan: Plan,
    where: { readonly path: readonly string[] },
    options?: CallOptions,
  ): Promise<Outcome<Surveyed>>
}

/** An engine on these ports. */
export const createEngine = (ports: EnginePorts): Engine => {
  const complete = { ...ports, merges: { ...standardMerges, ...ports.merges } }
  const call = <A>(
    options: CallOptions | undefined,
    operation: (signal: AbortSignal) => Promise<Outcome<A>>,
  ) =>
    settled(async () => {
      const signal = signalOf(options)
      return signal.aborted ? failed<A>({ kind: 'interrupted' }) : operation(signal)
    })
  return {
    add: (plan, sandbox, options) =>
      call(options, (signal) => add(complete, plan, sandbox, signal)),
    check: (sandbox, options) => call(options, (signal) => check(complete, sandbox, signal)),
    del: (sandbox, options) => call(options, (signal) => remove(complete, sandbox, signal)),
    gc: (what, options) => call(options, (signal) => collect(complete, what, signal)),
    status: (plan, where, options) =>
      call(options, (signal) => status(complete, plan, where?.path, signal)),
  }
}

// What a caller without types gives may be no signal: then nothing interrupts.
const signalOf = (options: CallOptions | undefined): AbortSignal => {
  const { signal } = options ?? {}
  return typeof signal?.aborted === 'boolean' ? signal : new AbortController().signal
}
