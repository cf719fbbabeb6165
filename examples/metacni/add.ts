/**
 * Decides how `metacni add` attaches a container: validate, plan, carry out, print. Refuses before anything runs what is
 * wrong with the container's names, the inputs or the saved plan; what an interrupt stops is undone.
 */
import type { Problem } from '../../lib/cni/problem.js'
import { type Added, type MetaConfiguration, type Plan, toCniError } from '../../lib/index.js'
import { namespacePlace } from '../../runners/node/network-namespace.js'
import { paletteFor } from './colours.js'
import { pluginHint, problemText, refusalOf, tellFailure, tellRefusedCall } from './failure.js'
import { createInputReader } from './input-text.js'
import {
  decodeCapabilityArgs,
  type PlannedInputs,
  type PlanOptions,
  readConfiguration,
  readInputs,
} from './inputs.js'
import { exitCodes, interruptible } from './interruption.js'
import { type Node, type NodeOptions, openNode } from './node.js'
import { isDataFormat, printData } from './output.js'
import { ownNamespaceProblem } from './own-namespace.js'
import { fromAnywhere, type SandboxOptions, sandboxProblems } from './sandbox-options.js'
import { confirmSavedPlan, hasPlanInputs, prepareSavedPlan, readSavedPlan } from './saved-plan.js'
import { shellText, undoHint } from './shell-text.js'
import { standingProblems } from './standing-interfaces.js'
import type { Terminal } from './terminal.js'

/** The options of `metacni add`. */
export interface AddOptions extends PlanOptions, SandboxOptions, NodeOptions {
  readonly netns: string
  readonly plan?: string
  readonly output: string
}

/** Attaches a container and prints the result; the exit code. */
export const attach = async (options: AddOptions, terminal: Terminal): Promise<number> => {
  const problems = sandboxProblems(options)
  if (problems.length > 0) return tellRefusedCall(terminal, options.output, refusalOf(problems))
  const during = 'undoing what was attached'
  const { value, interrupt } = await interruptible(terminal, during, (signal) =>
    planAndAdd(fromAnywhere(options), terminal, signal),
  )
  if (interrupt === undefined) return value
  if (value !== 0) return exitCodes[interrupt]
  terminal.stderr.write(`${interrupt} came too late: the container is attached\n`)
  return value
}

const planAndAdd = async (
  options: AddOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> => {
  const { meta, planned } = await preparePlan(options, terminal, signal)
  if (!planned.ok) return tellRefusedCall(terminal, options.output, planned)
  const { plan } = planned
  const opened = await openNode(options, meta, 'create', terminal, signal)
  if (!opened.ok) {
    return tellRefusedCall(terminal, options.output, refusalOf(opened.problems), plan)
  }
  const node = opened.value
  try {
    const isReal = node.runner !== 'memory'
    const problem = isReal ? ownNamespaceProblem(options.netns, '--netns', terminal) : undefined
    if (problem !== undefined) {
      return await tellRefusedCall(terminal, options.output, refusalOf([problem]), plan)
    }
    const standing = await standingIn(node, plan, options, terminal, signal)
    if (standing.length > 0) {
      return await tellRefusedCall(terminal, options.output, { problems: standing, partial: plan })
    }
    return await carryOut(node, plan, options, terminal, signal)
  } finally {
    await node.close()
  }
}

/** The plan of the inputs, the saved one, or the saved one as the inputs confirm it. */
const preparePlan = async (
  options: AddOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<{ readonly meta: MetaConfiguration; readonly planned: PlannedInputs }> => {
  const reader = createInputReader(terminal, signal)
  // Whether its directories have every plugin is what running them will tell.
  const planOptions = { ...options, binDir: [] }
  if (options.plan === undefined) {
    const inputs = await readInputs(planOptions, reader)
    return { meta: inputs.meta, planned: inputs.plan() }
  }
  const saved = await readSavedPlan(options.plan, reader)
  if (hasPlanInputs(options)) {
    const inputs = await readInputs(planOptions, reader)
    const planned = saved.ok ? confirmSavedPlan(saved.plan, options.plan, inputs) : saved
    return { meta: inputs.meta, planned }
  }
  const { meta } = await readConfiguration(undefined, reader)
  const problems: Problem[] = []
  const capabilityArgs = decodeCapabilityArgs(options.capabilityArgs, problems)
  if (!saved.ok) return { meta, planned: { ...saved, problems: [...saved.problems, ...problems] } }
  if (problems.length > 0) return { meta, planned: { ok: false, problems, partial: saved.plan } }
  const planned = prepareSavedPlan(saved.plan, options.plan, options.ifname, capabilityArgs)
  return { meta, planned }
}

/** What a new attachment would meet. What an ADD that died has left is of a record, and is undone first. */
const standingIn = async (
  node: Node,
  plan: Plan,
  options: AddOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<readonly Problem[]> => {
  const { containerId, netns } = options
  const ifname = requestedIfname(plan, options)
  return node.runner === 'memory' || (await node.isRecorded(containerId, ifname, signal))
    ? []
    : standingProblems(plan, netns, '--netns', terminal, signal)
}

/** CNI_IFNAME of the request. */
const requestedIfname = ({ attachments }: Plan, { ifname }: AddOptions): string =>
  ifname ?? attachments.find(({ primary }) => primary)?.ifname ?? ''

const carryOut = async (
  node: Node,
  plan: Plan,
  options: AddOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> => {
  const { containerId, netns, cniArgs: args = '' } = options
  const ifname = requestedIfname(plan, options)
  const sandbox = { containerId, ...namespacePlace(netns), ifname, args, path: node.path }
  const outcome = await node.engine.add(plan, sandbox, { signal })
  if (!outcome.ok) {
    const { error, undone, left } = outcome
    const failed = {
      error: toCniError(error),
      undone,
      left,
      cause: error,
      hint: pluginHint(error, node.runner),
    }
    return tellFailure(terminal, options.output, failed, plan.resultVersion)
  }
  if (!isForgotten(options)) terminal.leave(undoHint(delOf(options, ifname)))
  if (isDataFormat(options.output)) {
    await printData(terminal.stdout, options.output, outcome.value.result)
  } else {
    await printTables(node, outcome.value, plan, options, terminal)
  }
  return 0
}

/** A simulated node without a place ends with the call. */
const isForgotten = ({ runner, stateDir }: AddOptions): boolean =>
  runner === 'memory' && stateDir === undefined

const delOf = ({ containerId, stateDir, config }: AddOptions, ifname: string): string =>
  shellText([
    ...['metacni', 'del', '--container-id', containerId, '--ifname', ifname],
    ...(stateDir === undefined ? [] : ['--state-dir', stateDir]),
    ...(config === undefined ? [] : ['--config', config]),
  ])

const printTables = async (
  node: Node,
  added: Added,
  plan: Plan,
  { netns }: AddOptions,
  { stdout, stderr, env }: Terminal,
): Promise<void> => {
  const palette = paletteFor(stdout, env)
  const { textTable } = await import('./text-table.js')
  const paint = { interface: palette.name, addresses: palette.good, mac: palette.faint }
  for (const table of await node.tables(netns, added)) {
    stdout.write(textTable(table, palette, stdout.columns, paint))
  }
  stderr.write(problemText(plan.warnings, paletteFor(stderr, env)))
}
