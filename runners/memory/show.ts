/**
 * Decides how a simulated node is shown to a person: in the words of `ip link show` and `ip address show`, and as a table
 * of what each interface is. Texts for demonstrations; their form is no promise.
 */
import type { Link, VirtualFunction } from './world.js'

/** One interface of a namespace, as a test or a person looks at it. */
export interface InterfaceView {
  readonly name: string
  readonly kind: string
  readonly index: number
  readonly mac: string
  readonly mtu: number
  readonly up: boolean
  /** CIDR texts, the link-local one among them. */
  readonly addresses: readonly string[]
  /** For example `VF 0 of enp2s0 with VLAN 210`. */
  readonly description: string
  /** The name of the other end of a pair. */
  readonly peer?: string
}

/** A link as it is looked at. */
export const viewOf = (link: Link): InterfaceView => {
  const { name, kind, index, mac, mtu, up, addresses, description, peer } = link
  const view = { name, kind, index, mac, mtu, up, addresses, description }
  return peer === undefined ? view : { ...view, peer: peer.name }
}

/** `ip address show` of the interfaces: a line each, one for the hardware address, one for every other address. */
export const showAddresses = (interfaces: readonly InterfaceView[]): string =>
  interfaces
    .map((view) => [...headOf(view), ...view.addresses.map(addressLine)].join('\n'))
    .join('\n')

/** `ip link show` of a physical function, with a line for each of its virtual ones. */
export const showFunctions = (
  device: InterfaceView,
  functions: readonly VirtualFunction[],
): string =>
  [
    ...headOf(device),
    ...functions.map(
      ({ index, mac, vlan, spoofChecking, linkState }) =>
        `    vf ${index} MAC ${mac}, vlan ${vlan}, ` +
        `spoof checking ${spoofChecking ? 'on' : 'off'}, link-state ${linkState}`,
    ),
  ].join('\n')

/** A table in Markdown: interface name, addresses, description. */
export const describeInterfaces = (interfaces: readonly InterfaceView[]): string => {
  const rows = interfaces.map(({ name, addresses, description }) => [
    name,
    addresses.join(' '),
    description,
  ])
  const table = [['Interface name', 'Addresses', 'Description'], ...rows]
  const widths = [0, 1, 2].map((column) =>
    table.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), 0),
  )
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = widths.map((width) => '-'.repeat(width))
  const [head = [], ...body] = table
  return [line(head), line(rule), ...body.map(line)].join('\n')
}

const headOf = (view: InterfaceView): readonly string[] => {
  const isLoopback = view.kind === 'loopback'
  const flags = [
    isLoopback ? 'LOOPBACK' : 'BROADCAST,MULTICAST',
    ...(view.up ? ['UP,LOWER_UP'] : []),
  ]
  const state = view.up ? (isLoopback ? 'UNKNOWN' : 'UP') : 'DOWN'
  const name = view.peer === undefined ? view.name : `${view.name}@${view.peer}`
  const broadcast = isLoopback ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff'
  return [
    `${view.index}: ${name}: <${flags.join(',')}> mtu ${view.mtu} state ${state}`,
    `    link/${isLoopback ? 'loopback' : 'ether'} ${view.mac} brd ${broadcast}`,
  ]
}

const addressLine = (address: string): string => {
  const isV6 = address.includes(':')
  const scope = address.startsWith('fe80:') ? 'link' : isHostOnly(address) ? 'host' : 'global'
  return `    inet${isV6 ? '6' : ''} ${address} scope ${scope}`
}

const isHostOnly = (address: string): boolean => address.startsWith('127.') || address === '::1/128'
