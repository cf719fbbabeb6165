/** Decides how a plan is shown: as JSON, as a table, as an explanation. Refuses colours; they belong to a terminal. */
import { printable } from '../cni/printable.js'
import { describe } from './describe.js'
import { explain } from './explain.js'
import { networkName } from './subject.js'
import { align } from './text.js'
import type { Plan } from './types.js'

/** The forms in which `render` shows a plan. */
export type PlanFormat = 'json' | 'text' | 'explain'

/** A table: the names of its columns, and rows of as many cells. */
export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/**
 * A plan as text, without a newline at the end: indented JSON that `decodePlan` reads, a table without colour, or the
 * reasons of `explain`.
 */
export const render = (plan: Plan, format: PlanFormat): string => {
  switch (format) {
    case 'json':
      return JSON.stringify(plan, null, 2)
    case 'text': {
      const { head, rows } = tableOf(plan)
      return align([head, ...rows]).join('\n')
    }
    case 'explain':
      return explain(plan)
  }
}

/**
 * The attachments of a plan in execution order: interface, network, type (of every plugin, joined by ` + `), primary
 * (`yes` or `no`), description. Cells hold no control characters: those of a configuration are escaped.
 */
export const tableOf = ({ attachments }: Plan): Table => ({
  head: ['interface', 'network', 'type', 'primary', 'description'],
  rows: attachments.map(({ ifname, network, config, primary }) =>
    [
      ifname,
      networkName(network),
      config.plugins.map(({ type }) => type).join(' + '),
      primary ? 'yes' : 'no',
      describe(config),
    ].map(printable),
  ),
})
