/** What happens when the third plugin fails? Rehearsed on a simulated node, with the engine that runs on a real one. */
import { createEngine, plan, toCniError } from 'metacni'
import { createMemoryJournal, createMemoryNode, faults } from 'metacni/runners/memory'

const planned = plan({
  networks: 'front,back,storage',
  files: [
    {
      source: '1-front.conf',
      text: '{"name": "front", "type": "bridge", "ipam": {"type": "host-local", "subnet": "10.1.0.0/24"}}',
    },
    {
      source: '2-back.conf',
      text: '{"name": "back", "type": "ptp", "ipam": {"type": "host-local", "subnet": "10.2.0.0/24"}}',
    },
    { source: '3-storage.conf', text: '{"name": "storage", "type": "macvlan", "master": "ens1"}' },
  ],
})
const node = createMemoryNode()
node.script(
  { type: 'macvlan', verb: 'ADD' },
  faults.refuse({ code: 11, msg: 'the switch is busy' }),
)

const engine = createEngine({ runner: node.runner, journal: createMemoryJournal() })
if (planned.ok) {
  const sandbox = {
    containerId: 'pod-1',
    netns: '/run/netns/pod-1',
    ifname: 'eth0',
    args: '',
    path: [],
  }
  const outcome = await engine.add(planned.plan, sandbox)
  for (const { invocation } of node.invocations) {
    console.log(invocation.verb, invocation.type, invocation.env.CNI_IFNAME)
  }
  if (!outcome.ok) console.log(toCniError(outcome.error).msg)
  console.log('left over:', node.leftovers())
}
