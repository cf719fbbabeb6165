/**
 * Decides how a plugin calls another one, which its configuration names (SPEC "Plugin Delegation"; reference/cni.md 2.6):
 * with the same environment and the whole configuration. Refuses to look for it without a search path.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import { type CniError, cniError, cniErrorCodes, textOf } from './cni/error.js'
import { type Answer, answerOf, type Invocation, noAnswer, type Verb } from './cni/invocation.js'
import { decodeJson } from './cni/json.js'
import { quote, thrownText } from './cni/problem.js'
import { type AnyResult, decodeResult } from './cni/result.js'
import type { PluginRequest, Reply } from './plugin.js'
import type { Runner } from './ports/index.js'

/** One plugin called by another. */
export interface Delegation {
  readonly runner: Runner
  /** The request of the plugin that delegates. */
  readonly request: PluginRequest
  /** The type of the plugin that is called: for addresses `ipam.type` of the configuration. */
  readonly type: string
  readonly signal: AbortSignal
  /** Gets what the delegate wrote to stderr, which SPEC wants to be seen on the caller's own (S-085). */
  readonly onStderr?: (text: string) => void
}

/**
 * The result of the delegate's ADD, in the version in which it printed it. When it fails it is called again with DEL
 * before this resolves (S-087), unless it never started or may still be running. Codes: the delegate's own; 4 without
 * CNI_PATH, 7 for a type that names no program; 6 or 1 for a result that is none; 11 when it was stopped, else 999.
 */
export const delegateAdd = async (delegation: Delegation): Promise<Reply<AnyResult>> => {
  const fault = faultOf(delegation)
  if (fault !== undefined) return { ok: false, error: fault }
  const answer = await call(delegation, 'ADD', delegation.signal)
  const reply = resultOf(delegation, answer)
  if (reply.ok || !mayHaveActed(answer)) return reply
  // What cleans up must not be stopped by the signal that stopped the ADD.
  const undone = await call(delegation, 'DEL', new AbortController().signal)
  if (undone.kind === 'success') return reply
  const { code, msg, details } = reply.error
  const trace = `the DEL after it failed too: ${textOf(errorOf(undone))}`
  const error = cniError(code, msg, details === undefined ? trace : `${details}; ${trace}`)
  return { ok: false, error }
}

/**
 * Another verb of the delegate; by default the request's, and DEL for an ADD, which a plugin undoes with it when it fails
 * afterwards. Its error is to be passed on (S-046, S-057, S-063, S-086). Codes: as delegateAdd.
 */
export const delegate = async (
  delegation: Delegation,
  verb: Exclude<Verb, 'ADD' | 'VERSION'> = otherVerb(delegation.request),
): Promise<Reply<undefined>> => {
  const fault = faultOf(delegation)
  if (fault !== undefined) return { ok: false, error: fault }
  const answer = await call(delegation, verb, delegation.signal)
  return answer.kind === 'success'
    ? { ok: true, value: undefined }
    : { ok: false, error: errorOf(answer) }
}

const otherVerb = ({ verb }: PluginRequest): Exclude<Verb, 'ADD' | 'VERSION'> =>
  verb === 'ADD' ? 'DEL' : verb

const faultOf = ({ type, request }: Delegation): CniError | undefined => {
  if (
    typeof type !== 'string' ||
    type === '' ||
    type === '.' ||
    type === '..' ||
    /[/\\\0]/.test(type)
  ) {
    const message = `cannot delegate: ${quote(type)} names no plugin`
    return cniError(cniErrorCodes.invalidNetworkConfig, message)
  }
  if (request.path.length > 0) return undefined
  const message = `cannot delegate to ${quote(type)}: CNI_PATH is not set`
  return cniError(cniErrorCodes.invalidEnvironment, message)
}

const call = async (
  { runner, request, type, onStderr }: Delegation,
  verb: Verb,
  signal: AbortSignal,
): Promise<Answer> => {
  let answer: Answer
  try {
    answer = answerOf(await runner.run(invocationOf(request, type, verb), signal))
  } catch (error) {
    return noAnswer('runner-threw', thrownText(error), true)
  }
  try {
    if (answer.kind !== 'none' && answer.stderr) onStderr?.(answer.stderr)
  } catch {
    // Who listens must not decide what becomes of a call.
  }
  return answer
}

const invocationOf = (request: PluginRequest, type: string, verb: Verb): Invocation => ({
  type,
  verb,
  stdin: request.config,
  env: {
    CNI_COMMAND: verb,
    CNI_CONTAINERID: request.containerId,
    CNI_NETNS: request.netns,
    CNI_IFNAME: request.ifname,
    CNI_ARGS: request.args,
    CNI_PATH: request.path.join(':'),
  },
  path: request.path,
})

const mayHaveActed = (answer: Answer): boolean =>
  answer.kind !== 'none' || (answer.reason.started && answer.reason.kind !== 'unkillable')

const resultOf = ({ request, type }: Delegation, answer: Answer): Reply<AnyResult> => {
  if (answer.kind !== 'success') return { ok: false, error: errorOf(answer) }
  const json = decodeJson(answer.stdout, `stdout of ${type}`)
  if (isLeft(json)) {
    const message = `plugin ${type} printed no result: ${json.left.message}`
    return { ok: false, error: cniError(cniErrorCodes.decodingFailure, message) }
  }
  const result = decodeResult(json.right, request.cniVersion)
  return isLeft(result) ? { ok: false, error: result.left } : { ok: true, value: result.right }
}

const errorOf = (answer: Exclude<Answer, { readonly kind: 'success' }>): CniError => {
  if (answer.kind === 'refused') return answer.error
  const { kind, message } = answer.reason
  const isStopped = kind === 'aborted' || kind === 'timeout'
  return cniError(isStopped ? cniErrorCodes.tryAgainLater : cniErrorCodes.internal, message)
}
