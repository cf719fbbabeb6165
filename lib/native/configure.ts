/**
 * Decides how a result is put onto a container's interface: addresses, up, routes, in this order (reference/
 * plugins-and-ip.md P-12). Refuses to wait for ever for IPv6 addresses, and one that somebody else has.
 */
import * as E from 'fp-ts/lib/Either.js'
import { parseCidr } from '../cni/address.js'
import type { CniError } from '../cni/error.js'
import type { ResultAddress, ResultRoute } from '../cni/result.js'
import { type Command, ip, requireSysctl, show, trySysctl } from './command.js'
import { refuse } from './configuration.js'
import { broadcastOf } from './gateway.js'
import { linkIn } from './kernel.js'
import type { NativeCall, Script } from './script.js'

/** What a container's interface is given. */
export interface Configuration {
  readonly ips: readonly ResultAddress[]
  readonly routes: readonly ResultRoute[]
}

/** The commands of one interface, run in the container. The last one shows it. */
export const configureCommands = (
  { ifname, later }: NativeCall,
  { ips, routes }: Configuration,
): readonly Command[] => {
  const commands: Command[] = []
  const cidrs = ips.flatMap(({ address }) => parseCidr(address) ?? [])
  if (cidrs.some(({ address }) => address.family === 6)) {
    for (const name of ['lo', ifname]) {
      commands.push(requireSysctl(`net/ipv6/conf/${name}/disable_ipv6`, '0'))
    }
    if (later) commands.push(requireSysctl(`net/ipv6/conf/${ifname}/keep_addr_on_down`, '1'))
  }
  for (const cidr of cidrs) {
    const words = ['address', 'add', cidr.text, ...broadcastOf(cidr), 'dev', ifname]
    commands.push(ip(words, { purpose: `add IP addr ${cidr.text} to ${JSON.stringify(ifname)}` }))
  }
  commands.push(ip(['link', 'set', 'dev', ifname, 'up']))
  // IPv6 takes a gateway only when the address that reaches it is no longer tentative: see routeCommands.
  const settled = needsSettledAddresses(ips) ? [] : routeCommands(ifname, { ips, routes }, later)
  return [...commands, ...settled, show('address', 'show', 'dev', ifname)]
}

/** Waits, where routes need it, until IPv6 addresses are usable, then adds the routes. */
export function* settleRoutes(call: NativeCall, configuration: Configuration): Script<undefined> {
  if (!needsSettledAddresses(configuration.ips)) return E.right(undefined)
  const { ifname } = call
  for (let waited = 0; ; waited += settlePause) {
    const seen = yield { container: [show('address', 'show', 'dev', ifname)] }
    const link = linkIn(seen.container[0], ifname)
    const own = (link?.addresses ?? []).filter(({ cidr }) => cidr.address.family === 6)
    const failed = own.find(({ hasFailed }) => hasFailed)
    if (failed !== undefined) {
      return refuse(
        `${JSON.stringify(ifname)}: IPv6 address ${failed.cidr.text} is in use elsewhere`,
      )
    }
    if (own.every(({ isTentative }) => !isTentative)) break
    // Nobody is asked on a link without a carrier: that is no reason to refuse (P-12).
    if (waited >= settleLimit && link?.operstate !== 'UP') break
    if (waited >= settleLimit) {
      return refuse(
        `${JSON.stringify(ifname)} still has tentative addresses after ${settleLimit} ms`,
      )
    }
    yield { pause: settlePause }
  }
  yield { container: routeCommands(ifname, configuration, call.later), isLast: true }
  return E.right(undefined)
}

/** Between two looks at tentative addresses, and in all, in milliseconds (reference/plugins-and-ip.md P-12). */
const settlePause = 50
const settleLimit = 10_000

const needsSettledAddresses = (ips: readonly ResultAddress[]): boolean =>
  ips.some(({ address, gateway }) => gateway !== undefined && familyOf(address) === 6)

const routeCommands = (
  ifname: string,
  { ips, routes }: Configuration,
  later: boolean,
): readonly Command[] =>
  routes.map((route) => {
    const { dst, gw = gatewayOf(dst, ips) } = route
    const via = gw === undefined ? [] : ['via', gw]
    const words = ['route', 'prepend', dst, ...via, 'dev', ifname]
    const scope = later && route.scope !== undefined ? String(route.scope) : 'global'
    const more: (string | number)[] = later
      ? [
          ...(route.priority ? ['metric', route.priority] : []),
          ...(route.table !== undefined ? ['table', route.table] : []),
        ]
      : []
    const purpose = `add route ${JSON.stringify(`${dst} via ${gw ?? 'none'} dev ${ifname}`)}`
    return ip([...words, ...more, 'scope', scope], { purpose })
  })

// Without a gateway of its own a route goes through the first gateway of its family.
const gatewayOf = (dst: string, ips: readonly ResultAddress[]): string | undefined =>
  ips.find(({ address, gateway }) => gateway !== undefined && familyOf(address) === familyOf(dst))
    ?.gateway

const familyOf = (cidr: string): number | undefined => parseCidr(cidr)?.address.family

/** The sysctls that bridge sets for an interface with addresses: no wait for duplicates, ARP says when it is up. */
export const bridgeSysctls = (ifname: string, enableDad: boolean): readonly Command[] => [
  ...(enableDad
    ? [
        trySysctl(`net/ipv6/conf/${ifname}/enhanced_dad`, '1'),
        trySysctl(`net/ipv6/conf/${ifname}/accept_dad`, '1'),
      ]
    : [trySysctl(`net/ipv6/conf/${ifname}/accept_dad`, '0')]),
  trySysctl(`net/ipv4/conf/${ifname}/arp_notify`, '1'),
]

/** The sysctls that let a node forward for these addresses. */
export const forwardingSysctls = (ips: readonly ResultAddress[]): readonly Command[] => [
  ...(ips.some(({ address }) => familyOf(address) === 4)
    ? [requireSysctl('net/ipv4/ip_forward', '1')]
    : []),
  ...(ips.some(({ address }) => familyOf(address) === 6)
    ? [requireSysctl('net/ipv6/conf/all/forwarding', '1')]
    : []),
]

/** The addresses that an address plugin gave, for the interface at `index`. Left: code 999 when there are none. */
export const givenBy = (
  answer: { readonly ips?: readonly ResultAddress[] } | undefined,
): E.Either<CniError, readonly ResultAddress[]> => {
  const ips = answer?.ips ?? []
  return ips.length === 0 ? refuse('IPAM plugin returned missing IP config') : E.right(ips)
}
