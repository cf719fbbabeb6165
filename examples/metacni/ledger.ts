/**
 * Decides what `metacni ledger` prints: what the records of a node say is attached. Changes nothing and waits for nobody,
 * so that it can be looked at beside an ADD that hangs.
 */
import { resolve } from 'node:path'
import { at, failure } from '../../lib/cni/problem.js'
import { printable } from '../../lib/plan/text.js'
import { type LedgerEntry, readLedger } from '../../runners/host/ledger.js'
import { paletteFor } from './colours.js'
import { refusalOf, tellRefusedCall } from './failure.js'
import { createInputReader } from './input-text.js'
import { readConfiguration } from './inputs.js'
import { isDataFormat, printData } from './output.js'
import type { Terminal } from './terminal.js'

/** The options of `metacni ledger`. */
export interface LedgerOptions {
  readonly stateDir?: string
  readonly config?: string
  readonly output: string
}

/** One attachment, or a file in which nobody can read any. */
interface Row {
  readonly containerId: string
  /** CNI_IFNAME of the request. */
  readonly ifname: string
  readonly network?: string
  readonly interface?: string
  /** The state of the step, or `corrupt` or `quarantined`. */
  readonly state: string
  readonly netns?: string
  readonly file?: string
  readonly message?: string
}

/** Prints what the node holds; the exit code. */
export const printLedger = async (options: LedgerOptions, terminal: Terminal): Promise<number> => {
  const { stdout, stderr, env } = terminal
  const reader = createInputReader(terminal)
  const { meta, problems } = await readConfiguration(options.config, reader)
  if (problems.length > 0) return tellRefusedCall(terminal, options.output, refusalOf(problems))
  const directory = resolve(options.stateDir ?? meta.cniDir)
  const read = readLedger(directory)
  if (!read.ok) {
    const problem = failure('unreadable-directory', at(directory), read.message)
    return tellRefusedCall(terminal, options.output, refusalOf([problem]))
  }
  const rows = read.value.flatMap(rowsOf)
  if (isDataFormat(options.output)) {
    await printData(stdout, options.output, rows)
    return 0
  }
  if (rows.length === 0) {
    stderr.write(`nothing is recorded in ${printable(directory)}\n`)
    return 0
  }
  const palette = paletteFor(stdout, env)
  const { textTable } = await import('./text-table.js')
  const head = ['container', 'CNI_IFNAME', 'network', 'interface', 'state', 'netns']
  const cells = rows.map((row) => [
    ...[row.containerId, row.ifname, row.network, row.interface, row.state, row.netns].map(cell),
  ])
  stdout.write(
    textTable({ head, rows: cells }, palette, stdout.columns, { interface: palette.name }),
  )
  for (const { state, file = '', message } of rows) {
    if (state !== 'corrupt' && state !== 'quarantined') continue
    const why = message === undefined ? '' : `: ${message}`
    const paint = paletteFor(stderr, env).caution
    stderr.write(`${paint('warning')}: ${printable(`${file} is ${state}${why}`)}\n`)
  }
  return 0
}

const rowsOf = (entry: LedgerEntry): readonly Row[] => {
  const { containerId, ifname, file } = entry
  if (entry.kind === 'corrupt')
    return [{ containerId, ifname, state: entry.kind, file, message: entry.message }]
  if (entry.kind === 'quarantined') return [{ containerId, ifname, state: entry.kind, file }]
  const { plan, steps, sandbox } = entry.record
  return plan.attachments.map((attachment, index) => ({
    containerId,
    ifname,
    network: attachment.network.name,
    interface: attachment.ifname,
    state: steps[index]?.state ?? 'planned',
    netns: sandbox.netns,
  }))
}

const cell = (text: string | undefined): string => (text ? printable(text) : '-')
