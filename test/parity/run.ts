/**
 * Decides what `make parity` prints: a verdict a row, and why. Ends with 1 when a row is different, when nothing could
 * be compared, and when no row bears the name that was asked for.
 *
 * Usage: [ROW=part of a name] [PART=same|cross|failures] [RUNNER=exec|ip|a double] node --import tsx test/parity/run.ts
 */
import Table from 'cli-table3'
import { failingDoubles } from './doubles.js'
import { judge, judgeCross, type Verdict } from './judge.js'
import { hasIpRunner, lackOf, noNodes, openNodes } from './node.js'
import type { Row } from './row.js'
import { rows } from './rows/index.js'
import type { Engines } from './worker.js'

type Nodes = Awaited<ReturnType<typeof openNodes>>

const { ROW: part = '', PART: only = '' } = process.env
const runner = process.env.RUNNER || (hasIpRunner ? 'ip' : 'exec')

const all = (engine: string): Engines => ({ ADD: engine, CHECK: engine, DEL: engine })
const cross = (adds: string, others: string): Engines => ({ ADD: adds, CHECK: others, DEL: others })

/** With one row to look at, everything about it is shown. */
const width = part === '' ? 60 : 2000

/** The parts of the comparison: for each, how a row is judged. */
const parts: Readonly<Record<string, (nodes: Nodes, row: Row) => Promise<Verdict>>> = {
  same: async (nodes, row) => {
    const [right, other] = await Promise.all([
      nodes.run(row, all('exec')),
      nodes.run(row, all(runner)),
    ])
    return judge(row, right, other, { cleanFailures: runner === 'ip' }, width)
  },
  cross: async (nodes, row) => {
    const [there, back] = await Promise.all([
      nodes.run(row, cross('exec', runner)),
      nodes.run(row, cross(runner, 'exec')),
    ])
    const alone = await nodes.run(row, all('exec'))
    const judged = [
      [`exec to ${runner}`, judgeCross(row, there, alone)],
      [`${runner} to exec`, judgeCross(row, back, alone)],
    ] as const
    const faults = judged.flatMap(([title, verdict]) =>
      verdict.kind === 'different' ? verdict.faults.map((fault) => `${title}: ${fault}`) : [],
    )
    const impossible = judged.find(([, verdict]) => verdict.kind === 'impossible')?.[1]
    return impossible ?? (faults.length > 0 ? { kind: 'different', faults } : { kind: 'same' })
  },
  failures: async (nodes, row) => {
    const run = await nodes.failures(row, runner)
    if (run.kind === 'impossible') return run
    if (run.kind !== 'failures') throw new Error('no failures')
    const faults = run.failures.found.flatMap(({ n, command, faults: found }) =>
      found.map((fault) => `command ${n} (${command}): ${fault}`),
    )
    if (faults.length > 0) return { kind: 'different', faults }
    return { kind: 'same', note: `${run.failures.commands} commands` }
  },
}

const verdictOf = async (nodes: Nodes, row: Row, name: string): Promise<Verdict> => {
  const lack = lackOf(row)
  if (lack !== undefined) return { kind: 'impossible', reason: lack }
  try {
    return (await parts[name]?.(nodes, row)) ?? { kind: 'impossible', reason: 'no such part' }
  } catch (error) {
    return { kind: 'different', faults: [String(error)] }
  }
}

const cell = (verdict: Verdict): string => {
  if (verdict.kind === 'same') return verdict.note ? `same (${verdict.note})` : 'same'
  if (verdict.kind === 'impossible') return `not possible here: ${verdict.reason}`
  const more = verdict.faults.length > 1 ? ` (and ${verdict.faults.length - 1} more)` : ''
  return `different: ${verdict.faults[0]}${more}`
}

const runPart = async (nodes: Nodes, name: string, chosen: readonly Row[]): Promise<number> => {
  const table = new Table({
    head: ['row', `${name}: exec and ${runner}`],
    wordWrap: true,
    colWidths: [64, 130],
    style: { head: [], border: [], compact: true },
  })
  const counts = { same: 0, different: 0, impossible: 0 }
  const started = performance.now()
  for (const row of chosen) {
    const verdict = await verdictOf(nodes, row, name)
    counts[verdict.kind]++
    table.push([row.name, cell(verdict)])
    if (part !== '' && verdict.kind === 'different') {
      console.log([row.name, ...verdict.faults].join('\n  '))
    } else if (process.stderr.isTTY) process.stderr.write(verdict.kind === 'same' ? '.' : '!')
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(table.toString())
  console.log(
    `${name}: ${counts.same} same, ${counts.different} different, ${counts.impossible} not possible here, ${seconds} s`,
  )
  return counts.different + (counts.same === 0 ? 1 : 0)
}

const main = async (): Promise<number> => {
  const reason = noNodes()
  if (reason !== undefined) {
    console.error(`parity: ${reason}`)
    return 1
  }
  const chosen = rows.filter(({ name }) => name.includes(part))
  if (chosen.length === 0) {
    console.error(`parity: no row has a name with ${JSON.stringify(part)}`)
    return 1
  }
  const canFail = Object.hasOwn(failingDoubles, runner)
  const wanted = only === '' ? (canFail ? ['failures'] : ['same', 'cross']) : [only]
  const unknown = wanted.find((name) => !Object.hasOwn(parts, name))
  if (unknown !== undefined) {
    console.error(`parity: PART must be one of ${Object.keys(parts).join(', ')}`)
    return 1
  }
  const nodes = await openNodes()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      nodes.close()
      process.exit(1)
    })
  }
  try {
    let faults = 0
    for (const name of wanted) faults += await runPart(nodes, name, chosen)
    return faults === 0 ? 0 : 1
  } finally {
    nodes.close()
  }
}

process.exitCode = await main()
