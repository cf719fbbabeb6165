/** Decides which JSON inputs Go can be asked about: those that both sides read as one and the same value. */
import * as E from 'fp-ts/lib/Either.js'
import { decodeJson, isObject } from '../../lib/cni/json.js'

/** The text to ask about, or undefined. `keys` are those that are read. */
export const jsonQuestion = (input: string, keys: readonly string[]): string | undefined => {
  const value = parse(input)
  // What is no JSON must be refused by both, as it is.
  if (value === undefined) return isWellFormed(input) ? input : undefined
  const text = JSON.stringify(value)
  // Larger or deeper than we read (docs/compatibility.md, "Stricter than Go").
  if (E.isLeft(decodeJson(text, ''))) return undefined
  // Go puts U+FFFD where half a character stands.
  if (/\\ud[89a-f]/i.test(text)) return undefined
  return hasOtherCase(value, keys) ? undefined : text
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text)

/** Whether a key would be read by Go alone, which minds no case. */
const hasOtherCase = (value: unknown, keys: readonly string[]): boolean => {
  if (Array.isArray(value)) return value.some((one) => hasOtherCase(one, keys))
  if (!isObject(value)) return false
  return Object.entries(value).some(
    ([key, one]) =>
      (!keys.includes(key) && keys.some((known) => isSame(known, key))) || hasOtherCase(one, keys),
  )
}

// As Go folds: U+017F and U+212A are an s and a k.
const isSame = (known: string, key: string): boolean =>
  known.toLowerCase() === key.toLowerCase().replace('\u017f', 's').replace('\u212a', 'k')
