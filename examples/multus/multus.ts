/**
 * Assembles the drop-in `multus`: the tke profile, plugin binaries, the node's files. ADD plans and carries out; DEL and
 * CHECK work from the journal and ask nobody; GC and STATUS have files of their own.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import { parseArgs } from '../../lib/cni/args.js'
import {
  type AnyResult,
  definePlugin,
  type Plan,
  type Plugin,
  type PluginRequest,
  type Problem,
  plan,
  type Reply,
  toCniError,
  toReply,
} from '../../lib/index.js'
import { type Call, type Env, openCall, readNetworkFiles } from './call.js'
import { collect } from './collect.js'
import { createNodeEngine } from './node-engine.js'
import { choosePodSource } from './pod-source.js'
import { ask } from './status.js'

/** The plugin, for a process with this environment. `onCall` is told of the request that is answered. */
export const createMultus = (
  env: Env,
  version: string,
  onCall: (call: Call) => void = () => {},
): Plugin => {
  const open = (request: PluginRequest): Call => {
    const call = openCall(request, env)
    onCall(call)
    return call
  }
  return definePlugin({
    about: `metacni multus ${version}: attaches a pod to several networks`,
    add: (request, signal) => add(open(request), signal),
    del: async (request, signal) => {
      const call = open(request)
      const outcome = await createNodeEngine(call).del(call.sandbox, { signal })
      if (outcome.ok && outcome.value.undone.length === 0) noteNothing(call)
      return toReply(outcome)
    },
    check: async (request, signal) => {
      const call = open(request)
      return toReply(await createNodeEngine(call).check(call.sandbox, { signal }))
    },
    gc: (request, signal) => collect(open(request), signal),
    status: (request, signal) => ask(open(request), signal),
  })
}

// A success by the specification. containerd calls twice, the second time without a namespace: nobody needs to know that.
const noteNothing = ({ log, meta, sandbox: { containerId, ifname, netns } }: Call): void =>
  log.write(netns === '' ? 'debug' : 'info', 'DEL: nothing to undo', {
    ...{ containerId, ifname, netns, cniDir: meta.cniDir },
  })

const add = async (call: Call, signal: AbortSignal): Promise<Reply<AnyResult>> => {
  const planned = await planCall(call)
  if (!planned.ok) return planned
  const { log, sandbox } = call
  const outcome = await createNodeEngine(call).add(planned.value, sandbox, { signal })
  if (outcome.ok) return { ok: true, value: outcome.value.result }
  const { containerId } = sandbox
  for (const { network, ifname } of outcome.left) {
    log.write('error', 'left behind; the next DEL tries again', { containerId, network, ifname })
  }
  return { ok: false, error: toCniError(outcome.error) }
}

const planCall = async (call: Call): Promise<Reply<Plan>> => {
  const { env, meta, request, sandbox } = call
  const { ifname, args } = sandbox
  const pairs = parseArgs(args)
  if (isLeft(pairs)) return { ok: false, error: pairs.left }
  const found = await choosePodSource(meta, env).read(request.pod)
  if (!found.ok) {
    tellFindings(call, found.problems)
    return { ok: false, error: toCniError(found.problems) }
  }
  const { pod } = found
  const { files, problems } = readNetworkFiles(call)
  const config = { source: 'stdin', text: request.text }
  const planned = plan({ config, files, problems, ifname, ...(pod && { pod }) })
  // What is wrong with a file is often why a network was not found.
  const findings = planned.ok
    ? planned.plan.warnings
    : [...planned.partial.warnings, ...planned.problems]
  tellFindings(call, findings)
  return planned.ok
    ? { ok: true, value: planned.plan }
    : { ok: false, error: toCniError(planned.problems) }
}

const tellFindings = ({ log, sandbox: { containerId } }: Call, findings: readonly Problem[]) => {
  for (const { code, message, path, severity } of findings) {
    log.write(severity === 'error' ? 'error' : 'info', message, { code, path, containerId })
  }
}
