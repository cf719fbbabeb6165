/**
 * Decides which of two runners answers a call: the native one where the choice is native, else the other. Refuses
 * nothing: what is on disk is shared, so DEL and CHECK may go another way than ADD did.
 */
import { type Answer, type Invocation, noAnswer } from '../../lib/cni/invocation.js'
import { chooseEngine, type EngineChoice } from '../../lib/native/choose-engine.js'
import { nativePlugins } from '../../lib/native/plugins.js'
import type { Runner } from '../../lib/ports/index.js'

/** The two runners, and who chooses. */
export interface RouteOptions {
  /** Answers what needs no binary, for example `createIpRunner` of `metacni/runners/ip`. */
  readonly native: Runner
  /** Answers everything else, for example `createExecRunner`. */
  readonly otherwise: Runner
  /** The choice of a call. Default: `choiceOf(invocation)`, which takes every tool for present. */
  readonly choose?: (invocation: Invocation) => EngineChoice
}

/**
 * A Runner that hands each call to one of two. VERSION of a native type is native: it asks what can be served, not how.
 * A plugin that `otherwise` does not find is told with the reasons for which it was needed.
 */
export const routeRunner = ({ native, otherwise, choose = choiceOf }: RouteOptions): Runner => ({
  run: async (invocation, signal) => {
    if (invocation.verb === 'VERSION') {
      const isNative = nativePlugins.has(invocation.type)
      return (isNative ? native : otherwise).run(invocation, signal)
    }
    const choice = choose(invocation)
    return choice.engine === 'native'
      ? native.run(invocation, signal)
      : withReasons(await otherwise.run(invocation, signal), choice.because)
  },
})

/** The choice of a call, by its configuration and its names. */
export const choiceOf = (
  { type, stdin, env }: Invocation,
  options: Parameters<typeof chooseEngine>[1] = {},
): EngineChoice =>
  chooseEngine({ ...stdin, type }, { ...options, ifname: env.CNI_IFNAME, netns: env.CNI_NETNS })

const withReasons = (answer: Answer, because: readonly string[]): Answer => {
  if (answer.kind !== 'none' || answer.reason.kind !== 'not-found') return answer
  const { kind, message, started } = answer.reason
  return noAnswer(kind, `${message}; it is needed because ${because.join(', ')}`, started)
}
