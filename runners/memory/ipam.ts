/**
 * Decides how a simulated plugin gets its addresses: from the plugin that `ipam.type` names, by delegation, as the
 * reference plugins do. Refuses what that plugin refuses.
 */
import * as E from 'fp-ts/lib/Either.js'
import { toCurrent } from '../../lib/cni/convert.js'
import type { CniError } from '../../lib/cni/error.js'
import type { Verb } from '../../lib/cni/invocation.js'
import { decodeJson, isObject } from '../../lib/cni/json.js'
import { decodeResult, type Result } from '../../lib/cni/result.js'
import type { PluginCall } from './call.js'
import { fail } from './outcome.js'

/** The type of the address plugin; '' when the configuration names none. */
export const ipamTypeOf = ({ config }: PluginCall): string =>
  isObject(config.ipam) && typeof config.ipam.type === 'string' ? config.ipam.type : ''

/** The addresses of an ADD. Left: the address plugin's refusal, or that it gave none. */
export const addAddresses = async (call: PluginCall): Promise<E.Either<CniError, Result>> => {
  const stdout = await delegateToIpam(call, 'ADD')
  if (E.isLeft(stdout)) return stdout
  const parsed = decodeJson(stdout.right, `stdout of ${ipamTypeOf(call)}`)
  if (E.isLeft(parsed)) return fail(parsed.left.message)
  const result = E.chain(toCurrent)(decodeResult(parsed.right, call.version))
  if (E.isLeft(result)) return result
  return (result.right.ips ?? []).length > 0
    ? result
    : fail('IPAM plugin returned missing IP config')
}

/** DEL, CHECK or STATUS of the address plugin; nothing when the configuration names none. */
export const callIpam = async (
  call: PluginCall,
  verb: Verb,
): Promise<E.Either<CniError, undefined>> => {
  if (ipamTypeOf(call) === '') return E.right(undefined)
  const answer = await delegateToIpam(call, verb)
  return E.isLeft(answer) ? answer : E.right(undefined)
}

const delegateToIpam = async (
  call: PluginCall,
  verb: Verb,
): Promise<E.Either<CniError, string>> => {
  const type = ipamTypeOf(call)
  if (type === '') return fail('no plugin name provided')
  const answer = await call.delegate(type, call.config, { CNI_COMMAND: verb })
  if (answer.kind === 'success') return E.right(answer.stdout)
  return answer.kind === 'refused' ? E.left(answer.error) : fail(answer.reason.message)
}
