/**
 * Decides what the SR-IOV plugin that the TKE fork's manual shows does on a simulated node: a free virtual function moves
 * into the container, with a VLAN when one is set. Refuses when none is free, and to be without addresses unasked.
 */
import * as E from 'fp-ts/lib/Either.js'
import { type CniError, cniErrorCodes } from '../../../lib/cni/error.js'
import { quote } from '../../../lib/cni/problem.js'
import { isAtLeast } from '../../../lib/cni/version.js'
import { requestedMac } from '../../../lib/native/requested-mac.js'
import type { PluginCall } from '../call.js'
import { checkLink, configureLink, freeNamespace } from '../configure.js'
import { functionsOf, releaseFunction, replaceFunction } from '../devices.js'
import { addAddresses, callIpam, ipamTypeOf } from '../ipam.js'
import { addLink, removeLink, setUp } from '../links.js'
import { fail, numberAt, ownerOf, requiredPrevious, textAt } from '../outcome.js'
import { createPlugin } from '../plugin.js'
import { findNamespace, noVlan, type World } from '../world.js'

interface SriovConfig {
  /** The physical function: `if0`, else `master`. */
  readonly parent: string
  readonly vlan: number
  /** `l2enable`: no addresses. */
  readonly isLayer2: boolean
}

/** The sriov plugin. */
export const sriov = createPlugin({
  add: async (call, world) => {
    const decoded = decode(call)
    if (E.isLeft(decoded)) return decoded
    const { parent, vlan, isLayer2 } = decoded.right
    const mac = requestedMac(call, ['mac', 'CNI_ARGS', 'runtimeConfig'])
    if (E.isLeft(mac)) return mac
    const namespace = freeNamespace(call, world)
    if (E.isLeft(namespace)) return namespace
    const functions = functionsOf(world, parent)
    const free = functions.find(({ owner }) => owner === undefined)
    if (free === undefined) {
      return fail(
        `no free virtual function on ${quote(parent)}: all ${functions.length} are in use`,
      )
    }
    const taken = {
      ...free,
      owner: ownerOf(call),
      vlan: vlan || noVlan,
      mac: mac.right ?? free.mac,
    }
    replaceFunction(world, parent, taken)
    const link = addLink(world, namespace.right, {
      name: call.ifname,
      kind: 'vf',
      mac: mac.right ?? free.hardwareAddress,
      parent,
      vf: free.index,
      owner: ownerOf(call),
      description:
        vlan === 0
          ? `VF ${free.index} of ${parent}, assigned by sriov`
          : `VF ${free.index} of ${parent} with VLAN ${vlan}`,
    })
    const interfaces = [{ name: call.ifname, mac: link.mac, sandbox: call.netns }]
    if (isLayer2) {
      setUp(namespace.right, call.ifname)
      // Results without an address cannot be converted to the versions that this plugin knew: it printed an empty one.
      const isOld = !isAtLeast(call.version, '0.3.0')
      const empty = JSON.stringify({ cniVersion: call.version, dns: {} })
      return E.right(isOld ? empty : { interfaces })
    }
    const given = await addAddresses(call)
    if (E.isLeft(given)) return given
    const ips = (given.right.ips ?? []).map((ip) => ({ ...ip, interface: 0 }))
    const { routes = [], dns = {} } = given.right
    configureLink(namespace.right, call.ifname, ips, routes)
    return E.right({ interfaces, ips, routes, dns })
  },
  del: async (call, world) => {
    const namespace = call.netns === '' ? undefined : findNamespace(world, call.netns)
    if (namespace?.links.get(call.ifname)?.kind === 'vf') removeLink(world, namespace, call.ifname)
    for (const [parent, functions] of world.functions) {
      for (const { index, owner } of functions) {
        const isOwn = owner?.containerId === call.containerId && owner.ifname === call.ifname
        if (isOwn && owner.network === call.network) releaseFunction(world, parent, index)
      }
    }
    return usesIpam(call) ? callIpam(call, 'DEL') : E.right(undefined)
  },
  check: async (call, world) => {
    const decoded = decode(call)
    if (E.isLeft(decoded)) return decoded
    const ipam = usesIpam(call) ? await callIpam(call, 'CHECK') : E.right(undefined)
    if (E.isLeft(ipam)) return ipam
    return checkFunction(call, world, decoded.right)
  },
  status: async (call) => (usesIpam(call) ? callIpam(call, 'STATUS') : E.right(undefined)),
})

const decode = (call: PluginCall): E.Either<CniError, SriovConfig> => {
  const { config } = call
  const key = (config.if0 ?? '') === '' ? 'master' : 'if0'
  const parent = textAt(config, key)
  if (E.isLeft(parent)) return parent
  if (parent.right === '') return refuse('"if0" (or "master") names no physical function')
  const vlan = numberAt(config, 'vlan', 0)
  if (E.isLeft(vlan)) return vlan
  if (vlan.right > 4094) return refuse(`"vlan" must be between 0 and 4094, not ${vlan.right}`)
  const isLayer2 = config.l2enable === true
  if (!isLayer2 && ipamTypeOf(call) === '') {
    return refuse('"ipam" is missing, and "l2enable" is not true')
  }
  return E.right({ parent: parent.right, vlan: vlan.right, isLayer2 })
}

const usesIpam = (call: PluginCall): boolean => call.config.l2enable !== true

const checkFunction = (call: PluginCall, world: World, config: SriovConfig) => {
  const previous = requiredPrevious(call)
  if (E.isLeft(previous)) return previous
  const link = checkLink(call, world, previous.right)
  if (E.isLeft(link)) return link
  const { parent = '', vf } = link.right
  const own = world.functions.get(parent)?.find(({ index }) => index === vf)
  const vlan = config.vlan || noVlan
  if (own === undefined) return fail(`interface ${quote(call.ifname)} is no virtual function`)
  return own.vlan === vlan
    ? E.right(undefined)
    : fail(`VF ${own.index} of ${parent} has VLAN ${own.vlan}, not ${vlan}`)
}

const refuse = (message: string): E.Either<CniError, never> =>
  fail(message, cniErrorCodes.invalidNetworkConfig)
