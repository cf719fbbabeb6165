/**
 * Decides which addresses the static plugin gives (reference/plugins-and-ip.md 7.5): those of the configuration, or
 * those that the runtime asks for instead. Keeps no state. Refuses addresses without a prefix.
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Address, type Cidr, contains, parseAddress, parseCidr } from '../cni/address.js'
import { type CniError, cniError, cniErrorCodes } from '../cni/error.js'
import { isObject, type JsonObject } from '../cni/json.js'
import { knownArgs } from '../cni/plugin-args.js'
import { quote } from '../cni/problem.js'
import { ResultDns } from '../cni/result.js'
import { maximumAddresses } from './host-local-config.js'
import {
  type AddressAnswer,
  ipamOf,
  refuseConfig,
  refuseManyAddresses,
  requestedIps,
  routesOf,
} from './request.js'

interface StaticAddress {
  readonly cidr: Cidr
  readonly gateway?: Address
}

/**
 * The addresses for a configuration on stdin and the value of CNI_ARGS, the last source winning: `ipam.addresses` with
 * CNI_ARGS IP (comma list) appended, `args.cni.ips`, `runtimeConfig.ips`. CNI_ARGS GATEWAY goes to those addresses of
 * CNI_ARGS IP whose network holds it. No address at all is no error. What is asked for is checked even where another
 * source wins. Left: code 7 for the configuration, 4 for CNI_ARGS, 1 for two
 * addresses of a family before 0.3.0; the message names the value.
 */
export const decode = (stdin: JsonObject, args: string): E.Either<CniError, AddressAnswer> => {
  const ipam = ipamOf(stdin)
  if (E.isLeft(ipam)) return ipam
  const addresses = addressesFor(stdin, ipam.right, args)
  if (E.isLeft(addresses)) return addresses
  const routes = routesOf(ipam.right)
  if (E.isLeft(routes)) return routes
  const many = refuseManyAddresses(
    stdin,
    addresses.right.map(({ cidr }) => cidr.address.family),
  )
  if (E.isLeft(many)) return many
  const ips = addresses.right.map(({ cidr, gateway }) =>
    gateway === undefined ? { address: cidr.text } : { address: cidr.text, gateway: gateway.text },
  )
  const dns = ResultDns.decode(ipam.right.dns ?? {})
  if (E.isLeft(dns)) return refuseConfig(`invalid "dns": ${quote(ipam.right.dns)}`)
  return E.right({ ips, routes: routes.right, dns: dns.right })
}

/**
 * CHECK: whether a previous result still carries the addresses of the configuration, each with its gateway where it has
 * one: a plugin may have found one for an address without. Left: code 999, naming what is missing or the two gateways.
 */
export const check = (
  answer: AddressAnswer,
  previous: AddressAnswer,
): E.Either<CniError, undefined> => {
  for (const { address, gateway } of answer.ips) {
    const found = previous.ips.find((one) => one.address === address)
    if (found === undefined) {
      return E.left(cniError(cniErrorCodes.internal, `static: failed to find address ${address}`))
    }
    if (gateway !== undefined && found.gateway !== gateway) {
      const message = `static: gateway of ${address} is ${quote(found.gateway)}, not ${quote(gateway)}`
      return E.left(cniError(cniErrorCodes.internal, message))
    }
  }
  return E.right(undefined)
}

const addressesFor = (
  stdin: JsonObject,
  ipam: JsonObject,
  text: string,
): E.Either<CniError, readonly StaticAddress[]> => {
  const args = knownArgs(text, ['IP', 'GATEWAY'])
  if (E.isLeft(args)) return args
  const requested = requestedIps(stdin)
  if (E.isLeft(requested)) return requested
  const addresses = cidrsOf(listOf(args.right.get('IP')), 'CNI_ARGS IP', refuseArgs)
  if (E.isLeft(addresses)) return addresses
  const ofEnvironment = withGateways(addresses.right, listOf(args.right.get('GATEWAY')))
  if (E.isLeft(ofEnvironment)) return ofEnvironment
  const ofArgs = cidrsOf(requested.right.args, 'args.cni.ips', refuseConfig)
  if (E.isLeft(ofArgs)) return ofArgs
  const ofRuntime = cidrsOf(requested.right.runtime, 'runtimeConfig.ips', refuseConfig)
  if (E.isLeft(ofRuntime) || ofRuntime.right.length > 0) return ofRuntime
  if (ofArgs.right.length > 0) return ofArgs
  const configured = configuredOf(ipam)
  return E.isLeft(configured) ? configured : E.right([...configured.right, ...ofEnvironment.right])
}

const configuredOf = (ipam: JsonObject): E.Either<CniError, readonly StaticAddress[]> => {
  const written = ipam.addresses ?? []
  if (!Array.isArray(written)) {
    return refuseConfig(`"addresses" must be a list, not ${quote(written)}`)
  }
  if (written.length > maximumAddresses) return refuseConfig(tooMany('addresses', written.length))
  const addresses: StaticAddress[] = []
  for (const one of written) {
    const value = isObject(one) ? one : {}
    const cidr = typeof value.address === 'string' ? parseCidr(value.address) : undefined
    if (cidr === undefined) {
      return refuseConfig(
        `the 'address' field is expected to be in CIDR notation, got: ${quote(value.address)}`,
      )
    }
    const text = value.gateway ?? ''
    const gateway = typeof text === 'string' ? parseAddress(text) : undefined
    if (text !== '' && gateway === undefined) {
      return refuseConfig(`gateway of ${cidr.text} is no IP address: ${quote(text)}`)
    }
    addresses.push(gateway === undefined ? { cidr } : { cidr, gateway })
  }
  return E.right(addresses)
}

const cidrsOf = (
  texts: readonly string[],
  source: string,
  refuse: (message: string) => E.Either<CniError, never>,
): E.Either<CniError, readonly StaticAddress[]> => {
  if (texts.length > maximumAddresses) return refuse(tooMany(source, texts.length))
  const addresses: StaticAddress[] = []
  for (const text of texts) {
    const cidr = parseCidr(text)
    if (cidr === undefined) {
      return refuse(`${source} is expected to be in CIDR notation, got: ${quote(text)}`)
    }
    addresses.push({ cidr })
  }
  return E.right(addresses)
}

const withGateways = (
  addresses: readonly StaticAddress[],
  texts: readonly string[],
): E.Either<CniError, readonly StaticAddress[]> => {
  if (texts.length > maximumAddresses) {
    return refuseArgs(tooMany('CNI_ARGS GATEWAY', texts.length))
  }
  let current = addresses
  for (const text of texts) {
    const gateway = parseAddress(text)
    if (gateway === undefined) return refuseArgs(`invalid gateway address: ${quote(text)}`)
    current = current.map((one) => (contains(one.cidr, gateway) ? { ...one, gateway } : one))
  }
  return E.right(current)
}

const tooMany = (source: string, count: number): string =>
  `${source}: more than ${maximumAddresses} addresses: ${count}`

const listOf = (text: string | undefined): readonly string[] =>
  text === undefined || text === '' ? [] : text.split(',').map((one) => one.trim())

const refuseArgs = (message: string): E.Either<CniError, never> =>
  E.left(cniError(cniErrorCodes.invalidEnvironment, message))
