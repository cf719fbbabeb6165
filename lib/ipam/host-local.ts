/**
 * Decides which address a container gets from the ranges of a network, given what is taken: the rules of the host-local
 * plugin (reference/plugins-and-ip.md 7.6), without its files. Refuses what is taken, gateways, and a second allocation.
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Address, addressFrom, parseAddress } from '../cni/address.js'
import { type CniError, cniError, cniErrorCodes } from '../cni/error.js'
import { quote } from '../cni/problem.js'
import type { ResultAddress, ResultDns } from '../cni/result.js'
import type { HostLocalConfig } from './host-local-config.js'
import {
  type AddressOwner,
  addressesOf,
  holderFor,
  isAttachment,
  isSameOwner,
  keepOwners,
  type PoolState,
  wholeContainer,
} from './pool.js'
import { type AddressRange, isInRange, type RangeSet, textOfSet } from './range.js'
import type { AddressAnswer } from './request.js'

/** What ADD came to: the answer, and the state that must be kept. */
export interface Allocation extends AddressAnswer {
  readonly state: PoolState
}

/**
 * One address of every range set. Left: nothing was taken; code 999 with the plugin's own words, naming the set and the
 * address. `dns` is what the caller read from `config.resolvConf`.
 */
export const allocate = (
  config: HostLocalConfig,
  state: PoolState,
  owner: AddressOwner,
  dns: ResultDns = {},
): E.Either<CniError, Allocation> => {
  const wanted = new Map(config.requested.map((address) => [address.text, address]))
  const ips: ResultAddress[] = []
  let current = state
  for (const [index, set] of config.sets.entries()) {
    const requested = [...wanted.values()].find((one) => rangeOf(set, one) !== undefined)
    if (requested !== undefined) wanted.delete(requested.text)
    const choice = choose(set, index, current, owner, requested)
    if (E.isLeft(choice)) return refuse(`failed to allocate for range ${index}: ${choice.left}`)
    const { address, range } = choice.right
    ips.push({
      address: `${address.text}/${range.subnet.prefix}`,
      gateway: range.gateway.text,
    })
    current = reserve(current, index, address, owner)
  }
  if (wanted.size > 0) {
    return refuse(`failed to allocate all requested IPs: ${[...wanted.keys()].join(' ')}`)
  }
  return E.right({ ips, routes: config.routes, dns, state: current })
}

/**
 * The state without the addresses of an owner; an owner without any releases those of its whole container. Releasing
 * what is not there changes nothing.
 */
export const release = (state: PoolState, owner: AddressOwner): PoolState => {
  const holder = holderFor(state, owner)
  return keepOwners(state, (other) => !isSameOwner(other, holder))
}

/** CHECK: whether the owner, or its whole container, still holds an address. Left: code 999, naming the owner. */
export const check = (state: PoolState, owner: AddressOwner): E.Either<CniError, undefined> =>
  addressesOf(state, holderFor(state, owner)).length > 0
    ? E.right(undefined)
    : refuse(`no address of container ${quote(owner.containerId)} interface ${owner.ifname} found`)

/** GC: the state with the addresses of these owners alone, and those that are no attachment's: people reserve by hand. */
export const collect = (state: PoolState, valid: readonly AddressOwner[]): PoolState =>
  keepOwners(state, (owner) => !isAttachment(owner) || valid.some((one) => isSameOwner(one, owner)))

/** STATUS: whether every range set has an address left. Left: code 50, naming the set. */
export const status = (
  config: HostLocalConfig,
  state: PoolState,
): E.Either<CniError, undefined> => {
  for (const [index, set] of config.sets.entries()) {
    if (nextFree(set, index, state) === undefined) {
      return E.left(cniError(cniErrorCodes.notAvailable, exhausted(set)))
    }
  }
  return E.right(undefined)
}

interface Choice {
  readonly address: Address
  readonly range: AddressRange
}

const choose = (
  set: RangeSet,
  index: number,
  state: PoolState,
  owner: AddressOwner,
  requested: Address | undefined,
): E.Either<string, Choice> => {
  if (requested !== undefined) return chooseRequested(set, state, requested)
  const held = [owner, wholeContainer(owner)]
    .flatMap((holder) => addressesOf(state, holder))
    .map(parseAddress)
    .find((one) => one !== undefined && rangeOf(set, one) !== undefined)
  if (held !== undefined) {
    const name = quote(owner.containerId)
    return E.left(`${held.text} has been allocated to ${name}, duplicate allocation is not allowed`)
  }
  const free = nextFree(set, index, state)
  return free === undefined ? E.left(exhausted(set)) : E.right(free)
}

const chooseRequested = (
  set: RangeSet,
  state: PoolState,
  address: Address,
): E.Either<string, Choice> => {
  const range = rangeOf(set, address)
  if (range === undefined || isTaken(state, address)) {
    return E.left(
      `requested IP address ${address.text} is not available in range set ${textOfSet(set)}`,
    )
  }
  return isGateway(set, address)
    ? E.left(`requested ip ${address.text} is subnet's gateway`)
    : E.right({ address, range })
}

// Every address before the first free one is taken or a gateway: a huge range costs no more than what is taken of it.
const nextFree = (set: RangeSet, index: number, state: PoolState): Choice | undefined => {
  for (const choice of onceAround(set, parseAddress(state.last[index] ?? ''))) {
    if (!isTaken(state, choice.address) && !isGateway(set, choice.address)) return choice
  }
  return undefined
}

// Round robin: the addresses after the one last reserved, then the others, that one at the end.
function* onceAround(set: RangeSet, last: Address | undefined): Generator<Choice> {
  const home = last === undefined ? -1 : set.findIndex((range) => isInRange(range, last))
  const range = set[home]
  if (last === undefined || range === undefined) {
    for (const each of set) yield* span(each, each.first.value, each.last.value)
    return
  }
  yield* span(range, last.value + 1n, range.last.value)
  for (const each of [...set.slice(home + 1), ...set.slice(0, home)]) {
    yield* span(each, each.first.value, each.last.value)
  }
  yield* span(range, range.first.value, last.value)
}

function* span(range: AddressRange, from: bigint, to: bigint): Generator<Choice> {
  const { family } = range.subnet.address
  for (let value = from; value <= to; value++) yield { address: addressFrom(family, value), range }
}

const rangeOf = (set: RangeSet, address: Address): AddressRange | undefined =>
  set.find((range) => isInRange(range, address))

const isGateway = (set: RangeSet, address: Address): boolean =>
  set.some(({ gateway }) => gateway.text === address.text)

const isTaken = (state: PoolState, address: Address): boolean =>
  Object.hasOwn(state.reservations, address.text)

const reserve = (
  state: PoolState,
  index: number,
  address: Address,
  owner: AddressOwner,
): PoolState => ({
  reservations: {
    ...state.reservations,
    [address.text]: { containerId: owner.containerId, ifname: owner.ifname },
  },
  last: { ...state.last, [index]: address.text },
})

const exhausted = (set: RangeSet): string =>
  `no IP addresses available in range set: ${textOfSet(set)}`

const refuse = (message: string): E.Either<CniError, never> =>
  E.left(cniError(cniErrorCodes.internal, message))
