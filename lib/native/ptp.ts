/**
 * Decides what ptp does by `ip` commands: a pair, a route to the gateway alone and everything through it, a route of the
 * host to each address (reference/plugins-and-ip.md 7.3). Refuses addresses without a gateway before anything is made.
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { networkOf, parseCidr } from '../cni/address.js'
import { Integer } from '../cni/integer.js'
import { quote } from '../cni/problem.js'
import type { ResultAddress } from '../cni/result.js'
import { shape } from '../cni/shape.js'
import { currentVersion } from '../cni/version.js'
import { checkInterface } from './check.js'
import { type Command, ip, show } from './command.js'
import {
  commonKeys,
  decodeConfiguration,
  dnsOf,
  ipamTypeOf,
  namespaceOf,
  refuse,
  requiredPrevious,
} from './configuration.js'
import { configureCommands, forwardingSysctls, givenBy, settleRoutes } from './configure.js'
import { linkIn } from './kernel.js'
import { familiesIn, familiesOf, masquerade, readRules, unmasquerade } from './masquerade.js'
import { hostNameOf } from './names.js'
import { deletePair, hostEndSysctl, interfaceOf, pairCommands } from './pair.js'
import type { NativeCall, NativePlugin } from './script.js'

const fields = { ipMasq: t.boolean, mtu: Integer }
const Codec = shape<{ readonly ipMasq?: boolean; readonly mtu?: number }>('ptp', {}, fields)

/** The commands in the container that send everything of its networks through the gateways. */
export const gatewayRoutes = (
  { ifname }: NativeCall,
  ips: readonly ResultAddress[],
): readonly Command[] =>
  ips.flatMap(({ address, gateway = '' }) => {
    const cidr = parseCidr(address)
    if (cidr === undefined) return []
    const [own, network] = [cidr.address.text, networkOf(cidr).text]
    const from = ['dev', ifname, 'src', own]
    return [
      ip(['route', 'del', network, 'dev', ifname]),
      ip(['route', 'add', `${gateway}/${widthOf(gateway)}`, 'scope', 'link', ...from]),
      ip(['route', 'add', network, 'via', gateway, 'scope', 'global', ...from]),
    ]
  })

/** The commands on the host: its end bears the gateways and knows the way to each address. */
export const hostCommands = (
  call: NativeCall,
  ips: readonly ResultAddress[],
): readonly Command[] => {
  const device = ['dev', hostNameOf(call)]
  return ips.flatMap(({ address, gateway = '' }) => {
    const own = parseCidr(address)?.address.text ?? ''
    return [
      ip(['address', 'add', `${gateway}/${widthOf(gateway)}`, ...device]),
      ip(['route', 'add', `${own}/${widthOf(own)}`, ...device, 'scope', 'host'], {
        tolerates: 'exists',
      }),
    ]
  })
}

/** The ptp plugin. */
export const ptp: NativePlugin = {
  keys: [...commonKeys, ...Object.keys(fields)],
  laterKeys: [],
  takesAddresses: true,
  *add(call) {
    const decoded = decodeConfiguration(Codec, call)
    if (E.isLeft(decoded)) return decoded
    if (ipamTypeOf(call.config) === '') return refuse('no plugin name provided')
    const namespace = namespaceOf(call)
    if (E.isLeft(namespace)) return namespace
    const { mtu = 0, ipMasq = false } = decoded.right
    const made = yield {
      ipam: 'ADD',
      host: [
        ...pairCommands(call, { mtu }),
        show('address', 'show', 'dev', hostNameOf(call)),
        hostEndSysctl(call),
      ],
      ...(ipMasq && { readsRules: familiesIn(call) }),
      awaits: true,
    }
    const given = givenBy(made.ipam)
    if (E.isLeft(given)) return given
    const ips = given.right.map((one): ResultAddress => ({ ...one, interface: 1 }))
    const open = ips.find(({ gateway }) => gateway === undefined)
    if (open !== undefined)
      return refuse(`failed to add IP addr: ptp needs a gateway for ${open.address}`)
    const routes = made.ipam?.routes ?? []
    const needsRest = ips.some(({ address }) => parseCidr(address)?.address.family === 6)
    const rules = ipMasq ? yield* readRules(familiesOf(ips), made.rules) : made.rules
    const seen = yield {
      host: [...forwardingSysctls(ips), ...hostCommands(call, ips)],
      container: [
        ...configureCommands(call, { ips, routes }),
        // It ends with a reading, which tells that all of it is done.
        ...(needsRest
          ? []
          : [...gatewayRoutes(call, ips), show('address', 'show', 'dev', call.ifname)]),
      ],
      filter: ipMasq ? masquerade(call, ips, rules) : [],
      isLast: !needsRest,
    }
    const settled = yield* settleRoutes(call, { ips, routes })
    if (E.isLeft(settled)) return settled
    if (needsRest) yield { container: gatewayRoutes(call, ips), isLast: true }
    const [host, own] = [
      linkIn(made.host[0], hostNameOf(call)),
      linkIn(seen.container[0], call.ifname),
    ]
    if (host === undefined || own === undefined) {
      return refuse(`interface ${quote(call.ifname)} is gone`)
    }
    const dns = dnsOf(call.config) ?? made.ipam?.dns
    return E.right({
      cniVersion: currentVersion,
      interfaces: [interfaceOf(host), interfaceOf(own, call.netns)],
      ips,
      routes,
      ...(dns !== undefined && { dns }),
    })
  },
  *check(call) {
    const decoded = decodeConfiguration(Codec, call)
    if (E.isLeft(decoded)) return decoded
    yield { ipam: 'CHECK', awaits: true }
    const previous = requiredPrevious(call)
    if (E.isLeft(previous)) return previous
    const namespace = namespaceOf(call)
    if (E.isLeft(namespace)) return namespace
    const found = yield* checkInterface(call, previous.right, [])
    return E.isLeft(found) ? found : E.right(undefined)
  },
  *del(call) {
    const decoded = decodeConfiguration(Codec, call)
    if (E.isLeft(decoded)) return decoded
    const isMasqueraded = decoded.right.ipMasq === true
    const readsOthers = isMasqueraded ? [show('address', 'show')] : []
    const { rules, container } = yield {
      ipam: 'DEL',
      awaits: true,
      ...(call.hasNamespace && { container: [...readsOthers, deletePair(call)] }),
      ...(isMasqueraded && { readsRules: familiesIn(call) }),
      isLast: true,
    }
    return isMasqueraded ? yield* unmasquerade(call, container[0], rules) : E.right(undefined)
  },
  *status() {
    yield { ipam: 'STATUS', awaits: true }
    return E.right(undefined)
  },
}

const widthOf = (address: string): number => (address.includes(':') ? 128 : 32)
