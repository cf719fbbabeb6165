/**
 * Decides who holds what of a node, by the records and the cached results that can be read: the other side of every
 * question about what belongs to nobody. Refuses nothing.
 */
import type { CachedAttachment } from '../cni/cache.js'
import type { NetworkConfigurationList } from '../cni/configuration.js'
import type { AnyResult } from '../cni/result.js'
import { configOf } from './cached.js'
import type { NodeView } from './node-view.js'

/** What is held by something that can be read. */
export interface Holders {
  /** By container and interface, as `holderKey` joins them: the networks that say so, and the addresses of their results. */
  readonly networks: ReadonlyMap<string, ReadonlySet<string>>
  readonly addresses: ReadonlyMap<string, ReadonlySet<string>>
  /** By the same, those with a result; and those whose result names what they have on the node. */
  readonly complete: ReadonlySet<string>
  readonly named: ReadonlySet<string>
  /** The containers, and those whose namespace was looked into: its veths are known. */
  readonly containers: ReadonlySet<string>
  readonly entered: ReadonlySet<string>
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
  const [complete, named] = [new Set<string>(), new Set<string>()]
  const [containers, entered] = [new Set<string>(), new Set<string>()]
  const links = new Set<string>()
  const configs = [...view.networks]
  const add = (containerId: string, ifname: string, network: string, result: unknown): void => {
    const key = holderKey(containerId, ifname)
    containers.add(containerId)
    entryOf(networks, key).add(network)
    for (const one of addressesOf(result)) entryOf(addresses, key).add(one)
    const own = hostLinksOf(result)
    for (const one of own) links.add(one)
    if (result !== undefined) complete.add(key)
    if (own.length > 0) named.add(key)
  }
  // Its veths are known when those of all its namespaces are.
  const enter = (containerId: string, places: readonly string[]): void => {
    if (places.length > 0 && places.every((one) => isEntered(view, one))) entered.add(containerId)
  }
  for (const { record } of view.records) {
    enter(record.sandbox.containerId, [record.sandbox.netns])
    for (const [index, { config, ifname }] of record.plan.attachments.entries()) {
      add(record.sandbox.containerId, ifname, config.name, record.steps[index]?.result)
      configs.push(config)
    }
  }
  for (const { attachment, result: bare } of view.cached) {
    for (const one of hostLinksOf(bare)) links.add(one)
    if (attachment === undefined) continue
    const { containerId, ifname, networkName, result } = attachment
    enter(containerId, placesOf(attachment))
    add(containerId, ifname, networkName, result)
    const config = configOf(attachment)
    if (config !== undefined) configs.push(config)
  }
  return { networks, addresses, complete, named, containers, entered, links, configs }
}

/** Whether the veths of the namespace at a path are known. */
export const isEntered = ({ namespaces }: NodeView, netns: string): boolean =>
  namespaces.get(netns)?.veths !== undefined

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

/** The interfaces of a result: their names, and the path of the namespace of those in the container. */
const interfacesOf = (result: unknown): readonly { name: string; sandbox: string }[] =>
  listOf((result as Partial<AnyResult & { interfaces: unknown }> | undefined)?.interfaces).flatMap(
    (one) => {
      const { name, sandbox } = (one ?? {}) as { name?: unknown; sandbox?: unknown }
      if (typeof name !== 'string') return []
      return [{ name, sandbox: typeof sandbox === 'string' ? sandbox : '' }]
    },
  )

/** The names of a result's interfaces outside of the container. */
export const hostLinksOf = (result: unknown): readonly string[] =>
  interfacesOf(result).flatMap(({ name, sandbox }) => (sandbox === '' ? [name] : []))

/** The namespaces that a result's interfaces are in. */
export const sandboxesOf = (result: unknown): readonly string[] =>
  interfacesOf(result).flatMap(({ sandbox }) => (sandbox === '' ? [] : [sandbox]))

/** The namespaces of a cached attachment. Earlier versions of libcni cache none: then its result may name one. */
export const placesOf = ({
  netns = '',
  result,
}: Pick<CachedAttachment, 'netns' | 'result'>): readonly string[] =>
  netns === '' ? [...new Set(sandboxesOf(result))] : [netns]

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
