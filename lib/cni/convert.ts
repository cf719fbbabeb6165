/**
 * Decides what becomes of a result in another CNI version, losses included (reference/cni.md 3.3). Refuses versions
 * that are not known, and 0.1.0 and 0.2.0 for a result without an address that they can hold.
 */
import * as E from 'fp-ts/lib/Either.js'
import { parseCidr } from './address.js'
import { type CniError, cniError, cniErrorCodes } from './error.js'
import { isObject } from './json.js'
import { quote } from './problem.js'
import {
  type AnyResult,
  decodeResult,
  isLegacyResult,
  isLegacyVersion,
  type LegacyAddress,
  type LegacyResult,
  type Result,
  type ResultAddress,
  type ResultRoute,
} from './result.js'
import { without } from './shape.js'
import { currentVersion, isKnownVersion, versionOrDefault } from './version.js'

/**
 * The result in another version; "" is 0.1.0; the same version is the same object. Unknown keys survive, except those
 * of routes on the way to 0.1.0 and 0.2.0, which also drop interfaces and all but the first address of each family.
 * Left, code 999 as Go's plugins answer: `no converter ...`, or `cannot convert: no valid IP addresses`.
 */
export const convertResult = (
  result: AnyResult,
  version: string,
): E.Either<CniError, AnyResult> => {
  const target = versionOrDefault(version)
  if (result.cniVersion === target) return E.right(result)
  if (!isKnownVersion(result.cniVersion) || !isKnownVersion(target)) {
    return noConverter(result.cniVersion, target)
  }
  if (isLegacyVersion(target)) return toLegacy(result, target)
  return E.right(withoutEmpty(toModern(result, target)))
}

/**
 * The same for a value that nobody has looked at yet: what a plugin printed, or a caller without types gives. Left also:
 * code 6 for what is no result.
 */
export const convertAny = (value: unknown, version: string): E.Either<CniError, AnyResult> => {
  const target: unknown = version ?? ''
  if (typeof target !== 'string') {
    return E.left(failed(`no converter for CNI result version ${quote(target)}`))
  }
  const stated = isObject(value) ? value.cniVersion : undefined
  // Another shape, perhaps: there is nothing to be checked against.
  if (typeof stated === 'string' && stated !== '' && !isKnownVersion(stated)) {
    return noConverter(stated, versionOrDefault(target))
  }
  return E.chain((result: AnyResult) => convertResult(result, target))(decodeResult(value, ''))
}

/** The result in the newest version: the shape in which results are merged. Left: as convertResult. */
export const toCurrent = (result: AnyResult): E.Either<CniError, Result> =>
  E.map((converted: AnyResult) => converted as Result)(convertResult(result, currentVersion))

// 0.3.0 to 0.4.0 label each address with its family.
const isLabelled = (version: string): boolean => version.startsWith('0.')

const toModern = (result: AnyResult, target: string): Result => {
  const modern = isLegacyResult(result) ? fromLegacy(result) : result
  const converted = { ...modern, cniVersion: target }
  if (isLabelled(modern.cniVersion) === isLabelled(target)) return converted
  return isLabelled(target) ? toLabelled(converted) : toUnlabelled(converted)
}

const toLabelled = (result: Result): Result => ({
  ...result,
  ...(result.interfaces && {
    interfaces: result.interfaces.map(
      (one) => without(one, 'mtu', 'socketPath', 'pciID') as typeof one,
    ),
  }),
  ...(result.ips && { ips: result.ips.map((ip) => ({ ...ip, version: familyOf(ip.address) })) }),
})

const toUnlabelled = (result: Result): Result => ({
  ...result,
  ...(result.ips && { ips: result.ips.map((ip) => without(ip, 'version') as ResultAddress) }),
})

const fromLegacy = (result: LegacyResult): Result => {
  const { ip4, ip6 } = result
  return {
    ...without(result, 'ip4', 'ip6', 'interfaces'),
    cniVersion: '0.4.0',
    ips: [...(ip4 ? [labelled(ip4, '4')] : []), ...(ip6 ? [labelled(ip6, '6')] : [])],
    routes: [...(ip4?.routes ?? []), ...(ip6?.routes ?? [])],
  }
}

const labelled = (from: LegacyAddress, version: string): ResultAddress => ({
  ...without(from, 'ip', 'routes', 'interface'),
  version,
  address: from.ip,
})

const toLegacy = (
  result: AnyResult,
  target: LegacyResult['cniVersion'],
): E.Either<CniError, LegacyResult> => {
  if (isLegacyResult(result)) {
    return E.right({ ...result, cniVersion: target, dns: result.dns ?? {} })
  }
  const {
    ips = [],
    routes = [],
    dns = {},
  } = isLabelled(result.cniVersion) ? result : toLabelled(result)
  const ip4 = ips.find((ip) => ip.version === '4')
  const ip6 = ips.find((ip) => ip.version === '6')
  if (!ip4 && !ip6) return E.left(failed('cannot convert: no valid IP addresses'))
  return E.right({
    ...without(result, 'interfaces', 'ips', 'routes', 'ip4', 'ip6'),
    cniVersion: target,
    ...(ip4 && { ip4: unlabelled(ip4, routesOf(routes, '4')) }),
    ...(ip6 && { ip6: unlabelled(ip6, routesOf(routes, '6')) }),
    dns,
  })
}

const unlabelled = (from: ResultAddress, routes: readonly ResultRoute[]): LegacyAddress => ({
  ...without(from, 'address', 'interface', 'version', 'routes'),
  ip: from.address,
  ...(routes.length > 0 && { routes }),
})

const routesOf = (routes: readonly ResultRoute[], family: '4' | '6'): readonly ResultRoute[] =>
  routes
    .filter((route) => familyOf(route.dst) === family)
    .map(({ dst, gw }) => (gw === undefined ? { dst } : { dst, gw }))

const familyOf = (cidr: string): '4' | '6' => (parseCidr(cidr)?.address.family === 4 ? '4' : '6')

// What Go's types print: no empty lists; an empty dns up to 0.4.0, none since 1.0.0.
const withoutEmpty = (result: Result): Result => {
  const empty = (['interfaces', 'ips', 'routes'] as const).filter((key) => !result[key]?.length)
  const filled = without(result, ...empty) as Result
  if (isLabelled(result.cniVersion)) return { ...filled, dns: result.dns ?? {} }
  const isFilled = Object.values(result.dns ?? {}).some((value) => !isEmpty(value))
  return isFilled ? filled : (without(filled, 'dns') as Result)
}

const isEmpty = (value: unknown): boolean =>
  value === '' || (Array.isArray(value) && value.length === 0)

// A version comes from a stranger: as much of it as a message needs.
const shown = (version: string): string => version.slice(0, 40)
const noConverter = (from: string, to: string): E.Either<CniError, never> =>
  E.left(failed(`no converter for CNI result version ${shown(from)} to ${shown(to)}`))
const failed = (message: string): CniError => cniError(cniErrorCodes.internal, message)
