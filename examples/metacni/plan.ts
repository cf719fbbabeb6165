/** Decides what `metacni plan` prints: the plan as a table or as data. Runs nothing, and needs neither root nor cluster. */
import { tableOf } from '../../lib/plan/render.js'
import { paletteFor } from './colours.js'
import { problemText, tellRefusal } from './failure.js'
import { createInputReader } from './input-text.js'
import { type PlanOptions, readInputs } from './inputs.js'
import { isDataFormat, printData } from './output.js'
import type { Terminal } from './terminal.js'

/** Prints a plan; the exit code. */
export const printPlan = async (
  options: PlanOptions & { readonly output: string },
  terminal: Terminal,
): Promise<number> => {
  const { output } = options
  const planned = (await readInputs(options, createInputReader(terminal))).plan()
  if (!planned.ok) return tellRefusal(terminal, output, planned)
  const { plan } = planned
  if (isDataFormat(output)) {
    await printData(terminal.stdout, output, plan)
    return 0
  }
  const { textTable } = await import('./text-table.js')
  const palette = paletteFor(terminal.stdout, terminal.env)
  const paint = {
    interface: palette.name,
    primary: (cell: string) => (cell.startsWith('yes') ? palette.good(cell) : palette.faint(cell)),
  }
  terminal.stdout.write(textTable(tableOf(plan), palette, terminal.stdout.columns, paint))
  terminal.stderr.write(problemText(plan.warnings, paletteFor(terminal.stderr, terminal.env)))
  return 0
}
