/**
 * Decides the names that a native plugin gives: the host end of a pair, the chain of a container, its comment. All follow
 * from the call, so that a plan can show them and what a crash left can be told.
 */
import { sha512 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { NativeCall } from './script.js'

type Named = Pick<NativeCall, 'containerId' | 'ifname'>
type Owned = Pick<NativeCall, 'containerId' | 'network'>

/** The host end of an attachment's pair: `veth` and eight digits, as the binaries' but for the chance in it. */
export const hostNameOf = ({ containerId, ifname }: Named): string =>
  `veth${hexOf(`${containerId} ${ifname}`).slice(0, 8)}`

/** The chain of a container on a network: 28 characters; portmap's has a prefix of its own (plugins-and-ip.md P-14, 7.9). */
export const chainOf = (
  { network, containerId }: Owned,
  prefix: 'CNI-' | 'CNI-DN-' = 'CNI-',
): string => `${prefix}${hexOf(network + containerId)}`.slice(0, 28)

/** The comment on the rules of a container (reference/plugins-and-ip.md P-14). */
export const commentOf = ({ network, containerId }: Owned): string =>
  `name: "${network}" id: "${containerId}"`

const hexOf = (text: string): string => bytesToHex(sha512(utf8ToBytes(text)))
