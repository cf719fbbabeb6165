/**
 * Decides how `multus` answers STATUS: the default delegates are planned without a pod, and their plugins asked. Refuses
 * with code 50 and every problem for which an ADD would be refused. Where the runtime sends annotations a pod may bring its
 * networks itself: then there need be no default ones.
 */
import {
  cniErrorCodes,
  type Problem,
  plan,
  podAnnotationsCapability,
  type Reply,
  type Surveyed,
  toCniError,
  toReply,
} from '../../lib/index.js'
import { installedBinaries } from '../../runners/host/binaries.js'
import { type Call, readNetworkFiles } from './call.js'
import { createNodeEngine } from './node-engine.js'
import { podSourceProblems } from './pod-source.js'

/** Asks whether an ADD would succeed. */
export const ask = async (call: Call, signal: AbortSignal): Promise<Reply<Surveyed>> => {
  const { env, log, meta, request, sandbox } = call
  const { files, problems } = readNetworkFiles(call)
  const config = { source: 'stdin', text: request.text }
  const installed = installedBinaries(sandbox.path)
  const planned = plan({ config, files, problems, installed })
  const missing = (planned.ok ? planned.plan : planned.partial).warnings.filter(
    // A warning to a plan that may run elsewhere; here nothing can run without it.
    ({ code }) => code === 'missing-plugin',
  )
  const mayBringOwn = meta.capabilities?.[podAnnotationsCapability] === true
  const refusals = (planned.ok ? [] : planned.problems).filter(
    ({ code }) => !(mayBringOwn && code === 'no-networks'),
  )
  const wrong: readonly Problem[] = [...podSourceProblems(meta, env), ...refusals, ...missing]
  for (const { code, path, message } of wrong) log.write('error', message, { code, path })
  if (wrong.length > 0) {
    return { ok: false, error: { ...toCniError(wrong), code: cniErrorCodes.notAvailable } }
  }
  if (!planned.ok) return { ok: true, value: { checked: [], skipped: [] } }
  const { path } = sandbox
  return toReply(await createNodeEngine(call).status(planned.plan, { path }, { signal }))
}
