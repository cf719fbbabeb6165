/**
 * Decides what ptp does on a simulated node: addresses first, then a pair with a host route to the container (reference/
 * plugins-and-ip.md 7.3). Refuses a configuration without an address plugin, and addresses without a gateway.
 */
import * as E from 'fp-ts/lib/Either.js'
import { quote } from '../../../lib/cni/problem.js'
import { chainOf } from '../../../lib/native/names.js'
import { removeRules } from '../chains.js'
import { checkLink, configureLink, freeNamespace, hostRoutes } from '../configure.js'
import { addAddresses, callIpam } from '../ipam.js'
import { addRoutes, changeLink, removeLink } from '../links.js'
import { masquerade } from '../masquerade.js'
import { fail, numberAt, ownerOf, requiredPrevious } from '../outcome.js'
import { addPair } from '../pair.js'
import { createPlugin } from '../plugin.js'
import { findNamespace, newVethName } from '../world.js'

/** The ptp plugin. */
export const ptp = createPlugin({
  add: async (call, world) => {
    const mtu = numberAt(call.config, 'mtu', 0)
    if (E.isLeft(mtu)) return mtu
    const given = await addAddresses(call)
    if (E.isLeft(given)) return given
    const ips = (given.right.ips ?? []).map((ip) => ({ ...ip, interface: 1 }))
    const routes = given.right.routes ?? []
    const open = ips.find(({ gateway }) => gateway === undefined)
    if (open !== undefined) return fail(`ptp needs a gateway for ${open.address}`)
    const namespace = freeNamespace(call, world)
    // The Go plugin gives its addresses back when it fails.
    if (E.isLeft(namespace)) {
      await callIpam(call, 'DEL')
      return namespace
    }
    const hostName = newVethName(world)
    const pair = addPair(world, namespace.right, hostName, {
      ifname: call.ifname,
      owner: ownerOf(call),
      mtu: mtu.right || 1500,
      mac: undefined,
      description: `point-to-point link to ${hostName}`,
    })
    configureLink(namespace.right, call.ifname, ips, routes)
    changeLink(world.host, hostName, {
      addresses: ips.map(({ gateway = '' }) => `${gateway}/${gateway.includes(':') ? 128 : 32}`),
    })
    addRoutes(world.host, hostRoutes(ips, hostName))
    if (call.config.ipMasq === true) masquerade(world, ownerOf(call), ips)
    const interfaces = [
      { name: hostName, mac: pair.host.mac },
      { name: call.ifname, mac: pair.container.mac, sandbox: call.netns },
    ]
    const dns = given.right.dns === undefined ? {} : { dns: given.right.dns }
    return E.right({ interfaces, ips, routes, ...dns })
  },
  del: async (call, world) => {
    const ipam = await callIpam(call, 'DEL')
    if (E.isLeft(ipam)) return ipam
    const namespace = call.netns === '' ? undefined : findNamespace(world, call.netns)
    if (namespace !== undefined) removeLink(world, namespace, call.ifname)
    removeRules(world, chainOf(ownerOf(call)), ownerOf(call))
    return E.right(undefined)
  },
  check: async (call, world) => {
    const ipam = await callIpam(call, 'CHECK')
    if (E.isLeft(ipam)) return ipam
    const previous = requiredPrevious(call)
    if (E.isLeft(previous)) return previous
    const link = checkLink(call, world, previous.right)
    if (E.isLeft(link)) return link
    const peer = link.right.peer?.name
    return peer !== undefined && world.host.links.has(peer)
      ? E.right(undefined)
      : fail(`the host end of ${quote(call.ifname)} does not exist`)
  },
})
