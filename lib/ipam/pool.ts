/**
 * Decides how the reservations of one network are kept: plain JSON, so that a file, a simulated node or a test can hold
 * them. Refuses a state whose keys are no canonical addresses.
 */
import { parseAddress } from '../cni/address.js'
import { isObject } from '../cni/json.js'

/**
 * Who holds an address: an attachment of a container (reference/plugins-and-ip.md 7.6). Without `ifname`: all of a
 * container, as host-local wrote it before 0.8.
 */
export interface AddressOwner {
  readonly containerId: string
  readonly ifname: string
}

/** The addresses of one network that are taken. */
export interface PoolState {
  /** By canonical address text. */
  readonly reservations: Readonly<Record<string, AddressOwner>>
  /** The address that was last reserved by round robin or request, by the index of its range set. */
  readonly last: Readonly<Record<string, string>>
}

/** Who holds an address that is taken and no attachment's: by hand, or by a file that cannot be read. */
export const nobody: AddressOwner = { containerId: '', ifname: '' }

/** A network in which nothing was ever reserved. */
export const emptyPool: PoolState = { reservations: {}, last: {} }

/** Whether two owners are one. */
export const isSameOwner = (a: AddressOwner, b: AddressOwner): boolean =>
  a.containerId === b.containerId && a.ifname === b.ifname

/** The addresses that an owner holds, as canonical texts. */
export const addressesOf = (state: PoolState, owner: AddressOwner): readonly string[] =>
  Object.entries(state.reservations)
    .filter(([, holder]) => isSameOwner(holder, owner))
    .map(([address]) => address)

/** An owner's container without an interface: who held an address before 0.8. */
export const wholeContainer = ({ containerId }: AddressOwner): AddressOwner => ({
  containerId,
  ifname: '',
})

/** Whose addresses an owner's CHECK finds and DEL takes: its own, or those of its whole container where it has none. */
export const holderFor = (state: PoolState, owner: AddressOwner): AddressOwner =>
  addressesOf(state, owner).length > 0 ? owner : wholeContainer(owner)

/** Whether somebody holds an address as one of its attachments, so that GC can judge it. */
export const isAttachment = ({ ifname }: AddressOwner): boolean => ifname !== ''

/** The state with only those reservations whose owner passes. What was last reserved stays, so that round robin does. */
export const keepOwners = (
  state: PoolState,
  keeps: (owner: AddressOwner) => boolean,
): PoolState => {
  const entries = Object.entries(state.reservations)
  const kept = entries.filter(([, owner]) => keeps(owner))
  return kept.length === entries.length
    ? state
    : { reservations: Object.fromEntries(kept), last: state.last }
}

/** The state that a decoded JSON value holds, or undefined when it is none. */
export const decodePool = (value: unknown): PoolState | undefined => {
  if (!isObject(value) || !isObject(value.reservations) || !isObject(value.last)) return undefined
  const reservations: [string, AddressOwner][] = []
  for (const [address, owner] of Object.entries(value.reservations)) {
    if (!isCanonical(address) || !isObject(owner)) return undefined
    const { containerId, ifname } = owner
    if (typeof containerId !== 'string' || typeof ifname !== 'string') return undefined
    reservations.push([address, { containerId, ifname }])
  }
  const last: [string, string][] = []
  for (const [set, address] of Object.entries(value.last)) {
    if (!/^[0-9]{1,9}$/.test(set) || !isCanonical(address)) return undefined
    last.push([set, address])
  }
  return { reservations: Object.fromEntries(reservations), last: Object.fromEntries(last) }
}

const isCanonical = (value: unknown): value is string =>
  typeof value === 'string' && parseAddress(value)?.text === value
