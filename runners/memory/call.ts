/**
 * Decides what a simulated plugin sees of a call and how its reply becomes an Answer. Refuses invocations that no process
 * could be started with, and replies that are none.
 */
import * as E from 'fp-ts/lib/Either.js'
import { cniErrorCodes, decodeCniError } from '../../lib/cni/error.js'
import {
  type Answer,
  type CniEnvironment,
  type Invocation,
  noAnswer,
  type Verb,
} from '../../lib/cni/invocation.js'
import { isObject, type JsonObject } from '../../lib/cni/json.js'
import { quote } from '../../lib/cni/problem.js'
import { versionOrDefault } from '../../lib/cni/version.js'
import type { World } from './world.js'

/** The CNI_* variables that reach a plugin; one that is no string does not. */
export type PluginEnvironment = Readonly<Partial<Record<keyof CniEnvironment, string>>>

/** One call as the plugin sees it. */
export interface PluginCall {
  readonly type: string
  /** CNI_COMMAND. */
  readonly verb: Verb
  readonly containerId: string
  readonly netns: string
  readonly ifname: string
  /** CNI_ARGS. */
  readonly args: string
  readonly env: PluginEnvironment
  /** What stdin holds: the plugin's own copy. */
  readonly config: JsonObject
  /** `name` of stdin, '' when it has none. */
  readonly network: string
  /** `cniVersion` of stdin, "0.1.0" when it has none. */
  readonly version: string
  /** The type of the plugin that made the call; absent when the runner did. */
  readonly delegatedBy?: string
  /** Fires when the plugin is stopped. A plugin that ignores it counts as unkillable after five seconds. */
  readonly signal: AbortSignal
  /**
   * Calls another plugin of the node, as a plugin that delegates does: same environment but for `changes`. Rejects when
   * this call is stopped; let that rejection through.
   */
  delegate(type: string, config: JsonObject, changes?: PluginEnvironment): Promise<Answer>
}

/** A reply: an Answer, the text to print, or nothing to print. */
export type PluginReply = Answer | string | undefined

/** What a simulated plugin does. It may change the world; what it throws becomes no answer. */
export type PluginBehaviour = (call: PluginCall, world: World) => PluginReply | Promise<PluginReply>

/** What of an invocation would reach a process. */
export interface Arrival {
  readonly type: string
  readonly env: PluginEnvironment
  readonly config: JsonObject
}

const variables = [
  'CNI_COMMAND',
  'CNI_CONTAINERID',
  'CNI_NETNS',
  'CNI_IFNAME',
  'CNI_ARGS',
  'CNI_PATH',
] as const

/** What of an invocation reaches a plugin. Left: `none`, not started, for what no process could be started with. */
export const arrivalOf = (invocation: Invocation): E.Either<Answer, Arrival> => {
  const { type, env, stdin } = invocation
  if (typeof type !== 'string' || !isPluginName(type)) {
    return E.left(noAnswer('not-found', `invalid plugin name: ${quote(String(type))}`, false))
  }
  const arrived: [string, string][] = []
  for (const name of variables) {
    const value: unknown = env[name]
    if (typeof value !== 'string') continue
    if (value.includes('\0'))
      return E.left(noAnswer('not-startable', `${name} contains a NUL`, false))
    arrived.push([name, value])
  }
  const text = textOf(stdin)
  if (text === undefined)
    return E.left(noAnswer('not-startable', 'stdin cannot be written as JSON', false))
  const config: unknown = JSON.parse(text)
  return E.right({
    type,
    env: Object.fromEntries(arrived),
    config: isObject(config) ? config : {},
  })
}

/** The call that a plugin sees. */
export const callFrom = (
  { type, env, config }: Arrival,
  rest: Pick<PluginCall, 'signal' | 'delegate' | 'delegatedBy'>,
): PluginCall => ({
  type,
  // A verb that does not exist is the plugin's to refuse.
  verb: (env.CNI_COMMAND ?? '') as Verb,
  containerId: env.CNI_CONTAINERID ?? '',
  netns: env.CNI_NETNS ?? '',
  ifname: env.CNI_IFNAME ?? '',
  args: env.CNI_ARGS ?? '',
  env,
  config,
  network: typeof config.name === 'string' ? config.name : '',
  version: versionOrDefault(typeof config.cniVersion === 'string' ? config.cniVersion : undefined),
  ...rest,
})

/** The Answer that a reply stands for. A refusal without words gets some (divergence X-12). */
export const answerFrom = (reply: unknown): Answer => {
  if (reply === undefined) return { kind: 'success', stdout: '' }
  if (typeof reply === 'string') return { kind: 'success', stdout: reply }
  if (isObject(reply)) {
    if (reply.kind === 'success' && typeof reply.stdout === 'string') return reply as Answer
    if (reply.kind === 'none' && isObject(reply.reason)) return reply as unknown as Answer
    if (reply.kind === 'refused') return refusalFrom(reply)
  }
  return noAnswer('runner-threw', `the simulated plugin replied ${quote(reply)}`, true)
}

const refusalFrom = (reply: JsonObject): Answer => {
  const error = decodeCniError(reply.error) ?? { code: cniErrorCodes.unknown, msg: '' }
  const msg = error.msg.trim() === '' ? 'the plugin failed with no error message' : error.msg
  return {
    kind: 'refused',
    error: { ...error, msg },
    ...(typeof reply.stderr === 'string' && { stderr: reply.stderr }),
  }
}

const isPluginName = (type: string): boolean =>
  type !== '' && type !== '.' && type !== '..' && !type.includes('/') && !type.includes('\0')

const textOf = (value: unknown): string | undefined => {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}
