/**
 * Decides how a simulated node is written down: plain JSON, sorted, so that equal nodes give equal texts and a command
 * line can keep one in a file. Refuses a text that is no such state, naming the first wrong place.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { reportFailures } from '../../lib/cni/codec.js'
import { decodePool, type PoolState } from '../../lib/ipam/pool.js'
import {
  type Chain,
  emptyWorld,
  type Link,
  type Namespace,
  newNamespace,
  type Owner,
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
  if (!isLeft(decoded)) return { ok: true, state: decoded.right }
  const [problem] = reportFailures(decoded, 'bad-json', 'state')
  return { ok: false, message: `${problem?.path ?? 'state'}: ${problem?.message ?? 'wrong'}` }
}

/** A node as it stands. Later changes do not show. */
export const stateOf = (world: World): NodeState => ({
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

// Strict codecs: what this version does not know is not carried along.
const OwnerCodec: t.Type<Owner, unknown> = t.strict({
  type: t.string,
  network: t.string,
  containerId: t.string,
  ifname: t.string,
})

const LinkCodec = t.exact(
  t.intersection([
    t.type({
      name: t.string,
      kind: t.string,
      index: t.number,
      mac: t.string,
      mtu: t.number,
      up: t.boolean,
      promisc: t.boolean,
      allmulti: t.boolean,
      txqlen: t.number,
      addresses: t.array(t.string),
      description: t.string,
    }),
    t.partial({
      master: t.string,
      peer: t.strict({ netns: t.string, name: t.string }),
      parent: t.string,
      vf: t.number,
      owner: OwnerCodec,
    }),
  ]),
)

const RouteCodec = t.exact(
  t.intersection([t.type({ dst: t.string, dev: t.string }), t.partial({ gw: t.string })]),
)

const NamespaceCodec = t.strict({
  path: t.string,
  links: t.array(LinkCodec),
  routes: t.array(RouteCodec),
  sysctls: t.array(t.tuple([t.string, t.string])),
})

const FunctionCodec = t.exact(
  t.intersection([
    t.type({
      index: t.number,
      hardwareAddress: t.string,
      mac: t.string,
      vlan: t.number,
      spoofChecking: t.boolean,
      linkState: t.keyof({ auto: null, enable: null, disable: null }),
    }),
    t.partial({ owner: OwnerCodec }),
  ]),
)

const PoolCodec = new t.Type<PoolState, unknown>(
  'pool',
  (value): value is PoolState => decodePool(value) !== undefined,
  (value, context) => {
    const pool = decodePool(value)
    return pool === undefined ? t.failure(value, context) : t.success(pool)
  },
  t.identity,
)

const FileCodec = t.exact(
  t.intersection([t.type({ text: t.string }), t.partial({ owner: OwnerCodec })]),
)

const ChainCodec = t.strict({ rules: t.array(t.strict({ text: t.string, owner: OwnerCodec })) })

const NodeStateCodec = t.strict({
  version: t.literal(1),
  seed: t.number,
  serial: t.number,
  host: NamespaceCodec,
  namespaces: t.array(NamespaceCodec),
  removed: t.array(t.string),
  functions: t.array(t.tuple([t.string, t.array(FunctionCodec)])),
  pools: t.array(t.tuple([t.string, PoolCodec])),
  files: t.array(t.tuple([t.string, FileCodec])),
  chains: t.array(t.tuple([t.string, ChainCodec])),
}) as unknown as t.Type<NodeState, unknown>
