/**
 * Decides what the configuration of host-local says: the range sets in their order and the addresses that somebody asks
 * for (reference/plugins-and-ip.md 7.6). Refuses a configuration without ranges and every value it cannot read.
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Address, parseAddress, parseCidr } from '../cni/address.js'
import { type CniError, cniError, cniErrorCodes } from '../cni/error.js'
import { isNetworkName } from '../cni/identifier.js'
import { isObject, type JsonObject } from '../cni/json.js'
import { knownArgs } from '../cni/plugin-args.js'
import { quote } from '../cni/problem.js'
import type { ResultRoute } from '../cni/result.js'
import { decodeRangeSets, type RangeSet, refuseOverlaps } from './range.js'
import { ipamOf, refuseConfig, refuseManyAddresses, requestedIps, routesOf } from './request.js'

/** A decoded configuration. */
export interface HostLocalConfig {
  /** The network's name: with `dataDir` it names the pool. */
  readonly network: string
  /** Absolute; `/var/lib/cni/networks` by default. */
  readonly dataDir: string
  /** `runtimeConfig.ipRanges`, the legacy single range, then `ranges`: one address of each. */
  readonly sets: readonly RangeSet[]
  readonly routes: readonly ResultRoute[]
  /** CNI_ARGS IP, `args.cni.ips`, `runtimeConfig.ips`: each must come out of one of the sets. */
  readonly requested: readonly Address[]
  /** A file in resolv.conf's form from which `dns` is taken. */
  readonly resolvConf?: string
}

/** The most addresses that one attachment gets or asks for. Go has no limit; a configuration may be a stranger's. */
export const maximumAddresses = 256

/** Where host-local keeps its reservations unless told otherwise. */
export const defaultDataDir = '/var/lib/cni/networks'

/**
 * The configuration on stdin with the value of CNI_ARGS. Left: code 7 for a wrong configuration, code 4 for wrong
 * CNI_ARGS, code 1 for two addresses of a family before 0.3.0; the message names the value.
 */
export const decode = (stdin: JsonObject, args: string): E.Either<CniError, HostLocalConfig> => {
  const { name } = stdin
  if (typeof name !== 'string' || name === '') {
    return refuseConfig(`missing network name, not ${quote(name)}`)
  }
  const ipam = ipamOf(stdin)
  if (E.isLeft(ipam)) return ipam
  const sets = setsOf(stdin, ipam.right)
  if (E.isLeft(sets)) return sets
  const routes = routesOf(ipam.right)
  if (E.isLeft(routes)) return routes
  const requested = requestedOf(stdin, args)
  if (E.isLeft(requested)) return requested
  const dataDir = textOf(ipam.right, 'dataDir')
  if (E.isLeft(dataDir)) return dataDir
  const resolvConf = textOf(ipam.right, 'resolvConf')
  if (E.isLeft(resolvConf)) return resolvConf
  return E.right({
    network: name,
    dataDir: dataDir.right || defaultDataDir,
    sets: sets.right,
    routes: routes.right,
    requested: requested.right,
    ...(resolvConf.right !== '' && { resolvConf: resolvConf.right }),
  })
}

/** `<dataDir>/<network>`: what names the pool. For DEL, which must not fail over ranges that changed. */
export const poolOf = (stdin: JsonObject): string => {
  const ipam = isObject(stdin.ipam) ? stdin.ipam : {}
  const dataDir =
    typeof ipam.dataDir === 'string' && ipam.dataDir !== '' ? ipam.dataDir : defaultDataDir
  return `${dataDir}/${typeof stdin.name === 'string' ? stdin.name : ''}`
}

/** Where a pool lies on disk: the folder `network` in `dataDir`. */
export interface PoolPlace {
  /** Absolute. */
  readonly dataDir: string
  /** A valid network name, so that it leads nowhere else. */
  readonly network: string
}

/**
 * The place of a configuration's pool, which is all that a DEL looks at: ranges may have changed since. Left: code 7 for
 * what no safe path can be made of, and when there is no `ipam`.
 */
export const placeOf = (stdin: JsonObject): E.Either<CniError, PoolPlace> => {
  const { name } = stdin
  if (typeof name !== 'string' || !isNetworkName(name)) {
    return refuseConfig(`invalid network name: ${quote(name)}`)
  }
  const ipam = ipamOf(stdin)
  if (E.isLeft(ipam)) return ipam
  const written = textOf(ipam.right, 'dataDir')
  if (E.isLeft(written)) return written
  const dataDir = written.right || defaultDataDir
  return dataDir.startsWith('/') && !dataDir.includes('\0')
    ? E.right({ dataDir, network: name })
    : refuseConfig(`"dataDir" must be an absolute path, not ${quote(dataDir)}`)
}

const setsOf = (stdin: JsonObject, ipam: JsonObject): E.Either<CniError, readonly RangeSet[]> => {
  const runtime = isObject(stdin.runtimeConfig) ? stdin.runtimeConfig.ipRanges : undefined
  // The legacy form is one range whose keys lie in `ipam` itself.
  const legacy = ipam.subnet === undefined ? [] : [[ipam]]
  const all: RangeSet[] = []
  for (const written of [runtime ?? [], legacy, ipam.ranges ?? []]) {
    const sets = decodeRangeSets(written)
    if (E.isLeft(sets)) return sets
    for (const set of sets.right) all.push(set)
  }
  if (all.length === 0) return refuseConfig('no IP ranges specified: "ipam.ranges" is empty')
  if (all.length > maximumAddresses) {
    return refuseConfig(`more than ${maximumAddresses} range sets: ${all.length}`)
  }
  const families = all.flatMap(([range]) =>
    range === undefined ? [] : range.subnet.address.family,
  )
  const many = refuseManyAddresses(stdin, families)
  return E.isLeft(many) ? many : refuseOverlaps(all)
}

const requestedOf = (stdin: JsonObject, text: string): E.Either<CniError, readonly Address[]> => {
  const args = knownArgs(text, ['IP'])
  if (E.isLeft(args)) return args
  const inConfig = requestedIps(stdin)
  if (E.isLeft(inConfig)) return inConfig
  const requested: Address[] = []
  const ip = args.right.get('IP') ?? ''
  const written = [...(ip === '' ? [] : [ip]), ...inConfig.right.args, ...inConfig.right.runtime]
  if (written.length > maximumAddresses) {
    return refuseConfig(`more than ${maximumAddresses} addresses are asked for: ${written.length}`)
  }
  for (const [index, one] of written.entries()) {
    const address = addressOf(one)
    if (address !== undefined) requested.push(address)
    else if (index === 0 && ip !== '') {
      return E.left(
        cniError(cniErrorCodes.invalidEnvironment, `ARGS: IP is no address: ${quote(one)}`),
      )
    } else return refuseConfig(`requested address is none: ${quote(one)}`)
  }
  return E.right(requested)
}

// The prefix may be given and does not count: that of the subnet does.
const addressOf = (text: string): Address | undefined => {
  const slash = text.indexOf('/')
  if (slash < 0) return parseAddress(text)
  return parseCidr(text)?.address
}

const textOf = (ipam: JsonObject, key: string): E.Either<CniError, string> => {
  const value = ipam[key] ?? ''
  return typeof value === 'string'
    ? E.right(value)
    : refuseConfig(`${quote(key)} must be a text, not ${quote(value)}`)
}
