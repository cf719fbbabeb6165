/**
 * Decides how `multus` answers STATUS: the default delegates are planned without a pod, and their plugins asked. Refuses
 * with code 50 and every problem for which an ADD would be refused.
 */
import {
  cniErrorCodes,
  type Problem,
  plan,
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
  const wrong: readonly Problem[] = [
    ...podSourceProblems(meta, env),
    ...(planned.ok ? [] : planned.problems),
    ...missing,
  ]
  for (const { code, path, message } of wrong) log.write('error', message, { code, path })
  if (!planned.ok || wrong.length > 0) {
    return { ok: false, error: { ...toCniError(wrong), code: cniErrorCodes.notAvailable } }
  }
  const { path } = sandbox
  return toReply(await createNodeEngine(call).status(planned.plan, { path }, { signal }))
}
