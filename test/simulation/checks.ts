/** Decides what must hold after operations of a simulation, whatever went wrong meanwhile. */
import type { ContainerOperation, Result } from './operation.js'
import { keyOf, leftoversOf, type Simulation, wordsOfLeftovers } from './simulation.js'
import { durationOf, overlapOf, type Watched } from './watch.js'

/** What was seen before the operations began. */
export interface Before {
  readonly time: number
  /** The number of calls. */
  readonly calls: number
  /** What the attached requests consist of. */
  readonly standing: ReadonlyMap<string, Standing>
}

/** What a request consists of. */
interface Standing {
  readonly names: readonly string[]
  readonly what: string
}

export const look = (simulation: Simulation): Before => ({
  time: simulation.node.time.now(),
  calls: simulation.watch.calls.length,
  standing: new Map(
    [...simulation.alive].map(([key, names]) => {
      return [key, { names, what: standingOf(simulation, key, names) }]
    }),
  ),
})

/** What is there of a request's interfaces. What an older plan has left in the names it had beside them is not valid. */
const standingOf = ({ node }: Simulation, key: string, names: readonly string[]): string => {
  const [containerId] = key.split(' ')
  const own = node
    .leftovers()
    .filter(
      ({ owner }) => owner?.containerId === containerId && names.includes(owner?.ifname ?? ''),
    )
  return JSON.stringify(own)
}

const hasChanged = (simulation: Simulation, key: string, was: Standing | undefined): boolean =>
  was !== undefined && was.what !== standingOf(simulation, key, was.names)

/** What is wrong after operations, or undefined. */
export const faultAfter = (
  simulation: Simulation,
  results: readonly Result[],
  before: Before,
): string | undefined => {
  const calls = simulation.watch.calls.slice(before.calls)
  const unfounded = simulation.storage.isSound ? unfoundedOf(results) : undefined
  if (unfounded !== undefined) return unfounded
  const overlap = simulation.storage.isUnlocked ? undefined : overlapOf(calls)
  if (overlap !== undefined) return `one container at a time (promise 7): ${overlap}`
  const waiting = waitingOf(results, before, calls)
  if (waiting !== undefined) return waiting
  for (const { operation, outcome } of results) {
    if (operation.verb === 'GC') {
      const touched = touchedBy(simulation, operation.valid, results, before)
      if (touched !== undefined) return touched
    } else if (operation.verb === 'STATUS') {
      const wrong = afterStatus(simulation, outcome, results, before)
      if (wrong !== undefined) return wrong
    } else if (outcome !== undefined) {
      const { containerId } = operation
      const sharing = results.filter(
        ({ operation: one }) =>
          one.verb === 'GC' || ('containerId' in one && one.containerId === containerId),
      )
      if (sharing.length > 1) continue
      const wrong = afterOne(simulation, operation, outcome, calls)
      if (wrong !== undefined) return wrong
    }
  }
  return undefined
}

/** A sound disk is no reason for anything. */
const unfoundedOf = (results: readonly Result[]): string | undefined => {
  for (const { operation, outcome } of results) {
    if (outcome === undefined || outcome.ok || outcome.error.kind !== 'journal') continue
    const isImpatient = 'patience' in operation && operation.patience !== undefined
    if (!isImpatient) return `${operation.verb} fails on a sound disk: ${outcome.error.message}`
  }
  return undefined
}

/** An operation waits for others of its container alone: its calls and theirs are all the time that it takes. */
const waitingOf = (
  results: readonly Result[],
  before: Before,
  calls: readonly Watched[],
): string | undefined => {
  if (results.some(({ outcome }) => outcome === undefined)) return undefined
  for (const { operation, ended = 0 } of results) {
    if (operation.verb === 'GC') continue
    // STATUS is of no container, and so are its calls.
    const { verb, containerId = '', ifname = '' } = operation as Partial<ContainerOperation>
    const took = ended - before.time
    const own = durationOf(calls, containerId)
    if (took > own)
      return `${verb} ${containerId} ${ifname} took ${took} ms, all calls for its container ${own} ms`
  }
  return undefined
}

/** GC leaves alone what is valid, whatever came of it; what another operation worked on meanwhile is its own business. */
const touchedBy = (
  simulation: Simulation,
  valid: readonly string[],
  results: readonly Result[],
  { standing }: Before,
): string | undefined => {
  const busy = results.map(({ operation: one }) =>
    'containerId' in one ? keyOf(one.containerId, one.ifname) : '',
  )
  const touched = valid.find(
    (key) => !busy.includes(key) && hasChanged(simulation, key, standing.get(key)),
  )
  return touched && `GC has changed ${touched}, which is valid`
}

/** STATUS changes nothing and asks no journal: whatever the disk does is no reason for it. */
const afterStatus = (
  simulation: Simulation,
  outcome: Result['outcome'],
  results: readonly Result[],
  { standing }: Before,
): string | undefined => {
  if (outcome?.ok === false && outcome.error.kind === 'journal')
    return `STATUS fails because of the journal: ${outcome.error.message}`
  if (results.length > 1) return undefined
  const touched = [...standing].find(([key, was]) => hasChanged(simulation, key, was))
  return touched && `STATUS has changed ${touched[0]}`
}

const afterOne = (
  simulation: Simulation,
  { index, verb, containerId, ifname, plan }: ContainerOperation,
  outcome: NonNullable<Result['outcome']>,
  calls: readonly Watched[],
): string | undefined => {
  const own = leftoversOf(simulation, containerId, ifname)
  const key = keyOf(containerId, ifname)
  if (verb === 'DEL' && outcome.ok && own.length > 0)
    return `DEL ${key} succeeds and leaves ${wordsOfLeftovers(own)}`
  if (verb !== 'ADD') return undefined
  if (outcome.ok) {
    const there = simulation.node
      .leftovers()
      .filter(({ owner }) => owner?.containerId === containerId)
    const missing = plan?.attachments.find(
      ({ ifname: name }) => !there.some(({ owner }) => owner?.ifname === name),
    )
    if (missing !== undefined) return `ADD ${key} succeeds without ${missing.ifname}`
    const untold = plan?.attachments.find((one) => !simulation.storage.knows(containerId, one))
    return untold && `ADD ${key} succeeds, and the cache was not told of ${untold.ifname}`
  }
  const made = calls.filter((call) => call.operation === index)
  if (made.some((call) => call.verb === 'DEL' && call.isStopped))
    return `ADD ${key} was stopped while it cleaned up`
  const began = made.some((call) => call.verb === 'ADD')
  return began && outcome.left.length === 0 && own.length > 0
    ? `ADD ${key} fails, says that nothing is left, and leaves ${wordsOfLeftovers(own)}`
    : undefined
}
