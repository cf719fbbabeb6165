/**
 * Decides which container ids, network names and interface names CNI allows (reference/cni.md 1.1, 1.2). Refuses the
 * rest with the reason in words; the caller chooses the error code.
 */

const identifier = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/

/** SPEC "Parameters": alphanumeric first, then alphanumerics, `_`, `.`, `-`. No length limit. */
export const isContainerId = (text: string): boolean => identifier.test(text)

/** SPEC "Configuration format": the same rule as for container ids. */
export const isNetworkName = (text: string): boolean => identifier.test(text)

/** The longest interface name, in bytes of UTF-8 (IFNAMSIZ less the closing NUL). */
export const maximumIfnameBytes = 15

// The space characters of Unicode's White_Space property, which Go's unicode.IsSpace uses: unlike JavaScript's \s it
// has U+0085 and lacks U+FEFF.
const goSpace = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/
const simpleIfname = /^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,14}$/

/**
 * Why a text cannot be an interface name, or undefined when it can: not empty, at most 15 bytes, not `.` or `..`, no
 * `/`, no `:`, no white space (libcni's ValidateInterfaceName).
 */
export const ifnameFault = (text: string): string | undefined => {
  if (simpleIfname.test(text)) return undefined
  if (text === '') return 'interface name is empty'
  if (utf8Length(text) > maximumIfnameBytes) {
    return `interface name is longer than ${maximumIfnameBytes} bytes`
  }
  if (text === '.' || text === '..') return 'interface name is . or ..'
  if (text.includes('/') || text.includes(':')) return 'interface name contains / or :'
  if (goSpace.test(text)) return 'interface name contains whitespace characters'
  return undefined
}

const utf8Length = (text: string): number => {
  if (text.length > maximumIfnameBytes) return text.length
  return new TextEncoder().encode(text).length
}
