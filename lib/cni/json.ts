/**
 * Decides which JSON texts are read at all: at most 1 MiB and 64 levels. Refuses the rest before JSON.parse sees it,
 * since JSON.parse takes half a million nested arrays and JSON.stringify then throws.
 */
import * as E from 'fp-ts/lib/Either.js'
import { printable } from './printable.js'
import { at, failure, type Problem } from './problem.js'

/** The longest text that is decoded, in UTF-16 units. */
export const maximumLength = 1024 * 1024
/** The deepest nesting of arrays and objects that is decoded. */
export const maximumDepth = 64

/** How much of a text is decoded. What this library wrote around other texts may be larger than any of them. */
export interface JsonLimits {
  /** In UTF-16 units. */
  readonly length: number
  /** In levels of arrays and objects. */
  readonly depth: number
}

const standardLimits: JsonLimits = { length: maximumLength, depth: maximumDepth }

/**
 * Of what a runtime sends: a pod's annotations may be in it, 256 KiB of them, of which JSON can make six times as much. A pod
 * whose annotations did not fit could never be deleted.
 */
export const requestLimits: JsonLimits = { length: 4 * maximumLength, depth: maximumDepth }

/**
 * The value of a JSON text. Left: `too-large`, `too-deep` or `bad-json`, at the source's root.
 * The only door for JSON in lib.
 */
export const decodeJson = (
  text: string,
  source: string,
  limits: JsonLimits = standardLimits,
): E.Either<Problem, unknown> => {
  if (text.length > limits.length) {
    return E.left(
      failure(
        'too-large',
        at(source),
        `${text.length} characters of JSON; ${limits.length} is the limit`,
      ),
    )
  }
  if (isDeep(text, limits.depth)) {
    return E.left(
      failure('too-deep', at(source), `JSON is nested deeper than ${limits.depth} levels`),
    )
  }
  try {
    return E.right(JSON.parse(text))
  } catch (error) {
    // JSON.parse throws nothing but a SyntaxError.
    const reason = printable((error as SyntaxError).message.slice(0, 200))
    return E.left(failure('bad-json', at(source), `not valid JSON: ${reason}`))
  }
}

// Each level needs an opening and a closing character, so short texts cannot be deep; and a text with few opening
// characters cannot either. Only what remains is walked with its strings in mind.
const isDeep = (text: string, limit: number): boolean =>
  text.length > 2 * limit &&
  count('{', text, limit) + count('[', text, limit) > limit &&
  walksDeep(text, limit)

// By indexOf: ten times as fast as a look at each character.
const count = (character: string, text: string, limit: number): number => {
  let found = 0
  let index = text.indexOf(character)
  while (index !== -1 && found <= limit) {
    found++
    index = text.indexOf(character, index + 1)
  }
  return found
}

const walksDeep = (text: string, limit: number): boolean => {
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (inString) {
      if (unit === 0x5c) i++
      else if (unit === 0x22) inString = false
    } else if (unit === 0x22) inString = true
    else if (unit === 0x5b || unit === 0x7b) {
      if (++depth > limit) return true
    } else if (unit === 0x5d || unit === 0x7d) depth--
  }
  return false
}

/** A JSON object: not null, not an array. The type guard, in place of a codec, where every microsecond counts. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A JSON object whose keys are not yet known. `__proto__` is a key like any other. */
export interface JsonObject {
  readonly [key: string]: unknown
}
