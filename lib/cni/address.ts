/**
 * Decides which texts are IP addresses and CIDRs and how they are printed: Go's net.ParseIP and net.ParseCIDR
 * (reference/cni.md 3.1). Refuses leading zeros in octets, zones, blanks and every short form, which ipaddr.js takes
 * (`01.2.3.4`, `1`, `::1%eth0`); the tests hold that library and Node's own parser against this one.
 */

/** An IP address. A 4-in-6 address (`::ffff:1.2.3.4`) is the IPv4 address it carries, as Go's To4 has it. */
export interface Address {
  readonly family: 4 | 6
  /** The address as a number: 32 bits for IPv4, 128 for IPv6. */
  readonly value: bigint
  /** Canonical: as Go prints it, IPv6 in lower case with its longest run of zeros compressed. */
  readonly text: string
}

/** An address with a prefix length; the host bits are kept. */
export interface Cidr {
  readonly address: Address
  /** 0..32 for IPv4, 0..128 for IPv6; counted in the family of `address`. */
  readonly prefix: number
  /** Canonical, with the host bits. */
  readonly text: string
}

/** The address that a text spells, or undefined when Go's net.ParseIP refuses it. */
export const parseAddress = (text: string): Address | undefined => {
  if (text.length > longestText) return undefined
  if (text.includes(':')) {
    const value = valueOf6(text)
    return value === undefined ? undefined : addressFrom(6, value)
  }
  const value = valueOf4(text)
  return value === undefined ? undefined : addressFrom(4, BigInt(value))
}

/**
 * The CIDR that a text spells, or undefined when Go's net.ParseCIDR refuses it. A 4-in-6 CIDR loses 96 of its prefix;
 * with a prefix below 96 it names no IPv4 network and is refused, where Go would print it as `/0`.
 */
export const parseCidr = (text: string): Cidr | undefined => {
  const slash = text.indexOf('/')
  if (slash < 0) return undefined
  const written = text.slice(0, slash)
  const address = parseAddress(written)
  const prefix = prefixOf(text, slash + 1)
  if (address === undefined || prefix === undefined) return undefined
  const carried = address.family === 4 && written.includes(':') ? 96 : 0
  if (prefix < carried || prefix - carried > widthOf(address.family)) return undefined
  return cidrFrom(address, prefix - carried)
}

/**
 * The address of a number. Bits beyond the width of the family are cut off; a 4-in-6 number of family 6 is the IPv4
 * address it carries.
 */
export const addressFrom = (family: 4 | 6, value: bigint): Address => {
  const own = BigInt.asUintN(family === 4 ? 32 : 128, value)
  if (family === 4) return { family, value: own, text: textOf4(Number(own)) }
  if (own >> 32n !== 0xffffn) return { family, value: own, text: textOf6(own) }
  return addressFrom(4, own)
}

/** The network of a CIDR: the same prefix, the host bits cleared. */
export const networkOf = (cidr: Cidr): Cidr =>
  cidrFrom(addressFrom(cidr.address.family, firstOf(cidr)), cidr.prefix)

/** The last address of a CIDR's network, as a number: the broadcast address of an IPv4 network. */
export const lastOf = (cidr: Cidr): bigint => cidr.address.value | hostMask(cidr)

/** Whether an address lies in the network of a CIDR; addresses of the other family never do. */
export const contains = (cidr: Cidr, address: Address): boolean =>
  cidr.address.family === address.family &&
  address.value >= firstOf(cidr) &&
  address.value <= lastOf(cidr)

// Eight groups of four and the dotted form of the last two: nothing longer is an address.
const longestText = 45

const widthOf = (family: 4 | 6): number => (family === 4 ? 32 : 128)
const hostMask = ({ address, prefix }: Cidr): bigint =>
  (1n << BigInt(widthOf(address.family) - prefix)) - 1n
const firstOf = (cidr: Cidr): bigint => cidr.address.value & ~hostMask(cidr)
const cidrFrom = (address: Address, prefix: number): Cidr => ({
  address,
  prefix,
  text: `${address.text}/${prefix}`,
})

// Go reads a prefix with leading zeros (`/08`), though not an octet.
const prefixOf = (text: string, from: number): number | undefined => {
  let prefix = 0
  for (let i = from; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return undefined
    prefix = prefix * 10 + digit
    if (prefix > 128) return undefined
  }
  return from === text.length ? undefined : prefix
}

const valueOf4 = (text: string): number | undefined => {
  const octets = text.split('.')
  if (octets.length !== 4) return undefined
  let value = 0
  for (const octet of octets) {
    if (!/^(?:0|[1-9][0-9]{0,2})$/.test(octet) || Number(octet) > 255) return undefined
    value = value * 256 + Number(octet)
  }
  return value
}

// `::` stands for at least one group of zeros and may appear once.
const valueOf6 = (text: string): bigint | undefined => {
  const gap = text.indexOf('::')
  const before = groupsOf(gap < 0 ? text : text.slice(0, gap), gap < 0)
  const after = gap < 0 ? [] : groupsOf(text.slice(gap + 2), true)
  if (before === undefined || after === undefined) return undefined
  const missing = 8 - before.length - after.length
  if (gap < 0 ? missing !== 0 : missing < 1) return undefined
  let value = 0n
  for (const group of before) value = (value << 16n) | BigInt(group)
  value <<= BigInt(16 * missing)
  for (const group of after) value = (value << 16n) | BigInt(group)
  return value
}

// The groups of one side of `::`; the last one of the address may be a dotted IPv4 address, which fills two.
const groupsOf = (text: string, isEnd: boolean): readonly number[] | undefined => {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16))
    else {
      const dotted = isEnd && index === parts.length - 1 ? valueOf4(part) : undefined
      if (dotted === undefined) return undefined
      groups.push(Math.floor(dotted / 65536), dotted % 65536)
    }
  }
  return groups
}

const textOf4 = (value: number): string =>
  `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`

// RFC 5952: the first of the longest runs of at least two zero groups becomes `::`.
const textOf6 = (value: bigint): string => {
  const groups: number[] = []
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(Number((value >> shift) & 0xffffn))
  let start = 0
  let length = 1
  for (let i = 0; i < 8; i++) {
    let end = i
    while (groups[end] === 0) end++
    if (end - i > length) [start, length] = [i, end - i]
  }
  const hex = groups.map((group) => group.toString(16))
  if (length < 2) return hex.join(':')
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`
}
