/**
 * Decides what `metacni ledger` prints: what the records of a node say is attached, and what the result cache and the
 * scratch files of Go plugins say where there is no record. Changes nothing and waits for nobody, so that it can be
 * looked at beside an ADD that hangs.
 */
import { resolve } from 'node:path'
import { printable } from '../../lib/cni/printable.js'
import { at, failure } from '../../lib/cni/problem.js'
import type { EngineRecord } from '../../lib/index.js'
import {
  type CacheEntry,
  readCacheLedger,
  readScratchLedger,
  type ScratchEntry,
  type Unread,
} from '../../runners/host/beside-ledger.js'
import { type LedgerEntry, readLedger } from '../../runners/host/ledger.js'
import { paletteFor } from './colours.js'
import { refusalOf, tellRefusedCall } from './failure.js'
import { createInputReader } from './input-text.js'
import { readConfiguration } from './inputs.js'
import { isDataFormat, printData } from './output.js'
import { nothingRecorded, placesBeside } from './state-directory.js'
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
  /** What says so where no record does. */
  readonly source?: 'cache' | 'scratch file'
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
  const { foreign, cacheDirectory } = placesBeside(options, meta, directory)
  const unread: Unread[] = []
  const rows = [
    ...read.value.flatMap(rowsOf),
    ...scratchRows(readScratchLedger([directory, ...foreign], unread), read.value),
    ...cacheRows(readCacheLedger([cacheDirectory], unread), read.value),
  ].sort((a, b) => compare(a.containerId, b.containerId))
  for (const { where, why } of unread) {
    stderr.write(
      `${paletteFor(stderr, env).caution('warning')}: not read: ${printable(`${where}: ${why}`)}\n`,
    )
  }
  if (isDataFormat(options.output)) {
    await printData(stdout, options.output, rows)
    return 0
  }
  if (rows.length === 0) {
    stderr.write(nothingRecorded(directory))
    return 0
  }
  const palette = paletteFor(stdout, env)
  const { textTable } = await import('./text-table.js')
  const head = ['container', 'CNI_IFNAME', 'network', 'interface', 'state', 'netns']
  const cells = rows.map((row) => [
    ...[row.containerId, row.ifname, row.network, row.interface, stateOf(row), row.netns].map(cell),
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
  return recordRows(entry.record)
}

const recordRows = ({ plan, steps, sandbox }: EngineRecord): readonly Row[] => {
  const { containerId, ifname } = sandbox
  return plan.attachments.map((attachment, index) => ({
    containerId,
    ifname,
    network: attachment.network.name,
    interface: attachment.ifname,
    state: steps[index]?.state ?? 'planned',
    netns: sandbox.netns,
  }))
}

/** What Go plugins say of containers that have no record of ours; and their files that nobody can read. */
const scratchRows = (
  entries: readonly ScratchEntry[],
  ledger: readonly LedgerEntry[],
): readonly Row[] => {
  const recorded = new Set(ledger.filter(isRecord).map(({ containerId }) => containerId))
  const source = 'scratch file'
  return entries.flatMap((entry): readonly Row[] => {
    const { containerId, file } = entry
    const place = { containerId, ifname: '', file, source } as const
    if (entry.kind === 'corrupt') return [{ ...place, state: 'corrupt', message: entry.message }]
    if (entry.kind === 'quarantined') return [{ ...place, state: 'quarantined' }]
    if (recorded.has(containerId)) return []
    return recordRows(entry.record).map((row) => ({ ...row, source }))
  })
}

/** What a cache of ours knows and no record: it stands in for one that is lost. */
const cacheRows = (
  entries: readonly CacheEntry[],
  ledger: readonly LedgerEntry[],
): readonly Row[] => {
  const held = new Set<string>()
  for (const { record } of ledger.filter(isRecord)) {
    for (const { ifname } of record.plan.attachments) {
      held.add(`${record.sandbox.containerId} ${ifname}`)
    }
  }
  return entries.flatMap(({ file, attachment }): readonly Row[] => {
    if (attachment?.request === undefined) return []
    const { containerId, networkName: network, ifname, netns = '', request } = attachment
    if (held.has(`${containerId} ${ifname}`)) return []
    const row = { containerId, ifname: request.ifname, network, interface: ifname }
    return [{ ...row, state: 'added', source: 'cache', netns, file }]
  })
}

const isRecord = (entry: LedgerEntry): entry is LedgerEntry & { readonly kind: 'record' } =>
  entry.kind === 'record'

const stateOf = ({ state, source }: Row): string =>
  source === undefined ? state : `${state} (${source})`

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b))

const cell = (text: string | undefined): string => (text ? printable(text) : '-')
