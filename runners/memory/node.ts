/**
 * Decides what an embedder's test gets: a simulated node with a runner, scripted faults, a log of calls, and views of
 * what is there and what is left over. Deterministic: equal seeds and equal calls give equal nodes.
 */
import type { Runner } from '../../lib/ports/index.js'
import type { PluginBehaviour } from './call.js'
import { addPhysicalFunction } from './devices.js'
import { createDriverProcess, type DriverProcess } from './driver-process.js'
import { createFaultScript, type Fault, type FaultMatch, faults } from './fault.js'
import { createInvocationLog, type LoggedInvocation } from './invocation-log.js'
import { type Leftover, leftoversOf } from './leftovers.js'
import { removeNamespace, setUp } from './links.js'
import { defaultSubnetFile } from './plugins/flannel.js'
import { simulatedPlugins } from './plugins/index.js'
import { createMemoryRunner } from './runner.js'
import { createRunningCalls } from './running-calls.js'
import {
  describeInterfaces,
  type InterfaceView,
  showAddresses,
  showFunctions,
  viewOf,
} from './show.js'
import { type NodeState, stateOf, worldFrom } from './state.js'
import { createVirtualTime, type NodeTime } from './time.js'
import {
  emptyWorld,
  findNamespace,
  newNamespace,
  type VirtualFunction,
  type World,
} from './world.js'

/** What a node is made with. Everything has a default. */
export interface MemoryNodeOptions {
  /** Hardware addresses and generated names follow from it. 1 by default; a given `state` brings its own. */
  readonly seed?: number
  /** The node to go on with, from another node's `state` or from `parseNodeState`. */
  readonly state?: NodeState
  /** Plugins of one's own by type, beside the simulated ones or in their place; undefined takes one away. */
  readonly plugins?: Readonly<Record<string, PluginBehaviour | undefined>>
  /** Physical functions by name, with the number of their virtual ones. */
  readonly physicalFunctions?: Readonly<Record<string, number>>
  /** How many virtual functions any other physical function has; 4 by default. */
  readonly defaultVirtualFunctions?: number
  /** Files by path. Without a state there is a flannel subnet file (`defaultSubnetEnv`) unless this names it. */
  readonly files?: Readonly<Record<string, string>>
  /** Delays and the log's times; virtual time from 0 by default. */
  readonly time?: NodeTime
  /** The process that drives the node; give it to the journal as well, so that both die together. */
  readonly driver?: DriverProcess
}

/** A simulated node. */
export interface MemoryNode {
  readonly runner: Runner
  /** The node as it stands: plain JSON, sorted; later changes do not show. */
  readonly state: NodeState
  /** `state`, so that JSON.stringify(node) writes it. */
  toJSON(): NodeState
  /** The node itself, for plugins and tests that change it. */
  readonly world: World
  readonly time: NodeTime
  readonly driver: DriverProcess
  /** The runner's calls in their order; those that plugins delegate are not among them. */
  readonly invocations: readonly LoggedInvocation[]
  /** How many plugins go on although the process that started them is dead. */
  readonly orphans: number
  /** The first call that matches and still runs, or the next to begin: an event to wait for, instead of a sleep. */
  running(match: FaultMatch): Promise<LoggedInvocation>
  /** Scripts a fault for the calls that match; gives a function that takes it back. */
  script(match: FaultMatch, fault: Fault): () => void
  /** Scripts a fault for the runner's call of this number, counted from 0 over the node's life; a refusal by default. */
  faultAt(index: number, fault?: Fault): () => void
  /** Resolves when the driving process dies, with the place. */
  readonly crashed: Promise<string>
  /** A new life of the driving process. */
  restart(): void
  /** Makes a namespace, also one that was removed. `loopback`: `lo` is up, as many runtimes leave it. */
  addNamespace(path: string, options?: { readonly loopback?: boolean }): void
  /** Removes a namespace with its links; it is not made again on use. */
  removeNamespace(path: string): void
  /** The interfaces of a namespace ('' is the host), `lo` first, then in the order of their making; none when it is not there. */
  interfacesOf(path: string): readonly InterfaceView[]
  /** The virtual functions of a physical one; none when nobody has named it yet. */
  virtualFunctions(name: string): readonly VirtualFunction[]
  /** What `ip address show` prints in a namespace. */
  show(path: string): string
  /** What `ip link show` prints for a physical function. */
  showDevice(name: string): string
  /** A table of the interfaces of a namespace with what each is. */
  describe(path: string): string
  /** Everything that neither a namespace nor the node has by itself: nothing when all was undone. */
  leftovers(): readonly Leftover[]
}

/** The flannel subnet file of a node that is told nothing else. */
export const defaultSubnetEnv =
  'FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n'

/** A simulated node. */
export const createMemoryNode = (options: MemoryNodeOptions = {}): MemoryNode => {
  const world = makeWorld(options)
  const driver = options.driver ?? createDriverProcess()
  const time = options.time ?? createVirtualTime()
  const script = createFaultScript()
  const log = createInvocationLog()
  const plugins = pluginsOf(options)
  const calls = createRunningCalls(driver, time)
  const interfacesOf = (path: string): readonly InterfaceView[] =>
    [...(findNamespace(world, path)?.links.values() ?? [])]
      .sort((a, b) => a.index - b.index)
      .map(viewOf)
  const virtualFunctions = (name: string) => world.functions.get(name) ?? []
  return {
    runner: createMemoryRunner({ world, plugins, script, driver, time, log, calls }),
    get orphans() {
      return calls.orphans
    },
    get state() {
      return stateOf(world)
    },
    toJSON: () => stateOf(world),
    world,
    time,
    driver,
    invocations: log.entries,
    running: log.running,
    script: script.add,
    faultAt: (index, fault = faults.refuse()) => script.addAt(index, fault),
    get crashed() {
      return driver.crashed
    },
    restart: driver.restart,
    addNamespace: (path, { loopback = false } = {}) => {
      const namespace = newNamespace(path)
      if (loopback) setUp(namespace, 'lo')
      world.removed.delete(path)
      world.namespaces.set(path, namespace)
    },
    removeNamespace: (path) => removeNamespace(world, path),
    interfacesOf,
    virtualFunctions,
    show: (path) => showAddresses(interfacesOf(path)),
    showDevice: (name) => {
      const device = world.host.links.get(name)
      return device === undefined ? '' : showFunctions(viewOf(device), virtualFunctions(name))
    },
    describe: (path) => describeInterfaces(interfacesOf(path)),
    leftovers: () => leftoversOf(world),
  }
}

const makeWorld = (options: MemoryNodeOptions): World => {
  const {
    seed = 1,
    state,
    physicalFunctions = {},
    defaultVirtualFunctions = 4,
    files = {},
  } = options
  const world =
    state === undefined
      ? emptyWorld(seed, defaultVirtualFunctions)
      : worldFrom(state, defaultVirtualFunctions)
  if (state === undefined) {
    setUp(world.host, 'lo')
    world.files.set(defaultSubnetFile, { text: defaultSubnetEnv })
  }
  for (const [path, text] of Object.entries(files)) world.files.set(path, { text })
  for (const [name, count] of Object.entries(physicalFunctions)) {
    if (!world.functions.has(name)) addPhysicalFunction(world, name, count)
  }
  return world
}

const pluginsOf = ({ plugins = {} }: MemoryNodeOptions): ReadonlyMap<string, PluginBehaviour> => {
  const all = new Map<string, PluginBehaviour>(Object.entries(simulatedPlugins))
  for (const [type, behaviour] of Object.entries(plugins)) {
    if (behaviour === undefined) all.delete(type)
    else all.set(type, behaviour)
  }
  return all
}
