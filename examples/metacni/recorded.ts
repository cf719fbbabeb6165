/** Decides how `metacni check` and `metacni del` go: from the record alone, silent when all is well. */
import { currentVersion, type Engine, type SandboxReference, toCniError } from '../../lib/index.js'
import { pluginHint, refusalOf, tellFailure, tellRefusedCall } from './failure.js'
import { createInputReader } from './input-text.js'
import { readConfiguration } from './inputs.js'
import { exitCodes, interruptible } from './interruption.js'
import { type NodeOptions, openNode } from './node.js'
import { ownNamespaceProblem } from './own-namespace.js'
import { fromAnywhere, type SandboxOptions, sandboxProblems } from './sandbox-options.js'
import { namedPath } from './search-path.js'
import type { Terminal } from './terminal.js'

/** The options of `metacni check` and `metacni del`. */
export interface RecordedOptions extends SandboxOptions, NodeOptions {
  readonly config?: string
  readonly output: string
}

/** Does a recorded container's CHECK or DEL; the exit code. `during`: what an interrupt waits for. */
export const callRecorded = async (
  verb: 'check' | 'del',
  during: string,
  options: RecordedOptions,
  terminal: Terminal,
): Promise<number> => {
  const { value, interrupt } = await interruptible(terminal, during, (signal) =>
    callUnder(verb, options, terminal, signal),
  )
  return interrupt !== undefined && value !== 0 ? exitCodes[interrupt] : value
}

const callUnder = async (
  verb: 'check' | 'del',
  options: RecordedOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> => {
  const { output } = options
  const wrong = sandboxProblems(options)
  if (wrong.length > 0) return tellRefusedCall(terminal, output, refusalOf(wrong))
  const { meta, problems } = await readConfiguration(
    options.config,
    createInputReader(terminal, signal),
  )
  if (problems.length > 0) return tellRefusedCall(terminal, output, refusalOf(problems))
  const opened = await openNode(options, meta, 'existing', terminal, signal)
  if (!opened.ok) return tellRefusedCall(terminal, output, refusalOf(opened.problems))
  const { runner, engine, close } = opened.value
  try {
    const isTouched = verb === 'del' && runner !== 'memory' && options.netns !== undefined
    const own = isTouched ? ownNamespaceProblem(options.netns, '--netns', terminal) : undefined
    if (own !== undefined) return await tellRefusedCall(terminal, output, refusalOf([own]))
    const named = namedPath(terminal.env, options, meta)
    const outcome = await call(engine, verb, referenceOf(fromAnywhere(options), named), signal)
    if (outcome.ok) return 0
    const { error, undone, left } = outcome
    const failed = {
      error: toCniError(error),
      undone,
      left,
      cause: error,
      hint: pluginHint(error, runner),
    }
    return await tellFailure(terminal, output, failed, currentVersion)
  } finally {
    await close()
  }
}

const call = (
  engine: Engine,
  verb: 'check' | 'del',
  reference: SandboxReference,
  signal: AbortSignal,
) => (verb === 'check' ? engine.check(reference, { signal }) : engine.del(reference, { signal }))

const referenceOf = (
  { containerId, ifname, netns, cniArgs: args }: RecordedOptions,
  path: readonly string[],
): SandboxReference => ({
  containerId,
  ...(ifname !== undefined && { ifname }),
  ...(netns !== undefined && { netns }),
  ...(args !== undefined && { args }),
  // Searched before the directories of the record.
  ...(path.length > 0 && { path }),
})
