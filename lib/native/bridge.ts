/**
 * Decides what bridge does by `ip` commands: a port of a bridge for the container, addresses, gateway, masquerade
 * (reference/plugins-and-ip.md 7.2). VLANs and spoof checks are its binary's (`chooseEngine`).
 */
import * as E from 'fp-ts/lib/Either.js'
import { quote } from '../cni/problem.js'
import type { Result } from '../cni/result.js'
import { currentVersion } from '../cni/version.js'
import {
  BridgeCodec,
  type BridgeConfiguration,
  bridgeFields,
  decodeBridge,
  laterBridgeFields,
} from './bridge-configuration.js'
import { awaitPort, makePort, type Port } from './bridge-port.js'
import { checkInterface, expectIn } from './check.js'
import { ip, show } from './command.js'
import {
  canBeginEarly,
  commonKeys,
  decodeConfiguration,
  dnsOf,
  ipamTypeOf,
  namespaceOf,
  refuse,
  requiredPrevious,
} from './configuration.js'
import {
  bridgeSysctls,
  configureCommands,
  forwardingSysctls,
  givenBy,
  settleRoutes,
} from './configure.js'
import { bearGateways, gatewaysOf, withDefaultRoutes, withGateway } from './gateway.js'
import { type KernelLink, linkIn, linksIn } from './kernel.js'
import { familiesIn, familiesOf, masquerade, readRules, unmasquerade } from './masquerade.js'
import { deletePair, interfaceOf } from './pair.js'
import type { NativeCall, NativePlugin, Script } from './script.js'

/** The bridge plugin. */
export const bridge: NativePlugin = {
  keys: [...commonKeys, ...Object.keys(bridgeFields)],
  laterKeys: Object.keys(laterBridgeFields),
  takesAddresses: true,
  *add(call) {
    const decoded = decodeBridge(call)
    if (E.isLeft(decoded)) return decoded
    const namespace = namespaceOf(call)
    if (E.isLeft(namespace)) return namespace
    const config = decoded.right
    const made = yield* makePort(call, config)
    if (E.isLeft(made)) return made
    if (!config.hasAddresses) return yield* bringUp(call, config, made.right)
    const late = canBeginEarly(call.config) ? {} : ({ ipam: 'ADD' } as const)
    const { ipam, rules: begun } = yield { ...late, awaits: true }
    const given = givenBy(ipam)
    if (E.isLeft(given)) return given
    const ips = given.right.map((one) => withGateway(one, config, 2))
    const routes = withDefaultRoutes(ipam?.routes ?? [], ips, config)
    const gateways = config.isGateway ? gatewaysOf(ips) : []
    const borne = bearGateways(made.right.bridge, gateways, config.forceAddress)
    if (E.isLeft(borne)) return borne
    const rules = config.ipMasq ? yield* readRules(familiesOf(ips), begun) : begun
    const seen = yield {
      host: [...borne.right, ...(config.isGateway ? forwardingSysctls(ips) : [])],
      container: [
        ...bridgeSysctls(call.ifname, config.enableDad),
        ...configureCommands(call, { ips, routes }),
      ],
      filter: config.ipMasq ? masquerade(call, ips, rules) : [],
      isLast: true,
    }
    const settled = yield* settleRoutes(call, { ips, routes })
    if (E.isLeft(settled)) return settled
    const up = yield* awaitPort(call, made.right.port)
    if (E.isLeft(up)) return up
    const own = linkIn(seen.container[0], call.ifname)
    if (own === undefined) return refuse(`interface ${quote(call.ifname)} is gone`)
    // Releases after 1.1.1 hand on what the addresses came with.
    const dns = dnsOf(call.config) ?? (call.later ? ipam?.dns : undefined)
    return E.right({
      cniVersion: currentVersion,
      interfaces: interfacesOf(call, made.right, own),
      ips,
      routes,
      ...(dns !== undefined && { dns }),
    })
  },
  *check(call) {
    const decoded = decodeBridge(call)
    if (E.isLeft(decoded)) return decoded
    const { name, hasAddresses, promisc } = decoded.right
    if (hasAddresses) yield { ipam: 'CHECK', awaits: true }
    const previous = requiredPrevious(call)
    if (E.isLeft(previous)) return previous
    const namespace = namespaceOf(call)
    if (E.isLeft(namespace)) return namespace
    if (!call.hostHas(name)) return refuse(`bridge interface ${name} not found`)
    const found = yield* checkInterface(call, previous.right, [
      show('address', 'show', 'dev', name),
      show('address', 'show', 'master', name),
    ])
    if (E.isLeft(found)) return found
    const { link, host } = found.right
    const device = linkIn(host[0], name)
    if (device?.kind !== 'bridge') return refuse(`interface ${name} is no bridge`)
    const described = expectIn(previous.right, device, '')
    if (E.isLeft(described)) return described
    if (promisc && !device.flags.includes('PROMISC')) {
      return refuse(`bridge interface ${name} is not in promiscuous mode`)
    }
    const isPort = linksIn(host[1]).some(({ index }) => index === link.peerIndex)
    return isPort
      ? E.right(undefined)
      : refuse(`no port of bridge ${quote(name)} is the peer of ${call.ifname}`)
  },
  *del(call) {
    const decoded = decodeConfiguration(BridgeCodec, call)
    if (E.isLeft(decoded)) return decoded
    const ipam = ipamTypeOf(call.config) === '' ? {} : ({ ipam: 'DEL', awaits: true } as const)
    const isMasqueraded = decoded.right.ipMasq === true && ipamTypeOf(call.config) !== ''
    const readsOthers = isMasqueraded ? [show('address', 'show')] : []
    const { rules, container } = yield {
      ...ipam,
      ...(call.hasNamespace && { container: [...readsOthers, deletePair(call)] }),
      ...(isMasqueraded && { readsRules: familiesIn(call) }),
      isLast: true,
    }
    return isMasqueraded ? yield* unmasquerade(call, container[0], rules) : E.right(undefined)
  },
  *status(call) {
    if (ipamTypeOf(call.config) !== '') yield { ipam: 'STATUS', awaits: true }
    return E.right(undefined)
  },
}

function* bringUp(
  call: NativeCall,
  { staysDown }: BridgeConfiguration,
  made: Port,
): Script<Result> {
  const up = staysDown ? [] : [ip(['link', 'set', 'dev', call.ifname, 'up'])]
  const container = [...up, show('address', 'show', 'dev', call.ifname)]
  const seen = yield { container, isLast: true }
  const own = linkIn(seen.container[0], call.ifname)
  if (own === undefined) return refuse(`interface ${quote(call.ifname)} is gone`)
  const dns = dnsOf(call.config)
  return E.right({
    cniVersion: currentVersion,
    interfaces: interfacesOf(call, made, own),
    ...(dns !== undefined && { dns }),
  })
}

const interfacesOf = (call: NativeCall, { bridge: device, port }: Port, own: KernelLink) => [
  interfaceOf(device),
  interfaceOf(port),
  interfaceOf(own, call.netns),
]
