/**
 * Decides which hardware address somebody asks for (reference/plugins-and-ip.md 7.2, 7.4, 7.7): of the sources that a
 * plugin has, the last one wins. Refuses texts that are none.
 */
import * as E from 'fp-ts/lib/Either.js'
import { type CniError, cniErrorCodes } from '../../lib/cni/error.js'
import { parseMac } from '../../lib/cni/hardware-address.js'
import { isObject } from '../../lib/cni/json.js'
import { knownArgs } from '../../lib/cni/plugin-args.js'
import { quote } from '../../lib/cni/problem.js'
import type { PluginCall } from './call.js'
import { fail } from './outcome.js'

/** Where a hardware address can be written: `mac`, CNI_ARGS MAC, `args.cni.mac`, `runtimeConfig.mac`. */
export type MacSource = 'mac' | 'CNI_ARGS' | 'args' | 'runtimeConfig'

/**
 * The requested hardware address in canonical form, or undefined; of `sources` the last one that has a value. Left: code
 * 7, or 4 for CNI_ARGS, naming source and value.
 */
export const requestedMac = (
  call: PluginCall,
  sources: readonly MacSource[],
): E.Either<CniError, string | undefined> => {
  const { config } = call
  const environment = knownArgs(call.args, ['MAC'])
  if (E.isLeft(environment)) return environment
  const written: Readonly<Record<MacSource, unknown>> = {
    mac: config.mac,
    CNI_ARGS: environment.right.get('MAC'),
    args: isObject(config.args) && isObject(config.args.cni) ? config.args.cni.mac : undefined,
    runtimeConfig: isObject(config.runtimeConfig) ? config.runtimeConfig.mac : undefined,
  }
  const source = sources.filter((one) => (written[one] ?? '') !== '').at(-1)
  if (source === undefined) return E.right(undefined)
  const value = written[source]
  const mac = typeof value === 'string' ? parseMac(value) : undefined
  if (mac !== undefined) return E.right(mac)
  const { invalidEnvironment, invalidNetworkConfig } = cniErrorCodes
  const code = source === 'CNI_ARGS' ? invalidEnvironment : invalidNetworkConfig
  return fail(`hardware address in ${source} is none: ${quote(value)}`, code)
}
