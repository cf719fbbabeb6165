/** A meta-CNI of one's own, with its own annotation, interface names and merge. Bundled to one file it is a plugin. */
import * as cni from 'metacni'
import { createExecRunner } from 'metacni/runners/exec'
import { createHostJournal, createManifestPodSource, readConfigDirectory } from 'metacni/runners/host'
import { servePlugin } from 'metacni/runners/node'
import { timeout } from 'metacni/runners/wrap'

const acme = cni.defineProfile(cni.tke, {
  name: 'acme',
  annotationKeys: ['acme.example/networks'],
  combination: cni.defaultThenAnnotation,
  naming: {
    rule: 'afterNetwork',
    name: (selections, ifname) =>
      selections.map(({ name }, index) =>
        index === 0 ? { ifname, why: 'first' } : { ifname: name.slice(0, 15), why: 'its network' },
      ),
  },
  merge: { rule: 'addressesOnly', why: 'the agent of acme counts addresses, not interfaces' },
})
const engine = cni.createEngine({
  runner: timeout(createExecRunner({ env: process.env }), 30_000),
  journal: createHostJournal({ directory: process.env.ACME_STATE ?? '/var/lib/acme' }),
  merges: { addressesOnly: (all) => ({ cniVersion: '1.1.0', ips: all.flatMap(({ result }) => result.ips ?? []) }) },
})
const pods = createManifestPodSource(process.env.ACME_PODS ?? '/etc/acme/pods.yaml')
const plugin = cni.definePlugin({
  add: async (request, signal) => {
    const found = await pods.read(request.pod)
    const files = readConfigDirectory(process.env.ACME_NETWORKS ?? '/etc/acme/net.d').files
    const config = { source: 'stdin', text: request.text }
    const planned = found.ok ? cni.plan({ config, files, pod: found.pod }, acme) : found
    if (!planned.ok) return { ok: false, error: cni.toCniError(planned.problems) }
    return cni.toReply(await engine.add(planned.plan, request, { signal }), ({ result }) => result)
  },
  del: async (request, signal) => cni.toReply(await engine.del(request, { signal })),
})
void servePlugin(plugin)
