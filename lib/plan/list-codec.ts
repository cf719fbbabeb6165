/**
 * Decides how a list of a stranger is decoded: in bounds, and with its first faults alone. Refuses what io-ts's own
 * array does with a million wrong elements: a million errors, each with its whole context.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'

const maximumFaults = 8

/** A codec of lists of `least` to `most` elements; decoding stops once some faults are known. No transforming elements. */
export const listOf = <A>(
  element: t.Type<A, A, unknown>,
  name: string,
  { least = 0, most = Number.POSITIVE_INFINITY } = {},
): t.Type<A[], A[], unknown> => {
  const isLong = (value: readonly unknown[]) => value.length >= least && value.length <= most
  const is = (value: unknown): value is A[] =>
    Array.isArray(value) && isLong(value) && value.every(element.is)
  const validate = (value: unknown, context: t.Context): t.Validation<A[]> => {
    if (is(value)) return t.success(value)
    if (!Array.isArray(value) || !isLong(value)) {
      return t.failure(value, context, `expected ${name}`)
    }
    const errors: t.ValidationError[] = []
    for (const [index, one] of value.entries()) {
      if (element.is(one)) continue
      const decoded = element.validate(one, t.appendContext(context, `${index}`, element, one))
      if (isLeft(decoded)) errors.push(...decoded.left.slice(0, maximumFaults))
      if (errors.length >= maximumFaults) break
    }
    return t.failures(errors)
  }
  return new t.Type(name, is, validate, t.identity)
}
