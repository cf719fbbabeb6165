/**
 * Assembles the drop-in `multus`: the tke profile, plugin binaries, the node's files. ADD plans and carries out; DEL and
 * CHECK work from the journal and ask nobody.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import { parseArgs } from '../../lib/cni/args.js'
import { maskSecrets } from '../../lib/cni/secrets.js'
import {
  type AnyResult,
  decodeMetaConfiguration,
  definePlugin,
  type Log,
  type MetaConfiguration,
  type Plan,
  type Plugin,
  type PluginRequest,
  plan,
  type Reply,
  type Sandbox,
  tke,
  toCniError,
  toReply,
} from '../../lib/index.js'
import { readConfigDirectory } from '../../runners/host/config-directory.js'
import { createHostLog } from '../../runners/host/log-file.js'
import { createNodeEngine } from './node-engine.js'
import { choosePodSource } from './pod-source.js'

type Env = Readonly<Record<string, string | undefined>>

/** The plugin, for a process with this environment. */
export const createMultus = (env: Env, version: string): Plugin =>
  definePlugin({
    about: `metacni multus ${version}: attaches a pod to several networks`,
    add: (request, signal) => add(openCall(request, env), signal),
    del: async (request, signal) => {
      const call = openCall(request, env)
      return toReply(await createNodeEngine(call).del(call.sandbox, { signal }))
    },
    check: async (request, signal) => {
      const call = openCall(request, env)
      return toReply(await createNodeEngine(call).check(call.sandbox, { signal }))
    },
  })

/** A request and what answers it. */
interface Call {
  readonly env: Env
  readonly request: PluginRequest
  readonly meta: MetaConfiguration
  readonly log: Log
  readonly sandbox: Sandbox
}

const openCall = (request: PluginRequest, env: Env): Call => {
  // What is wrong with it is `plan`'s to say: DEL and CHECK go on with what is right.
  const { value: meta } = decodeMetaConfiguration({ source: 'stdin', text: request.text })
  const { logFile: file, logLevel: level } = meta
  const clock = { now: Date.now }
  const log = createHostLog({ clock, level, ...(file === undefined ? {} : { file }) })
  const { containerId, ifname, netns, args } = request
  if (level === 'debug') {
    log.write('debug', request.verb, { containerId, config: maskSecrets(request.config) })
  }
  // The same for every verb, so that what was added can be deleted (reference/tke-multus.md TB20).
  const path = [...new Set([...request.path, meta.binDir])]
  const sandbox = { containerId, netns, ifname, args, path }
  return { env, request, meta, log, sandbox }
}

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

const planCall = async ({ env, log, meta, request, sandbox }: Call): Promise<Reply<Plan>> => {
  const { containerId, ifname, args } = sandbox
  const pairs = parseArgs(args)
  if (isLeft(pairs)) return { ok: false, error: pairs.left }
  const found = await choosePodSource(meta, env).read(request.pod)
  if (!found.ok) return { ok: false, error: toCniError(found.problems) }
  const { pod } = found
  const { files, problems } = readConfigDirectory(meta.confDir ?? tke.configurationDirectories)
  const config = { source: 'stdin', text: request.text }
  const planned = plan({ config, files, problems, ifname, ...(pod && { pod }) })
  // What is wrong with a file is often why a network was not found.
  const findings = planned.ok
    ? planned.plan.warnings
    : [...planned.partial.warnings, ...planned.problems]
  for (const { code, message, path, severity } of findings) {
    log.write(severity === 'error' ? 'error' : 'info', message, { code, path, containerId })
  }
  return planned.ok
    ? { ok: true, value: planned.plan }
    : { ok: false, error: toCniError(planned.problems) }
}
