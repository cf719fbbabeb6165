/**
 * Decides what a simulation consists of and what it remembers: a node, a process that drives it, records that lie
 * somewhere, and what ought to be there.
 */
import { createEngine } from '../../lib/create-engine.js'
import type { Plan } from '../../lib/plan/types.js'
import type { Journal } from '../../lib/ports/index.js'
import {
  createDriverProcess,
  createMemoryJournal,
  createMemoryNode,
  type DriverProcess,
  type Leftover,
  type MemoryNode,
} from '../../runners/memory/index.js'
import { planOf, requests } from './plans.js'
import type { Random } from './random.js'
import { scratchOf } from './scratch.js'
import { type Spoiled, type Storage, spoiledText } from './storage.js'
import { createDiskStorage } from './storage-disk.js'
import { createMemoryStorage } from './storage-memory.js'
import { binaries, createWatch, type Watch } from './watch.js'

export interface Simulation {
  readonly random: Random
  /** The choices of what was added later: those of `random` stay what they are. */
  readonly aside: Random
  /** Whether plugins outlive the process that started them: added later still. */
  readonly fate: Random
  readonly driver: DriverProcess
  readonly node: MemoryNode
  readonly watch: Watch
  readonly storage: Storage
  /** The journal of the process that lives now. */
  journal: Journal
  /** Containers, the one that a Go plugin attached among them. */
  readonly containers: readonly string[]
  /** The last plan of each request, by `keyOf`. */
  readonly plans: Map<string, Plan>
  /** The requests that are attached for sure, by `keyOf`, and their interfaces. */
  readonly alive: Map<string, readonly string[]>
  /** Interfaces that nobody can know of any more, by `keyOf`. */
  readonly lost: Set<string>
  readonly spoiled: Spoiled[]
  readonly trace: string[]
  /** How many were begun. */
  operations: number
  /** Makes the engines. */
  readonly engineOn: typeof createEngine
}

export const keyOf = (containerId: string, ifname: string): string => `${containerId} ${ifname}`

export const netnsOf = (containerId: string): string => `/run/netns/${containerId}`

/** The container that a Go plugin attached, where there is one. */
export const foreigner = 'f1'

export const createSimulation = async (
  random: Random,
  aside: Random,
  fate: Random,
  trace: string[],
  engineOn: typeof createEngine,
): Promise<Simulation> => {
  // A lying disk forgets when the power is cut, and then no plugin goes on.
  let mayOutlive = false
  const driver = createDriverProcess({ sparesPlugins: () => mayOutlive && fate.oneIn(2) })
  const node = createMemoryNode({ seed: 1, driver, physicalFunctions: { ens1f0: 4 } })
  const kind = random.pick(['memory', 'disk', 'cache', 'cache'] as const)
  const storage =
    kind === 'memory'
      ? createMemoryStorage(random, driver)
      : createDiskStorage(random, driver, kind === 'cache')
  mayOutlive = !storage.isLying
  const simulation: Simulation = {
    engineOn,
    random,
    aside,
    fate,
    driver,
    node,
    watch: createWatch(node),
    storage,
    journal: storage.begin(),
    containers: ['c1', 'c2', 'c3', ...(kind !== 'memory' && random.oneIn(4) ? [foreigner] : [])],
    plans: new Map(),
    alive: new Map(),
    lost: new Set(),
    spoiled: [],
    trace,
    operations: 0,
  }
  trace.push(`records: ${storage.name}`)
  if (simulation.containers.includes(foreigner)) await attachForeigner(simulation)
  return simulation
}

/** What a container is attached to before the first schedule's first operation: by a program that keeps no record. */
const attachForeigner = async (simulation: Simulation): Promise<void> => {
  const { random, node, storage, plans, alive, trace } = simulation
  const plan = { ...planOf(random, 'eth0'), resultVersion: '1.0.0' }
  const sandbox = {
    containerId: foreigner,
    netns: netnsOf(foreigner),
    ifname: 'eth0',
    args: '',
    path: [binaries],
  }
  const engine = createEngine({ runner: node.runner, journal: createMemoryJournal() })
  const added = await engine.add(plan, sandbox)
  const text = scratchOf(random, plan)
  trace.push(`${foreigner} is attached by a Go plugin: ${wordsOfPlan(plan)}, ${added.ok}`)
  if (!added.ok) return
  if (random.oneIn(4)) {
    const wrong = spoiledText(random, text, undefined)
    const { attachments } = plan
    spoil(simulation, { containerId: foreigner, ifname: 'eth0', text: wrong, lost: attachments })
    storage.putScratch(foreigner, wrong)
    return
  }
  storage.putScratch(foreigner, text)
  plans.set(keyOf(foreigner, 'eth0'), plan)
  alive.set(keyOf(foreigner, 'eth0'), namesIn(plan))
}

/** The interfaces of a plan. */
export const namesIn = ({ attachments }: Plan): readonly string[] =>
  attachments.map(({ ifname }) => ifname)

/** Remembers what a spoiled record makes unknown. */
export const spoil = ({ lost, spoiled, trace }: Simulation, one: Spoiled): void => {
  spoiled.push(one)
  for (const { ifname } of one.lost) lost.add(keyOf(one.containerId, ifname))
  const names = one.lost.map(({ ifname }) => ifname).join(' ')
  const { containerId, ifname } = one
  trace.push(
    `the record of ${containerId} ${ifname} is spoiled: ${one.text.slice(0, 60)}, lost: ${names}`,
  )
}

/** Whether nobody can know of it. */
const isLost = ({ lost }: Simulation, { owner }: Leftover): boolean =>
  lost.has(keyOf(owner?.containerId ?? '', owner?.ifname ?? ''))

/** What is left over, of one container's request when one is named, and could be known. */
export const leftoversOf = (
  simulation: Simulation,
  containerId?: string,
  request?: string,
): readonly Leftover[] =>
  simulation.node
    .leftovers()
    .filter((one) => !isLost(simulation, one))
    .filter(({ owner }) => containerId === undefined || owner?.containerId === containerId)
    .filter(
      ({ owner }) => request === undefined || requests[request]?.includes(owner?.ifname ?? ''),
    )

export const wordsOfLeftovers = (left: readonly Leftover[]): string =>
  left.map(({ kind, what }) => `${kind} ${what}`).join('; ')

export const wordsOfPlan = ({ attachments }: Plan): string =>
  attachments
    .map(({ ifname, config }) => `${ifname} ${config.plugins.map(({ type }) => type).join('+')}`)
    .join(', ')
