/** Decides how a garbage collection is told: what was undone, what is left and why, which plugins know what is valid. */
import { errorObject } from '../../lib/cni/error.js'
import {
  currentVersion,
  type EngineError,
  type Outcome,
  type StepReport,
  toCniError,
} from '../../lib/index.js'
import { enumerate, printable } from '../../lib/plan/text.js'
import { paletteFor } from './colours.js'
import { tellFailure } from './failure.js'
import { isDataFormat, printData } from './output.js'
import type { Terminal } from './terminal.js'

/** What a garbage collection came to. */
export interface Collection {
  readonly undone: readonly StepReport[]
  readonly left: readonly StepReport[]
  /** The networks whose plugins were told what is valid, and those that were passed over. */
  readonly told: readonly string[]
  readonly untold: readonly string[]
  readonly error?: EngineError
}

/** Outcomes of a garbage collection as one. */
export const collectionOf = (
  outcomes: readonly Outcome<{
    readonly undone?: readonly StepReport[]
    readonly collected?: readonly StepReport[]
    readonly skipped?: readonly StepReport[]
  }>[],
): Collection => {
  const names = (reports: readonly StepReport[] = []) => reports.map(({ network }) => network)
  const errors = outcomes.flatMap((one) => (one.ok ? [] : [one.error]))
  const [first] = errors
  return {
    undone: outcomes.flatMap((one) => (one.ok ? (one.value.undone ?? []) : one.undone)),
    left: outcomes.flatMap((one) => (one.ok ? [] : one.left)),
    told: outcomes.flatMap((one) => (one.ok ? names(one.value.collected) : [])),
    untold: outcomes.flatMap((one) => (one.ok ? names(one.value.skipped) : [])),
    ...(first && { error: errors.length === 1 ? first : { kind: 'several', errors } }),
  }
}

/** Tells a garbage collection; the exit code. */
export const tellCollection = async (
  terminal: Terminal,
  format: string,
  collection: Collection,
): Promise<number> => {
  const { error } = collection
  if (isDataFormat(format)) {
    const object = error === undefined ? {} : errorObject(toCniError(error), currentVersion)
    await printData(terminal.stdout, format, { ...object, ...dataOf(collection) })
    return error === undefined ? 0 : 1
  }
  await printTable(collection, terminal)
  if (error === undefined) return 0
  const failed = { error: toCniError(error), undone: [], left: [], cause: error }
  return tellFailure(terminal, format, failed, currentVersion)
}

const dataOf = ({ undone, left, told, untold }: Collection) => ({
  undone: undone.map(nameOf),
  left: left.map((report) => ({
    ...nameOf(report),
    error: report.error && toCniError(report.error),
  })),
  told,
  untold,
})

const nameOf = ({ containerId, network, ifname }: StepReport) => ({ containerId, network, ifname })

const printTable = async (
  { undone, left, told, untold, error }: Collection,
  { stdout, env }: Terminal,
): Promise<void> => {
  const palette = paletteFor(stdout, env)
  const rows = [
    ...undone.map((report) => rowOf(report, 'undone', '')),
    ...left.map((report) =>
      rowOf(report, 'left', report.error ? toCniError(report.error).msg : ''),
    ),
  ]
  if (rows.length > 0) {
    const { textTable } = await import('./text-table.js')
    const head = ['container', 'network', 'interface', 'outcome', 'why']
    stdout.write(textTable({ head, rows }, palette, stdout.columns, { interface: palette.name }))
  } else if (error === undefined) stdout.write('nothing is stale\n')
  const say = (what: string, networks: readonly string[]) => {
    if (networks.length > 0) stdout.write(`${what}: ${enumerate(networks.map(printable))}\n`)
  }
  say('told what is valid, the plugins of', told)
  say('not told', untold)
}

const rowOf = (
  { containerId = '', network, ifname }: StepReport,
  outcome: string,
  why: string,
): readonly string[] => [containerId, network, ifname, outcome, why].map(cell)

const cell = (text: string): string => (text === '' ? '-' : printable(text))
