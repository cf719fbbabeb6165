/**
 * Decides how a result is put onto a container's interface and how CHECK finds it there again (reference/
 * plugins-and-ip.md P-12, P-13). Refuses, for CHECK, what is missing, naming it.
 */
import * as E from 'fp-ts/lib/Either.js'
import { networkOf, parseCidr } from '../../lib/cni/address.js'
import type { CniError } from '../../lib/cni/error.js'
import { quote } from '../../lib/cni/problem.js'
import type { Result, ResultAddress, ResultRoute } from '../../lib/cni/result.js'
import type { PluginCall } from './call.js'
import { addRoutes, changeLink, setUp } from './links.js'
import { fail } from './outcome.js'
import {
  findNamespace,
  type Link,
  type Namespace,
  openNamespace,
  type Route,
  type World,
} from './world.js'

/** The namespace of an ADD, in which the interface name is still free. */
export const freeNamespace = (
  call: PluginCall,
  world: World,
  taken: (name: string) => string = (name) => `interface ${quote(name)} already exists`,
): E.Either<CniError, Namespace> => {
  const namespace = openNamespace(world, call.netns)
  if (namespace === undefined) {
    return fail(`failed to open netns ${quote(call.netns)}: no such file or directory`)
  }
  return namespace.links.has(call.ifname) ? fail(taken(call.ifname)) : E.right(namespace)
}

/** Gives a link its addresses and routes and sets it up. */
export const configureLink = (
  namespace: Namespace,
  name: string,
  ips: readonly ResultAddress[],
  routes: readonly ResultRoute[],
): void => {
  const own = namespace.links.get(name)?.addresses ?? []
  changeLink(namespace, name, { addresses: [...own, ...ips.map(({ address }) => address)] })
  setUp(namespace, name)
  addRoutes(
    namespace,
    ips.flatMap(({ address }) => connectedRoute(address, name)),
  )
  addRoutes(
    namespace,
    routes.map((route) => containerRoute(route, ips, name)),
  )
}

/** The host's routes to the addresses of a pair's other end (reference/plugins-and-ip.md 7.3). */
export const hostRoutes = (ips: readonly ResultAddress[], dev: string): readonly Route[] =>
  ips.flatMap(({ address }) => {
    const cidr = parseCidr(address)
    if (cidr === undefined) return []
    return [{ dst: `${cidr.address.text}/${cidr.address.family === 4 ? 32 : 128}`, dev }]
  })

/**
 * CHECK: whether the interface that the previous result names is there, with its hardware address, its addresses and its
 * routes. Right: the link.
 */
export const checkLink = (
  call: PluginCall,
  world: World,
  previous: Result,
): E.Either<CniError, Link> => {
  const { ifname, netns } = call
  const namespace = findNamespace(world, netns)
  const link = netns === '' ? undefined : namespace?.links.get(ifname)
  if (namespace === undefined || link === undefined) {
    return fail(`interface ${quote(ifname)} does not exist in ${quote(netns)}`)
  }
  const interfaces = previous.interfaces ?? []
  const index = interfaces.findIndex((one) => one.name === ifname && (one.sandbox ?? '') !== '')
  const described = interfaces[index]
  if (described === undefined) return fail(`prevResult does not name interface ${quote(ifname)}`)
  if (described.sandbox !== netns) {
    return fail(`prevResult has ${ifname} in ${quote(described.sandbox)}, not in ${quote(netns)}`)
  }
  if (described.mac !== undefined && described.mac !== '' && described.mac !== link.mac) {
    return fail(`interface ${ifname} has mac ${link.mac}, not ${described.mac}`)
  }
  const own = (previous.ips ?? []).filter((ip) => (ip.interface ?? index) === index)
  const missing = own.find(({ address }) => !link.addresses.includes(address))
  if (missing !== undefined) return fail(`${ifname} does not have the address ${missing.address}`)
  const lost = (previous.routes ?? []).find(
    ({ dst }) => !namespace.routes.some((r) => r.dst === dst),
  )
  return lost === undefined ? E.right(link) : fail(`there is no route to ${lost.dst} in ${netns}`)
}

const connectedRoute = (address: string, dev: string): readonly Route[] => {
  const cidr = parseCidr(address)
  return cidr === undefined ? [] : [{ dst: networkOf(cidr).text, dev }]
}

// Without a gateway of its own a route goes through the first gateway of its family.
const containerRoute = (
  { dst, gw }: ResultRoute,
  ips: readonly ResultAddress[],
  dev: string,
): Route => {
  const family = parseCidr(dst)?.address.family
  const first = ips.find(
    ({ address, gateway }) =>
      gateway !== undefined && parseCidr(address)?.address.family === family,
  )
  const via = gw ?? first?.gateway
  return via === undefined ? { dst, dev } : { dst, gw: via, dev }
}
