/** Which interfaces will this pod get, and why? Nothing runs and nothing is read: a plan is computed from texts. */
import { explain, plan, render } from 'metacni'

const planned = plan({
  config: {
    source: '00-multus.conf',
    text: '{"name": "demo", "type": "multus", "cniVersion": "1.0.0", "defaultDelegates": "flannel"}',
  },
  pod: {
    name: 'web',
    annotations: { 'tke.cloud.tencent.com/networks': 'flannel,storage@san0' },
  },
  files: [
    { source: '10-flannel.conf', text: '{"name": "flannel", "type": "flannel"}' },
    {
      source: '20-storage.conflist',
      text: '{"name": "storage", "plugins": [{"type": "macvlan", "master": "eth1"}]}',
    },
  ],
})

if (planned.ok) console.log(`${render(planned.plan, 'text')}\n\n${explain(planned.plan)}`)
else for (const { path, message, hint = '' } of planned.problems) console.error(path, message, hint)
