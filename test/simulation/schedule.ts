/**
 * One random schedule of ADD, DEL, CHECK, GC and STATUS on the memory node, made from a seed: operations one by one and at once,
 * plugins that fail, are slow, or fail after their work, a process that dies at any call or write, disks that are full,
 * broken or without power, records that are spoiled. At its end everything is deleted or collected, and whatever is then
 * left is the finding.
 */
import { createEngine } from '../../lib/create-engine.js'
import { faultAfter, look } from './checks.js'
import { scriptDelay, scriptFaults, scriptOutliving } from './faults.js'
import {
  nextOperations,
  type Operation,
  perform,
  type Result,
  wordsOf,
  wordsOfOutcome,
} from './operation.js'
import { randomFrom } from './random.js'
import {
  createSimulation,
  foreigner,
  keyOf,
  leftoversOf,
  namesIn,
  netnsOf,
  type Simulation,
  spoil,
  wordsOfLeftovers,
} from './simulation.js'
import { binaries } from './watch.js'

/** What a schedule found wrong; `trace` tells what it did. */
export interface Finding {
  readonly seed: number
  readonly message: string
  readonly trace: readonly string[]
}

// A schedule takes milliseconds. What takes as long as this waits for somebody who waits for it.
const standstillMilliseconds = 60_000

/** Runs the schedule of a seed; undefined when nothing was found. `engineOn`: makes its engines. */
export const runSchedule = async (
  seed: number,
  engineOn = createEngine,
): Promise<Finding | undefined> => {
  const trace: string[] = []
  let timer: NodeJS.Timeout | undefined
  const standstill = new Promise<string>((resolve) => {
    const message = 'everybody waits for somebody'
    timer = setTimeout(() => resolve(message), standstillMilliseconds)
  })
  const message = await Promise.race([play(seed, trace, engineOn).catch(wordsOfError), standstill])
  clearTimeout(timer)
  return message === undefined ? undefined : { seed, message, trace }
}

const wordsOfError = (error: unknown): string =>
  `something was thrown: ${error instanceof Error ? error.stack : String(error)}`

/** What a schedule did, for those who look at one. */
export const traceOf = async (seed: number): Promise<readonly string[]> => {
  const trace: string[] = []
  await play(seed, trace)
  return trace
}

const play = async (
  seed: number,
  trace: string[],
  engineOn = createEngine,
): Promise<string | undefined> => {
  const random = randomFrom(seed)
  const fate = randomFrom(seed ^ 0x5bd1e995)
  const simulation = await createSimulation(random, randomFrom(~seed), fate, trace, engineOn)
  const { node, storage } = simulation
  const mend = scriptFaults(random, node, storage.isLying)
  const mendMore = storage.isLying ? () => {} : scriptOutliving(fate, node)
  for (let rounds = 2 + random.below(4); rounds > 0; rounds--) {
    const fault = await playRound(simulation, nextOperations(simulation))
    if (fault !== undefined) return fault
    if (random.oneIn(10)) node.removeNamespace(netnsOf(random.pick(simulation.containers)))
    const wrong = random.oneIn(8) ? storage.spoil(random) : undefined
    if (wrong !== undefined) spoil(simulation, wrong)
    if (random.oneIn(10)) await die(simulation, 'between two operations')
  }
  mend()
  mendMore()
  storage.disarm()
  return cleanUp(simulation)
}

const playRound = async (
  simulation: Simulation,
  operations: readonly Operation[],
): Promise<string | undefined> => {
  const { random, node, trace } = simulation
  const collects = operations.some(({ verb }) => verb === 'GC')
  // What GC undoes is of containers that are gone; a Go plugin has not left where they were.
  if (collects && !operations.some((one) => 'valid' in one && one.valid.some(isForeign)))
    node.removeNamespace(netnsOf(foreigner))
  const before = look(simulation)
  const slowed = operations.length > 1 ? simulation.containers : []
  const hasten = slowed.map((containerId) => scriptDelay(random, node, containerId))
  const results = await perform(simulation, operations)
  for (const take of hasten) take()
  for (const result of results) trace.push(`${operations.length > 1 ? '| ' : ''}${wordsOf(result)}`)
  remember(simulation, results)
  const fault = faultAfter(simulation, results, before)
  if (simulation.driver.isDead) await die(simulation)
  return fault
}

const isForeign = (key: string): boolean => key.startsWith(foreigner)

/** Keeps in mind what is attached for sure. */
const remember = ({ alive }: Simulation, results: readonly Result[]): void => {
  for (const { operation, outcome } of results) {
    if (operation.verb === 'GC') {
      for (const key of [...alive.keys()]) if (!operation.valid.includes(key)) alive.delete(key)
    } else if (operation.verb === 'ADD' || operation.verb === 'DEL') {
      const key = keyOf(operation.containerId, operation.ifname)
      const isRefused = outcome?.ok === false && outcome.error.kind === 'already-attached'
      if (operation.plan !== undefined && outcome?.ok) alive.set(key, namesIn(operation.plan))
      else if (!isRefused) alive.delete(key)
    }
  }
}

/** The process dies, if it has not yet; perhaps the power goes with it; and another one begins. */
const die = async (simulation: Simulation, where?: string): Promise<void> => {
  const { random, driver, node, storage, trace } = simulation
  if (where !== undefined) driver.crash(where)
  const words = await driver.crashed
  trace.push(`death: ${words}`)
  if (random.oneIn(2)) {
    storage.cutPower(random)
    driver.endOrphans()
    trace.push('power cut')
  }
  if (node.orphans > 0) trace.push(`plugins that go on: ${node.orphans}`)
  // A plugin's GC goes by a list that is older than what comes next, and nobody can call it off (docs/durability.md).
  while (words.includes('GC of') && node.orphans > 0) await node.time.sleep(100)
  driver.restart()
  simulation.journal = storage.begin()
}

/** Deletes or collects everything, with nothing in the way any more; whatever is left then is wrong. */
const cleanUp = async (simulation: Simulation): Promise<string | undefined> => {
  const { random, node, watch, journal, storage, containers, spoiled, trace, engineOn } = simulation
  const engine = engineOn({ runner: watch.runnerFor(-1), journal })
  const path = [binaries]
  const collects = random.oneIn(3)
  if (collects) node.removeNamespace(netnsOf(foreigner))
  const words = collects ? ['GC'] : containers
  for (const one of words) {
    const netns = netnsOf(one)
    const outcome = collects
      ? await engine.gc({ valid: [], networks: [], path })
      : await engine.del({ containerId: one, path, netns })
    trace.push(`last ${collects ? 'GC' : `DEL ${one}`}: ${wordsOfOutcome(outcome)}`)
    if (!outcome.ok) return 'the last clean-up fails'
  }
  // What still ran then has done its work by now.
  while (node.orphans > 0) await node.time.sleep(100)
  const left = leftoversOf(simulation)
  if (left.length > 0) return `left over: ${wordsOfLeftovers(left)}`
  const remains = storage.remains(spoiled)
  if (remains.length > 0) return `still recorded: ${remains.join('; ')}`
  const gone = spoiled.find((one) => !storage.keeps(one))
  if (gone !== undefined) return `a spoiled record is gone: ${gone.containerId} ${gone.ifname}`
  if (storage.locked > 0) return 'a container is still locked'
  return undefined
}
