/**
 * Decides what of a reading should be gone: all that was not there before, but for a bridge with what it carries, for
 * sysctls, for lo, which is in every namespace, and for what host-local keeps between leases.
 */
import { isObject } from '../../lib/cni/json.js'
import { describeDifference, differences } from './difference.js'
import type { NormalNamespace, NormalReading } from './normal-form.js'

const isBridge = (link: unknown): boolean =>
  isObject(link) && isObject(link.linkinfo) && link.linkinfo.info_kind === 'bridge'

const keep = (
  record: Readonly<Record<string, unknown>>,
  isKept: (key: string, value: unknown) => boolean,
): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).filter(([key, value]) => isKept(key, value)))

/** What of a namespace must come back. `kept` are names of links that may change. */
const essence = (space: NormalNamespace | null, kept: ReadonlySet<string>): unknown => {
  if (space === null) return null
  const isOfKept = (route: unknown): boolean => isObject(route) && kept.has(String(route.dev))
  const routes = Object.entries(space.routes).map(
    ([key, list]) => [key, list.filter((route) => !isOfKept(route))] as const,
  )
  return {
    links: keep(space.links, (name) => !kept.has(name)),
    routes: Object.fromEntries(routes.filter(([, list]) => list.length > 0)),
    rules: space.rules,
    rules6: space.rules6,
    ports: space.ports,
    tables: space.tables,
    tables6: space.tables6,
  }
}

const isLease = (path: string): boolean => !/\/(lock|last_reserved_ip\.\d+)$/.test(path)

/** What `after` has and `before` had not, or the other way round, a line each. */
export const leftovers = (before: NormalReading, after: NormalReading): readonly string[] => {
  const bridges = Object.entries({ ...before.host.links, ...after.host.links })
    .filter(([, link]) => isBridge(link))
    .map(([name]) => name)
  const loopback: ReadonlySet<string> = new Set(['lo'])
  const onHost: ReadonlySet<string> = new Set(['lo', ...bridges])
  const whole = (reading: NormalReading): unknown => ({
    host: essence(reading.host, onHost),
    // A container that has gone took everything with it.
    a: reading.a && after.a && essence(reading.a, loopback),
    b: reading.b && after.b && essence(reading.b, loopback),
    files: keep(reading.files, isLease),
  })
  return differences(whole(before), whole(after)).map((one) => describeDifference(one))
}
