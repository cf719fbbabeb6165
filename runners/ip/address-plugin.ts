/**
 * Decides how an address plugin is called for a native plugin: through a Runner, with the configuration that the plugin
 * itself got (SPEC "Delegated plugins"). Refuses an answer that is no result.
 */
import * as E from 'fp-ts/lib/Either.js'
import { toCurrent } from '../../lib/cni/convert.js'
import { type CniError, cniError, cniErrorCodes } from '../../lib/cni/error.js'
import { type Answer, type Invocation, noAnswer, type Verb } from '../../lib/cni/invocation.js'
import { decodeJson } from '../../lib/cni/json.js'
import { decodeResult, type Result } from '../../lib/cni/result.js'
import { ipamTypeOf } from '../../lib/native/configuration.js'
import type { Runner } from '../../lib/ports/index.js'

/** What an address plugin came to: on ADD what it gave. */
export type AddressOutcome = E.Either<CniError, Result | undefined>

/** Calls the address plugin of a configuration. Left: its own refusal, or why there is no answer. */
export const callAddressPlugin = async (
  runner: Runner,
  invocation: Invocation,
  verb: Verb,
  signal: AbortSignal,
): Promise<AddressOutcome> => {
  const type = ipamTypeOf(invocation.stdin)
  const env = { ...invocation.env, CNI_COMMAND: verb }
  const answer = await runner
    .run({ ...invocation, type, verb, env }, signal)
    .catch((error: unknown) => noAnswer('runner-threw', String(error), true))
  if (answer.kind !== 'success') return E.left(refusalOf(answer, type))
  if (verb !== 'ADD') return E.right(undefined)
  const { cniVersion } = invocation.stdin
  const parsed = decodeJson(answer.stdout, `stdout of ${type}`)
  if (E.isLeft(parsed)) return E.left(internal(parsed.left.message))
  const version = typeof cniVersion === 'string' ? cniVersion : ''
  return E.chain(toCurrent)(decodeResult(parsed.right, version))
}

const refusalOf = (answer: Exclude<Answer, { kind: 'success' }>, type: string): CniError =>
  answer.kind === 'refused' ? answer.error : internal(`${type}: ${answer.reason.message}`)

const internal = (message: string): CniError => cniError(cniErrorCodes.internal, message)
