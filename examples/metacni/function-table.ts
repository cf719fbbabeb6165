/** Decides how the virtual functions of a simulated node are shown: those of every device that a pod has one of. */
import { printable } from '../../lib/cni/printable.js'
import { noVlan, type World } from '../../runners/memory/index.js'
import type { TableText } from './text-table.js'

/** A table for each physical function of which a namespace has a virtual one. */
export const functionTables = (
  { functions, namespaces }: World,
  netns: string,
): readonly TableText[] => {
  const links = [...(namespaces.get(netns)?.links.values() ?? [])]
  const parents = new Set(links.flatMap(({ vf, parent }) => (vf === undefined ? [] : [parent])))
  const tables: TableText[] = []
  for (const [parent, own] of functions) {
    if (!parents.has(parent)) continue
    tables.push({
      title: `virtual functions of ${printable(parent)}`,
      head: ['vf', 'mac', 'vlan', 'link state', 'used by'],
      rows: own.map(({ index, hardwareAddress, vlan, linkState, owner }) => [
        String(index),
        hardwareAddress,
        vlan === noVlan ? '-' : String(vlan),
        linkState,
        owner === undefined ? '-' : printable(`${owner.containerId} ${owner.ifname}`),
      ]),
    })
  }
  return tables
}
