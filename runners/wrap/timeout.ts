/**
 * Decides how long one call may take: the only owner of time limits. Refuses to answer before the inner runner has
 * stopped what it started, unless that runner does not answer at all.
 */
import { type Answer, type Invocation, noAnswer } from '../../lib/cni/invocation.js'
import type { Runner } from '../../lib/ports/index.js'
import { onAbort } from '../node/abort.js'

/** How long a call may take by default: one minute, in milliseconds. */
export const defaultLimit = 60_000

/** How long a stopped runner may take to answer: its own five seconds and as much again, in milliseconds. */
export const defaultGrace = 10_000

/**
 * A Runner that ends calls of `runner` after `milliseconds` (Infinity: never). It then answers `none` with reason
 * `timeout`, and `unkillable` when the inner runner said so or kept silent for `grace` milliseconds after it was told
 * to stop. An answer that the plugin gave in the last moment stands.
 */
export const timeout = (
  runner: Runner,
  milliseconds: number = defaultLimit,
  grace: number = defaultGrace,
): Runner => ({
  run: (invocation, signal) =>
    new Promise((resolve) => {
      const inner = new AbortController()
      let late = false
      let timer: NodeJS.Timeout | undefined
      const finish = (answer: Answer): void => {
        clearTimeout(timer)
        release()
        resolve(late && isAborted(answer) ? timedOut(invocation, milliseconds, answer) : answer)
      }
      const stop = (): void => {
        clearTimeout(timer)
        timer = setTimeout(() => finish(silent(invocation)), grace)
        inner.abort()
      }
      const expire = (): void => {
        late = true
        release()
        stop()
      }
      if (milliseconds !== Number.POSITIVE_INFINITY)
        timer = setTimeout(expire, longestTimer(milliseconds))
      const release = onAbort(signal, stop)
      if (signal.aborted) stop()
      call(runner, invocation, inner.signal).then(finish)
    }),
})

// setTimeout fires at once when asked to wait longer than this.
const longestTimer = (milliseconds: number): number => Math.min(milliseconds, 2 ** 31 - 1)

const call = async (
  runner: Runner,
  invocation: Invocation,
  signal: AbortSignal,
): Promise<Answer> => {
  try {
    return await runner.run(invocation, signal)
  } catch (error) {
    return noAnswer('runner-threw', `the runner failed: ${String(error)}`, true)
  }
}

const isAborted = (answer: Answer): boolean =>
  answer.kind === 'none' && answer.reason.kind === 'aborted'

const timedOut = ({ type, verb }: Invocation, milliseconds: number, answer: Answer): Answer => {
  const started = answer.kind !== 'none' || answer.reason.started
  return noAnswer(
    'timeout',
    `plugin "${type}" (${verb}) took longer than ${milliseconds} ms`,
    started,
  )
}

const silent = ({ type, verb }: Invocation): Answer =>
  noAnswer(
    'unkillable',
    `plugin "${type}" (${verb}) was to be stopped, but its runner is silent`,
    true,
  )
