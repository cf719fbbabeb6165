/**
 * Assembles the drop-in `multus`: the tke profile, plugin binaries, the node's files. ADD plans and carries out; DEL and
 * CHECK work from the journal and ask nobody.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import { parseArgs, podOf } from '../../lib/cni/args.js'
import {
  createEngine,
  decodeMetaConfiguration,
  type Engine,
  type Log,
  type MetaConfiguration,
  plan,
  tke,
  toCniError,
} from '../../lib/index.js'
import { definePlugin, type Plugin, type PluginRequest, type Reply } from '../../lib/plugin.js'
import { createStarterRunner } from '../../runners/exec/core.js'
import { readConfigDirectory } from '../../runners/host/config-directory.js'
import { createHostJournal } from '../../runners/host/journal.js'
import { createHostLog } from '../../runners/host/log-file.js'
import { maskSecrets } from '../../runners/host/secrets.js'
import { start } from '../../runners/node/start.js'
import { timeout } from '../../runners/wrap/timeout.js'
import { choosePodSource } from './pod-source.js'

type Env = Readonly<Record<string, string | undefined>>

/** The plugin, for a process with this environment. */
export const createMultus = (env: Env, version: string): Plugin =>
  definePlugin({
    about: `metacni multus ${version}: attaches a pod to several networks`,
    add: (request, signal) => add(request, env, signal),
    del: async (request, signal) => {
      const { engine, path } = openNode(request, env)
      const { containerId, ifname, netns, args } = request
      const outcome = await engine.del({ containerId, ifname, netns, args, path }, { signal })
      return outcome.ok ? done : { ok: false, error: toCniError(outcome.error) }
    },
    check: async (request, signal) => {
      const { engine, path } = openNode(request, env)
      const { containerId, ifname, netns, args } = request
      const outcome = await engine.check({ containerId, ifname, netns, args, path }, { signal })
      return outcome.ok ? done : { ok: false, error: toCniError(outcome.error) }
    },
  })

const done: Reply<undefined> = { ok: true, value: undefined }

const add = async (
  request: PluginRequest,
  env: Env,
  signal: AbortSignal,
): ReturnType<Parameters<typeof definePlugin>[0]['add']> => {
  const { engine, log, meta, path } = openNode(request, env)
  const { containerId, ifname, netns, args } = request
  const pairs = parseArgs(args)
  if (isLeft(pairs)) return { ok: false, error: pairs.left }
  const { namespace = '', name = '' } = podOf(pairs.right)
  const found = await choosePodSource(meta, env).read({ namespace, name })
  if (!found.ok) return { ok: false, error: toCniError(found.problems) }
  const { files, problems } = readConfigDirectory(meta.confDir ?? tke.configurationDirectories)
  const config = { source: 'stdin', text: request.text }
  const planned = plan({
    config,
    files,
    problems,
    ifname,
    ...(found.pod ? { pod: found.pod } : {}),
  })
  const findings = planned.ok ? planned.plan.warnings : planned.problems
  for (const { code, message, path, severity } of findings) {
    log.write(severity === 'error' ? 'error' : 'info', message, { code, path, containerId })
  }
  if (!planned.ok) return { ok: false, error: toCniError(planned.problems) }
  const sandbox = { containerId, netns, ifname, args, path }
  const outcome = await engine.add(planned.plan, sandbox, { signal })
  if (outcome.ok) return { ok: true, value: outcome.value.result }
  for (const { network, ifname: name } of outcome.left) {
    log.write('error', 'left behind; the next DEL tries again', {
      containerId,
      network,
      ifname: name,
    })
  }
  return { ok: false, error: toCniError(outcome.error) }
}

interface Node {
  readonly engine: Engine
  readonly log: Log
  readonly meta: MetaConfiguration
  readonly path: readonly string[]
}

const openNode = (request: PluginRequest, env: Env): Node => {
  // What is wrong with it is `plan`'s to say: DEL and CHECK go on with what is right.
  const { value: meta } = decodeMetaConfiguration({ source: 'stdin', text: request.text })
  const clock = { now: Date.now }
  const { logFile: file, logLevel: level } = meta
  const log = createHostLog({ clock, level, ...(file === undefined ? {} : { file }) })
  log.write('debug', request.verb, {
    containerId: request.containerId,
    config: maskSecrets(request.config),
  })
  const runner = timeout(createStarterRunner({ env, start }), meta.timeout * 1000)
  const journal = createHostJournal({ directory: meta.cniDir, log })
  // The same for every verb, so that what was added can be deleted (reference/tke-multus.md TB20).
  const path = [...new Set([...request.path, meta.binDir])]
  return { engine: createEngine({ runner, journal, clock, log }), log, meta, path }
}
