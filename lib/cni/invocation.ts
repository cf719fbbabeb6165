/**
 * Decides what one plugin call is and what its answer can be: all that a Runner ever sees (design: Invocation,
 * Answer). Refuses to carry the process's own environment, so that an Invocation is safe to log.
 */
import { type CniError, decodeCniError } from './error.js'
import { isObject, type JsonObject } from './json.js'
import { quote } from './problem.js'

/** The verbs of the protocol (SPEC "CNI operations"). */
export type Verb = 'ADD' | 'DEL' | 'CHECK' | 'GC' | 'STATUS' | 'VERSION'

/** The CNI_* variables of a call. Set even when empty, as libcni does; a runner adds its own environment below them. */
export interface CniEnvironment {
  readonly CNI_COMMAND: Verb
  readonly CNI_CONTAINERID: string
  readonly CNI_NETNS: string
  readonly CNI_IFNAME: string
  readonly CNI_ARGS: string
  /** The search path, joined with `:`. */
  readonly CNI_PATH: string
}

/** One plugin call. */
export interface Invocation {
  /** The plugin's `type`: the name of its binary. */
  readonly type: string
  readonly verb: Verb
  /** The configuration that goes to stdin as JSON (reference/cni.md 2.4). */
  readonly stdin: JsonObject
  readonly env: CniEnvironment
  /** Directories in which the binary is looked for, in order. */
  readonly path: readonly string[]
  /**
   * An earlier call of this plugin for this container and interface may still be running, since the process that made it
   * died. A runner whose calls outlive its process waits for the end of that one first, and ends it when its signal fires.
   */
  readonly mayOverlap?: true
}

/** Why a call has no answer from the plugin itself. `started` false: the plugin cannot have changed anything. */
export interface NoAnswer {
  readonly kind:
    | 'not-found'
    | 'not-startable'
    | 'aborted'
    | 'timeout'
    | 'too-much-output'
    | 'unkillable'
    | 'runner-threw'
  readonly message: string
  readonly started: boolean
}

/** What came of a call: the plugin's stdout, the plugin's error, or no answer at all. */
export type Answer =
  | { readonly kind: 'success'; readonly stdout: string; readonly stderr?: string }
  | { readonly kind: 'refused'; readonly error: CniError; readonly stderr?: string }
  | { readonly kind: 'none'; readonly reason: NoAnswer }

/** An Answer of a call that the plugin itself did not answer. */
export const noAnswer = (kind: NoAnswer['kind'], message: string, started: boolean): Answer => ({
  kind: 'none',
  reason: { kind, message, started },
})

/**
 * What a runner said, where nothing but its word stands for that it is an Answer. What is none becomes `runner-threw`, as
 * if its plugin had run: nobody can say that it has not.
 */
export const answerOf = (said: unknown): Answer => {
  if (!isObject(said)) return noAnswer('runner-threw', `the runner answered ${quote(said)}`, true)
  const { kind, stdout, stderr } = said
  if (isAnswered(said) && (stderr === undefined || typeof stderr === 'string'))
    return said as unknown as Answer
  const heard = typeof stderr === 'string' ? { stderr } : {}
  if (kind === 'success' && typeof stdout === 'string') return { kind, stdout, ...heard }
  const error = kind === 'refused' ? decodeCniError(said.error) : undefined
  if (error !== undefined) return { kind: 'refused', error, ...heard }
  return noAnswer('runner-threw', `the runner answered ${quote(said)}`, true)
}

const isAnswered = ({ kind, stdout, error, reason }: JsonObject): boolean => {
  if (kind === 'success') return typeof stdout === 'string'
  if (kind === 'refused')
    return isObject(error) && typeof error.code === 'number' && typeof error.msg === 'string'
  return kind === 'none' && isObject(reason) && isReason(reason)
}

const isReason = ({ kind, message, started }: JsonObject): boolean =>
  typeof kind === 'string' &&
  Object.hasOwn(reasons, kind) &&
  typeof message === 'string' &&
  typeof started === 'boolean'

const reasons: Readonly<Record<NoAnswer['kind'], true>> = {
  'not-found': true,
  'not-startable': true,
  aborted: true,
  timeout: true,
  'too-much-output': true,
  unkillable: true,
  'runner-threw': true,
}
