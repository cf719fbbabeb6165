/**
 * Decides which links a plugin makes on the node, by its configuration: what the standard plugins are known to make.
 * Refuses to say it of any other type: that one may make anything.
 */
import type { NetworkConfigurationList } from '../cni/configuration.js'
import { isObject } from '../cni/json.js'
import type { PluginConfiguration } from '../cni/plugin-configuration.js'

/** What a plugin makes on the node. */
export type LinkMaker =
  | { readonly makes: 'port'; readonly bridge: string }
  | { readonly makes: 'macvlan' | 'ipvlan'; readonly master?: string }
  | { readonly makes: 'veth' }
  | { readonly makes: 'nothing' | 'anything' }

/** The standard plugins whose links are never on the node, or are nobody's to remove. */
const makeNothing: ReadonlySet<string> = new Set([
  ...['bandwidth', 'dummy', 'firewall', 'host-device', 'loopback', 'portmap', 'sbr', 'sriov'],
  ...['tap', 'tuning', 'vlan', 'vrf'],
])

/** What a plugin makes by its configuration. */
export const makerOf = (plugin: PluginConfiguration): LinkMaker => {
  const { type, delegate } = plugin
  // flannel runs bridge unless its delegate names another plugin.
  const inner =
    type === 'flannel' ? { type: 'bridge', ...(isObject(delegate) && delegate) } : plugin
  const { bridge = 'cni0', master } = inner as { bridge?: unknown; master?: unknown }
  if (inner.type === 'bridge') {
    return typeof bridge === 'string' ? { makes: 'port', bridge } : { makes: 'nothing' }
  }
  if (inner.type === 'macvlan' || inner.type === 'ipvlan') {
    return { makes: inner.type, ...(typeof master === 'string' && { master }) }
  }
  if (inner.type === 'ptp') return { makes: 'veth' }
  return { makes: makeNothing.has(inner.type) ? 'nothing' : 'anything' }
}

/** A link of the node, as far as it says which plugin may have made it. */
export interface MadeLink {
  readonly kind?: string
  /** The bridge that it is a port of. */
  readonly master?: string
  /** What it lies on. */
  readonly lower?: string
}

/** Whether a plugin of the list may have made the link. */
export const mayHaveMade = ({ plugins }: NetworkConfigurationList, link: MadeLink): boolean =>
  plugins.map(makerOf).some((maker) => {
    switch (maker.makes) {
      case 'port':
        // Before it is a port it is one of nothing.
        return link.kind === 'veth' && (link.master ?? maker.bridge) === maker.bridge
      case 'veth':
        return link.kind === 'veth' && link.master === undefined
      case 'macvlan':
      case 'ipvlan': {
        // Without a master they lie on that of the default route.
        const { makes, master = link.lower } = maker
        return makes === link.kind && (link.lower ?? master) === master
      }
      default:
        return maker.makes === 'anything'
    }
  })
