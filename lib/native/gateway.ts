/**
 * Decides what a bridge makes of the addresses that it was given: gateways that nobody named, default routes, the
 * addresses that it bears itself (reference/plugins-and-ip.md 7.2). Refuses an address of the bridge that is another one.
 */
import * as E from 'fp-ts/lib/Either.js'
import { addressFrom, type Cidr, contains, networkOf, parseCidr } from '../cni/address.js'
import type { CniError } from '../cni/error.js'
import { quote } from '../cni/problem.js'
import type { ResultAddress, ResultRoute } from '../cni/result.js'
import { type Command, ip } from './command.js'
import { refuse } from './configuration.js'
import type { KernelLink } from './kernel.js'

/** The flags of a bridge that decide about gateways. */
export interface GatewayFlags {
  readonly isGateway: boolean
  readonly isDefaultGateway: boolean
}

/** An address of the container's interface, with the first address of its network as gateway when the bridge is one. */
export const withGateway = (
  address: ResultAddress,
  { isGateway }: GatewayFlags,
  index: number,
): ResultAddress => {
  const cidr = parseCidr(address.address)
  if (cidr === undefined) return { ...address, interface: index }
  const { family, value } = networkOf(cidr).address
  const first = isGateway ? addressFrom(family, value + 1n).text : undefined
  const gateway = address.gateway ?? first
  return { ...address, interface: index, ...(gateway !== undefined && { gateway }) }
}

/** The routes, with a default route through each family's first gateway where there is none yet. */
export const withDefaultRoutes = (
  routes: readonly ResultRoute[],
  addresses: readonly ResultAddress[],
  { isDefaultGateway }: GatewayFlags,
): readonly ResultRoute[] => {
  if (!isDefaultGateway) return routes
  const all = [...routes]
  for (const { address, gateway } of addresses) {
    const dst = parseCidr(address)?.address.family === 4 ? '0.0.0.0/0' : '::/0'
    const isThere = all.some((route) => route.dst === dst && route.gw !== undefined)
    if (gateway !== undefined && !isThere) all.push({ dst, gw: gateway })
  }
  return all
}

/** The gateways in the form in which a bridge bears them: each with the prefix of its network. */
export const gatewaysOf = (addresses: readonly ResultAddress[]): readonly Cidr[] =>
  addresses.flatMap(({ address, gateway }) => {
    const cidr = parseCidr(`${gateway ?? ''}/${parseCidr(address)?.prefix ?? ''}`)
    return cidr === undefined ? [] : [cidr]
  })

/**
 * The commands that give a bridge its gateways. What it bears already stays; another IPv4 address, or an IPv6 address of
 * an overlapping network, is replaced with `force`. Left: code 999, naming both.
 */
export const bearGateways = (
  bridge: KernelLink,
  gateways: readonly Cidr[],
  force: boolean,
): E.Either<CniError, readonly Command[]> => {
  const commands: Command[] = []
  let borne = bridge.addresses.map(({ cidr }) => cidr)
  for (const gateway of gateways) {
    if (borne.some(({ text }) => text === gateway.text)) continue
    const rivals = borne.filter((one) => rivals4(one, gateway) || overlaps(one, gateway))
    if (rivals.length > 0 && !force) {
      return refuse(
        `failed to set bridge addr: ${quote(bridge.name)} already has an IP address different from ${gateway.text}`,
        rivals.map(({ text }) => text).join(' '),
      )
    }
    for (const { text } of rivals) commands.push(ip(['address', 'del', text, 'dev', bridge.name]))
    borne = [...borne.filter((one) => !rivals.includes(one)), gateway]
    commands.push(
      ip(['address', 'add', gateway.text, ...broadcastOf(gateway), 'dev', bridge.name], {
        tolerates: 'exists',
        purpose: 'set bridge addr',
      }),
      // Its own address, said aloud: else it changes with the ports.
      ip(['link', 'set', 'dev', bridge.name, 'address', bridge.mac]),
    )
  }
  return E.right(commands)
}

/** What gives an address the broadcast address that netlink's library gives it (reference/plugins-and-ip.md P-04). */
export const broadcastOf = ({ address, prefix }: Cidr): readonly string[] =>
  address.family === 4 && prefix < 31 ? ['broadcast', '+'] : []

const rivals4 = (a: Cidr, b: Cidr): boolean => a.address.family === 4 && b.address.family === 4

const overlaps = (a: Cidr, b: Cidr): boolean => contains(a, b.address) || contains(b, a.address)
