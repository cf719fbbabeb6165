/**
 * Decides which hardware address somebody asks for (reference/plugins-and-ip.md 7.2, 7.4): later sources win. Refuses
 * texts that are none.
 */
import * as E from 'fp-ts/lib/Either.js'
import { type CniError, cniErrorCodes } from '../../lib/cni/error.js'
import { parseMac } from '../../lib/cni/hardware-address.js'
import { isObject } from '../../lib/cni/json.js'
import { knownArgs } from '../../lib/cni/plugin-args.js'
import { quote } from '../../lib/cni/problem.js'
import type { PluginCall } from './call.js'
import { fail } from './outcome.js'

/**
 * The requested hardware address in canonical form, or undefined: `mac` of the configuration, CNI_ARGS MAC,
 * `args.cni.mac`, `runtimeConfig.mac`, the last one winning. Left: code 7, or 4 for CNI_ARGS.
 */
export const requestedMac = (call: PluginCall): E.Either<CniError, string | undefined> => {
  const { config } = call
  // Address plugins read IP and GATEWAY of the same CNI_ARGS.
  const args = knownArgs(call.args, ['MAC', 'IP', 'GATEWAY'])
  if (E.isLeft(args)) return args
  const inArgs = isObject(config.args) && isObject(config.args.cni) ? config.args.cni.mac : ''
  const inRuntime = isObject(config.runtimeConfig) ? config.runtimeConfig.mac : ''
  const ofEnvironment = args.right.get('MAC')
  const sources = [config.mac, ofEnvironment, inArgs, inRuntime]
  const written = sources.filter((one) => (one ?? '') !== '').at(-1)
  if (written === undefined) return E.right(undefined)
  const mac = typeof written === 'string' ? parseMac(written) : undefined
  if (mac !== undefined) return E.right(mac)
  const isFromArgs = written === ofEnvironment
  const code = isFromArgs ? cniErrorCodes.invalidEnvironment : cniErrorCodes.invalidNetworkConfig
  return fail(`requested hardware address is none: ${quote(written)}`, code)
}
