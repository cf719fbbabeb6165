/** Records what the command line has no command for: STATUS of a plan, answered by plugins that are ready, refuse or are old. */
import { appendFileSync } from 'node:fs'
import { argv } from 'node:process'
import { plan } from '../../lib/index.js'
import { createMemoryJournal, createMemoryNode, faults } from '../../runners/memory/index.js'
import { record } from '../../runners/wrap/index.js'

const [, , file = ''] = argv
const files = [
  { source: 'a.conf', text: '{"cniVersion": "1.1.0", "name": "a", "type": "bridge"}' },
  { source: 'b.conf', text: '{"cniVersion": "1.1.0", "name": "b", "type": "ptp"}' },
  { source: 'c.conf', text: '{"cniVersion": "1.0.0", "name": "c", "type": "macvlan"}' },
]
const planned = plan({ networks: 'a,b,c', files })
if (!planned.ok) throw new Error('no plan')
const node = createMemoryNode()
const journal = createMemoryJournal()
const engine = record({ runner: node.runner, journal }, (line) => appendFileSync(file, line))
await engine.status(planned.plan, { path: ['/opt/cni/bin'] })
node.script({ verb: 'STATUS', type: 'ptp' }, faults.refuse({ code: 50, msg: 'not yet' }))
await engine.status(planned.plan, { path: ['/opt/cni/bin'] })
