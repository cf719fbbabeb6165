/**
 * Decides how a plugin answers a runtime: the order of the checks, VERSION, the codes, one JSON document on stdout
 * (reference/cni.md 1.1 to 1.9). Refuses a request before its handler can have any effect.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import { parseArgs, podOf } from './cni/args.js'
import type { ValidAttachment } from './cni/derive.js'
import { type CniError, cniError, cniErrorCodes } from './cni/error.js'
import type { Verb } from './cni/invocation.js'
import { isObject, type JsonObject } from './cni/json.js'
import {
  failed,
  type PluginResponse,
  printed,
  silent,
  succeeded,
  thrown,
} from './cni/plugin-response.js'
import { quote } from './cni/problem.js'
import {
  aboutText,
  decodeEnvironment,
  decodeStdin,
  type RequestConfiguration,
  type RequestEnvironment,
} from './cni/request.js'
import type { AnyResult } from './cni/result.js'
import { decodeValidAttachments } from './cni/valid-attachments.js'
import { currentVersion, knownVersions, versionOrDefault } from './cni/version.js'
import {
  inputVersion,
  type SupportedVersions,
  versionReply,
  versionVerdict,
} from './cni/version-verdict.js'
import { toCniError } from './engine/error.js'
import type { Outcome } from './engine/state.js'
import type { Stored } from './ports/index.js'

/** What a runtime asks for, checked: the environment and the configuration on stdin. */
export interface PluginRequest extends Omit<RequestEnvironment, 'verb'>, RequestConfiguration {
  readonly verb: Exclude<Verb, 'VERSION'>
  /** The pod that CNI_ARGS names, as every Kubernetes runtime does; empty texts where it names none. */
  readonly pod: { readonly namespace: string; readonly name: string }
  /** Of an ADD: what tells the namespace from another one under its path later, where anything does. */
  readonly netnsId?: string
}

/** What a handler says: done, or the CNI error that the runtime gets. */
export type Reply<A> =
  | { readonly ok: true; readonly value: A }
  | { readonly ok: false; readonly error: CniError }

/** Answers one verb. `signal` fires when the process is told to end. A throw becomes code 999. */
export type Handler<A> = (request: PluginRequest, signal: AbortSignal) => Promise<Reply<A>>

/** A plugin's verbs. One that is missing succeeds without a word, as in every Go plugin (divergence X-23). */
export interface PluginHandlers {
  /** The result, with its `cniVersion`, any one: it is checked, and printed in the configuration's. */
  readonly add: Handler<AnyResult>
  readonly del: Handler<unknown>
  readonly check?: Handler<unknown>
  readonly gc?: Handler<unknown>
  readonly status?: Handler<unknown>
  /** The versions of the specification that the plugin speaks. Default: all. */
  readonly versions?: SupportedVersions
  /** What it says on stderr when somebody starts it by hand. */
  readonly about?: string
}

/** The reply that an engine's outcome is: what `choose` takes of its value, or its CNI error. */
export const toReply = <A, B = A>(
  outcome: Outcome<A>,
  choose: (value: A) => B = (value) => value as unknown as B,
): Reply<B> =>
  outcome.ok
    ? { ok: true, value: choose(outcome.value) }
    : { ok: false, error: toCniError(outcome.error) }

/**
 * The attachments that a GC request's configuration calls valid (`cni.dev/valid-attachments`, else `cni.dev/attachments`;
 * null is an empty list). Code 7 without a list (divergence X-16), and for one that is not whole.
 */
export const validAttachments = (config: JsonObject): Reply<readonly ValidAttachment[]> => {
  const decoded = decodeValidAttachments(config)
  return isLeft(decoded) ? { ok: false, error: decoded.left } : { ok: true, value: decoded.right }
}

/** What a plugin needs of its process. */
export interface PluginWorld {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The whole of stdin. For VERSION it may give up early: what it says there matters little. */
  readStdin(verb: string): Promise<Stored<string>>
  /** Whether a path is the network namespace of this very process (reference/cni.md 1.7). */
  isOwnNamespace(path: string): boolean
  /** What tells the namespace at a path from another one that lies there later. Left out: nothing does. */
  namespaceId?(path: string): string | undefined
  readonly signal: AbortSignal
}

/** A plugin: answers one request. Always resolves. */
export interface Plugin {
  /**
   * The verbs that do something here. Any other one succeeds without a word, which a runtime cannot tell from work done
   * (divergence X-23): whoever assembles or tests a plugin can.
   */
  readonly verbs: readonly Verb[]
  respond(world: PluginWorld): Promise<PluginResponse>
}

/** A plugin made of its handlers. `metacni/runners/node` serves it from a process (`servePlugin`). */
export const definePlugin = (handlers: PluginHandlers): Plugin => ({
  verbs: [...handledVerbs.filter((verb) => handlerOf(handlers, verb) !== undefined), 'VERSION'],
  respond: async (world) => {
    try {
      return await respond(handlers, world)
    } catch (error) {
      return failed(thrown(error), currentVersion)
    }
  },
})

const handledVerbs = ['ADD', 'DEL', 'CHECK', 'GC', 'STATUS'] as const

const respond = async (handlers: PluginHandlers, world: PluginWorld): Promise<PluginResponse> => {
  const versions = handlers.versions ?? knownVersions
  if (versions.length === 0) return failed(thrown('the plugin supports no version'), currentVersion)
  const about = aboutText(world.env, handlers.about ?? '', versions)
  if (about !== undefined) return { stdout: '', stderr: about, exitCode: 0 }
  const environment = decodeEnvironment(world.env)
  if (isLeft(environment)) return failed(environment.left, currentVersion)
  const { verb } = environment.right
  const stdin = await world.readStdin(verb)
  if (verb === 'VERSION') {
    const input = stdin.ok ? inputVersion(stdin.value) : undefined
    return succeeded(versionReply(input, versions))
  }
  if (!stdin.ok) {
    const message = `error reading from stdin: ${stdin.message}`
    return failed(cniError(cniErrorCodes.ioFailure, message), currentVersion)
  }
  const configuration = decodeStdin(stdin.value, verb)
  if (isLeft(configuration)) {
    return failed(configuration.left, versionOrDefault(inputVersion(stdin.value)))
  }
  const { cniVersion } = configuration.right
  const pod = podIn(environment.right.args)
  const plain = { ...environment.right, ...configuration.right, pod } as PluginRequest
  const refusal =
    versionVerdict(plain.verb, cniVersion, versions) ?? ownNamespaceFault(plain, world)
  if (refusal !== undefined) return failed(refusal, cniVersion)
  const netnsId = verb === 'ADD' ? world.namespaceId?.(plain.netns) : undefined
  const request = netnsId === undefined ? plain : { ...plain, netnsId }
  try {
    return await answer(handlers, request, world.signal)
  } catch (error) {
    return failed(thrown(error), cniVersion)
  }
}

const answer = async (
  handlers: PluginHandlers,
  request: PluginRequest,
  signal: AbortSignal,
): Promise<PluginResponse> => {
  const { cniVersion } = request
  const handler = handlerOf(handlers, request.verb)
  if (handler === undefined) {
    const isAdd = request.verb === 'ADD'
    return isAdd ? failed(thrown('the plugin has no ADD handler'), cniVersion) : silent
  }
  const reply: unknown = await handler.call(handlers, request, signal)
  if (!isReply(reply)) return failed(noReply(request.verb, reply), cniVersion)
  if (!reply.ok) return failed(reply.error, cniVersion)
  return request.verb === 'ADD' ? printed(reply.value, cniVersion) : silent
}

const isReply = (value: unknown): value is Reply<unknown> =>
  isObject(value) && typeof value.ok === 'boolean'

// Not taken for done: a handler that forgets its `return` would fail unnoticed.
const noReply = (verb: Verb, value: unknown): CniError => {
  const expected = 'neither { ok: true, value } nor { ok: false, error }'
  return thrown(`the ${verb} handler returned ${quote(value)}, ${expected}`)
}

const handlerOf = (
  { add, del, check, gc, status }: PluginHandlers,
  verb: Exclude<Verb, 'VERSION'>,
): Handler<unknown> | undefined =>
  ({ ADD: add, DEL: del, CHECK: check, GC: gc, STATUS: status })[verb]

// Go's skel looks after the plugin has run, and spoils its stdout; here nothing has happened yet (divergence X-08).
const ownNamespaceFault = (
  { verb, netns, netnsOverride }: PluginRequest,
  world: PluginWorld,
): CniError | undefined => {
  if ((verb !== 'ADD' && verb !== 'DEL') || netnsOverride || netns === '') return undefined
  if (!world.isOwnNamespace(netns)) return undefined
  const message = "plugin's netns and netns from CNI_NETNS should not be the same"
  return cniError(cniErrorCodes.invalidNetns, message)
}

const podIn = (args: string): PluginRequest['pod'] => {
  const pairs = parseArgs(args)
  const { namespace = '', name = '' } = isLeft(pairs) ? {} : podOf(pairs.right)
  return { namespace, name }
}
