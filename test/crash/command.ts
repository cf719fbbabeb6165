/**
 * Decides what `make crash` prints: progress, each finding with the command that shows it again, a table by system call.
 * Ends with 1 when there was a finding, with 2 when it cannot run here.
 *
 * COUNT=n a sample; SEED=n which; AT=name one point, or all whose names begin so; JOBS=n at once.
 */
import { availableParallelism } from 'node:os'
import { randomFrom } from '../simulation/random.js'
import { allPoints, drawn } from './plan.js'
import { nameOf, pointOf } from './point.js'
import { type Outcome, play } from './scenario.js'
import { findTools } from './tools.js'

const numberFrom = (name: string, otherwise: number): number => {
  const text = process.env[name] || undefined
  if (text === undefined) return otherwise
  if (/^\d{1,9}$/.test(text)) return Number(text)
  console.error(`${name} must be a natural number, not ${JSON.stringify(text)}`)
  return process.exit(2)
}

/** Ends the playing, after which there is a table all the same. */
let isOver = false
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    isOver = true
  })

const main = async (): Promise<number> => {
  const tools = findTools()
  if (!tools.ok) {
    console.error(`crash: ${tools.reason}`)
    return 2
  }
  const random = randomFrom(numberFrom('SEED', 1))
  const at = process.env.AT ?? ''
  const one = pointOf(at)
  const all = one === undefined ? await allPoints(tools.value, random.below) : [one]
  const named = all.filter((point) => nameOf(point).startsWith(at))
  if (named.length === 0) {
    console.error(`AT=${at} is no point, and no point begins so`)
    return 2
  }
  const points = drawn(named, numberFrom('COUNT', named.length), random.below)
  const outcomes: Outcome[] = []
  const queue = [...points]
  const started = Date.now()
  const work = async (): Promise<void> => {
    for (let point = queue.shift(); point !== undefined && !isOver; point = queue.shift()) {
      const outcome = await play(point, tools.value)
      outcomes.push(outcome)
      if (outcome.kind === 'finding') printFinding(outcome)
      if (outcomes.length % 50 === 0) printProgress(outcomes, points.length, started)
    }
  }
  await Promise.all(Array.from({ length: numberFrom('JOBS', availableParallelism()) }, work))
  printTable(outcomes)
  printProgress(outcomes, points.length, started)
  return outcomes.some(({ kind }) => kind === 'finding') ? 1 : 0
}

const printFinding = ({ point, lines }: Outcome): void =>
  console.log([nameOf(point), ...lines, `replay: make crash AT=${nameOf(point)}`].join('\n  '))

const printProgress = (outcomes: readonly Outcome[], count: number, started: number): void => {
  const seconds = Math.round((Date.now() - started) / 1000)
  const found = outcomes.filter(({ kind }) => kind === 'finding').length
  console.log(`${outcomes.length} of ${count} points, ${seconds} s, ${found} found`)
}

const kinds = ['clean', 'missed', 'known', 'finding'] as const

const printTable = (outcomes: readonly Outcome[]): void => {
  const rows = new Map<string, Record<Outcome['kind'], number>>()
  for (const { point, kind } of outcomes) {
    const [{ fault, where, call }] = point.places
    const who = where === 'main' || where === 'pool' ? point.program : where
    const names = [`${who} ${fault === 'kill' ? 'killed' : fault}`, call]
    const key = point.places.length === 2 ? 'twice killed' : names.join(' at ')
    const row = rows.get(key) ?? { clean: 0, missed: 0, known: 0, finding: 0 }
    row[kind] += 1
    rows.set(key, row)
  }
  const line = (cells: readonly (string | number)[]): string =>
    cells
      .map((cell, index) => (index === 0 ? `${cell}`.padEnd(38) : `${cell}`.padStart(9)))
      .join('')
  console.log(line(['', 'points', ...kinds]))
  for (const [name, row] of [...rows].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const counts = kinds.map((kind) => row[kind])
    console.log(line([name, counts.reduce((sum, count) => sum + count, 0), ...counts]))
  }
}

process.exitCode = await main()
