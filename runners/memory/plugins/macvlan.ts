/**
 * Decides what macvlan does on a simulated node (reference/plugins-and-ip.md 7.4). Refuses unknown modes and an MTU above
 * the master's. After a refusal of its address plugin the link stays, as the Go plugin leaves it.
 */
import * as E from 'fp-ts/lib/Either.js'
import { cniErrorCodes } from '../../../lib/cni/error.js'
import { quote } from '../../../lib/cni/problem.js'
import { dnsOf } from '../../../lib/native/configuration.js'
import { macvlanModes } from '../../../lib/native/macvlan.js'
import { requestedMac } from '../../../lib/native/requested-mac.js'
import { checkLink, configureLink, freeNamespace } from '../configure.js'
import { physicalDevice } from '../devices.js'
import { addAddresses, callIpam, ipamTypeOf } from '../ipam.js'
import { addLink, removeLink, setUp } from '../links.js'
import { fail, numberAt, ownerOf, requiredPrevious, textAt } from '../outcome.js'
import { createPlugin } from '../plugin.js'
import { findNamespace, newMac } from '../world.js'

/** The device of the default route of a simulated host: the master when a configuration names none. */
export const defaultMaster = 'eth0'

/** The macvlan plugin. */
export const macvlan = createPlugin({
  add: async (call, world) => {
    const { config } = call
    const name = textAt(config, 'master')
    if (E.isLeft(name)) return name
    const written = textAt(config, 'mode')
    if (E.isLeft(written)) return written
    const mode = written.right || 'bridge'
    if (!macvlanModes.includes(mode)) {
      return fail(`unknown macvlan mode: ${quote(mode)}`, cniErrorCodes.invalidNetworkConfig)
    }
    const master = physicalDevice(world, name.right || defaultMaster)
    const mtu = numberAt(config, 'mtu', 0)
    if (E.isLeft(mtu)) return mtu
    if (mtu.right > master.mtu) {
      const message = `invalid MTU ${mtu.right}, must be [0, master MTU(${master.mtu})]`
      return fail(message, cniErrorCodes.invalidNetworkConfig)
    }
    const mac = requestedMac(call, ['mac', 'CNI_ARGS', 'runtimeConfig'])
    if (E.isLeft(mac)) return mac
    const namespace = freeNamespace(call, world)
    if (E.isLeft(namespace)) return namespace
    const link = addLink(world, namespace.right, {
      name: call.ifname,
      kind: 'macvlan',
      mac: mac.right ?? newMac(world),
      mtu: mtu.right || master.mtu,
      parent: master.name,
      owner: ownerOf(call),
      description: `macvlan of ${master.name} in mode ${mode}`,
    })
    const interfaces = [{ name: call.ifname, mac: link.mac, sandbox: call.netns }]
    // The addresses' own dns is dropped, as the Go plugin drops it.
    const own = dnsOf(config)
    const dns = own === undefined ? {} : { dns: own }
    if (ipamTypeOf(call) === '') {
      setUp(namespace.right, call.ifname)
      return E.right({ interfaces, ...dns })
    }
    const given = await addAddresses(call)
    if (E.isLeft(given)) return given
    const ips = (given.right.ips ?? []).map((ip) => ({ ...ip, interface: 0 }))
    const routes = given.right.routes ?? []
    configureLink(namespace.right, call.ifname, ips, routes)
    return E.right({ interfaces, ips, routes, ...dns })
  },
  del: async (call, world) => {
    const ipam = await callIpam(call, 'DEL')
    if (E.isLeft(ipam)) return ipam
    const namespace = call.netns === '' ? undefined : findNamespace(world, call.netns)
    if (namespace !== undefined) removeLink(world, namespace, call.ifname)
    return E.right(undefined)
  },
  check: async (call, world) => {
    const ipam = await callIpam(call, 'CHECK')
    if (E.isLeft(ipam)) return ipam
    const previous = requiredPrevious(call)
    if (E.isLeft(previous)) return previous
    const link = checkLink(call, world, previous.right)
    if (E.isLeft(link)) return link
    return link.right.kind === 'macvlan'
      ? E.right(undefined)
      : fail(`interface ${quote(call.ifname)} is no macvlan`)
  },
})
