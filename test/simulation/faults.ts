/** Decides which plugin calls of a simulation go wrong, and how. */
import { type Fault, faults, type MemoryNode } from '../../runners/memory/index.js'
import type { Random } from './random.js'

const deaths: readonly (() => Fault)[] = [() => faults.crash('before'), () => faults.crash('after')]
const failures: readonly (() => Fault)[] = [
  () => faults.refuse(),
  () => faults.refuse({ code: 11, msg: 'later' }, 'done'),
  () => faults.noAnswer('timeout'),
  () => faults.noAnswer('timeout', 'done'),
  () => faults.noAnswer('not-found'),
  () => faults.noAnswer('unkillable', 'done'),
  () => faults.garbage(),
]

/** Scripts up to two faults; gives the function that takes them back. `deadly`: the process dies, plugins do not fail. */
export const scriptFaults = (random: Random, node: MemoryNode, deadly: boolean): (() => void) => {
  const choices = deadly ? deaths : [...deaths, ...failures]
  const taken = Array.from({ length: random.below(3) }, () =>
    node.faultAt(random.below(20), random.pick(choices)()),
  )
  return () => {
    for (const take of taken) take()
  }
}

/** Slows plugins of a container down; gives the function that takes it back. */
export const scriptDelay = (random: Random, node: MemoryNode, containerId: string): (() => void) =>
  node.script(
    random.oneIn(3) ? { containerId, type: 'host-local' } : { containerId },
    faults.delay(1 + random.below(1000)),
  )

/** Half of the time a plugin outlives the process that started it, for a while; gives the function that takes it back. */
export const scriptOutliving = (random: Random, node: MemoryNode): (() => void) =>
  random.oneIn(2)
    ? node.faultAt(random.below(20), faults.outlive(1 + random.below(1000)))
    : () => {}
