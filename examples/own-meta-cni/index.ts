/** A meta-CNI of one's own: its own annotation, interface names and merge. Bundled to one file it is a CNI plugin. */
import * as cni from 'metacni'
import { createExecRunner } from 'metacni/runners/exec'
import * as host from 'metacni/runners/host'
import { servePlugin } from 'metacni/runners/node'
import { timeout } from 'metacni/runners/wrap'

const acme = cni.defineProfile(cni.multus, {
  name: 'acme',
  annotationKeys: ['acme.example/networks'],
  naming: {
    rule: 'afterNetwork',
    name: (selections, ifname) =>
      selections.map(({ name, interface: asked }, index) => ({
        ifname: index === 0 ? ifname : (asked ?? name.slice(0, 15)),
        why: index === 0 ? 'it is the default network' : 'interfaces are named after networks',
      })),
  },
  merge: { rule: 'withoutRoutes', why: 'the agent of acme sets the routes' },
})
const root = process.env.ACME_ROOT ?? ''
const pods = host.createManifestPodSource(`${root}/etc/acme/pods.yaml`)
const engine = cni.createEngine({
  runner: timeout(createExecRunner({ env: process.env }), 30_000),
  journal: host.createHostJournal({ directory: `${root}/var/lib/acme` }),
  merges: { withoutRoutes: (all) => ({ ...cni.allInterfaces(all), routes: [] }) },
})
const plugin = cni.definePlugin({
  add: async (request, signal) => {
    const found = await pods.read(request.pod)
    const input = { ifname: request.ifname, ...host.readConfigDirectory(`${root}/etc/acme/net.d`) }
    const config = { source: 'stdin', text: request.text }
    const planned = found.ok ? cni.plan({ ...input, config, pod: found.pod }, acme) : found
    if (!planned.ok) return { ok: false, error: cni.toCniError(planned.problems) }
    return cni.toReply(await engine.add(planned.plan, request, { signal }), ({ result }) => result)
  },
  check: async (request, signal) => cni.toReply(await engine.check(request, { signal })),
  del: async (request, signal) => cni.toReply(await engine.del(request, { signal })),
})
void servePlugin(plugin)
