/** Decides how plugins run that are functions of this program. Refuses what no process could be started with, either. */
import type { Answer, Invocation, NoAnswer, Runner } from 'metacni'

/** A plugin. When the signal fires it stops what it does and rejects. */
export type PluginFunction = (call: Invocation, signal: AbortSignal) => Promise<Answer>

/** A Runner of functions by their `type`; one that goes on five seconds after the signal counts as unkillable. */
export const createFunctionRunner = (plugins: ReadonlyMap<string, PluginFunction>): Runner => ({
  run: async (invocation, signal) => {
    const plugin = plugins.get(invocation.type)
    if (plugin === undefined) return none('not-found', `no function is registered for this type`)
    if (signal.aborted) return none('aborted', 'the signal had fired before')
    const { env } = invocation
    if (!Object.values(env).every(isVariable)) return none('not-startable', 'a variable is no text')
    let started = false
    try {
      // A copy, so that no plugin can change the caller's; it throws for what is not JSON.
      const stdin = JSON.parse(JSON.stringify(invocation.stdin))
      started = true
      return await Promise.race([plugin({ ...invocation, stdin }, signal), late(signal)])
    } catch (error) {
      const kind = started ? (signal.aborted ? 'aborted' : 'runner-threw') : 'not-startable'
      return none(kind, String(error), started)
    }
  },
})

const isVariable = (value: unknown) => typeof value === 'string' && !value.includes('\0')

const none = (kind: NoAnswer['kind'], message: string, started = false): Answer => ({
  kind: 'none',
  reason: { kind, message, started },
})

const late = (signal: AbortSignal): Promise<Answer> =>
  new Promise((resolve) => {
    const answer = none('unkillable', 'the function went on after it was stopped', true)
    signal.addEventListener('abort', () => setTimeout(resolve, 5000, answer).unref())
  })
