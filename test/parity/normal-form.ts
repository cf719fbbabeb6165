/**
 * Decides what of a reading counts: everything but what is other at each run. Drops indexes, timers, lifetimes,
 * link-local addresses and the state of a carrier; names generated links by their peers, and generated hardware
 * addresses `<mac>`. What a row asks for by name stays as it is.
 */
import { isObject } from '../../lib/cni/json.js'
import type { RawNamespace, RawReading } from './reading.js'
import type { Row } from './row.js'

/** A namespace by the names of things, so that a JSON pointer says what differs. */
export interface NormalNamespace {
  readonly links: Readonly<Record<string, unknown>>
  readonly routes: Readonly<Record<string, readonly unknown[]>>
  readonly rules: unknown
  readonly rules6: unknown
  readonly ports: Readonly<Record<string, unknown>>
  readonly sysctls: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly addressTypes: Readonly<Record<string, string>>
  readonly tables: unknown
  readonly tables6: unknown
}

/** A reading by the names of things. */
export interface NormalReading {
  readonly host: NormalNamespace
  readonly a: NormalNamespace | null
  readonly b: NormalNamespace | null
  readonly files: Readonly<Record<string, string>>
}

/** Everything that a row says, in which what it asks for by name is found. */
const textOf = (row: Row): string => JSON.stringify(row).toLowerCase()

const macPattern = /(?<![0-9a-f:])[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5}(?![0-9a-f:])/gi
const knownMacs = new Set(['00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff', '01:80:c2:00:00:00'])
const padded = (mac: string): string =>
  mac
    .toLowerCase()
    .split(':')
    .map((part) => part.padStart(2, '0'))
    .join(':')

/** Replaces hardware addresses that nobody asked for. */
const withoutMacs = (text: string, asked: string): string =>
  text.replace(macPattern, (mac) => {
    const whole = padded(mac)
    return knownMacs.has(whole) || asked.includes(whole) ? mac : '<mac>'
  })

interface Link {
  readonly ifindex: number
  readonly ifname: string
  readonly link_index?: number
  readonly linkinfo?: { readonly info_kind?: string }
}
const linksOf = (space: RawNamespace | null): readonly Link[] =>
  (space?.addresses ?? []) as readonly Link[]

/** What generated names of the host's links stand for. `names` are those that results told, by attachment. */
export const namesOf = (
  reading: RawReading,
  first: RawReading,
  row: Row,
): ReadonlyMap<string, string> => {
  const before = new Set(linksOf(first.host).map(({ ifname }) => ifname))
  const asked = textOf(row)
  const found = new Map<string, string>()
  let count = 0
  for (const { ifname, ifindex, link_index, linkinfo } of linksOf(reading.host)) {
    const isOwn = before.has(ifname) || linkinfo?.info_kind === 'bridge'
    if (isOwn || asked.includes(`${ifname.toLowerCase()}`)) continue
    const peer = (['a', 'b'] as const).flatMap((name) =>
      linksOf(reading[name])
        .filter((link) => link.link_index === ifindex && link.ifindex === link_index)
        .map((link) => `<peer of ${link.ifname} in ${name}>`),
    )[0]
    found.set(ifname, peer ?? `<link ${++count}>`)
  }
  return found
}

/** What differs at every run, or comes a moment later than the command that causes it. */
const dropped = new Set([
  'ifindex',
  'link_netnsid',
  'operstate',
  'valid_life_time',
  'preferred_life_time',
  'tentative',
])
const lateFlags = new Set(['NO-CARRIER', 'LOWER_UP', 'linkdown'])

const isLinkLocal = (value: unknown): boolean =>
  isObject(value) && [value.local, value.dst].some((one) => /^(fe80|ff00):/.test(String(one)))

const createScrub = (names: ReadonlyMap<string, string>, asked: string) => {
  const scrub = (value: unknown): unknown => {
    if (typeof value === 'string') return names.get(value) ?? withoutMacs(value, asked)
    if (Array.isArray(value)) {
      return value.filter((one) => !lateFlags.has(one) && !isLinkLocal(one)).map(scrub)
    }
    if (!isObject(value)) return value
    const kept = Object.entries(value).filter(([key]) => !dropped.has(key) && !/timer$/.test(key))
    return Object.fromEntries(kept.map(([key, one]) => [key, scrub(one)]))
  }
  return scrub
}

const keyed = (entries: readonly (readonly [string, unknown])[]): Record<string, unknown> =>
  Object.fromEntries([...entries].sort(([one], [other]) => (one < other ? -1 : 1)))

/** The rules and chains of iptables-save, without counters, and without what is empty. */
const tablesOf = (text: string): unknown => {
  const tables: Record<string, { chains: string[]; rules: string[] }> = {}
  let current = { chains: [] as string[], rules: [] as string[] }
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) {
      current = { chains: [], rules: [] }
      tables[line.slice(1)] = current
    } else if (/^:\S+ (?!ACCEPT)/.test(line)) {
      current.chains.push(line.split(' ')[0]?.slice(1) ?? '')
      current.chains.sort()
    } else if (line.startsWith('-A')) current.rules.push(line)
  }
  const full = ({ chains, rules }: typeof current): boolean => chains.length + rules.length > 0
  return keyed(Object.entries(tables).filter(([, table]) => full(table)))
}

const routesOf = (routes: readonly unknown[]): Record<string, readonly unknown[]> => {
  const found: Record<string, unknown[]> = {}
  for (const route of routes) {
    if (!isObject(route)) continue
    // The order counts among routes to one destination alone.
    const key = `${route.table ?? 'main'} ${route.type ?? ''} ${route.dst}`
    found[key] = [...(found[key] ?? []), route]
  }
  return keyed(Object.entries(found)) as Record<string, readonly unknown[]>
}

const sysctlsOf = (
  sysctls: RawNamespace['sysctls'],
  names: ReadonlyMap<string, string>,
): NormalNamespace['sysctls'] => {
  const found: Record<string, Record<string, string>> = {}
  for (const [path, value] of sysctls) {
    const [family, place, link, ...rest] = path.split('/')
    const isOfLink = place === 'conf' && link !== undefined
    const key = isOfLink ? `${family}/conf/${names.get(link) ?? link}` : 'others'
    found[key] = { ...found[key], [isOfLink ? rest.join('/') : path]: value }
  }
  return keyed(Object.entries(found)) as NormalNamespace['sysctls']
}

const normalNamespace = (
  space: RawNamespace,
  host: RawNamespace | undefined,
  names: ReadonlyMap<string, string>,
  asked: string,
): NormalNamespace => {
  const scrub = createScrub(names, asked)
  const byIndex = new Map(linksOf(host ?? null).map(({ ifindex, ifname }) => [ifindex, ifname]))
  const links = linksOf(space).map((link) => {
    const { link_index, ...rest } = link
    // Of a container's link: the host's link that it leads to.
    const leads =
      host === undefined || link_index === undefined ? undefined : byIndex.get(link_index)
    const whole = scrub({ ...rest, ...(leads === undefined ? {} : { leadsTo: leads }) })
    return [names.get(link.ifname) ?? link.ifname, whole] as const
  })
  const ports = space.ports.map((port) => {
    const whole = scrub(port)
    return [isObject(whole) ? String(whole.ifname) : '?', whole] as const
  })
  const types = space.addressTypes.map(([name, value]) => [names.get(name) ?? name, value] as const)
  return {
    links: keyed(links),
    routes: routesOf(scrub(space.routes) as readonly unknown[]),
    rules: scrub(space.rules),
    rules6: scrub(space.rules6),
    ports: keyed(ports),
    sysctls: sysctlsOf(space.sysctls, names),
    addressTypes: keyed(types) as Record<string, string>,
    tables: tablesOf(space.tables),
    tables6: tablesOf(space.tables6),
  }
}

/** A reading in its normal form. `first` is the reading before the row's first step. */
export const normalReading = (reading: RawReading, first: RawReading, row: Row): NormalReading => {
  const names = namesOf(reading, first, row)
  const asked = textOf(row)
  const container = (space: RawNamespace | null): NormalNamespace | null =>
    space && normalNamespace(space, reading.host, names, asked)
  // The lock is made by whoever comes first, for ADD or for CHECK.
  const kept = reading.files.filter(([path]) => !path.endsWith('/lock'))
  const files = kept.map(([path, text]) => [path, withoutMacs(text, asked)] as const)
  return {
    host: normalNamespace(reading.host, undefined, names, asked),
    a: container(reading.a),
    b: container(reading.b),
    files: keyed(files) as Record<string, string>,
  }
}

/** A result in its normal form. */
export const normalResult = (
  result: unknown,
  reading: RawReading,
  first: RawReading,
  row: Row,
): unknown => createScrub(namesOf(reading, first, row), textOf(row))(result)
