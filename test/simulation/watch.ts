/** Decides what is remembered of a simulation's plugin calls: whose they were, in which order and at which time. */
import { noAnswer } from '../../lib/cni/invocation.js'
import type { Runner } from '../../lib/ports/index.js'
import type { MemoryNode } from '../../runners/memory/index.js'

/** One call. */
export interface Watched {
  /** The operation that it belongs to. */
  readonly operation: number
  readonly verb: string
  readonly containerId: string
  /** By the order of all beginnings and ends. */
  readonly began: number
  ended?: number
  /** By the node's time. */
  readonly from: number
  to?: number
  /** The caller's patience ended it. */
  isStopped?: boolean
}

/** The calls of a node, by operation. */
export interface Watch {
  readonly calls: readonly Watched[]
  /** The node's runner, for one operation. Where plugins are looked for it finds them in one directory alone. */
  runnerFor(operation: number): Runner
}

export const binaries = '/opt/cni/bin'

export const createWatch = (node: MemoryNode): Watch => {
  const calls: Watched[] = []
  let order = 0
  return {
    calls,
    runnerFor: (operation) => ({
      run: async (invocation, signal) => {
        if (!invocation.path.includes(binaries)) {
          return noAnswer('not-found', `no ${invocation.type} in [${invocation.path}]`, false)
        }
        const { CNI_COMMAND: verb, CNI_CONTAINERID: containerId } = invocation.env
        const call: Watched = {
          operation,
          verb,
          containerId,
          began: order++,
          from: node.time.now(),
        }
        calls.push(call)
        const answer = await node.runner.run(invocation, signal)
        call.ended = order++
        call.to = node.time.now()
        call.isStopped = answer.kind === 'none' && answer.reason.kind === 'aborted'
        return answer
      },
    }),
  }
}

/** Two operations of one container whose calls overlap, in words. */
export const overlapOf = (calls: readonly Watched[]): string | undefined => {
  const spans = new Map<
    string,
    { containerId: string; operation: number; from: number; to: number }
  >()
  for (const { operation, containerId, began, ended } of calls) {
    if (containerId === '') continue
    const key = `${containerId} ${operation}`
    const { from } = spans.get(key) ?? { from: began }
    spans.set(key, { containerId, operation, from, to: ended ?? Number.POSITIVE_INFINITY })
  }
  const all = [...spans.values()]
  for (const [index, a] of all.entries()) {
    for (const b of all.slice(index + 1)) {
      if (a.containerId !== b.containerId || a.operation === b.operation) continue
      if (a.from < b.to && b.from < a.to) {
        return `operations ${a.operation} and ${b.operation} of ${a.containerId} overlap`
      }
    }
  }
  return undefined
}

/** How long the calls for a container took, one after the other. */
export const durationOf = (calls: readonly Watched[], containerId: string): number =>
  calls
    .filter((call) => call.containerId === containerId)
    .reduce((sum, { from, to = from }) => sum + to - from, 0)
