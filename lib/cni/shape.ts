/**
 * Decides how a JSON object with known and unknown keys is decoded: unknown keys are kept, null counts as absent (as
 * Go's decoder has it), and an object that needs no change is the same object. Refuses nothing by itself.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { isObject, type JsonObject } from './json.js'

/** Codecs by key. */
type Fields = Readonly<Record<string, t.Mixed>>

/**
 * A codec of an object. A required codec sees undefined when its key is missing or null, and may give a default; an
 * optional key that is null, or that its codec decodes to undefined, is left out.
 */
export const shape = <A extends JsonObject>(
  name: string,
  required: Fields,
  optional: Fields,
): t.Type<A, A, unknown> => {
  const fields = [
    ...Object.entries(required).map(([key, type]) => ({ key, type, isRequired: true })),
    ...Object.entries(optional).map(([key, type]) => ({ key, type, isRequired: false })),
  ]
  const validate = (input: unknown, context: t.Context): t.Validation<A> => {
    if (!isObject(input)) return t.failure(input, context)
    let output: JsonObject = input
    const errors: t.ValidationError[] = []
    for (const { key, type, isRequired } of fields) {
      const value = input[key] ?? undefined
      if (value === undefined && !isRequired) {
        if (key in input) output = without(output, key)
        continue
      }
      const decoded = type.validate(value, t.appendContext(context, key, type, value))
      if (isLeft(decoded)) for (const error of decoded.left) errors.push(error)
      else if (decoded.right === undefined) output = without(output, key)
      else if (decoded.right !== input[key]) output = { ...output, [key]: decoded.right }
    }
    return errors.length > 0 ? t.failures(errors) : t.success(output as A)
  }
  const is = (value: unknown): value is A => {
    const decoded = validate(value, [])
    return !isLeft(decoded) && decoded.right === value
  }
  return new t.Type(name, is, validate, t.identity)
}

/** An object without a few of its keys; every other own key survives, `__proto__` too. */
export const without = (object: JsonObject, ...keys: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)))
