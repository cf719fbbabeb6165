/** Decides what of a request its verbs work with: the configuration, the log, where plugins are looked for. */
import { resolve } from 'node:path'
import { maskSecrets } from '../../lib/cni/secrets.js'
import {
  decodeMetaConfiguration,
  type Log,
  type MetaConfiguration,
  type PluginRequest,
  type Sandbox,
  tke,
} from '../../lib/index.js'
import { type ConfigFiles, readConfigDirectory } from '../../runners/host/config-directory.js'
import { createHostLog } from '../../runners/host/log-file.js'

/** An environment. */
export type Env = Readonly<Record<string, string | undefined>>

/** A request and what answers it. */
export interface Call {
  readonly env: Env
  readonly request: PluginRequest
  readonly meta: MetaConfiguration
  readonly log: Log
  /** Of GC and STATUS the search path alone has a meaning. */
  readonly sandbox: Sandbox
}

/** A request made ready. */
export const openCall = (request: PluginRequest, env: Env): Call => {
  // What is wrong with it is `plan`'s to say: DEL and CHECK go on with what is right.
  const { value: meta } = decodeMetaConfiguration({ source: 'stdin', text: request.text })
  const { logFile: file, logLevel: level } = meta
  const clock = { now: Date.now }
  const log = createHostLog({ clock, level, ...(file === undefined ? {} : { file }) })
  const { containerId, ifname, args } = request
  // What is recorded is deleted from whatever directory the runtime is in then.
  const netns = request.netns && resolve(request.netns)
  if (level === 'debug') {
    log.write('debug', request.verb, { containerId, config: maskSecrets(request.config) })
  }
  // The same for every verb, so that what was added can be deleted (reference/tke-multus.md TB20).
  const path = [...new Set([...request.path, meta.binDir])]
  const { netnsId } = request
  const place = netnsId === undefined ? { netns } : { netns, netnsId }
  const sandbox = { containerId, ...place, ifname, args, path }
  return { env, request, meta, log, sandbox }
}

/** The files in which networks are defined. */
export const readNetworkFiles = ({ meta }: Call): ConfigFiles =>
  readConfigDirectory(meta.confDir ?? tke.configurationDirectories)
