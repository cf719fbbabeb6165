/** Decides how a garbage collection is told: what was undone, what is left and why, which plugins know what is valid. */
import { errorObject } from '../../lib/cni/error.js'
import { printable } from '../../lib/cni/printable.js'
import { barTo } from '../../lib/engine/survey.js'
import {
  currentVersion,
  type EngineError,
  type Network,
  type Outcome,
  type StepReport,
  toCniError,
} from '../../lib/index.js'
import { enumerate } from '../../lib/plan/text.js'
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
  /** Why, of each of those. */
  readonly passedOver: readonly { readonly network: string; readonly why: string }[]
  readonly error?: EngineError
}

/** Outcomes of a garbage collection as one; `networks` are those whose plugins were to be told. */
export const collectionOf = (
  outcomes: readonly Outcome<{
    readonly undone?: readonly StepReport[]
    readonly collected?: readonly StepReport[]
    readonly skipped?: readonly StepReport[]
  }>[],
  networks: readonly Network[],
): Collection => {
  const names = (reports: readonly StepReport[] = []) => reports.map(({ network }) => network)
  const errors = outcomes.flatMap((one) => (one.ok ? [] : [one.error]))
  const [first] = errors
  const untold = outcomes.flatMap((one) => (one.ok ? names(one.value.skipped) : []))
  return {
    undone: outcomes.flatMap((one) => (one.ok ? (one.value.undone ?? []) : one.undone)),
    left: outcomes.flatMap((one) => (one.ok ? [] : one.left)),
    told: outcomes.flatMap((one) => (one.ok ? names(one.value.collected) : [])),
    untold,
    passedOver: untold.map((network) => ({ network, why: reasonOf(network, networks) })),
    ...(first && { error: errors.length === 1 ? first : { kind: 'several', errors } }),
  }
}

// What neither its version nor its configuration keeps from being told, the list does.
const reasonOf = (name: string, networks: readonly Network[]): string => {
  const network = networks.find((one) => one.name === name)
  const bar = network && barTo('GC', network.config)
  return bar ?? 'a valid attachment is not recorded here'
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

const dataOf = ({ undone, left, told, untold, passedOver }: Collection) => ({
  undone: undone.map(nameOf),
  left: left.map((report) => ({
    ...nameOf(report),
    error: report.error && toCniError(report.error),
  })),
  told,
  untold,
  passedOver,
})

// `interface` as in ledger, whose `ifname` is CNI_IFNAME of the request.
const nameOf = ({ containerId, network, ifname }: StepReport) => ({
  ...{ containerId, network, ifname, interface: ifname },
})

const printTable = async (
  { undone, left, told, passedOver, error }: Collection,
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
  for (const reason of new Set(passedOver.map(({ why }) => why))) {
    const names = passedOver.flatMap(({ network, why }) => (why === reason ? [network] : []))
    say(`not told, ${reason}`, names)
  }
}

const rowOf = (
  { containerId = '', network, ifname }: StepReport,
  outcome: string,
  why: string,
): readonly string[] => [containerId, network, ifname, outcome, why].map(cell)

const cell = (text: string): string => (text === '' ? '-' : printable(text))
