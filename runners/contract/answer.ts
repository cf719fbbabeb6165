/**
 * Decides whether what a runner gave is an Answer at all. Refuses, by throwing, a runner that throws, rejects, or answers
 * in another shape: the suite's cases reject with that error.
 */
import type { Answer, Invocation, NoAnswer } from '../../lib/cni/invocation.js'
import type { Subject } from './subject.js'

/** The contract is broken; the message says how. */
export class BrokenContract extends Error {
  override readonly name = 'BrokenContract'
}

/** Throws BrokenContract with a message when a condition does not hold. */
export function demand(condition: boolean, message: string): asserts condition {
  if (!condition) throw new BrokenContract(message)
}

/** The answer to one call, which must be a well-formed Answer. Rejects with BrokenContract otherwise. */
export const answerTo = async (
  subject: Subject,
  invocation: Invocation,
  signal: AbortSignal = new AbortController().signal,
): Promise<Answer> => {
  let promise: Promise<Answer>
  try {
    promise = subject.runner.run(invocation, signal)
  } catch (error) {
    throw new BrokenContract(`run threw instead of resolving: ${shown(error)}`)
  }
  demand(typeof promise?.then === 'function', `run gave ${shown(promise)}, not a promise`)
  let answer: Answer
  try {
    answer = await promise
  } catch (error) {
    throw new BrokenContract(`run rejected instead of resolving: ${shown(error)}`)
  }
  demandAnswer(answer)
  return answer
}

/** The answer, which must be of one kind. */
export const expectKind = <K extends Answer['kind']>(
  answer: Answer,
  kind: K,
): Extract<Answer, { kind: K }> => {
  demand(answer.kind === kind, `expected the answer ${kind}, got ${shown(answer)}`)
  return answer as Extract<Answer, { kind: K }>
}

/** The answer `none` for one of these reasons, and whether the plugin was started. */
export const expectNone = (
  answer: Answer,
  kinds: readonly NoAnswer['kind'][],
  started: boolean,
): void => {
  const { reason } = expectKind(answer, 'none')
  const isExpected = kinds.length === 0 || kinds.includes(reason.kind)
  demand(isExpected, `expected the reason ${kinds.join(' or ')}, got ${shown(answer)}`)
  demand(reason.started === started, `expected started ${started}, got ${shown(answer)}`)
}

/** A value in a message: short, and never a reason to throw. */
export const shown = (value: unknown): string => {
  try {
    if (value instanceof Error) return `${value.name}: ${value.message}`
    return (JSON.stringify(value) ?? String(value)).slice(0, 400)
  } catch {
    return typeof value
  }
}

const reasons: readonly NoAnswer['kind'][] = [
  'not-found',
  'not-startable',
  'aborted',
  'timeout',
  'too-much-output',
  'unkillable',
  'runner-threw',
]

const demandAnswer = (answer: Answer): void => {
  const fault = faultOf(answer as unknown as Readonly<Record<string, unknown>> | null)
  demand(fault === undefined, `${fault}: ${shown(answer)}`)
}

const faultOf = (answer: Readonly<Record<string, unknown>> | null): string | undefined => {
  if (typeof answer !== 'object' || answer === null) return 'the answer is no object'
  if (answer.stderr !== undefined && typeof answer.stderr !== 'string') {
    return 'stderr is there and no text'
  }
  if (answer.kind === 'success') {
    return typeof answer.stdout === 'string' ? undefined : 'stdout of a success is no text'
  }
  if (answer.kind === 'refused') return refusalFault(recordOf(answer.error))
  if (answer.kind === 'none') return reasonFault(recordOf(answer.reason))
  return 'the answer is neither success, refused nor none'
}

const refusalFault = (error: Readonly<Record<string, unknown>>): string | undefined => {
  const { code, msg, details } = error
  if (!Number.isSafeInteger(code) || (code as number) < 0) return 'code is no natural number'
  if (typeof msg !== 'string' || msg.trim() === '') return 'msg is empty'
  if (details !== undefined && typeof details !== 'string') return 'details is there and no text'
  return undefined
}

const reasonFault = (reason: Readonly<Record<string, unknown>>): string | undefined => {
  const { kind, message, started } = reason
  if (!reasons.includes(kind as NoAnswer['kind'])) return 'the reason is none of NoAnswer'
  if (typeof message !== 'string' || message.trim() === '') return 'the reason has no message'
  return typeof started === 'boolean' ? undefined : 'started is neither true nor false'
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
