/**
 * Decides what `metacni plan --runner ip` adds to a plan: who would carry out each plugin of each attachment, and why; the
 * commands of a dry run. The tools of this machine do not count: the plan may be another's. Loaded only where it is used.
 */
import { printable } from '../../lib/cni/printable.js'
import type { Plan } from '../../lib/index.js'
import type { Table } from '../../lib/plan/render.js'
import { commandsText, type DryRun, dryRun } from '../../runners/ip/index.js'

/** What is known of the container. */
export interface KnownSandbox {
  readonly containerId?: string
  readonly netns?: string
}

/** The dry runs of a plan's attachments, in execution order. */
export const dryRunsOf = (
  { attachments }: Plan,
  { containerId, netns }: KnownSandbox,
): readonly DryRun[] =>
  attachments.map(({ config, ifname, capabilityArgs }) =>
    dryRun({
      config,
      ifname,
      capabilityArgs,
      ipam: true,
      ...(containerId !== undefined && { containerId }),
      ...(netns !== undefined && { netns }),
    }),
  )

/** A plan with its engines, for programs (docs/plan-format.md). */
export const withEngines = (plan: Plan, runs: readonly DryRun[]): object => ({
  ...plan,
  engines: runs.map(({ network, ifname, plugins }) => ({
    network,
    ifname,
    plugins: plugins.map(({ type, choice }) => ({ type, ...choice })),
  })),
})

/** A table of a plan with its engines. */
export const engineTable = ({ head, rows }: Table, runs: readonly DryRun[]): Table => ({
  head: [...head.slice(0, -1), 'engine', 'why'],
  rows: rows.map((row, index) => {
    const choices = (runs[index]?.plugins ?? []).map(({ choice }) => choice)
    const why = choices.flatMap((one) => (one.engine === 'exec' ? one.because : []))
    const engines = choices.map(({ engine }) => engine).join(' + ')
    return [...row.slice(0, -1), engines, why.length === 0 ? '-' : why.map(printable).join('\n')]
  }),
})

/** The commands of a plan, one text with a newline at its end. */
export const commandsOf = (runs: readonly DryRun[]): string => `${commandsText(runs)}\n`
