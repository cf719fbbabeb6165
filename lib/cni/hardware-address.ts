/**
 * Decides which texts are hardware addresses: six octets, as Go's net.ParseMAC spells them. Refuses the eight and
 * twenty octets that it takes as well: no interface of a container has them.
 */

const colons = /^[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}$/
const dashes = /^[0-9a-fA-F]{2}(?:-[0-9a-fA-F]{2}){5}$/
const dots = /^[0-9a-fA-F]{4}(?:\.[0-9a-fA-F]{4}){2}$/

/**
 * The canonical form of a hardware address, lower case with colons, or undefined when the text is none. Takes
 * `0a:58:0a:f4:02:06`, `0A-58-0A-F4-02-06` and `0a58.0af4.0206`.
 */
export const parseMac = (text: string): string | undefined => {
  if (colons.test(text)) return text.toLowerCase()
  if (dashes.test(text)) return text.toLowerCase().replaceAll('-', ':')
  if (!dots.test(text)) return undefined
  const digits = text.toLowerCase().replaceAll('.', '')
  return [0, 2, 4, 6, 8, 10].map((at) => digits.slice(at, at + 2)).join(':')
}
