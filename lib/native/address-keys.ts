/**
 * Decides which keys of `ipam` the native address plugins understand: host-local's and static's of 1.1.1 (reference/
 * plugins-and-ip.md 7.5, 7.6). Refuses, in words, every key beside them.
 */
import { isObject, type JsonObject } from '../cni/json.js'
import { quote } from '../cni/problem.js'

/** The keys of one address plugin. */
interface AddressKeys {
  readonly own: readonly string[]
  /** Keys whose value is a list of objects, perhaps in lists, and the keys of those. */
  readonly lists: Readonly<Record<string, readonly string[]>>
}

const range = ['subnet', 'rangeStart', 'rangeEnd', 'gateway']
const route = ['dst', 'gw']
const laterRoute = [...route, 'priority', 'table', 'scope']

const addressKeys: ReadonlyMap<string, AddressKeys> = new Map([
  [
    'host-local',
    {
      own: ['type', 'dataDir', 'resolvConf', 'ranges', 'routes', ...range],
      lists: { ranges: range },
    },
  ],
  [
    'static',
    { own: ['type', 'addresses', 'routes', 'dns'], lists: { addresses: ['address', 'gateway'] } },
  ],
])

/** The address plugins that need no binary. */
export const nativeAddressPlugins: readonly string[] = [...addressKeys.keys()]

/** Why a native address plugin would not do with this `ipam`: a sentence for each key that it does not understand. */
export const unknownAddressKeys = (
  type: string,
  ipam: JsonObject,
  later: boolean,
): readonly string[] => {
  const keys = addressKeys.get(type)
  if (keys === undefined) return []
  const lists = { ...keys.lists, routes: later ? laterRoute : route }
  return [
    ...unknownIn(ipam, keys.own, 'ipam'),
    ...Object.entries(lists).flatMap(([key, known]) =>
      unknownInList(ipam[key], known, `ipam.${key}`),
    ),
  ]
}

const unknownInList = (
  value: unknown,
  known: readonly string[],
  place: string,
): readonly string[] => {
  const found = (Array.isArray(value) ? value.flat() : [])
    .filter(isObject)
    .flatMap((one) => unknownIn(one, known, place))
  return [...new Set(found)]
}

/** A sentence for each key of an object that is not known. Null counts as absent, as Go has it. */
export const unknownIn = (
  object: JsonObject,
  known: readonly string[],
  place?: string,
): readonly string[] =>
  Object.entries(object)
    .filter(([key, value]) => value !== null && !known.includes(key))
    .map(([key]) => `the key ${quote(place === undefined ? key : `${place}.${key}`)} is not known`)
