/** What happens when the third plugin fails? Rehearsed on a simulated node, with the engine that runs on a real one. */
import { createEngine, plan, toCniError } from 'metacni'
import { createMemoryJournal, createMemoryNode, faults } from 'metacni/runners/memory'

const networks = [
  { name: 'front', type: 'bridge', ipam: { type: 'host-local', subnet: '10.1.0.0/24' } },
  { name: 'back', type: 'ptp', ipam: { type: 'host-local', subnet: '10.2.0.0/24' } },
  { name: 'storage', type: 'macvlan', master: 'ens1' },
]
const files = networks.map((network) => ({
  source: `${network.name}.conf`,
  text: JSON.stringify({ cniVersion: '1.0.0', ...network }),
}))
const planned = plan({ networks: 'front,back,storage', files })
if (!planned.ok) throw new Error(toCniError(planned.problems).msg)

const node = createMemoryNode()
const busy = faults.refuse({ code: 11, msg: 'the switch is busy' })
const mend = node.script({ type: 'macvlan', verb: 'ADD' }, busy)
const engine = createEngine({ runner: node.runner, journal: createMemoryJournal() })
const netns = '/run/netns/pod-1'
const add = () =>
  engine.add(planned.plan, { containerId: 'pod-1', netns, ifname: 'eth0', args: '', path: [] })

const outcome = await add()
for (const { invocation: call, answer } of node.invocations) {
  console.log(call.verb, call.type, call.env.CNI_IFNAME, answer?.kind)
}
if (!outcome.ok) console.log(`\n${toCniError(outcome.error).msg}`)
console.log('left over:', node.leftovers().length, '\n')

mend()
console.log('once more:', (await add()).ok ? 'attached' : 'failed')
console.log(node.describe(netns))
