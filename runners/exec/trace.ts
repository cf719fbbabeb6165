/**
 * Decides what may be told of a call: who, where, which names, and how it ended. Refuses every value of the
 * configuration and of CNI_ARGS, which may hold secrets.
 */
import type { Answer, Invocation, Verb } from '../../lib/cni/invocation.js'

/** One process of a call, before it is started or after it has ended. */
export interface TraceEvent {
  readonly phase: 'start' | 'end'
  readonly type: string
  readonly verb: Verb
  /** The program's path. */
  readonly file: string
  readonly containerId: string
  readonly ifname: string
  /** `name` of the configuration; empty when it is no text. */
  readonly network: string
  /** The names of the configuration's keys; never their values. */
  readonly keys: readonly string[]
  /** 1, and more while the program file is busy. */
  readonly attempt: number
  /** At the end: `success`, `refused 7` (the CNI code), or the reason of no answer. */
  readonly outcome?: string
}

/** Takes notice of processes. */
export type Trace = (event: TraceEvent) => void

/** What is told before a process is started. */
export const startOf = (invocation: Invocation, file: string, attempt: number): TraceEvent => {
  const { type, verb, env, stdin } = invocation
  return {
    phase: 'start',
    type,
    verb,
    file,
    containerId: env.CNI_CONTAINERID,
    ifname: env.CNI_IFNAME,
    network: typeof stdin.name === 'string' ? stdin.name : '',
    keys: Object.keys(stdin),
    attempt,
  }
}

/** What is told after it has ended, or could not be started. */
export const endOf = (
  invocation: Invocation,
  file: string,
  attempt: number,
  answer: Answer,
): TraceEvent => ({
  ...startOf(invocation, file, attempt),
  phase: 'end',
  outcome: outcomeOf(answer),
})

const outcomeOf = (answer: Answer): string => {
  switch (answer.kind) {
    case 'success':
      return 'success'
    case 'refused':
      return `refused ${answer.error.code}`
    case 'none':
      return answer.reason.kind
  }
}
