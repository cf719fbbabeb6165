/** Decides which operations happen in a simulation, one by one or at once, and carries them out. */
import type { Outcome } from '../../lib/engine/state.js'
import type { Network } from '../../lib/network/network.js'
import type { Plan } from '../../lib/plan/types.js'
import { planOf } from './plans.js'
import { foreigner, keyOf, netnsOf, type Simulation, wordsOfPlan } from './simulation.js'
import { binaries } from './watch.js'

export interface ContainerOperation {
  readonly index: number
  readonly verb: 'ADD' | 'DEL' | 'CHECK'
  readonly containerId: string
  readonly ifname: string
  readonly plan: Plan | undefined
  /** Milliseconds after which its caller loses patience. */
  readonly patience: number | undefined
}

export interface CollectOperation {
  readonly index: number
  readonly verb: 'GC'
  /** The requests that stay. */
  readonly valid: readonly string[]
  readonly networks: readonly Network[]
}

export interface StatusOperation {
  readonly index: number
  readonly verb: 'STATUS'
  readonly plan: Plan
}

export type Operation = ContainerOperation | CollectOperation | StatusOperation

/** What came of an operation; without an outcome its process died. */
export interface Result {
  readonly operation: Operation
  outcome?: Outcome<unknown>
  /** By the node's time. */
  ended?: number
}

/** The next operations, which begin at once. */
export const nextOperations = (simulation: Simulation): readonly Operation[] => {
  const { random } = simulation
  const size = random.pick([1, 1, 1, 1, 2, 2, 3])
  const operations: Operation[] = []
  const collects = random.oneIn(6)
  for (let one = collects ? 1 : 0; one < size; one++) operations.push(nextOne(simulation))
  if (!collects) return [...operations, ...besides(simulation, undefined)]
  const busy = operations.map((one) => ('ifname' in one ? keyOf(one.containerId, one.ifname) : ''))
  // GC never beside an ADD that it does not know of (SPEC "Lifecycle").
  const stay = [...simulation.alive.keys()].filter(() => !random.oneIn(3))
  const valid = [...new Set([...stay, ...busy])]
  const collection = collectOperation(simulation, valid)
  return [...operations, collection, ...besides(simulation, valid)]
}

/**
 * What goes on beside the others: a STATUS, which no lock concerns; a second GC, from a runtime that began anew. Drawn from
 * a source of its own, so that a seed without them goes as it always did.
 */
const besides = (simulation: Simulation, valid: readonly string[] | undefined) => {
  const { aside, plans } = simulation
  const known = [...plans.values()]
  const operations: Operation[] = []
  if (valid !== undefined && aside.oneIn(4))
    operations.push(collectOperation({ ...simulation, random: aside }, valid))
  if (known.length > 0 && aside.oneIn(12))
    operations.push({ index: simulation.operations++, verb: 'STATUS', plan: aside.pick(known) })
  return operations
}

const nextOne = (simulation: Simulation): ContainerOperation => {
  const { random, containers, plans } = simulation
  const containerId = random.pick(['c1', 'c1', ...containers])
  const ifname = containerId === foreigner ? 'eth0' : random.pick(['eth0', 'eth0', 'eth0', 'eth5'])
  const verb = random.pick(['ADD', 'ADD', 'DEL', 'CHECK'] as const)
  const plan = verb === 'ADD' ? planOf(random, ifname) : undefined
  if (plan !== undefined) plans.set(keyOf(containerId, ifname), plan)
  const patience = random.oneIn(12) ? random.below(1500) : undefined
  return { index: simulation.operations++, verb, containerId, ifname, plan, patience }
}

/** A GC that keeps these requests; half of them tell the plugins. */
const collectOperation = (simulation: Simulation, valid: readonly string[]): CollectOperation => {
  const { random, plans } = simulation
  const used = new Map<string, Network>()
  for (const { attachments } of plans.values()) {
    for (const { config } of attachments)
      used.set(config.name, { name: config.name, origin: { kind: 'inline' }, config })
  }
  const networks = random.oneIn(2) ? [] : [...used.values()]
  return { index: simulation.operations++, verb: 'GC', valid, networks }
}

/** Carries out operations at once; those without an outcome have died with their process. */
export const perform = async (
  simulation: Simulation,
  operations: readonly Operation[],
): Promise<readonly Result[]> => {
  const { driver, node } = simulation
  const results = operations.map((operation): Result => ({ operation }))
  const all = results.map(async (result) => {
    const outcome = await performOne(simulation, result.operation)
    if (driver.isDead) return
    result.outcome = outcome
    result.ended = node.time.now()
  })
  await Promise.race([Promise.all(all), driver.crashed])
  return results
}

const performOne = (simulation: Simulation, operation: Operation): Promise<Outcome<unknown>> => {
  const { watch, journal, node, random, engineOn } = simulation
  const engine = engineOn({ runner: watch.runnerFor(operation.index), journal })
  const path = [binaries]
  if (operation.verb === 'GC') {
    const valid = operation.valid.map((key) => {
      const [containerID = '', ifname = ''] = key.split(' ')
      return { containerID, ifname }
    })
    return engine.gc({ valid, networks: operation.networks, path })
  }
  if (operation.verb === 'STATUS') return engine.status(operation.plan, { path })
  const { verb, containerId, ifname, plan, patience } = operation
  const netns = netnsOf(containerId)
  const controller = new AbortController()
  if (patience !== undefined) void node.time.sleep(patience).then(() => controller.abort())
  const { signal } = controller
  if (plan !== undefined)
    return engine.add(plan, { containerId, netns, ifname, args: '', path }, { signal })
  if (verb === 'CHECK') return engine.check({ containerId, ifname }, { signal })
  const isNamed = containerId === foreigner || !random.oneIn(4)
  return engine.del({ containerId, ifname, path, ...(isNamed && { netns }) }, { signal })
}

export const wordsOf = ({ operation, outcome }: Result): string => {
  const what =
    operation.verb === 'GC'
      ? `GC, valid: ${operation.valid.join(', ') || 'none'}`
      : operation.verb === 'STATUS'
        ? 'STATUS'
        : `${operation.verb} ${operation.containerId} ${operation.ifname}`
  const plan = 'plan' in operation && operation.plan ? ` (${wordsOfPlan(operation.plan)})` : ''
  return `${what}${plan}: ${wordsOfOutcome(outcome)}`
}

export const wordsOfOutcome = (outcome: Outcome<unknown> | undefined): string => {
  if (outcome === undefined) return 'died'
  if (outcome.ok) return 'ok'
  const { error, left } = outcome
  const message = 'message' in error ? ` (${error.message.slice(0, 120)})` : ''
  return `${error.kind}${message}, left ${left.map(({ ifname }) => ifname).join(' ') || 'nothing'}`
}
