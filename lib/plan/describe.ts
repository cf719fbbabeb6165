/**
 * Decides how the interface of a network is described to a person: by what the first plugin of the list makes of its
 * own configuration. Refuses nothing: a plugin that nobody knows is named.
 */
import type { NetworkConfigurationList } from '../cni/configuration.js'
import type { PluginConfiguration } from '../cni/plugin-configuration.js'
import { enumerate } from './text.js'

/**
 * One phrase for the interface of a list, for example `VF of enp2s0 with VLAN ID 210, assigned by SR-IOV`; the other
 * plugins of a chain follow: `..., with portmap and tuning`. Texts of the configuration come as they are: escape them
 * for a terminal, as `render` does.
 */
export const describe = ({ plugins }: NetworkConfigurationList): string => {
  const [first, ...others] = plugins
  if (first === undefined) return 'no plugin'
  const phrase = phrases.get(first.type)
  const described = phrase === undefined ? `attached by ${first.type}` : phrase(first)
  return others.length === 0
    ? described
    : `${described}, with ${enumerate(others.map(({ type }) => type))}`
}

type Phrase = (plugin: PluginConfiguration) => string

/** The host interface of a macvlan or ipvlan network; the plugins take the default route's when it is absent. */
const masterOf = (plugin: PluginConfiguration): string =>
  textOf(plugin, 'master') ?? "the host's default interface"

// The defaults are those of the plugins (reference/plugins-and-ip.md).
const phrases: ReadonlyMap<string, Phrase> = new Map<string, Phrase>([
  ['flannel', () => 'Flannel network tap interface'],
  ['sriov', (plugin) => describeVirtualFunction(plugin)],
  ['bridge', (plugin) => `veth pair on bridge ${textOf(plugin, 'bridge') ?? 'cni0'}`],
  ['ptp', () => 'point-to-point link to the host'],
  [
    'macvlan',
    (plugin) => `macvlan of ${masterOf(plugin)} in ${textOf(plugin, 'mode') ?? 'bridge'} mode`,
  ],
  ['ipvlan', (plugin) => `ipvlan of ${masterOf(plugin)} in ${textOf(plugin, 'mode') ?? 'l2'} mode`],
  ['host-device', (plugin) => `host device ${hostDeviceOf(plugin)}`],
  ['loopback', () => 'loopback interface'],
])

const describeVirtualFunction: Phrase = (plugin) => {
  const parent = textOf(plugin, 'if0') ?? textOf(plugin, 'master')
  const device = textOf(plugin, 'deviceID')
  const which = parent === undefined ? device && ` ${device}` : ` of ${parent}`
  const { vlan } = plugin
  const tagged = typeof vlan === 'number' && vlan !== 0 ? ` with VLAN ID ${vlan}` : ''
  return `VF${which ?? ''}${tagged}, assigned by SR-IOV`
}

const hostDeviceOf: Phrase = (plugin) => {
  for (const key of ['device', 'hwaddr', 'kernelpath', 'pciBusID']) {
    const text = textOf(plugin, key)
    if (text !== undefined) return text
  }
  return 'that the runtime names'
}

/** The text under a key, unless it is empty. */
const textOf = (plugin: PluginConfiguration, key: string): string | undefined => {
  const value = plugin[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}
