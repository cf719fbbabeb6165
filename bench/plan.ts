/**
 * Measures planning from raw texts beside JSON.parse of the same bytes, in one run: 1 to 1000 networks, both forms of the
 * annotation, two sizes of configuration, from memory and from a directory. `--json FILE` keeps the figures. Needs dist.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Form, filesOf, inputOf, type Size } from './fixtures.js'
import { type Comparison, compare, wantedRounds } from './measure.js'

// What is shipped is what is measured. From the sources, tsx would give every closure its name anew in each call.
const built = (name: string): Promise<unknown> => import(new URL(name, import.meta.url).href)
const { plan } = (await built('../dist/index.js')) as typeof import('../lib/index.js')
const { readConfigDirectory } = (await built(
  '../dist/runners/host.js',
)) as typeof import('../runners/host/index.js')

const counts = [1, 3, 10, 100, 1000]
const bar = 3
const growthBar = 1.5

interface Row extends Comparison {
  readonly from: 'memory' | 'directory'
  readonly size: Size
  readonly form: Form
  readonly networks: number
}

const measureMemory = (size: Size, form: Form, count: number): Comparison => {
  const files = filesOf('/etc/cni/net.d/multus', count, size)
  const input = inputOf(count, form, files)
  expectPlan(plan(input), count)
  const annotation = input.pod.annotations['tke.cloud.tencent.com/networks']
  // The short form is no JSON: as a JSON text it is the same bytes between two quotes.
  const texts = [input.config.text, form === 'json' ? annotation : JSON.stringify(annotation)]
  for (const { text } of files) texts.push(text)
  return compare(
    () => plan(input),
    () => {
      for (const text of texts) JSON.parse(text)
    },
  )
}

const measureDirectory = (folder: string, size: Size, form: Form, count: number): Comparison => {
  const directory = join(folder, `${size}-${count}`)
  mkdirSync(directory, { recursive: true })
  for (const { source, text } of filesOf(directory, count, size)) writeFileSync(source, text)
  const input = inputOf(count, form, undefined)
  expectPlan(plan({ ...input, ...readConfigDirectory(directory) }), count)
  return compare(
    () => plan({ ...input, ...readConfigDirectory(directory) }),
    () => {
      for (const name of readdirSync(directory))
        JSON.parse(readFileSync(join(directory, name), 'utf8'))
    },
  )
}

const expectPlan = (planned: ReturnType<typeof plan>, count: number): void => {
  if (
    !planned.ok ||
    planned.plan.attachments.length !== count ||
    planned.plan.warnings.length > 0
  ) {
    throw new Error(`not the plan to be measured: ${JSON.stringify(planned).slice(0, 500)}`)
  }
}

const measureAll = (): readonly Row[] => {
  const folder = mkdtempSync(join(tmpdir(), 'metacni-bench-'))
  const rows: Row[] = []
  try {
    for (const from of ['memory', 'directory'] as const)
      for (const size of ['minimal', 'realistic'] as const)
        for (const form of ['json', 'short'] as const)
          for (const networks of counts) {
            const measured =
              from === 'memory'
                ? measureMemory(size, form, networks)
                : measureDirectory(folder, size, form, networks)
            const row = { from, size, form, networks, ...measured }
            rows.push(row)
            console.log(lineOf(row))
          }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return rows
}

const cells = (texts: readonly string[]): string =>
  texts.map((text, index) => (index < 3 ? text.padEnd(10) : text.padStart(11))).join(' ')

const lineOf = ({ from, size, form, networks, work, yardstick, ratio }: Row): string =>
  cells([
    from,
    size,
    form,
    `${networks}`,
    work.toFixed(1),
    yardstick.toFixed(1),
    ratio.toFixed(2),
    verdict(from, ratio),
  ])

const verdict = (from: Row['from'], ratio: number): string =>
  from === 'directory' ? '-' : ratio <= bar ? 'within' : 'OVER'

/** How much more planning grows from 100 to 1000 networks than its yardstick does. */
const growths = (rows: readonly Row[]) =>
  rows
    .filter(({ networks }) => networks === 1000)
    .map(({ from, size, form, ratio }) => {
      const hundred = rows.find(
        (row) =>
          row.networks === 100 && row.from === from && row.size === size && row.form === form,
      )
      return { from, size, form, growth: ratio / (hundred?.ratio ?? ratio) }
    })

const { values } = parseArgs({ options: { json: { type: 'string' } } })
const machine = { node: process.version, arch: process.arch, cores: availableParallelism() }
console.log(`Node ${machine.node}, ${machine.arch}, ${machine.cores} cores.`)
console.log(
  `Medians of ${wantedRounds} rounds, in microseconds; the ratio is the median of theirs.`,
)
console.log(
  'The yardstick: JSON.parse of the same bytes; from a directory, reading the files too.\n',
)
console.log(cells(['from', 'size', 'form', 'networks', 'plan', 'yardstick', 'ratio', `bar ${bar}`]))
const rows = measureAll()
const grown = growths(rows)
console.log(`\nGrowth from 100 to 1000 networks, against the yardstick's own (bar ${growthBar}):`)
for (const { from, size, form, growth } of grown) {
  console.log(cells([from, size, form, growth.toFixed(2), growth <= growthBar ? 'within' : 'OVER']))
}
if (values.json !== undefined) {
  mkdirSync(dirname(values.json), { recursive: true })
  const report = { ...machine, unit: 'microseconds', bar, growthBar, rows, growths: grown }
  writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`)
}
