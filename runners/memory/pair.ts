/** Decides how a pair of links between a container and the host comes and goes: bridge's and ptp's common part. */
import { addLink } from './links.js'
import { type Link, type Namespace, newMac, type Owner, type World } from './world.js'

/** What a pair is made with. */
export interface PairOptions {
  readonly ifname: string
  readonly owner: Owner
  readonly mtu: number
  /** Of the container's end; generated when absent. */
  readonly mac: string | undefined
  /** The bridge that the host's end becomes a port of. */
  readonly master?: string
  /** What a person would call the container's end. */
  readonly description: string
}

/** Both ends of a new pair; the host's is up. */
export const addPair = (
  world: World,
  namespace: Namespace,
  hostName: string,
  options: PairOptions,
): { readonly host: Link; readonly container: Link } => {
  const { ifname, owner, mtu, mac, master, description } = options
  const common = { kind: 'veth', mtu, owner }
  const container = addLink(world, namespace, {
    ...common,
    name: ifname,
    mac: mac ?? newMac(world),
    description,
    peer: { netns: '', name: hostName },
  })
  const host = addLink(world, world.host, {
    ...common,
    name: hostName,
    mac: newMac(world),
    up: true,
    txqlen: 0,
    description: `host end of ${ifname} of ${owner.containerId}`,
    peer: { netns: namespace.path, name: ifname },
    ...(master !== undefined && { master }),
  })
  return { host, container }
}
