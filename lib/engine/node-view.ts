/**
 * Decides what of a node is looked at to find what belongs to nobody: records, cached results, leases, links, namespaces,
 * calls that go on, as somebody has read them. Types; refuses nothing.
 */
import type { CachedAttachment } from '../cni/cache.js'
import type { NetworkConfigurationList } from '../cni/configuration.js'
import type { JsonObject } from '../cni/json.js'
import type { NamespaceAt } from './namespace.js'
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

/** A file of a result cache; without an attachment it is none of today's form, and its name alone says whose it is. */
export interface CacheHolding {
  readonly file: string
  readonly name: string
  readonly attachment?: CachedAttachment
  /** The whole file, where it is a bare result, as early versions of libcni wrote it. */
  readonly result?: JsonObject
  /** Why it cannot be read. */
  readonly fault?: string
}

/** A call of a plugin that a process is in, whoever has made it. */
export interface RunningCall {
  readonly verb: 'ADD' | 'DEL'
  readonly pid: number
  /** The name of its program. */
  readonly plugin: string
  readonly containerId: string
  readonly ifname: string
  /** By what its namespace is found in a view. */
  readonly netns: string
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
  /** `gone`: nothing is there. `no-namespace`: what is there is none. `unknown`: nobody may look. */
  readonly state: 'present' | 'gone' | 'no-namespace' | 'unknown'
  /** What is there, and which one where it is a namespace. */
  readonly at?: NamespaceAt
  /** Its veths: their index, and that of the other end. Absent when it could not be entered. */
  readonly veths?: readonly { readonly index: number; readonly peerIndex: number }[]
}

/** What could not be read, and why. */
export interface UnreadView {
  readonly what: 'records' | 'cached results' | 'leases' | 'links' | 'namespaces'
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
  readonly calls: readonly RunningCall[]
  /** By the path that a record, a cached result or a call has. */
  readonly namespaces: ReadonlyMap<string, NamespaceView>
  /** The configurations of the networks that are defined on the node. */
  readonly networks: readonly NetworkConfigurationList[]
  readonly unread: readonly UnreadView[]
}
