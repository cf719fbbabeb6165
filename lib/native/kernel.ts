/**
 * Decides what of the kernel's own words is understood: links, addresses and routes as `ip -json -details` prints them
 * (reference/plugins-and-ip.md P-03), and which refusals mean "there already" or "not there" (P-02). Refuses to guess:
 * what is missing in a reading is undefined.
 */
import { type Cidr, parseCidr } from '../cni/address.js'
import { isObject, type JsonObject } from '../cni/json.js'
import type { Tolerance } from './command.js'

/** A link as it was read. */
export interface KernelLink {
  readonly name: string
  readonly index: number
  readonly mac: string
  readonly mtu: number
  /** `bridge`, `veth`, `macvlan` ...; '' for a device of its own. */
  readonly kind: string
  /** The mode of a macvlan. */
  readonly mode: string
  readonly operstate: string
  readonly flags: readonly string[]
  readonly master: string
  readonly txqlen: number
  readonly promiscuity: number
  /** The index of a veth's other end, or of a macvlan's master. */
  readonly peerIndex: number | undefined
  readonly addresses: readonly KernelAddress[]
}

/** An address of a link. */
export interface KernelAddress {
  readonly cidr: Cidr
  /** `global`, `link` or `host`. */
  readonly scope: string
  readonly isTentative: boolean
  readonly hasFailed: boolean
}

/** A route. */
export interface KernelRoute {
  /** A CIDR; the default route's is `0.0.0.0/0` or `::/0`. */
  readonly dst: string
  readonly gateway: string
  readonly device: string
}

/** The links of one reading. */
export const linksIn = (reading: unknown): readonly KernelLink[] =>
  itemsOf(reading).flatMap((item) => (typeof item.ifname === 'string' ? [linkOf(item)] : []))

/** The link of a name in a reading, or undefined when it does not show it. */
export const linkIn = (reading: unknown, name: string): KernelLink | undefined =>
  linksIn(reading).find((link) => link.name === name)

/** The routes of one reading, of both families. */
export const routesIn = (reading: unknown): readonly KernelRoute[] =>
  itemsOf(reading).flatMap((item): readonly KernelRoute[] => {
    const { dst, dev, gateway } = item
    if (typeof dst !== 'string') return []
    // IPv6 alone has a preference: without a gateway nothing else tells the family of a default route.
    const is6 = typeof item.pref === 'string'
    const hops = Array.isArray(item.nexthops) ? item.nexthops.filter(isObject) : [{ dev, gateway }]
    return hops.map((hop) => ({
      dst: destinationOf(dst, is6 || textAt(hop, 'gateway').includes(':')),
      gateway: textAt(hop, 'gateway'),
      device: textAt(hop, 'dev'),
    }))
  })

/** Whether a refusal in these words is one that a command tolerates. */
export const isTolerated = (words: string, tolerance: Tolerance | undefined): boolean => {
  // The program is missing, not what it was to look for.
  if (/failed to execute|: not found|ENOENT/.test(words)) return false
  if (tolerance === 'exists') return /File exists|already assigned/i.test(words)
  if (tolerance === undefined || tolerance === 'any') return tolerance === 'any'
  return /Cannot find device|does not exist|No such (?:device|process|file)|Cannot assign requested address/i.test(
    words,
  )
}

const linkOf = (item: JsonObject): KernelLink => {
  const info = isObject(item.linkinfo) ? item.linkinfo : {}
  const data = isObject(info.info_data) ? info.info_data : {}
  const { link_index: peerIndex, addr_info: addresses } = item
  return {
    name: textAt(item, 'ifname'),
    index: numberAt(item, 'ifindex'),
    mac: textAt(item, 'address'),
    mtu: numberAt(item, 'mtu'),
    kind: textAt(info, 'info_kind'),
    mode: textAt(data, 'mode'),
    operstate: textAt(item, 'operstate'),
    flags: Array.isArray(item.flags) ? item.flags.filter((flag) => typeof flag === 'string') : [],
    master: textAt(item, 'master'),
    txqlen: numberAt(item, 'txqlen'),
    promiscuity: numberAt(item, 'promiscuity'),
    peerIndex: typeof peerIndex === 'number' ? peerIndex : undefined,
    addresses: itemsOf(addresses).flatMap(addressOf),
  }
}

const addressOf = (item: JsonObject): readonly KernelAddress[] => {
  const cidr = parseCidr(`${textAt(item, 'local')}/${numberAt(item, 'prefixlen')}`)
  if (cidr === undefined) return []
  const [isTentative, hasFailed] = [item.tentative === true, item.dadfailed === true]
  return [{ cidr, scope: textAt(item, 'scope'), isTentative, hasFailed }]
}

// A route to one address is printed without its prefix, and the default route by its name.
const destinationOf = (dst: string, is6: boolean): string => {
  if (dst === 'default') return is6 ? '::/0' : '0.0.0.0/0'
  if (dst.includes('/')) return dst
  return dst.includes(':') ? `${dst}/128` : `${dst}/32`
}

const itemsOf = (reading: unknown): readonly JsonObject[] =>
  Array.isArray(reading) ? reading.filter(isObject) : []

const textAt = (item: JsonObject, key: string): string => {
  const value = item[key]
  return typeof value === 'string' ? value : ''
}

const numberAt = (item: JsonObject, key: string): number => {
  const value = item[key]
  return typeof value === 'number' ? value : 0
}
