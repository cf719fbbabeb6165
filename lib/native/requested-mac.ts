/**
 * Decides which hardware address somebody asks for (reference/plugins-and-ip.md 7.2, 7.4, 7.7): of the sources that a
 * plugin has, the last one wins. Refuses texts that are none.
 */
import * as E from 'fp-ts/lib/Either.js'
import { type CniError, cniError, cniErrorCodes } from '../cni/error.js'
import { parseMac } from '../cni/hardware-address.js'
import { isObject, type JsonObject } from '../cni/json.js'
import { knownArgs } from '../cni/plugin-args.js'
import { quote } from '../cni/problem.js'

/** Where a hardware address can be written: `mac`, CNI_ARGS MAC, `args.cni.mac`, `runtimeConfig.mac`. */
export type MacSource = 'mac' | 'CNI_ARGS' | 'args' | 'runtimeConfig'

/**
 * The requested hardware address in canonical form, or undefined; of `sources` the last one that has a value. Left: code
 * 7, or 4 for CNI_ARGS, naming source and value.
 */
export const requestedMac = (
  { config, args }: { readonly config: JsonObject; readonly args: string },
  sources: readonly MacSource[],
): E.Either<CniError, string | undefined> => {
  const environment = knownArgs(args, ['MAC'])
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
  return E.left(cniError(code, `hardware address in ${source} is none: ${quote(value)}`))
}
