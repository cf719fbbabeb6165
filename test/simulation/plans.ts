/** Decides what pods ask for in a simulation: one to three networks of random plugins, in a random version. */
import type { Attachment, Plan } from '../../lib/plan/types.js'
import type { Random } from './random.js'

/** The requests that a container can have, and the interface names that a plan of each uses. */
export const requests: Readonly<Record<string, readonly string[]>> = {
  eth0: ['eth0', 'eth1', 'eth2'],
  eth5: ['eth5', 'eth6', 'eth7'],
}

const hostLocal = (third: number) => ({ type: 'host-local', subnet: `10.9.${third}.0/28` })
type Chain = readonly Readonly<Record<string, unknown>>[]
const chains: readonly ((name: string, third: number) => Chain)[] = [
  (_, third) => [{ type: 'bridge', isGateway: true, ipam: hostLocal(third) }],
  (_, third) => [
    { type: 'bridge', ipMasq: true, isGateway: true, ipam: hostLocal(third) },
    { type: 'tuning', mtu: 1400 },
  ],
  (_, third) => [
    { type: 'ptp', ipam: hostLocal(third) },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
  () => [{ type: 'macvlan', master: 'ens1f0' }],
  () => [{ type: 'sriov', if0: 'ens1f0', vlan: 210, l2enable: true }],
  (name) => [{ type: 'flannel', dataDir: `/var/lib/cni/flannel-${name}` }],
]
const versions = ['0.3.1', '0.4.0', '1.0.0', '1.1.0', '1.1.0'] as const

/** A plan for a request. */
export const planOf = (random: Random, request: string): Plan => {
  const version = random.pick(versions)
  const names = (requests[request] ?? []).slice(0, 1 + random.below(3))
  const attachments = names.map((ifname, index): Attachment => {
    const name = `net-${ifname.slice(3)}`
    const plugins = random.pick(chains)(name, index) as never
    return {
      network: { name, source: { kind: 'file', file: `${name}.conflist` } },
      ifname,
      primary: index === 0,
      config: { name, cniVersion: version, plugins },
      capabilityArgs: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] },
    }
  })
  return {
    version: 1,
    attachments,
    merge: random.pick(['primaryResultOnly', 'allInterfaces']),
    // Without an address a result cannot be given in 0.2.0: that ADD must be undone as well.
    resultVersion: random.pick([version, version, '0.2.0']),
    decisions: [],
    warnings: [],
  }
}
