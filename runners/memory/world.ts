/**
 * Decides what a simulated node consists of: namespaces with links, physical and virtual functions, address pools, files
 * and packet filter chains. What plugins change; refuses nothing by itself.
 */
import { emptyPool, type PoolState } from '../../lib/ipam/pool.js'
import { macFrom, vethNameFrom, zeroMac } from './hardware.js'

/** The attachment for which something was made. */
export interface Owner {
  readonly type: string
  readonly network: string
  readonly containerId: string
  readonly ifname: string
}

/** Another link, by its namespace ('' is the host) and name. */
export interface LinkPlace {
  readonly netns: string
  readonly name: string
}

/** One network interface. */
export interface Link {
  readonly name: string
  /** `loopback`, `physical`, `bridge`, `veth`, `macvlan`, `vf`, or a word of one's own. */
  readonly kind: string
  readonly index: number
  readonly mac: string
  readonly mtu: number
  readonly up: boolean
  readonly promisc: boolean
  readonly allmulti: boolean
  readonly txqlen: number
  /** CIDR texts, in the order in which they were added. */
  readonly addresses: readonly string[]
  /** What a person would call it. */
  readonly description: string
  /** The bridge that it is a port of. */
  readonly master?: string
  /** The other end of a pair. */
  readonly peer?: LinkPlace
  /** The host's device below a macvlan; the physical function of a virtual one. */
  readonly parent?: string
  /** The index of the virtual function. */
  readonly vf?: number
  /** Absent for what belongs to the node itself. */
  readonly owner?: Owner
}

/** A route of a namespace. */
export interface Route {
  readonly dst: string
  readonly gw?: string
  readonly dev: string
}

/** A network namespace; the host's has the path ''. */
export interface Namespace {
  readonly path: string
  readonly links: Map<string, Link>
  routes: readonly Route[]
  /** Values that differ from the kernel's defaults, by path below /proc/sys. */
  readonly sysctls: Map<string, string>
}

/** A virtual function of a physical one. */
export interface VirtualFunction {
  readonly index: number
  /** What its interface in a container has. */
  readonly hardwareAddress: string
  /** Set by the administrator; zero when none is. */
  readonly mac: string
  /** 4095: none. */
  readonly vlan: number
  readonly spoofChecking: boolean
  readonly linkState: 'auto' | 'enable' | 'disable'
  readonly owner?: Owner
}

/** A file of the node. One with an owner is left over when its owner is gone. */
export interface SimulatedFile {
  readonly text: string
  readonly owner?: Owner
}

/** A packet filter chain of one container on one network, and the rules in it. */
export interface Chain {
  readonly rules: readonly { readonly text: string; readonly owner: Owner }[]
}

/** A simulated node's kernel and disk. Plugins change it in place. */
export interface World {
  readonly seed: number
  /** Counts what was generated, so that nothing is generated twice. */
  serial: number
  readonly host: Namespace
  /** By path; the host's is not among them. */
  readonly namespaces: Map<string, Namespace>
  /** Paths of namespaces that were removed: they are not created again on use. */
  readonly removed: Set<string>
  /** By the name of the physical function. */
  readonly functions: Map<string, readonly VirtualFunction[]>
  /** By `<dataDir>/<network>`. */
  readonly pools: Map<string, PoolState>
  readonly files: Map<string, SimulatedFile>
  readonly chains: Map<string, Chain>
  /** How many virtual functions a physical function has that is named for the first time. */
  readonly defaultFunctions: number
}

/** The VLAN that a virtual function without one shows. */
export const noVlan = 4095

/** A node with nothing but the host's loopback interface. */
export const emptyWorld = (seed: number, defaultFunctions: number): World => ({
  seed,
  serial: 0,
  host: newNamespace(''),
  namespaces: new Map(),
  removed: new Set(),
  functions: new Map(),
  pools: new Map(),
  files: new Map(),
  chains: new Map(),
  defaultFunctions,
})

/** A namespace as a runtime finds it: `lo`, and it is down. */
export const newNamespace = (path: string): Namespace => ({
  path,
  links: new Map([
    [
      'lo',
      { ...plainLink, name: 'lo', kind: 'loopback', index: 1, mtu: 65536, description: 'loopback' },
    ],
  ]),
  routes: [],
  sysctls: new Map(),
})

/** The namespace of a path, created on first use; undefined for '' and for a path whose namespace was removed. */
export const openNamespace = (world: World, path: string): Namespace | undefined => {
  const existing = world.namespaces.get(path)
  if (existing !== undefined || path === '' || world.removed.has(path)) return existing
  const created = newNamespace(path)
  world.namespaces.set(path, created)
  return created
}

/** The namespace of a path when it exists; '' is the host's. */
export const findNamespace = (world: World, path: string): Namespace | undefined =>
  path === '' ? world.host : world.namespaces.get(path)

/** A hardware address that no link has yet. */
export const newMac = (world: World): string => macFrom(world.seed, world.serial++)

/** A name for the host's end of a pair that no link of the host has yet. */
export const newVethName = (world: World): string => {
  for (;;) {
    const name = vethNameFrom(world.seed, world.serial++)
    if (!world.host.links.has(name)) return name
  }
}

/** The reservations of a pool; an unknown pool is empty. */
export const poolState = (world: World, name: string): PoolState =>
  world.pools.get(name) ?? emptyPool

/** The attributes of a link that nobody has set up yet. */
export const plainLink: Omit<Link, 'name' | 'kind' | 'index' | 'description'> = {
  mac: zeroMac,
  mtu: 1500,
  up: false,
  promisc: false,
  allmulti: false,
  txqlen: 1000,
  addresses: [],
}
