/** Decides whether what a result says is so: its interfaces exist with their hardware addresses, its addresses are there. */
import { isObject } from '../../lib/cni/json.js'
import type { RawNamespace, RawReading } from './reading.js'

interface Link {
  readonly ifname: string
  readonly address?: string
  readonly addr_info?: readonly { readonly local: string; readonly prefixlen: number }[]
}

const objects = (value: unknown): readonly Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter(isObject) : []

const linkOf = (space: RawNamespace | null, name: unknown): Link | undefined =>
  ((space?.addresses ?? []) as readonly Link[]).find(({ ifname }) => ifname === name)

/** What a result claims and the node does not have, a line each. */
export const falseClaims = (result: unknown, reading: RawReading): readonly string[] => {
  if (!isObject(result)) return []
  const interfaces = objects(result.interfaces)
  const links = interfaces.map(({ name, sandbox }) => {
    const container = /\/(a|b)$/.exec(String(sandbox))?.[1] as 'a' | 'b' | undefined
    return linkOf(container === undefined ? reading.host : reading[container], name)
  })
  const aboutLinks = interfaces.flatMap(({ mac }, index) => {
    const link = links[index]
    if (link === undefined) return [`interfaces/${index}: there is no such link`]
    if (mac === undefined || mac === link.address) return []
    return [`interfaces/${index}: its hardware address is another`]
  })
  const aboutAddresses = objects(result.ips).flatMap((ip, index) => {
    const link = typeof ip.interface === 'number' ? links[ip.interface] : undefined
    const has = link?.addr_info?.some(
      ({ local, prefixlen }) => `${local}/${prefixlen}` === ip.address,
    )
    return ip.interface === undefined || has ? [] : [`ips/${index}: the interface does not have it`]
  })
  return [...aboutLinks, ...aboutAddresses]
}
