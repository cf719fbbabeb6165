/**
 * Decides what of a node is looked at to find what belongs to nobody: records, cached results, leases, links, namespaces,
 * as somebody has read them. Types, and who holds what by them; refuses nothing.
 */
import type { CachedAttachment } from '../cni/cache.js'
import type { NetworkConfigurationList } from '../cni/configuration.js'
import type { AnyResult } from '../cni/result.js'
import { configOf } from './cached.js'
import type { EngineRecord } from './record.js'

/** A record, ours or a Go plugin's scratch file, and where it lies. */
export interface RecordHolding {
  readonly file: string
  readonly record: EngineRecord
}

/** A record that cannot be read, or that was set aside. */
export interface SpoiledHolding {
  readonly file: string
  readonly kind: 'corrupt' | 'quarantined'
  readonly containerId: string
  readonly message?: string
}

/** A file of a result cache; without an attachment it is none of today's form, and its name says little. */
export interface CacheHolding {
  readonly file: string
  readonly name: string
  readonly attachment?: CachedAttachment
}

/** An address that host-local has given out (reference/plugins-and-ip.md 7.6). */
export interface Lease {
  readonly file: string
  /** The folder in `dataDir`: the network's name. */
  readonly network: string
  readonly address: string
  readonly containerId: string
  /** Absent in files of early versions. */
  readonly ifname?: string
}

/** A link in the node's own namespace. */
export interface LinkView {
  readonly name: string
  readonly index: number
  /** `veth`, `bridge`, `macvlan`; absent for hardware. */
  readonly kind?: string
  /** The bridge that it is a port of. */
  readonly master?: string
  /** The other end of a veth, or what a macvlan lies on, when that is in this namespace too. */
  readonly lower?: string
  /** The same in another namespace: its index there. */
  readonly peerIndex?: number
}

/** A namespace that something recorded names. */
export interface NamespaceView {
  /** `gone`: nothing is there, or what is there is no namespace. `unknown`: nobody may look. */
  readonly state: 'present' | 'gone' | 'unknown'
  /** Its veths: their index, and that of the other end. Absent when it could not be entered. */
  readonly veths?: readonly { readonly index: number; readonly peerIndex: number }[]
}

/** What could not be read, and why. */
export interface UnreadView {
  readonly what: 'records' | 'leases' | 'links' | 'namespaces'
  readonly where: string
  readonly why: string
}

/** A node at one moment, as far as it could be read. */
export interface NodeView {
  readonly records: readonly RecordHolding[]
  readonly spoiled: readonly SpoiledHolding[]
  readonly cached: readonly CacheHolding[]
  readonly leases: readonly Lease[]
  readonly links: readonly LinkView[]
  /** By the path that a record or a cached result has. */
  readonly namespaces: ReadonlyMap<string, NamespaceView>
  /** The configurations of the networks that are defined on the node. */
  readonly networks: readonly NetworkConfigurationList[]
  readonly unread: readonly UnreadView[]
}

/** What is held by something that can be read: the other side of every question. */
export interface Holders {
  /** By container and interface, as `holderKey` joins them: the networks that say so, and the addresses of their results. */
  readonly networks: ReadonlyMap<string, ReadonlySet<string>>
  readonly addresses: ReadonlyMap<string, ReadonlySet<string>>
  readonly containers: ReadonlySet<string>
  /** Links of the node that a result names. */
  readonly links: ReadonlySet<string>
  /** Every configuration that is known, defined or recorded. */
  readonly configs: readonly NetworkConfigurationList[]
}

/** The key of a container's interface. */
export const holderKey = (containerId: string, ifname: string): string => `${containerId} ${ifname}`

/** Who holds what, by everything in a view that can be read. */
export const holdersIn = (view: NodeView): Holders => {
  const networks = new Map<string, Set<string>>()
  const addresses = new Map<string, Set<string>>()
  const containers = new Set<string>()
  const links = new Set<string>()
  const configs = [...view.networks]
  const add = (containerId: string, ifname: string, network: string, result: unknown): void => {
    const key = holderKey(containerId, ifname)
    containers.add(containerId)
    entryOf(networks, key).add(network)
    for (const one of addressesOf(result)) entryOf(addresses, key).add(one)
    for (const one of hostLinksOf(result)) links.add(one)
  }
  for (const { record } of view.records) {
    for (const [index, { config, ifname }] of record.plan.attachments.entries()) {
      add(record.sandbox.containerId, ifname, config.name, record.steps[index]?.result)
      configs.push(config)
    }
  }
  for (const { attachment } of view.cached) {
    if (attachment === undefined) continue
    const { containerId, ifname, networkName, result } = attachment
    add(containerId, ifname, networkName, result)
    const config = configOf(attachment)
    if (config !== undefined) configs.push(config)
  }
  return { networks, addresses, containers, links, configs }
}

const entryOf = (map: Map<string, Set<string>>, key: string): Set<string> => {
  const entry = map.get(key) ?? new Set()
  map.set(key, entry)
  return entry
}

/** The addresses of a result without their prefixes, in any version's form. */
const addressesOf = (result: unknown): readonly string[] => {
  const { ips, ip4, ip6 } = (result ?? {}) as Partial<Record<'ips' | 'ip4' | 'ip6', unknown>>
  const texts = [
    ...listOf(ips).map((one) => (one as { address?: unknown } | null)?.address),
    ...[ip4, ip6].map((one) => (one as { ip?: unknown } | null | undefined)?.ip),
  ]
  return texts.flatMap((one) => (typeof one === 'string' ? [one.replace(/\/\d+$/, '')] : []))
}

/** The names of a result's interfaces outside of the container. */
const hostLinksOf = (result: unknown): readonly string[] =>
  listOf((result as Partial<AnyResult & { interfaces: unknown }> | undefined)?.interfaces).flatMap(
    (one) => {
      const { name, sandbox } = (one ?? {}) as { name?: unknown; sandbox?: unknown }
      return typeof name === 'string' && !sandbox ? [name] : []
    },
  )

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
