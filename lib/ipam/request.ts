/**
 * Decides which parts of a configuration the address plugins share: the `ipam` object, its routes, the addresses that
 * somebody asks for, and one address a family for old versions. Refuses values of a wrong type, naming them.
 */
import * as E from 'fp-ts/lib/Either.js'
import { parseCidr } from '../cni/address.js'
import { reportFailures } from '../cni/codec.js'
import { type CniError, cniError, cniErrorCodes } from '../cni/error.js'
import { isObject, type JsonObject } from '../cni/json.js'
import { quote } from '../cni/problem.js'
import { type ResultAddress, type ResultDns, ResultRoute } from '../cni/result.js'
import { isAtLeast, versionOrDefault } from '../cni/version.js'

/** What an address plugin gives: the parts of a result in the shape of 1.1.0. */
export interface AddressAnswer {
  readonly ips: readonly ResultAddress[]
  readonly routes: readonly ResultRoute[]
  readonly dns: ResultDns
}

/** The `ipam` object of a plugin configuration. Left: code 7 when there is none. */
export const ipamOf = (stdin: JsonObject): E.Either<CniError, JsonObject> =>
  isObject(stdin.ipam) ? E.right(stdin.ipam) : refuseConfig("IPAM config missing 'ipam' key")

/**
 * `ipam.routes`, each destination and gateway in canonical form, keys that are null or empty left out. Left: code 7 for a
 * route without a CIDR as `dst` or with a wrong value.
 */
export const routesOf = (ipam: JsonObject): E.Either<CniError, readonly ResultRoute[]> => {
  const written = ipam.routes ?? []
  if (!Array.isArray(written)) {
    return refuseConfig(`"routes" must be a list, not ${quote(written)}`)
  }
  const routes: ResultRoute[] = []
  for (const route of written) {
    const dst = isObject(route) && typeof route.dst === 'string' ? parseCidr(route.dst) : undefined
    if (dst === undefined) return refuseConfig(`a route needs a CIDR as "dst": ${quote(route)}`)
    const decoded = ResultRoute.decode(route)
    if (E.isLeft(decoded)) {
      const [fault] = reportFailures(decoded, 'bad-configuration', 'route')
      return refuseConfig(`invalid route ${quote(route)}: ${fault?.message}`)
    }
    routes.push(decoded.right)
  }
  return E.right(routes)
}

/** `args.cni.ips` and `runtimeConfig.ips`, as they were written. Left: code 7 for anything but a list of texts. */
export const requestedIps = (
  stdin: JsonObject,
): E.Either<
  CniError,
  { readonly args: readonly string[]; readonly runtime: readonly string[] }
> => {
  const args = isObject(stdin.args) && isObject(stdin.args.cni) ? stdin.args.cni.ips : undefined
  const runtime = isObject(stdin.runtimeConfig) ? stdin.runtimeConfig.ips : undefined
  const ofArgs = textsOf(args, 'args.cni.ips')
  if (E.isLeft(ofArgs)) return ofArgs
  const ofRuntime = textsOf(runtime, 'runtimeConfig.ips')
  if (E.isLeft(ofRuntime)) return ofRuntime
  return E.right({ args: ofArgs.right, runtime: ofRuntime.right })
}

/** Before 0.3.0 a result holds one address a family. Left: code 1 when there would be more. */
export const refuseManyAddresses = (
  stdin: JsonObject,
  families: readonly (4 | 6)[],
): E.Either<CniError, undefined> => {
  const version = versionOrDefault(
    typeof stdin.cniVersion === 'string' ? stdin.cniVersion : undefined,
  )
  const many = ([4, 6] as const).some((one) => families.filter((f) => f === one).length > 1)
  return many && !isAtLeast(version, '0.3.0')
    ? E.left(
        cniError(
          cniErrorCodes.incompatibleVersion,
          `CNI version ${quote(version)} does not support more than 1 address per family`,
        ),
      )
    : E.right(undefined)
}

/** A refusal of the configuration: code 7. */
export const refuseConfig = (message: string): E.Either<CniError, never> =>
  E.left(cniError(cniErrorCodes.invalidNetworkConfig, message))

const textsOf = (value: unknown, name: string): E.Either<CniError, readonly string[]> => {
  const list = value ?? []
  return Array.isArray(list) && list.every((one) => typeof one === 'string')
    ? E.right(list)
    : refuseConfig(`${quote(name)} must be a list of addresses, not ${quote(list)}`)
}
