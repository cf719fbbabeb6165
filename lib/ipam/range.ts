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

/** The first two sets that share an address. Left: code 7, naming them. */
export const refuseOverlaps = (
  sets: readonly RangeSet[],
): E.Either<CniError, readonly RangeSet[]> => {
  for (const [i, a] of sets.entries()) {
    for (const [j, b] of sets.entries()) {
      if (j > i && a.some((one) => b.some((other) => overlaps(one, other)))) {
        return invalid(`range set ${i} overlaps with ${j}: ${textOfSet(a)} and ${textOfSet(b)}`)
      }
    }
  }
  return E.right(sets)
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
    const other = set.find((earlier) => overlaps(earlier, right))
    if (other !== undefined) {
      return invalid(`ranges ${textOfSet([other])} and ${textOfSet([right])} overlap`)
    }
    set.push(right)
  }
  return E.right(set)
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

const overlaps = (a: AddressRange, b: AddressRange): boolean =>
  isInRange(a, b.first) || isInRange(b, a.first)

const invalid = (message: string): E.Either<CniError, never> =>
  E.left(cniError(cniErrorCodes.invalidNetworkConfig, message))
