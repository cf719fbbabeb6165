/**
 * Decides what an address plugin prints for its answer, in the version of its configuration: the keys that a Go plugin
 * prints and no others. Refuses versions before 0.3.0 for an answer without an address (reference/cni.md 3.3).
 */
import * as E from 'fp-ts/lib/Either.js'
import { convertResult } from '../cni/convert.js'
import type { CniError } from '../cni/error.js'
import type { JsonObject } from '../cni/json.js'
import type { AnyResult, ResultDns, ResultRoute } from '../cni/result.js'
import { currentVersion, isAtLeast } from '../cni/version.js'
import type { AddressAnswer } from './request.js'

/** The result to print. Left: code 999, as convertResult. */
export const resultOf = (
  { ips, routes, dns }: AddressAnswer,
  version: string,
): E.Either<CniError, AnyResult> => {
  const known = routes.map((route) => pick(route, routeKeysOf(version)) as ResultRoute)
  const names = filled(dns)
  const result = {
    cniVersion: currentVersion,
    ...(ips.length > 0 && { ips }),
    ...(known.length > 0 && { routes: known }),
    ...(Object.keys(names).length > 0 && { dns: names }),
  }
  // Up to 1.0.0 Go prints `dns` when it is empty, too.
  return E.map(
    (converted: AnyResult): AnyResult =>
      isAtLeast(converted.cniVersion, currentVersion)
        ? converted
        : { ...converted, dns: converted.dns ?? {} },
  )(convertResult(result, version))
}

const routeKeysOf = (version: string): readonly string[] => [
  'dst',
  'gw',
  ...(isAtLeast(version, currentVersion) ? ['mtu', 'advmss', 'priority', 'table', 'scope'] : []),
]

const dnsKeys = ['nameservers', 'domain', 'search', 'options']

const filled = (dns: ResultDns): ResultDns =>
  Object.fromEntries(
    Object.entries(pick(dns, dnsKeys)).filter(([, value]) => (value as string | []).length > 0),
  )

const pick = (object: JsonObject, keys: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([key]) => keys.includes(key)))
