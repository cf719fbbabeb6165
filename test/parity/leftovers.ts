/**
 * Decides what of a reading should be gone: all that was not there before, but for a bridge with what it carries, for
 * sysctls, and for what host-local keeps between leases.
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

/** What of a namespace must come back. `bridges` are names of links that may stay. */
const essence = (space: NormalNamespace | null, bridges: ReadonlySet<string>): unknown => {
  if (space === null) return null
  const isOfBridge = (route: unknown): boolean => isObject(route) && bridges.has(String(route.dev))
  const routes = Object.entries(space.routes).map(
    ([key, list]) => [key, list.filter((route) => !isOfBridge(route))] as const,
  )
  return {
    links: keep(space.links, (name) => !bridges.has(name)),
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
  const bridges = new Set(
    Object.entries({ ...before.host.links, ...after.host.links })
      .filter(([, link]) => isBridge(link))
      .map(([name]) => name),
  )
  const none: ReadonlySet<string> = new Set()
  const whole = (reading: NormalReading): unknown => ({
    host: essence(reading.host, bridges),
    // A container that has gone took everything with it.
    a: reading.a && after.a && essence(reading.a, none),
    b: reading.b && after.b && essence(reading.b, none),
    files: keep(reading.files, isLease),
  })
  return differences(whole(before), whole(after)).map((one) => describeDifference(one))
}
