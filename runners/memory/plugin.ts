/**
 * Decides what every simulated plugin does alike, as Go's skel does (reference/cni.md 1.3 to 1.6): checks environment,
 * configuration and version, answers VERSION, and prints results in the version of its configuration.
 */
import * as E from 'fp-ts/lib/Either.js'
import { convertResult } from '../../lib/cni/convert.js'
import type { CniError } from '../../lib/cni/error.js'
import type { Answer } from '../../lib/cni/invocation.js'
import { isObject } from '../../lib/cni/json.js'
import { decodeEnvironment, decodeStdin } from '../../lib/cni/request.js'
import type { Result } from '../../lib/cni/result.js'
import { currentVersion, knownVersions } from '../../lib/cni/version.js'
import {
  type SupportedVersions,
  versionReply,
  versionVerdict,
} from '../../lib/cni/version-verdict.js'
import type { PluginBehaviour, PluginCall } from './call.js'
import { callIpam } from './ipam.js'
import { staleAttachments } from './owners.js'
import type { World } from './world.js'

/** A result without its version: it is printed in that of the configuration. */
export interface PartialResult {
  readonly interfaces?: Result['interfaces']
  readonly ips?: Result['ips']
  readonly routes?: Result['routes']
  readonly dns?: Result['dns']
}

/** What a handler came to: a result to print, a text to print as it is, or nothing to print. */
export type Outcome = E.Either<CniError, PartialResult | string | undefined>

/** What a simulated plugin does for one verb. */
export type Handler = (call: PluginCall, world: World) => Outcome | Promise<Outcome>

/**
 * A plugin by its verbs. Without `check` it succeeds; without `status` and `gc` its address plugin is asked, after GC has
 * deleted what is stale.
 */
export interface Handlers {
  readonly add: Handler
  readonly del: Handler
  readonly check?: Handler
  readonly status?: Handler
  readonly gc?: Handler
}

const supported = knownVersions as unknown as SupportedVersions

/** A simulated plugin that behaves as one that is built on Go's skel, in every version of the specification. */
export const createPlugin =
  (handlers: Handlers): PluginBehaviour =>
  async (call, world) => {
    const refusal = refusalOf(call)
    if (refusal !== undefined) return refused(refusal)
    if (call.verb === 'VERSION') return JSON.stringify(versionReply(versionText(call), supported))
    const outcome = await handlerOf(handlers, call)(call, world)
    return E.isLeft(outcome) ? refused(outcome.left) : printed(outcome.right, call.version)
  }

const refusalOf = (call: PluginCall): CniError | undefined => {
  // CNI_PATH is optional here (divergence X-07): no simulated plugin looks for files.
  const environment = decodeEnvironment({ ...call.env, CNI_PATH: call.env.CNI_PATH || '/' })
  if (E.isLeft(environment)) return environment.left
  if (call.verb === 'VERSION') return undefined
  const stdin = decodeStdin(JSON.stringify(call.config), call.verb)
  if (E.isLeft(stdin)) return stdin.left
  return versionVerdict(call.verb, stdin.right.cniVersion, supported)
}

const versionText = ({ config }: PluginCall): string | undefined =>
  typeof config.cniVersion === 'string' ? config.cniVersion : undefined

const nothing: Handler = () => E.right(undefined)

const handlerOf = (handlers: Handlers, { verb }: PluginCall): Handler => {
  switch (verb) {
    case 'ADD':
      return handlers.add
    case 'DEL':
      return handlers.del
    case 'CHECK':
      return handlers.check ?? nothing
    case 'STATUS':
      return handlers.status ?? ((call) => callIpam(call, 'STATUS'))
    default:
      return handlers.gc ?? collectWith(handlers.del)
  }
}

// GC of a plugin that has no better way: DEL of every attachment of this network that is not in the list.
const collectWith =
  (del: Handler): Handler =>
  async (call, world) => {
    for (const { containerId, ifname, netns } of staleAttachments(call, world)) {
      const changes = { CNI_CONTAINERID: containerId, CNI_IFNAME: ifname, CNI_NETNS: netns }
      const stale = { ...withSandbox(call, changes), containerId, ifname, netns }
      const outcome = await del(stale, world)
      if (E.isLeft(outcome)) return outcome
    }
    return callIpam(call, 'GC')
  }

const withSandbox = (call: PluginCall, changes: PluginCall['env']): PluginCall => ({
  ...call,
  verb: 'DEL',
  env: { ...call.env, ...changes },
  delegate: (type, config, more) =>
    call.delegate(type, config, { ...changes, CNI_COMMAND: 'DEL', ...more }),
})

const refused = (error: CniError): Answer => ({ kind: 'refused', error })

const printed = (value: PartialResult | string | undefined, version: string): Answer => {
  if (typeof value === 'string') return { kind: 'success', stdout: value }
  if (!isObject(value)) return { kind: 'success', stdout: '' }
  const filled = Object.entries(value).filter(([, one]) => Object.keys(one ?? {}).length > 0)
  const result = { ...Object.fromEntries(filled), cniVersion: currentVersion } as Result
  const converted = convertResult(result, version)
  if (E.isLeft(converted)) return refused(converted.left)
  return { kind: 'success', stdout: JSON.stringify(converted.right) }
}
