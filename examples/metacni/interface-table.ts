/** Decides which interfaces a pod has after an ADD, as far as the plugins' results say: name, addresses, MAC, network. */
import { printable } from '../../lib/cni/printable.js'
import type { Added, AttachmentResult } from '../../lib/index.js'
import { describe } from '../../lib/plan/describe.js'
import type { TableText } from './text-table.js'

/** One interface of a pod. */
export interface PodInterface {
  readonly name: string
  readonly addresses: readonly string[]
  /** Empty: there is none to tell. */
  readonly mac: string
  /** Empty: the pod's own. */
  readonly network: string
  readonly description: string
}

/** The interfaces that the results of an ADD name inside the pod, in execution order. */
export const interfacesOfResults = ({ attachments }: Added): readonly PodInterface[] =>
  attachments.flatMap(interfacesOfResult)

const interfacesOfResult = ({ attachment, result }: AttachmentResult): readonly PodInterface[] => {
  const { ifname, network, config } = attachment
  const found: (PodInterface & { readonly index: number })[] = []
  for (const [index, { name, mac = '', sandbox = '' }] of (result.interfaces ?? []).entries()) {
    if (sandbox === '') continue
    const description = name === ifname ? describe(config) : ''
    found.push({ index, name, mac, network: network.name, description, addresses: [] })
  }
  if (!found.some(({ name }) => name === ifname)) {
    const description = describe(config)
    const own = { name: ifname, mac: '', network: network.name, description, addresses: [] }
    found.unshift({ ...own, index: -1 })
  }
  const holder = found.find(({ name }) => name === ifname)
  return found.map((one) => ({
    ...one,
    addresses: (result.ips ?? [])
      .filter(({ interface: index }) => {
        const named = found.find((other) => other.index === index && index !== -1)
        // An address without an interface is that of the attachment.
        return (named ?? holder) === one
      })
      .map(({ address }) => address),
  }))
}

/** The interfaces as a table; an interface without an address has a dash. */
export const interfaceTable = (interfaces: readonly PodInterface[]): TableText => ({
  head: ['interface', 'addresses', 'mac', 'network', 'description'],
  rows: interfaces.map(({ name, addresses, mac, network, description }) => [
    cell(name),
    addresses.length === 0 ? '-' : addresses.map(printable).join('\n'),
    cell(mac),
    cell(network),
    cell(description),
  ]),
})

const cell = (text: string): string => (text === '' ? '-' : printable(text))
