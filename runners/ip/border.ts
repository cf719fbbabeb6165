/**
 * Decides which calls reach a native plugin: those that a process could have been started with. Refuses what no type
 * would allow, as "not started": callers in JavaScript have no types.
 */
import { type Answer, type Invocation, noAnswer } from '../../lib/cni/invocation.js'
import { isObject } from '../../lib/cni/json.js'

/** Why a call cannot be made, or undefined. */
export const faultOfCall = ({ type, env, stdin }: Invocation): Answer | undefined => {
  if (typeof type !== 'string') return noAnswer('not-found', 'the type is no text', false)
  for (const [name, value] of Object.entries(env)) {
    if (typeof value !== 'string') return refuse(`${name} is no text`)
    if (value.includes('\0')) return refuse(`${name} contains a NUL`)
  }
  return isObject(stdin) && isJson(stdin) ? undefined : refuse('stdin is no JSON object')
}

const isJson = (value: unknown): boolean => {
  try {
    return JSON.stringify(value) !== undefined
  } catch {
    return false
  }
}

const refuse = (message: string): Answer => noAnswer('not-startable', message, false)
