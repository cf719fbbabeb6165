/**
 * Decides what is remembered of the runner's calls: each with its number, its time and its answer. Delegated calls are
 * the plugins' own and not among them.
 */
import type { Answer, Invocation } from '../../lib/cni/invocation.js'
import type { Arrival } from './call.js'
import { type FaultMatch, matches } from './fault.js'

/** One call of the runner. */
export interface LoggedInvocation {
  /** Counted from 0; what `faultAt` takes. */
  readonly index: number
  /** A copy: later changes to the original do not show. */
  readonly invocation: Invocation
  /** By the node's time, in milliseconds. */
  readonly at: number
  /** Absent while the call runs, and for ever when the driver died meanwhile. */
  answer?: Answer
}

/** The calls of a node. */
export interface InvocationLog {
  readonly entries: readonly LoggedInvocation[]
  begin(invocation: Invocation, arrival: Arrival, at: number): LoggedInvocation
  end(entry: LoggedInvocation, answer: Answer): void
  /** The first call that matches and still runs, or the next one to begin; `nth` is not looked at. */
  running(match: FaultMatch): Promise<LoggedInvocation>
}

/** No calls yet. */
export const createInvocationLog = (): InvocationLog => {
  const entries: LoggedInvocation[] = []
  const waiting = new Set<(entry: LoggedInvocation) => void>()
  return {
    entries,
    begin: ({ path, verb }, { type, env, config }, at) => {
      // The plugin may change its own copy of stdin. A variable that did not arrive is empty.
      const nothing = {
        CNI_CONTAINERID: '',
        CNI_NETNS: '',
        CNI_IFNAME: '',
        CNI_ARGS: '',
        CNI_PATH: '',
      }
      const invocation: Invocation = {
        type,
        verb,
        stdin: JSON.parse(JSON.stringify(config)),
        env: { CNI_COMMAND: verb, ...nothing, ...env } as Invocation['env'],
        path: Array.isArray(path) ? [...path] : [],
      }
      const entry: LoggedInvocation = { index: entries.length, invocation, at }
      entries.push(entry)
      for (const tell of waiting) tell(entry)
      return entry
    },
    end: (entry, answer) => {
      entry.answer = answer
    },
    running: (match) =>
      new Promise((resolve) => {
        const current = entries.find((entry) => entry.answer === undefined && isHit(match, entry))
        if (current !== undefined) return resolve(current)
        const tell = (entry: LoggedInvocation): void => {
          if (!isHit(match, entry)) return
          waiting.delete(tell)
          resolve(entry)
        }
        waiting.add(tell)
      }),
  }
}

const isHit = (match: FaultMatch, { invocation: { type, verb, env }, index }: LoggedInvocation) =>
  matches(match, {
    type,
    verb,
    containerId: env.CNI_CONTAINERID,
    ifname: env.CNI_IFNAME,
    isDelegated: false,
    index,
  })
