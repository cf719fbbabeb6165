/**
 * Decides whether a container's interface is still as its result says (reference/plugins-and-ip.md P-13): there, in its
 * namespace, with its hardware address, addresses and routes. Refuses what is missing, naming it.
 */
import * as E from 'fp-ts/lib/Either.js'
import { networkOf, parseCidr } from '../cni/address.js'
import type { CniError } from '../cni/error.js'
import { quote } from '../cni/problem.js'
import type { Result } from '../cni/result.js'
import { type Command, show } from './command.js'
import { refuse } from './configuration.js'
import { type KernelLink, type KernelRoute, linkIn, routesIn } from './kernel.js'
import type { NativeCall, Script } from './script.js'

/** What was found. */
export interface Found {
  readonly link: KernelLink
  /** The readings of the host commands that were asked for. */
  readonly host: readonly unknown[]
}

/** Reads the container's interface and holds it against the result; `host` is read meanwhile. */
export function* checkInterface(
  call: NativeCall,
  previous: Result,
  host: readonly Command[],
): Script<Found> {
  const { ifname, netns } = call
  const seen = yield {
    host,
    container: [show('address', 'show'), show('route', 'show', 'table', 'all')],
    isLast: true,
  }
  const link = linkIn(seen.container[0], ifname)
  if (link === undefined)
    return refuse(`interface ${quote(ifname)} does not exist in ${quote(netns)}`)
  const described = expectIn(previous, link, netns)
  if (E.isLeft(described)) return described
  const lost = lostOf(previous, described.right, link, routesIn(seen.container[1]))
  return lost === undefined ? E.right({ link, host: seen.host }) : refuse(lost)
}

/** The position of a link among a result's interfaces. Left: it is not there, or has another hardware address. */
export const expectIn = (
  { interfaces = [] }: Result,
  { name, mac }: KernelLink,
  sandbox: string,
): E.Either<CniError, number> => {
  const index = interfaces.findIndex((one) => one.name === name && (one.sandbox ?? '') === sandbox)
  const described = interfaces[index]
  if (described === undefined) {
    return refuse(`prevResult does not name interface ${quote(name)} in ${quote(sandbox)}`)
  }
  if ((described.mac ?? '') !== '' && described.mac?.toLowerCase() !== mac) {
    return refuse(`interface ${name} has mac ${mac}, not ${described.mac}`)
  }
  return E.right(index)
}

const lostOf = (
  { ips = [], routes = [] }: Result,
  index: number,
  link: KernelLink,
  present: readonly KernelRoute[],
): string | undefined => {
  const own = ips.filter((ip) => ip.interface === undefined || ip.interface === index)
  const borne = new Set(link.addresses.map(({ cidr }) => cidr.text))
  const missing = own.find(({ address }) => !borne.has(address))
  if (missing !== undefined) return `${link.name} does not have the address ${missing.address}`
  const unreachable = own.find(({ address }) => !reaches(present, link.name, address))
  if (unreachable !== undefined) return `${link.name} has no route to ${unreachable.address}`
  const lost = routes.find(
    ({ dst, gw }) =>
      !present.some(
        (one) => one.dst === dst && (gw === undefined || isDefault(dst) || one.gateway === gw),
      ),
  )
  return lost && `there is no route to ${lost.dst}${lost.gw === undefined ? '' : ` via ${lost.gw}`}`
}

const reaches = (present: readonly KernelRoute[], device: string, address: string): boolean => {
  const cidr = parseCidr(address)
  const network = cidr && networkOf(cidr).text
  return present.some((one) => one.device === device && one.dst === network)
}

const isDefault = (dst: string): boolean => dst === '0.0.0.0/0' || dst === '::/0'
