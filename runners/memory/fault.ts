/**
 * Decides which faults can be scripted and which calls they hit. Refuses nothing; a fault that matches no call never
 * happens.
 */
import type { CniError } from '../../lib/cni/error.js'
import type { NoAnswer, Verb } from '../../lib/cni/invocation.js'

/** Whether the plugin did its work before the fault: an answer tells nothing about that. */
export type Effect = 'none' | 'done'

/** What happens instead of a plugin's own answer. */
export type Fault =
  | { readonly kind: 'refuse'; readonly error: CniError; readonly effect: Effect }
  | { readonly kind: 'no-answer'; readonly reason: NoAnswer['kind']; readonly effect: Effect }
  | { readonly kind: 'hang'; readonly effect: Effect }
  | { readonly kind: 'delay'; readonly milliseconds: number }
  | { readonly kind: 'garbage'; readonly stdout: string }
  | { readonly kind: 'crash'; readonly when: 'before' | 'after' }
  | { readonly kind: 'crash'; readonly when: 'during'; readonly milliseconds: number }

/** The faults by name. */
export const faults = {
  /** The plugin fails with an error. `effect: 'done'`: it fails after its work. */
  refuse: (error?: CniError, effect: Effect = 'none'): Fault => ({
    kind: 'refuse',
    error: error ?? { code: 999, msg: 'scripted failure' },
    effect,
  }),
  /** No answer, for a reason; `not-found` and `not-startable` have no effect ever. */
  noAnswer: (reason: NoAnswer['kind'] = 'timeout', effect: Effect = 'none'): Fault => ({
    kind: 'no-answer',
    reason,
    effect: isNeverStarted(reason) ? 'none' : effect,
  }),
  /** The plugin never ends by itself; a signal stops it. */
  hang: (effect: Effect = 'none'): Fault => ({ kind: 'hang', effect }),
  /** The plugin answers later, by the node's time. */
  delay: (milliseconds: number): Fault => ({ kind: 'delay', milliseconds }),
  /** The plugin does its work and prints something else. */
  garbage: (stdout = 'not { json'): Fault => ({ kind: 'garbage', stdout }),
  /** The process that drives the node dies: before the plugin's effect, or after it. */
  crash: (when: 'before' | 'after'): Fault => ({ kind: 'crash', when }),
  /** The process alone dies, while the plugin runs: that goes on, and does its work so many milliseconds later. */
  outlive: (milliseconds = 100): Fault => ({ kind: 'crash', when: 'during', milliseconds }),
} as const

/** Which calls a fault hits; what is absent does not matter. */
export interface FaultMatch {
  /** With a type, calls that a plugin delegates to it count too; without, only calls of the runner do. */
  readonly type?: string
  readonly verb?: Verb
  readonly containerId?: string
  readonly ifname?: string
  /** Only the n-th call that matches, counted from 1 since the fault was scripted. */
  readonly nth?: number
}

/** What of a call a fault looks at. */
export interface FaultTarget {
  readonly type: string
  readonly verb: Verb
  readonly containerId: string
  readonly ifname: string
  /** A plugin made the call, not the runner. */
  readonly isDelegated: boolean
  /** The number of the runner's call, counted from 0; absent for delegated calls. */
  readonly index?: number
}

/** The faults that a test has scripted. */
export interface FaultScript {
  add(match: FaultMatch, fault: Fault): () => void
  addAt(index: number, fault: Fault): () => void
  /** The faults that hit a call, in the order in which they were scripted. Counts the call. */
  faultsOf(target: FaultTarget): readonly Fault[]
}

/** No fault yet. */
export const createFaultScript = (): FaultScript => {
  const rules = new Set<(target: FaultTarget) => Fault | undefined>()
  const addRule = (rule: (target: FaultTarget) => Fault | undefined): (() => void) => {
    rules.add(rule)
    return () => {
      rules.delete(rule)
    }
  }
  return {
    add: (match, fault) => {
      let hits = 0
      return addRule((target) => {
        if (!matches(match, target)) return undefined
        hits++
        return match.nth === undefined || match.nth === hits ? fault : undefined
      })
    },
    addAt: (index, fault) => addRule((target) => (target.index === index ? fault : undefined)),
    faultsOf: (target) => [...rules].flatMap((rule) => rule(target) ?? []),
  }
}

/** Whether a reason says that the plugin was never started. */
export const isNeverStarted = (reason: NoAnswer['kind']): boolean =>
  reason === 'not-found' || reason === 'not-startable'

/** Whether a call is one that a match describes; `nth` aside. */
export const matches = (match: FaultMatch, target: FaultTarget): boolean =>
  (match.type === undefined ? !target.isDelegated : match.type === target.type) &&
  (match.verb === undefined || match.verb === target.verb) &&
  (match.containerId === undefined || match.containerId === target.containerId) &&
  (match.ifname === undefined || match.ifname === target.ifname)
