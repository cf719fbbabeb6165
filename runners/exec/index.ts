/**
 * Decides how plugin binaries are run by default: through execa, traced through debug, both loaded at the first call.
 * Refuses nothing of its own; a program that must start fast imports core.js and a leaner Starter instead.
 */
import { noAnswer } from '../../lib/cni/invocation.js'
import type { Runner } from '../../lib/ports/index.js'
import type { Starter } from '../node/start.js'
import { createStarterRunner, type ExecOptions } from './core.js'

/** What the runner is made of; `start` is execa, and `trace` is debug, unless given. */
export interface ExecRunnerOptions extends Omit<ExecOptions, 'start'> {
  readonly start?: Starter
}

/**
 * A Runner that executes plugin binaries. With a `start` of your own nothing else is loaded, and nothing is traced
 * unless you say how.
 */
export const createExecRunner = (options: ExecRunnerOptions): Runner => {
  const { start } = options
  if (start !== undefined) return createStarterRunner({ ...options, start })
  let loading: Promise<Runner> | undefined
  return {
    run: async (invocation, signal) => {
      try {
        loading ??= load(options)
        return (await loading).run(invocation, signal)
      } catch (error) {
        return noAnswer('runner-threw', `cannot load execa: ${String(error)}`, false)
      }
    },
  }
}

const load = async (options: ExecRunnerOptions): Promise<Runner> => {
  const [{ createExecaStarter }, { debugTrace }] = await Promise.all([
    import('./execa-start.js'),
    import('./debug-trace.js'),
  ])
  return createStarterRunner({ trace: debugTrace, ...options, start: createExecaStarter() })
}

export type { Starter } from '../node/start.js'
export type { Sleep } from './core.js'
export type { Trace, TraceEvent } from './trace.js'
