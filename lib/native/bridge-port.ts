/**
 * Decides how a container becomes a port of a bridge: the bridge, the pair, the wait until it is up (reference/
 * plugins-and-ip.md 7.2 steps 1 to 8 and 15). Refuses a device of the bridge's name that is no bridge.
 */
import * as E from 'fp-ts/lib/Either.js'
import { quote } from '../cni/problem.js'
import type { BridgeConfiguration } from './bridge-configuration.js'
import { type Command, ip, show, trySysctl } from './command.js'
import { canBeginEarly, refuse } from './configuration.js'
import { type KernelLink, linkIn } from './kernel.js'
import { familiesIn } from './masquerade.js'
import { hostNameOf } from './names.js'
import { hostEndSysctl, pairCommands } from './pair.js'
import type { NativeCall, Script } from './script.js'

/** What makes the bridge. Somebody else may make it at the same time. */
export const bridgeCommands = ({ name, mtu }: BridgeConfiguration): readonly Command[] => [
  ip(['link', 'add', 'name', name, ...(mtu > 0 ? ['mtu', mtu] : []), 'type', 'bridge'], {
    tolerates: 'exists',
    purpose: `create bridge ${quote(name)}`,
  }),
]

/** What sets the bridge up, as this configuration wants it. */
export const upCommands = ({ name, promisc }: BridgeConfiguration): readonly Command[] => [
  ...(promisc ? [ip(['link', 'set', 'dev', name, 'promisc', 'on'])] : []),
  ip(['link', 'set', 'dev', name, 'up']),
]

/** What makes the container's pair a port of the bridge. */
export const portCommands = (
  call: NativeCall,
  { name, mtu, mac, hairpin, isolated }: BridgeConfiguration,
): readonly Command[] => {
  const port = hostNameOf(call)
  const flags = [...(hairpin ? ['hairpin', 'on'] : []), ...(isolated ? ['isolated', 'on'] : [])]
  return [
    ...pairCommands(call, { mtu, mac, master: name }),
    ...(flags.length > 0
      ? [ip(['link', 'set', 'dev', port, 'type', 'bridge_slave', ...flags])]
      : []),
  ]
}

/** A bridge and the container's port of it. */
export interface Port {
  readonly bridge: KernelLink
  readonly port: KernelLink
}

/**
 * Makes both. The address plugin begins at once and goes on beside: it needs a lock, the pair needs the kernel. A device
 * of the bridge's name is touched only when it has taken the port, which a device that is no bridge does not.
 */
export function* makePort(call: NativeCall, config: BridgeConfiguration): Script<Port> {
  const { name } = config
  const exists = call.hostHas(name)
  const made = yield {
    host: exists
      ? [...portCommands(call, config), ...upCommands(config), ...readingsOf(call, config)]
      : [
          ...bridgeCommands(config),
          ...upCommands(config),
          ...portCommands(call, config),
          ...readingsOf(call, config),
        ],
    ...(config.hasAddresses && canBeginEarly(call.config) && { ipam: 'ADD' }),
    ...(config.ipMasq && config.hasAddresses && { readsRules: familiesIn(call) }),
    goesOn: true,
  }
  const noBridge = refuse(
    `failed to create bridge ${quote(name)}: ${quote(name)} already exists but is not a bridge`,
  )
  if (made.failure !== undefined) {
    if (!call.hostHas(name)) return E.left(made.failure)
    const looked = yield { host: [show('address', 'show', 'dev', name)] }
    const kind = linkIn(looked.host[0], name)?.kind
    return kind === undefined || kind === 'bridge' ? E.left(made.failure) : noBridge
  }
  const [bridge, port] = [linkIn(made.host[0], name), linkIn(made.host[1], hostNameOf(call))]
  if (bridge === undefined || port === undefined) return refuse(`bridge ${quote(name)} is gone`)
  return bridge.kind === 'bridge' ? E.right({ bridge, port }) : noBridge
}

// The sysctls come last: they are no lines for `ip`, which would be waited for before each. Nobody is on the link yet.
const readingsOf = (call: NativeCall, { name }: BridgeConfiguration): readonly Command[] => [
  show('address', 'show', 'dev', name),
  show('address', 'show', 'dev', hostNameOf(call)),
  trySysctl(`net/ipv6/conf/${name}/accept_ra`, '0'),
  hostEndSysctl(call),
]

/** How long a port may take to come up: the pauses between looks, in milliseconds (7.2 step 15). */
const portPauses = [50, 500, 1000, 1000]

/** Waits until the container's port is up. */
export function* awaitPort(call: NativeCall, { index }: KernelLink): Script<undefined> {
  const name = hostNameOf(call)
  // It takes the kernel a moment; a look costs nothing where it needs no process.
  for (let look = 0; look < 3; look++) {
    const state = call.hostState?.(name, index)
    if (state === 'up') return E.right(undefined)
    if (state === undefined) break
    yield { pause: 1 }
  }
  for (let look = 0; ; look++) {
    const seen = yield { host: [show('address', 'show', 'dev', name)] }
    const state = linkIn(seen.host[0], name)?.operstate ?? 'gone'
    if (state === 'UP') return E.right(undefined)
    const pause = portPauses[look]
    if (pause === undefined) return refuse(`bridge port in error state: ${state.toLowerCase()}`)
    yield { pause }
  }
}
