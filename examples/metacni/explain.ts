/** Decides what `metacni explain` prints: why each name, order and key of a plan is what it is. Runs nothing. */
import { explain } from '../../lib/plan/explain.js'
import { tellRefusal } from './failure.js'
import { createInputReader } from './input-text.js'
import { type PlanOptions, readInputs } from './inputs.js'
import { isDataFormat, printData } from './output.js'
import type { Terminal } from './terminal.js'

/** Prints the reasons of a plan; the exit code. */
export const printExplanation = async (
  options: PlanOptions & { readonly output: string },
  terminal: Terminal,
): Promise<number> => {
  const { output } = options
  const planned = (await readInputs(options, createInputReader(terminal))).plan()
  if (!planned.ok) return tellRefusal(terminal, output, planned)
  const { decisions, warnings } = planned.plan
  if (isDataFormat(output)) await printData(terminal.stdout, output, { decisions, warnings })
  else terminal.stdout.write(`${explain(planned.plan)}\n`)
  return 0
}
