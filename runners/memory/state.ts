/**
 * Decides how a simulated node is written down: plain JSON, sorted, so that equal nodes give equal texts and a command
 * line can keep one in a file. Refuses a text that is no such state, naming the first wrong place.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import { reportFailures } from '../../lib/cni/codec.js'
import type { PoolState } from '../../lib/ipam/pool.js'
import { canonicalJson } from '../../lib/plan/hash.js'
import { NodeStateCodec } from './state-codec.js'
import {
  type Chain,
  emptyWorld,
  type Link,
  type Namespace,
  newNamespace,
  type Route,
  type SimulatedFile,
  type VirtualFunction,
  type World,
} from './world.js'

/** A namespace, written down. */
export interface NamespaceState {
  readonly path: string
  readonly links: readonly Link[]
  readonly routes: readonly Route[]
  readonly sysctls: readonly (readonly [path: string, value: string])[]
}

/** A simulated node, written down. Keys may be added within version 1. */
export interface NodeState {
  readonly version: 1
  readonly seed: number
  readonly serial: number
  readonly host: NamespaceState
  readonly namespaces: readonly NamespaceState[]
  readonly removed: readonly string[]
  readonly functions: readonly (readonly [parent: string, readonly VirtualFunction[]])[]
  readonly pools: readonly (readonly [name: string, PoolState])[]
  readonly files: readonly (readonly [path: string, SimulatedFile])[]
  readonly chains: readonly (readonly [name: string, Chain])[]
}

/** A state, or why a text is none. */
export type ParsedState =
  | { readonly ok: true; readonly state: NodeState }
  | { readonly ok: false; readonly message: string }

/** The state of a node that was written with JSON.stringify. */
export const parseNodeState = (text: string): ParsedState => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, message: 'the state of the simulated node is no JSON' }
  }
  const decoded = NodeStateCodec.decode(value)
  if (!isLeft(decoded)) return { ok: true, state: decoded.right as NodeState }
  const [problem] = reportFailures(decoded, 'bad-json', 'state')
  return { ok: false, message: `${problem?.path ?? 'state'}: ${problem?.message ?? 'wrong'}` }
}

/** A node as it stands, its keys in order. Later changes do not show. */
export const stateOf = (world: World): NodeState =>
  JSON.parse(canonicalJson(snapshotOf(world))) as NodeState

const snapshotOf = (world: World): NodeState => ({
  version: 1,
  seed: world.seed,
  serial: world.serial,
  host: namespaceState(world.host),
  namespaces: sorted(world.namespaces).map(([, namespace]) => namespaceState(namespace)),
  removed: [...world.removed].sort(),
  functions: sorted(world.functions),
  pools: sorted(world.pools),
  files: sorted(world.files),
  chains: sorted(world.chains),
})

/** The node that a state describes. */
export const worldFrom = (state: NodeState, defaultFunctions: number): World => {
  const host = namespaceFrom(state.host)
  const namespaces = state.namespaces.map((one) => [one.path, namespaceFrom(one)] as const)
  return {
    ...emptyWorld(state.seed, defaultFunctions),
    serial: state.serial,
    host,
    namespaces: new Map(namespaces),
    removed: new Set(state.removed),
    functions: new Map(state.functions),
    pools: new Map(state.pools),
    files: new Map(state.files),
    chains: new Map(state.chains),
  }
}

const sorted = <A>(map: ReadonlyMap<string, A>): readonly (readonly [string, A])[] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1))

const namespaceState = ({ path, links, routes, sysctls }: Namespace): NamespaceState => ({
  path,
  links: sorted(links).map(([, link]) => link),
  routes,
  sysctls: sorted(sysctls),
})

const namespaceFrom = ({ path, links, routes, sysctls }: NamespaceState): Namespace => ({
  ...newNamespace(path),
  links: new Map(links.map((link) => [link.name, link])),
  routes,
  sysctls: new Map(sysctls),
})
