/**
 * Decides which pairs of CNI_ARGS a plugin accepts (reference/cni.md 1.8, types.LoadArgs). Refuses keys that the plugin
 * does not know, unless IgnoreUnknown is true.
 */
import * as E from 'fp-ts/lib/Either.js'
import { parseArgs } from './args.js'
import { type CniError, cniError, cniErrorCodes } from './error.js'
import { quote } from './problem.js'

const trueWords: readonly string[] = ['true', '1']
const falseWords: readonly string[] = ['false', '0']

/**
 * The pairs that a plugin knows, by key. Left: code 4 for a pair that cannot be read, for an IgnoreUnknown that is not
 * true, false, 1 or 0, and for unknown keys when IgnoreUnknown is not set.
 */
export const knownArgs = (
  text: string,
  known: readonly string[],
): E.Either<CniError, ReadonlyMap<string, string>> => {
  const parsed = parseArgs(text)
  if (E.isLeft(parsed)) return parsed
  const word = parsed.right.get('IgnoreUnknown')?.toLowerCase() ?? 'false'
  if (!trueWords.includes(word) && !falseWords.includes(word)) {
    return refuse(`ARGS: IgnoreUnknown must be true, false, 1 or 0, not ${quote(word)}`)
  }
  const own = new Map<string, string>()
  const unknown: string[] = []
  for (const [key, value] of parsed.right) {
    if (known.includes(key)) own.set(key, value)
    else if (key !== 'IgnoreUnknown') unknown.push(`${key}=${value}`)
  }
  if (unknown.length > 0 && falseWords.includes(word)) {
    return refuse(`ARGS: unknown args [${unknown.map(quote).join(' ')}]`)
  }
  return E.right(own)
}

const refuse = (message: string): E.Either<CniError, never> =>
  E.left(cniError(cniErrorCodes.invalidEnvironment, message))
