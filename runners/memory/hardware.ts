/**
 * Decides the hardware addresses and generated names of a simulated node: equal for equal seeds. Refuses nothing.
 */

/** No hardware address is set. */
export const zeroMac = '00:00:00:00:00:00'

/** A locally administered unicast address, the same for the same seed and number. */
export const macFrom = (seed: number, number: number): string => {
  const high = mix(seed, number)
  const low = mix(high, number + 1)
  const octets = [high >>> 24, high >>> 16, high >>> 8, high, low >>> 8, low].map((o) => o & 255)
  octets[0] = ((octets[0] ?? 0) & 0xfe) | 0x02
  return octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':')
}

/** A name of the host's end of a pair: "veth" and eight hex digits (reference/plugins-and-ip.md P-07). */
export const vethNameFrom = (seed: number, number: number): string =>
  `veth${mix(seed ^ 0x5bd1e995, number)
    .toString(16)
    .padStart(8, '0')}`

/** The link-local address that a kernel gives an interface with this hardware address (RFC 4291, modified EUI-64). */
export const linkLocalOf = (mac: string): string => {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac
    .split(':')
    .map((o) => Number.parseInt(o, 16))
  const groups = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f]
  return `fe80::${groups.map((group) => group.toString(16)).join(':')}/64`
}

/** A number for a text, to make addresses of names. */
export const numberOf = (text: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

// The finalizer of a well-mixing 32-bit hash: neighbouring numbers give unlike addresses.
const mix = (seed: number, number: number): number => {
  let value = (seed ^ Math.imul(number + 1, 0x9e3779b9)) >>> 0
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}
