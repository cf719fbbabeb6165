/**
 * Decides what `metacni plan` prints: the plan as a table, as data, or as the commands of the ip runner. Runs nothing, and
 * needs neither root nor cluster.
 */
import { at, failure, type Problem } from '../../lib/cni/problem.js'
import { tableOf } from '../../lib/plan/render.js'
import { paletteFor } from './colours.js'
import type { KnownSandbox } from './engines.js'
import { problemText, refusalOf, tellRefusal } from './failure.js'
import { createInputReader } from './input-text.js'
import { type PlanOptions, readInputs } from './inputs.js'
import { isDataFormat, printData } from './output.js'
import { fromAnywhere, sandboxProblems } from './sandbox-options.js'
import type { Terminal } from './terminal.js'

/** The options of `metacni plan`. */
export interface PrintedPlanOptions extends PlanOptions, KnownSandbox {
  readonly output: string
  readonly runner?: 'ip'
}

/** Prints a plan; the exit code. */
export const printPlan = async (
  options: PrintedPlanOptions,
  terminal: Terminal,
): Promise<number> => {
  const { output, runner } = options
  const wrong = wrongUse(options)
  if (wrong.length > 0) return tellRefusal(terminal, output, refusalOf(wrong))
  const planned = (await readInputs(options, createInputReader(terminal))).plan()
  if (!planned.ok) return tellRefusal(terminal, output, planned)
  const { plan } = planned
  const engines = runner === undefined ? undefined : await import('./engines.js')
  const runs = engines?.dryRunsOf(plan, fromAnywhere(options)) ?? []
  if (isDataFormat(output)) {
    await printData(terminal.stdout, output, engines?.withEngines(plan, runs) ?? plan)
    return 0
  }
  if (output === 'commands' && engines !== undefined) {
    terminal.stdout.write(engines.commandsOf(runs))
    terminal.stderr.write(problemText(plan.warnings, paletteFor(terminal.stderr, terminal.env)))
    return runs.some(({ plugins }) => plugins.some(({ refusal }) => refusal !== undefined)) ? 1 : 0
  }
  const { textTable } = await import('./text-table.js')
  const palette = paletteFor(terminal.stdout, terminal.env)
  const paint = {
    interface: palette.name,
    primary: (cell: string) => (cell.startsWith('yes') ? palette.good(cell) : palette.faint(cell)),
  }
  const table = engines?.engineTable(tableOf(plan), runs) ?? tableOf(plan)
  terminal.stdout.write(textTable(table, palette, terminal.stdout.columns, paint))
  terminal.stderr.write(problemText(plan.warnings, paletteFor(terminal.stderr, terminal.env)))
  return 0
}

const wrongUse = ({
  output,
  runner,
  containerId,
  netns,
}: PrintedPlanOptions): readonly Problem[] => {
  const message = 'commands are what the ip runner would run'
  const isRunner = output !== 'commands' || runner === 'ip'
  const named = { containerId: containerId ?? 'none', ...(netns !== undefined && { netns }) }
  return [
    ...(isRunner
      ? []
      : [failure('bad-configuration', at('--output'), message, 'give --runner ip, too')]),
    ...sandboxProblems(named),
  ]
}
