/**
 * Decides what simulated plugins read of their configuration and how they refuse. Refuses values of a wrong type, naming
 * them.
 */
import * as E from 'fp-ts/lib/Either.js'
import { toCurrent } from '../../lib/cni/convert.js'
import { type CniError, cniError, cniErrorCodes } from '../../lib/cni/error.js'
import type { JsonObject } from '../../lib/cni/json.js'
import { decodeResult, type Result } from '../../lib/cni/result.js'
import type { PluginCall } from './call.js'
import type { Owner } from './world.js'

/** A refusal with code 999, as every error of the reference plugins that has no code of its own. */
export const fail = (
  message: string,
  code: number = cniErrorCodes.internal,
): E.Either<CniError, never> => E.left(cniError(code, message))

/** `prevResult` in the newest version, or undefined when there is none (reference/cni.md 3.2). */
export const previousOf = (call: PluginCall): E.Either<CniError, Result | undefined> => {
  const { prevResult } = call.config
  if (prevResult === undefined || prevResult === null) return E.right(undefined)
  const decoded = decodeResult(prevResult, call.version)
  if (E.isRight(decoded)) return toCurrent(decoded.right)
  return fail(`could not parse prevResult: ${decoded.left.msg}`)
}

/** `prevResult` of a plugin that cannot do without. */
export const requiredPrevious = (call: PluginCall): E.Either<CniError, Result> => {
  const previous = previousOf(call)
  if (E.isLeft(previous)) return previous
  return previous.right === undefined
    ? fail('Required prevResult missing')
    : E.right(previous.right)
}

/** The attachment that a call is about. */
export const ownerOf = ({ type, network, containerId, ifname }: PluginCall): Owner => ({
  type,
  network,
  containerId,
  ifname,
})

/** A text of a configuration; '' when it is absent. Left: code 7 when it is no text. */
export const textAt = (config: JsonObject, key: string): E.Either<CniError, string> => {
  const value = config[key] ?? ''
  if (typeof value === 'string') return E.right(value)
  return fail(
    `"${key}" must be a text, not ${JSON.stringify(value)}`,
    cniErrorCodes.invalidNetworkConfig,
  )
}

/** A number of a configuration, or the default when it is absent. Left: code 7 when it is no natural number. */
export const numberAt = (
  config: JsonObject,
  key: string,
  otherwise: number,
): E.Either<CniError, number> => {
  const value = config[key] ?? otherwise
  if (Number.isSafeInteger(value) && (value as number) >= 0) return E.right(value as number)
  return fail(
    `"${key}" must be a natural number, not ${JSON.stringify(value)}`,
    cniErrorCodes.invalidNetworkConfig,
  )
}
