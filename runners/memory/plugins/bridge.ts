/**
 * Decides what bridge does on a simulated node: a pair, its host end a port of a bridge, addresses, gateway, masquerade
 * (reference/plugins-and-ip.md 7.2). After a refusal of its address plugin the pair stays, as the Go plugin leaves it.
 */
import * as E from 'fp-ts/lib/Either.js'
import { parseCidr } from '../../../lib/cni/address.js'
import { type CniError, cniErrorCodes } from '../../../lib/cni/error.js'
import { quote } from '../../../lib/cni/problem.js'
import type { ResultAddress } from '../../../lib/cni/result.js'
import { dnsOf } from '../../../lib/native/configuration.js'
import { withDefaultRoutes, withGateway } from '../../../lib/native/gateway.js'
import { chainOf } from '../../../lib/native/names.js'
import { requestedMac } from '../../../lib/native/requested-mac.js'
import type { PluginCall } from '../call.js'
import { removeRules } from '../chains.js'
import { checkLink, configureLink, freeNamespace } from '../configure.js'
import { addAddresses, callIpam, ipamTypeOf } from '../ipam.js'
import { addLink, changeLink, removeLink, setUp } from '../links.js'
import { masquerade } from '../masquerade.js'
import { fail, numberAt, ownerOf, requiredPrevious, textAt } from '../outcome.js'
import { addPair } from '../pair.js'
import { createPlugin, type Outcome } from '../plugin.js'
import { findNamespace, newMac, newVethName, type World } from '../world.js'

interface BridgeConfig {
  readonly name: string
  readonly isGateway: boolean
  readonly isDefaultGateway: boolean
  readonly ipMasq: boolean
  readonly mtu: number
  readonly promisc: boolean
}

/** The bridge plugin. */
export const bridge = createPlugin({
  add: async (call, world) => {
    const config = decode(call)
    if (E.isLeft(config)) return config
    const mac = requestedMac(call, ['CNI_ARGS', 'args', 'runtimeConfig'])
    if (E.isLeft(mac)) return mac
    const hostName = newVethName(world)
    const namespace = freeNamespace(
      call,
      world,
      (name) =>
        `container veth name (${quote(name)}) peer provided (${quote(hostName)}) already exists`,
    )
    if (E.isLeft(namespace)) return namespace
    const device = openBridge(world, config.right)
    if (E.isLeft(device)) return device
    const { name, mtu } = config.right
    const pair = addPair(world, namespace.right, hostName, {
      ifname: call.ifname,
      owner: ownerOf(call),
      mtu,
      mac: mac.right,
      master: name,
      description:
        call.delegatedBy === 'flannel' ? 'Flannel network tap interface' : `port of bridge ${name}`,
    })
    const interfaces = [
      { name, mac: world.host.links.get(name)?.mac ?? '' },
      { name: hostName, mac: pair.host.mac },
      { name: call.ifname, mac: pair.container.mac, sandbox: call.netns },
    ]
    const own = dnsOf(call.config)
    if (ipamTypeOf(call) === '') {
      setUp(namespace.right, call.ifname)
      return E.right({ interfaces, ...(own !== undefined && { dns: own }) })
    }
    const given = await addAddresses(call)
    if (E.isLeft(given)) return given
    const ips = (given.right.ips ?? []).map((ip) => withGateway(ip, config.right, 2))
    const routes = withDefaultRoutes(given.right.routes ?? [], ips, config.right)
    configureLink(namespace.right, call.ifname, ips, routes)
    if (config.right.isGateway) giveGateways(world, name, ips)
    if (config.right.ipMasq) masquerade(world, ownerOf(call), ips)
    const dns = own ?? given.right.dns
    return E.right({ interfaces, ips, routes, ...(dns !== undefined && { dns }) })
  },
  del: async (call, world) => {
    const namespace = call.netns === '' ? undefined : findNamespace(world, call.netns)
    if (namespace !== undefined) removeLink(world, namespace, call.ifname)
    removeRules(world, chainOf(ownerOf(call)), ownerOf(call))
    return callIpam(call, 'DEL')
  },
  check: async (call, world) => {
    const config = decode(call)
    if (E.isLeft(config)) return config
    const ipam = await callIpam(call, 'CHECK')
    if (E.isLeft(ipam)) return ipam
    return checkPort(call, world, config.right.name)
  },
})

const decode = ({ config }: PluginCall): E.Either<CniError, BridgeConfig> => {
  const name = textAt(config, 'bridge')
  if (E.isLeft(name)) return name
  const mtu = numberAt(config, 'mtu', 0)
  if (E.isLeft(mtu)) return mtu
  const vlan = numberAt(config, 'vlan', 0)
  if (E.isLeft(vlan)) return vlan
  if (vlan.right > 4094) return refuse(`invalid VLAN ID ${vlan.right} (must be between 0 and 4094)`)
  const promisc = config.promiscMode === true
  if (promisc && config.hairpinMode === true) {
    return refuse('cannot set hairpin mode and promiscuous mode at the same time')
  }
  const isDefaultGateway = config.isDefaultGateway === true
  return E.right({
    name: name.right || 'cni0',
    isGateway: isDefaultGateway || config.isGateway === true,
    isDefaultGateway,
    ipMasq: config.ipMasq === true,
    mtu: mtu.right || 1500,
    promisc,
  })
}

const openBridge = (world: World, { name, mtu, promisc }: BridgeConfig): Outcome => {
  const existing = world.host.links.get(name)
  if (existing !== undefined && existing.kind !== 'bridge') {
    return fail(`${quote(name)} already exists but is not a bridge`)
  }
  if (existing === undefined) {
    const description = `bridge ${name}`
    addLink(world, world.host, { name, kind: 'bridge', mac: newMac(world), mtu, description })
  }
  setUp(world.host, name)
  if (promisc) changeLink(world.host, name, { promisc: true })
  return E.right(undefined)
}

// The bridge bears the gateways of its networks: it belongs to the node and keeps them.
const giveGateways = (world: World, name: string, ips: readonly ResultAddress[]): void => {
  const own = world.host.links.get(name)?.addresses ?? []
  const gateways = ips.flatMap(({ address, gateway }) => {
    const prefix = parseCidr(address)?.prefix
    const cidr = `${gateway}/${prefix}`
    return gateway === undefined || own.includes(cidr) ? [] : [cidr]
  })
  changeLink(world.host, name, { addresses: [...own, ...new Set(gateways)] })
}

const checkPort = (call: PluginCall, world: World, name: string): Outcome => {
  const previous = requiredPrevious(call)
  if (E.isLeft(previous)) return previous
  const link = checkLink(call, world, previous.right)
  if (E.isLeft(link)) return link
  const device = world.host.links.get(name)
  if (device?.kind !== 'bridge') return fail(`bridge ${quote(name)} does not exist`)
  const port = world.host.links.get(link.right.peer?.name ?? '')
  return port?.master === name
    ? E.right(undefined)
    : fail(`no port of bridge ${quote(name)} is the peer of ${call.ifname}`)
}

const refuse = (message: string): E.Either<CniError, never> =>
  fail(message, cniErrorCodes.invalidNetworkConfig)
