/**
 * Decides what a plugin reads of the result before it (reference/cni.md 3.2, ParsePrevResult). Refuses what is no result, and
 * one that its version cannot express.
 */
import * as E from 'fp-ts/lib/Either.js'
import { convertResult } from './convert.js'
import { type CniError, cniError, cniErrorCodes } from './error.js'
import type { JsonObject } from './json.js'
import { type AnyResult, decodeResult } from './result.js'

/**
 * `prevResult` of a configuration, in its version ("" is 0.1.0); undefined when it is absent or null. Any released version
 * is taken, where Go's plugins know those of the configuration's family alone. Left, as Go's plugins answer: code 999,
 * `could not parse prevResult: ...`.
 */
export const prevResultOf = (
  config: JsonObject,
  cniVersion: string,
): E.Either<CniError, AnyResult | undefined> => {
  const { prevResult } = config
  if (prevResult === undefined || prevResult === null) return E.right(undefined)
  const decoded = E.chain((result: AnyResult) => convertResult(result, cniVersion))(
    decodeResult(prevResult, cniVersion),
  )
  if (E.isRight(decoded)) return decoded
  const { msg, details } = decoded.left
  return E.left(cniError(cniErrorCodes.internal, `could not parse prevResult: ${msg}`, details))
}
