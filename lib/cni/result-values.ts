/**
 * Decides which values the keys of a result have, as the types of Go's library read and print them (reference/cni.md 3.1).
 * Refuses addresses that are none, and numbers that are not whole.
 */
import * as t from 'io-ts'
import { parseAddress, parseCidr } from './address.js'
import { Integer } from './integer.js'

/** An address with its prefix. Go's decoder takes any text here and prints it again: what is not canonical becomes so. */
export const CidrText: t.Type<string> = new t.Type(
  'CIDR',
  (value): value is string => typeof value === 'string' && parseCidr(value)?.text === value,
  (value, context) => {
    if (typeof value !== 'string') return t.failure(value, context)
    const cidr = parseCidr(value)
    if (cidr !== undefined) return t.success(cidr.text)
    return t.failure(value, context, `invalid CIDR address: ${value.slice(0, 80)}`)
  },
  t.identity,
)

/** An address; an empty text is none. */
export const GatewayText: t.Type<string | undefined> = new t.Type(
  'IP address',
  (value): value is string => typeof value === 'string' && parseAddress(value)?.text === value,
  (value, context) => {
    if (typeof value !== 'string') return t.failure(value, context)
    if (value === '') return t.success(undefined)
    const address = parseAddress(value)
    if (address !== undefined) return t.success(address.text)
    return t.failure(value, context, `invalid IP address: ${value.slice(0, 80)}`)
  },
  t.identity,
)

// What Go's types leave out when they print: an empty text, and a zero that means "not set". `interface`, `table` and
// `scope` are pointers there: their zero is a value.
const unless = <A>(type: t.Type<A>, empty: A): t.Type<A | undefined> =>
  new t.Type(
    type.name,
    (value): value is A => type.is(value) && value !== empty,
    (value, context) => (value === empty ? t.success(undefined) : type.validate(value, context)),
    t.identity,
  )

/** A text that means something. */
export const TextUnlessEmpty = unless<string>(t.string, '')
/** A number that means something. */
export const IntegerUnlessZero = unless(Integer, 0)

/** A name. Go prints an interface without one as one whose name is empty. */
export const NameText: t.Type<string> = new t.Type(
  'string',
  t.string.is,
  (value, context) => t.string.validate(value ?? '', context),
  t.identity,
)

/** One of these versions. */
export const versionText = (versions: readonly string[]): t.Type<string> =>
  new t.Type(
    versions.join(' or '),
    (value): value is string => versions.includes(value as string),
    (value, context) =>
      versions.includes(value as string) ? t.success(value as string) : t.failure(value, context),
    t.identity,
  )
