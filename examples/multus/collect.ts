/**
 * Decides how `multus` answers GC: what is recorded and not valid is undone, then the plugins of the configured networks
 * are told. Refuses a request without a list of what is valid, and to tell a plugin of its own type.
 */
import {
  type Collected,
  type Outcome,
  type Reply,
  readCatalogue,
  type StepReport,
  toReply,
  validAttachments,
} from '../../lib/index.js'
import { isDelegatingTo } from '../../lib/plan/resolve.js'
import { type Call, readNetworkFiles } from './call.js'
import { createNodeEngine } from './node-engine.js'

/** Collects what is stale. */
export const collect = async (call: Call, signal: AbortSignal): Promise<Reply<Collected>> => {
  const { log, meta, request, sandbox } = call
  const valid = validAttachments(request.config)
  if (!valid.ok) return valid
  const { files, problems } = readNetworkFiles(call)
  const catalogue = readCatalogue(files)
  // One that cannot be read is not told; those that can are.
  for (const { code, path, message } of [...problems, ...catalogue.problems]) {
    log.write('info', message, { code, path })
  }
  // The usual directories hold our own configuration, too.
  const networks = [...catalogue.networks.values()].filter(
    (network) => !isDelegatingTo(network, meta.type),
  )
  const what = { valid: valid.value, networks, path: sandbox.path }
  const outcome = await createNodeEngine(call).gc(what, { signal })
  const { undone, left } = reportsOf(outcome)
  const tell = (level: 'info' | 'error', message: string) => (report: StepReport) => {
    const { containerId, network, ifname } = report
    log.write(level, message, { containerId, network, ifname })
  }
  undone.forEach(tell('info', 'stale; undone'))
  left.forEach(tell('error', 'stale; left behind, the next GC tries again'))
  return toReply(outcome)
}

const reportsOf = (
  outcome: Outcome<Collected>,
): { readonly undone: readonly StepReport[]; readonly left: readonly StepReport[] } =>
  outcome.ok ? { undone: outcome.value.undone, left: [] } : outcome
