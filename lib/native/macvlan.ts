/**
 * Decides what macvlan does by `ip` commands (reference/plugins-and-ip.md 7.4): a link on a master, moved under its name
 * in the container, addresses. Refuses unknown modes and an MTU above the master's before anything is made.
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { CniError } from '../cni/error.js'
import { Integer } from '../cni/integer.js'
import { quote } from '../cni/problem.js'
import type { Result, ResultAddress } from '../cni/result.js'
import { shape } from '../cni/shape.js'
import { currentVersion } from '../cni/version.js'
import { checkInterface } from './check.js'
import { type Command, ip, show, trySysctl } from './command.js'
import {
  commonKeys,
  decodeConfiguration,
  dnsOf,
  ipamTypeOf,
  likeBinary,
  namespaceOf,
  refuse,
  requiredPrevious,
} from './configuration.js'
import { configureCommands, givenBy, settleRoutes } from './configure.js'
import { type KernelLink, linkIn, linksIn, routesIn } from './kernel.js'
import { deleteLink, interfaceOf } from './pair.js'
import { requestedMac } from './requested-mac.js'
import type { NativeCall, NativePlugin, Script } from './script.js'

const fields = { master: t.string, mode: t.string, mtu: Integer, mac: t.string }
const laterFields = { bcqueuelen: Integer }
const Codec = shape<{
  readonly master?: string
  readonly mode?: string
  readonly mtu?: number
  readonly bcqueuelen?: number
}>('macvlan', {}, { ...fields, ...laterFields })

/** The modes that the plugin takes. */
export const macvlanModes: readonly string[] = ['bridge', 'private', 'vepa', 'passthru']

/** What the configuration of macvlan says. */
export interface MacvlanConfiguration {
  /** '': the device of the default route. */
  readonly master: string
  readonly mode: string
  readonly mtu: number
  readonly mac: string | undefined
  /** Releases after 1.1.1. */
  readonly broadcastQueue: number | undefined
  readonly hasAddresses: boolean
}

/** The configuration of a call. Left: code 999 and what the binary says. */
export const decodeMacvlan = (call: NativeCall): E.Either<CniError, MacvlanConfiguration> => {
  const decoded = decodeConfiguration(Codec, call)
  if (E.isLeft(decoded)) return decoded
  const mac = likeBinary(requestedMac(call, ['mac', 'CNI_ARGS', 'runtimeConfig']))
  if (E.isLeft(mac)) return mac
  const { master = '', mode = '', mtu = 0, bcqueuelen } = decoded.right
  if (mode !== '' && !macvlanModes.includes(mode)) {
    return refuse(`unknown macvlan mode: ${quote(mode)}`)
  }
  return E.right({
    master,
    mode: mode || 'bridge',
    mtu,
    mac: mac.right,
    broadcastQueue: call.later ? bcqueuelen : undefined,
    hasAddresses: ipamTypeOf(call.config) !== '',
  })
}

/**
 * The command that makes the link. It is made with its name in the container, where the kernel tells whether that is
 * taken; the binary makes it under another name and renames it, to the same end.
 */
export const macvlanCommands = (
  call: NativeCall,
  { mode, mtu, mac, broadcastQueue }: MacvlanConfiguration,
  master: string,
): readonly Command[] => {
  const words = [
    ...['link', 'add', 'link', master, 'name', call.ifname, 'netns', call.netns],
    ...['txqueuelen', 0],
    ...(mtu > 0 ? ['mtu', mtu] : []),
    ...(mac === undefined ? [] : ['address', mac]),
    ...['type', 'macvlan', 'mode', mode],
    ...(broadcastQueue === undefined ? [] : ['bcqueuelen', broadcastQueue]),
  ]
  const purpose = `create macvlan ${quote(call.ifname)} on ${quote(master)}`
  return [ip(words, { purpose, containerUndo: ['link', 'del', 'dev', call.ifname] })]
}

/** The macvlan plugin. */
export const macvlan: NativePlugin = {
  keys: [...commonKeys, ...Object.keys(fields)],
  laterKeys: Object.keys(laterFields),
  takesAddresses: true,
  *add(call) {
    const decoded = decodeMacvlan(call)
    if (E.isLeft(decoded)) return decoded
    const namespace = namespaceOf(call)
    if (E.isLeft(namespace)) return namespace
    const config = decoded.right
    const master = yield* findMaster(call, config)
    if (E.isLeft(master)) return master
    const { name, mtu } = master.right
    if (config.mtu < 0 || (mtu !== undefined && config.mtu > mtu)) {
      return refuse(`invalid MTU ${config.mtu}, must be [0, master MTU(${mtu})]`)
    }
    const made = yield {
      host: macvlanCommands(call, config, name),
      ...(isUnread(config) && config.hasAddresses && { ipam: 'ADD' }),
      awaits: true,
    }
    if (!config.hasAddresses) return yield* bringUp(call)
    const given = givenBy(made.ipam)
    if (E.isLeft(given)) return given
    const ips = given.right.map((one): ResultAddress => ({ ...one, interface: 0 }))
    const routes = made.ipam?.routes ?? []
    const seen = yield {
      container: [
        trySysctl(`net/ipv4/conf/${call.ifname}/arp_notify`, '1'),
        ...(call.later ? [trySysctl(`net/ipv6/conf/${call.ifname}/ndisc_notify`, '1')] : []),
        ...configureCommands(call, { ips, routes }),
      ],
      isLast: true,
    }
    const settled = yield* settleRoutes(call, { ips, routes })
    if (E.isLeft(settled)) return settled
    return resultOf(call, seen.container[0], { ips, routes })
  },
  *check(call) {
    const decoded = decodeMacvlan(call)
    if (E.isLeft(decoded)) return decoded
    const { master, mode, hasAddresses } = decoded.right
    if (hasAddresses) yield { ipam: 'CHECK', awaits: true }
    const previous = requiredPrevious(call)
    if (E.isLeft(previous)) return previous
    const namespace = namespaceOf(call)
    if (E.isLeft(namespace)) return namespace
    if (master !== '' && !call.hostHas(master))
      return refuse(`master ${quote(master)} does not exist`)
    const found = yield* checkInterface(call, previous.right, [])
    if (E.isLeft(found)) return found
    const { link } = found.right
    if (link.kind !== 'macvlan') return refuse(`interface ${quote(link.name)} is no macvlan`)
    return link.mode === mode
      ? E.right(undefined)
      : refuse(`interface ${quote(link.name)} is in mode ${link.mode}, not ${mode}`)
  },
  *del(call) {
    const decoded = decodeConfiguration(Codec, call)
    if (E.isLeft(decoded)) return decoded
    const ipam = ipamTypeOf(call.config) === '' ? {} : ({ ipam: 'DEL', awaits: true } as const)
    yield {
      ...ipam,
      ...(call.hasNamespace && {
        container: [deleteLink(call, { where: 'container', link: call.ifname })],
      }),
      isLast: true,
    }
    return E.right(undefined)
  },
  *status(call) {
    if (ipamTypeOf(call.config) !== '') yield { ipam: 'STATUS', awaits: true }
    return E.right(undefined)
  },
}

/** The device under a macvlan; its MTU where it was read. */
type Master = Pick<KernelLink, 'name'> & Partial<Pick<KernelLink, 'mtu'>>

/** A master that is named need not be read when nothing is asked of its MTU. */
const isUnread = ({ master, mtu }: MacvlanConfiguration): boolean => master !== '' && mtu === 0

// The address plugin begins beside it: it needs a lock, this needs the kernel.
function* findMaster(call: NativeCall, config: MacvlanConfiguration): Script<Master> {
  const { master, hasAddresses } = config
  const meanwhile = hasAddresses ? ({ ipam: 'ADD' } as const) : {}
  if (master !== '') {
    if (!call.hostHas(master)) return refuse('Link not found', `master ${quote(master)}`)
    if (isUnread(config)) return E.right({ name: master })
    const seen = yield { host: [show('address', 'show', 'dev', master)], ...meanwhile }
    const link = linkIn(seen.host[0], master)
    return link === undefined ? refuse('Link not found', `master ${quote(master)}`) : E.right(link)
  }
  const seen = yield {
    host: [show('route', 'show', 'default'), show('address', 'show')],
    ...meanwhile,
  }
  const device = routesIn(seen.host[0]).find(({ dst }) => dst === '0.0.0.0/0')?.device ?? ''
  const link = linksIn(seen.host[1]).find((one) => one.name === device)
  return link === undefined ? refuse('no default route interface found') : E.right(link)
}

function* bringUp(call: NativeCall): Script<Result> {
  const up = ip(['link', 'set', 'dev', call.ifname, 'up'])
  const seen = yield { container: [up, show('address', 'show', 'dev', call.ifname)], isLast: true }
  return resultOf(call, seen.container[0], {})
}

const resultOf = (
  call: NativeCall,
  reading: unknown,
  given: Pick<Result, 'ips' | 'routes'>,
): E.Either<CniError, Result> => {
  const own = linkIn(reading, call.ifname)
  if (own === undefined) return refuse(`interface ${quote(call.ifname)} is gone`)
  // The addresses' own dns is dropped, as the binary drops it.
  const dns = dnsOf(call.config)
  return E.right({
    cniVersion: currentVersion,
    interfaces: [interfaceOf(own, call.netns)],
    ...given,
    ...(dns !== undefined && { dns }),
  })
}
