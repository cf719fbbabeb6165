/**
 * Decides what the files of a host-local pool say (reference/plugins-and-ip.md 7.6): a lease is named by its address and
 * holds its owner. Refuses nothing: what is no lease of an attachment is nobody's.
 */
import { parseAddress } from '../cni/address.js'
import { ifnameFault, isContainerId } from '../cni/identifier.js'
import { type AddressOwner, nobody } from './pool.js'

/** The text of a lease: container id, CR, LF, interface name; no newline at the end. */
export const leaseText = ({ containerId, ifname }: AddressOwner): string =>
  `${containerId}\r\n${ifname}`

/**
 * The owner that a lease names. A container id alone, as it was written before 0.8, has no `ifname`; any other text is
 * nobody's. White space around it does not count.
 */
export const ownerIn = (text: string): AddressOwner => {
  const [containerId = '', ifname, ...more] = text.trim().split('\r\n')
  if (!isContainerId(containerId) || more.length > 0) return nobody
  if (ifname === undefined) return { containerId, ifname: '' }
  return ifnameFault(ifname) === undefined ? { containerId, ifname } : nobody
}

/** Whether a file name is that of a lease: an address as Go prints it. */
export const isLeaseName = (name: string): boolean => parseAddress(name)?.text === name

/** The name of the file that holds the address last reserved in a range set. */
export const lastReservedName = (set: number | string): string => `last_reserved_ip.${set}`

/** The index of the range set whose address last reserved a file of this name holds; undefined for other files. */
export const rangeSetIn = (name: string): string | undefined =>
  /^last_reserved_ip\.(0|[1-9][0-9]{0,8})$/.exec(name)?.[1]
