/**
 * Decides what comes of a port or a caller that does not keep to its types: what a journal does not say it has done is a
 * failure in words, and who only listens is passed over. Refuses to let a throw out of an operation.
 */
import { cniError, cniErrorCodes } from './cni/error.js'
import { isObject } from './cni/json.js'
import { thrownText } from './cni/problem.js'
import { failed } from './engine/outcome.js'
import type { Outcome } from './engine/state.js'
import type { Clock, Log, Stored } from './ports/index.js'

/** What an operation of a port came to, also when it throws or says nothing. */
export const attempt = async <A>(operation: () => Promise<Stored<A>>): Promise<Stored<A>> => {
  try {
    const answer = await operation()
    if (isObject(answer) && answer.ok === true) return answer as Stored<A>
    const said = isObject(answer) ? (answer as { readonly message?: unknown }).message : undefined
    return { ok: false, message: typeof said === 'string' ? said : 'it did not answer' }
  } catch (error) {
    return { ok: false, message: thrownText(error) }
  }
}

/** The outcome of an operation, also of one that trips over what a caller without types gave it: code 999. */
export const settled = async <A>(operation: () => Promise<Outcome<A>>): Promise<Outcome<A>> => {
  try {
    return await operation()
  } catch (error) {
    return failed({
      kind: 'bad-request',
      error: cniError(cniErrorCodes.internal, `cannot go on: ${thrownText(error)}`),
    })
  }
}

/** Says something to a log. One that throws, now or later, is passed over: a line is worth less than a pod's network. */
export const tell = (log: Log | undefined, ...line: Parameters<Log['write']>): void => {
  try {
    Promise.resolve<unknown>(log?.write(...line)).catch(() => {})
  } catch {
    // Nobody is left to be told.
  }
}

/** What time it is, in milliseconds; undefined without a clock, or when it does not say. */
export const timeOf = (clock: Clock | undefined): number | undefined => {
  try {
    const now: unknown = clock?.now()
    return typeof now === 'number' && Number.isFinite(now) ? now : undefined
  } catch {
    return undefined
  }
}
