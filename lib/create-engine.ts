/** Decides what an Engine offers: ADD, CHECK and DEL of plans on the ports it is given. Its promises always resolve. */
import type { Sandbox } from './cni/sandbox.js'
import { driveAdd, driveCheck, driveDelete, type SandboxReference } from './drive.js'
import type { Added, Checked, Deleted, Outcome } from './engine/state.js'
import { type Merges, standardMerges } from './plan/merge.js'
import type { Plan } from './plan/types.js'
import type { Clock, Journal, Log, Runner } from './ports/index.js'

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

/** What every call takes: a signal that interrupts it. An interrupted ADD is undone before it resolves. */
export interface CallOptions {
  readonly signal?: AbortSignal
}

/** Carries out plans. Nothing here throws and no promise rejects. */
export interface Engine {
  /**
   * Attaches a container as planned. Fails fast, and then undoes what ran. Over a complete attachment it is refused;
   * what an ADD that died has left is undone first.
   */
  add(plan: Plan, sandbox: Sandbox, options?: CallOptions): Promise<Outcome<Added>>
  /** Checks an attachment against the result of its ADD, from the journal. */
  check(sandbox: SandboxReference, options?: CallOptions): Promise<Outcome<Checked>>
  /** Undoes an attachment from the journal, in reverse; what fails stays recorded for the next DEL. */
  del(sandbox: SandboxReference, options?: CallOptions): Promise<Outcome<Deleted>>
}

/** An engine on these ports. */
export const createEngine = (ports: EnginePorts): Engine => {
  const complete = { ...ports, merges: { ...standardMerges, ...ports.merges } }
  const signalOf = (options: CallOptions = {}) => options.signal ?? new AbortController().signal
  return {
    add: (plan, sandbox, options) => driveAdd(complete, plan, sandbox, signalOf(options)),
    check: (sandbox, options) => driveCheck(complete, sandbox, signalOf(options)),
    del: (sandbox, options) => driveDelete(complete, sandbox, signalOf(options)),
  }
}
