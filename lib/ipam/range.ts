/**
 * Decides which ranges an address may come from (reference/plugins-and-ip.md 7.6, range rules). Refuses subnets with
 * host bits or fewer than four addresses, bounds outside their subnet, sets of two families, and overlaps.
 */
import * as E from 'fp-ts/lib/Either.js'
import {
  type Address,
  addressFrom,
  type Cidr,
  contains,
  lastOf,
  networkOf,
  parseAddress,
  parseCidr,
} from '../cni/address.js'
import { type CniError, cniError, cniErrorCodes } from '../cni/error.js'
import { isObject } from '../cni/json.js'
import { quote } from '../cni/problem.js'

/** Addresses of one subnet, `first` and `last` included. */
export interface AddressRange {
  readonly subnet: Cidr
  readonly first: Address
  readonly last: Address
  /** Never given to a container. */
  readonly gateway: Address
}

/** One container gets one address of each set; all ranges of a set are of one family. */
export type RangeSet = readonly AddressRange[]

/** Whether an address can come from a range. */
export const isInRange = (range: AddressRange, address: Address): boolean =>
  range.subnet.address.family === address.family &&
  address.value >= range.first.value &&
  address.value <= range.last.value

/** `first-last` of every range, joined by commas: how messages name a set. */
export const textOfSet = (set: RangeSet): string =>
  set.map(({ first, last }) => `${first.text}-${last.text}`).join(',')

/** The range sets of a decoded `ranges`. Left: code 7, naming the set and the wrong value. */
export const decodeRangeSets = (value: unknown): E.Either<CniError, readonly RangeSet[]> => {
  if (!Array.isArray(value)) return invalid(`"ranges" must be a list, not ${quote(value)}`)
  const sets: RangeSet[] = []
  for (const [index, one] of value.entries()) {
    const set = decodeSet(one)
    if (E.isLeft(set)) return invalid(`invalid range set ${index}: ${set.left.msg}`)
    sets.push(set.right)
  }
  return E.right(sets)
}

/** The sets, if no two of them share an address. Left: code 7, naming two that do. */
export const refuseOverlaps = (
  sets: readonly RangeSet[],
): E.Either<CniError, readonly RangeSet[]> => {
  const all = sets.flatMap((set, index) => set.map((range) => ({ ...range, set, index })))
  const pair = overlapIn(all)
  if (pair === undefined) return E.right(sets)
  const [a, b] = pair[0].index < pair[1].index ? pair : [pair[1], pair[0]]
  const texts = `${textOfSet(a.set)} and ${textOfSet(b.set)}`
  return invalid(`range set ${a.index} overlaps with ${b.index}: ${texts}`)
}

const decodeSet = (value: unknown): E.Either<CniError, RangeSet> => {
  if (!Array.isArray(value) || value.length === 0) {
    return invalid(`a range set is a list of ranges that is not empty, not ${quote(value)}`)
  }
  const set: AddressRange[] = []
  for (const one of value) {
    const range = decodeRange(one)
    if (E.isLeft(range)) return range
    const { right } = range
    if (set[0] !== undefined && set[0].subnet.address.family !== right.subnet.address.family) {
      return invalid(`mixed address families: ${set[0].subnet.text} and ${right.subnet.text}`)
    }
    set.push(right)
  }
  const pair = overlapIn(set)
  if (pair === undefined) return E.right(set)
  return invalid(`ranges ${textOfSet([pair[0]])} and ${textOfSet([pair[1]])} overlap`)
}

const decodeRange = (value: unknown): E.Either<CniError, AddressRange> => {
  if (!isObject(value)) return invalid(`a range is an object, not ${quote(value)}`)
  if (typeof value.subnet !== 'string') {
    return invalid(`"subnet" must be a CIDR, not ${quote(value.subnet)}`)
  }
  const subnet = parseCidr(value.subnet)
  if (subnet === undefined) return invalid(`invalid CIDR address: ${quote(value.subnet)}`)
  const { family } = subnet.address
  if (family === 4 && value.subnet.includes(':')) {
    return invalid(`network ${quote(value.subnet)} is IPv4 in the form of IPv6`)
  }
  if (subnet.prefix > (family === 4 ? 30 : 126)) {
    return invalid(`network ${subnet.text} too small to allocate from`)
  }
  const network = networkOf(subnet)
  if (network.address.value !== subnet.address.value) {
    return invalid(`network ${subnet.text} has host bits set, its network is ${network.text}`)
  }
  const afterNetwork = addressFrom(family, subnet.address.value + 1n)
  // The last address of an IPv4 network is its broadcast address.
  const beforeEnd = addressFrom(family, lastOf(subnet) - (family === 4 ? 1n : 0n))
  const first = boundOf(value, 'rangeStart', afterNetwork)
  if (E.isLeft(first)) return first
  const last = boundOf(value, 'rangeEnd', beforeEnd)
  if (E.isLeft(last)) return last
  const gateway = boundOf(value, 'gateway', afterNetwork)
  if (E.isLeft(gateway)) return gateway
  const range = { subnet, first: first.right, last: last.right, gateway: gateway.right }
  return refuseBounds(range)
}

const refuseBounds = (range: AddressRange): E.Either<CniError, AddressRange> => {
  const { subnet, first, last } = range
  if (!contains(subnet, first)) return invalid(`rangeStart ${first.text} not in ${subnet.text}`)
  if (!contains(subnet, last)) return invalid(`rangeEnd ${last.text} not in ${subnet.text}`)
  if (last.value < first.value) {
    return invalid(`rangeEnd ${last.text} is before rangeStart ${first.text}`)
  }
  // Numbers of ::ffff:0:0/96 spell IPv4 addresses, so that no IPv6 address could be made of them.
  const isMixed = first.value < 0x1_0000_0000_0000n && last.value >= 0xffff_0000_0000n
  if (subnet.address.family === 6 && isMixed) {
    return invalid(`range ${textOfSet([range])} holds the IPv4 addresses ::ffff:0:0/96`)
  }
  return E.right(range)
}

const boundOf = (
  value: { readonly [key: string]: unknown },
  key: string,
  otherwise: Address,
): E.Either<CniError, Address> => {
  const text = value[key] ?? ''
  if (text === '') return E.right(otherwise)
  const address = typeof text === 'string' ? parseAddress(text) : undefined
  return address === undefined
    ? invalid(`${quote(key)} must be an IP address, not ${quote(text)}`)
    : E.right(address)
}

// Two ranges that share an address: in the order of their first addresses, so that thousands of them take no seconds.
const overlapIn = <A extends AddressRange>(ranges: readonly A[]): readonly [A, A] | undefined => {
  let widest: A | undefined
  for (const range of [...ranges].sort(byFirst)) {
    if (widest !== undefined && isInRange(widest, range.first)) return [widest, range]
    if (widest === undefined || isAfter(range, widest)) widest = range
  }
  return undefined
}

const byFirst = (a: AddressRange, b: AddressRange): number => {
  const byFamily = a.subnet.address.family - b.subnet.address.family
  if (byFamily !== 0) return byFamily
  return a.first.value < b.first.value ? -1 : Number(a.first.value > b.first.value)
}

const isAfter = (a: AddressRange, b: AddressRange): boolean =>
  a.subnet.address.family !== b.subnet.address.family || a.last.value > b.last.value

const invalid = (message: string): E.Either<CniError, never> =>
  E.left(cniError(cniErrorCodes.invalidNetworkConfig, message))
