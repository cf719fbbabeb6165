/**
 * Decides which JSON is the state of a simulated node. Strict: what this version does not know is not carried along,
 * however deep it is.
 */
import * as t from 'io-ts'
import { decodePool, type PoolState } from '../../lib/ipam/pool.js'

// Not t.exact of an intersection: the places in its failures would have the numbers of its members in them.
const record = <R extends t.Props, O extends t.Props>(required: R, optional: O) =>
  t.intersection([t.strict(required), t.exact(t.partial(optional))])

const Owner = t.strict({
  type: t.string,
  network: t.string,
  containerId: t.string,
  ifname: t.string,
})

const Link = record(
  {
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
  },
  {
    master: t.string,
    peer: t.strict({ netns: t.string, name: t.string }),
    parent: t.string,
    vf: t.number,
    owner: Owner,
  },
)

const Namespace = t.strict({
  path: t.string,
  links: t.array(Link),
  routes: t.array(record({ dst: t.string, dev: t.string }, { gw: t.string })),
  sysctls: t.array(t.tuple([t.string, t.string])),
})

const VirtualFunction = record(
  {
    index: t.number,
    hardwareAddress: t.string,
    mac: t.string,
    vlan: t.number,
    spoofChecking: t.boolean,
    linkState: t.keyof({ auto: null, enable: null, disable: null }),
  },
  { owner: Owner },
)

const Pool = new t.Type<PoolState, unknown>(
  'pool',
  (value): value is PoolState => decodePool(value) !== undefined,
  (value, context) => {
    const pool = decodePool(value)
    return pool === undefined ? t.failure(value, context) : t.success(pool)
  },
  t.identity,
)

const Chain = t.strict({ rules: t.array(t.strict({ text: t.string, owner: Owner })) })

const entries = <A>(codec: t.Type<A, unknown>) => t.array(t.tuple([t.string, codec]))

/** The state of a simulated node. */
export const NodeStateCodec = t.strict({
  version: t.literal(1),
  seed: t.number,
  serial: t.number,
  host: Namespace,
  namespaces: t.array(Namespace),
  removed: t.array(t.string),
  functions: entries(t.array(VirtualFunction)),
  pools: entries(Pool),
  files: entries(record({ text: t.string }, { owner: Owner })),
  chains: entries(Chain),
})
