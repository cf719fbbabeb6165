/** Decides how a replay reads: a line for a recording that goes the same way, and every other step for one that does not. */
import type { JsonChange } from '../../lib/cni/json-changes.js'
import { printable } from '../../lib/cni/printable.js'
import { quote } from '../../lib/cni/problem.js'
import type { Difference, Recording, Replayed } from '../../lib/index.js'
import { commandWords } from '../../lib/recording/words.js'
import type { Palette } from './colours.js'

/** What a replay came to, with a newline at its end. */
export const replayText = (recording: Recording, replayed: Replayed, palette: Palette): string => {
  const { differences: all, isCut } = replayed
  const differences = all.filter(({ kind }) => kind !== 'gap')
  const count = recording.steps.length
  const [first] = differences
  const verdict =
    first === undefined
      ? palette.good(`the same in ${steps(count)}`)
      : palette.bad(`different at ${placeOf(first, count)}`)
  const ended = isCut ? ', where the recording is cut short' : ''
  const end =
    all.length > differences.length ? palette.bad(', after which lines are missing') : ended
  const head = printable(`${recording.source}: ${commandWords(recording.command)}`)
  const lines = differences.flatMap((one) => differenceLines(one, count, palette))
  return [`${head}: ${verdict}${end}`, ...lines, ''].join('\n')
}

const steps = (count: number): string => (count === 1 ? '1 step' : `${count} steps`)

const placeOf = ({ kind, step }: Difference, count: number): string => {
  if (kind === 'outcome') return `the outcome, after ${steps(count)}`
  return kind === 'more' ? `step ${step}, after the last one` : `step ${step} of ${count}`
}

const differenceLines = (
  difference: Difference,
  count: number,
  palette: Palette,
): readonly string[] => {
  const { kind, recorded, today, changes } = difference
  const place = palette.head(kind === 'outcome' ? 'the outcome' : `step ${difference.step}`)
  if (kind === 'changed') {
    const calls = recorded === today ? '' : `${palette.faint('; today')} ${printable(today ?? '')}`
    return [`  ${place}: ${printable(recorded ?? '')}${calls}`, ...changeLines(changes, palette)]
  }
  const end = kind === 'left-out' ? ', which was recorded for a later step' : ''
  const ended = kind === 'fewer' ? 'the operation ends here: ' : ''
  const both: readonly (readonly [string, string | undefined])[] = [
    ['recorded', kind === 'more' ? `the operation ends after ${steps(count)}` : recorded],
    ['today', today === undefined ? undefined : `${ended}${today}${end}`],
  ]
  const words = both.flatMap(([name, text]) =>
    text === undefined ? [] : [`    ${palette.faint(name.padEnd(8))} ${printable(text)}`],
  )
  return [`  ${place}:`, ...words, ...changeLines(changes, palette)]
}

const changeLines = (changes: readonly JsonChange[], palette: Palette): readonly string[] =>
  changes.flatMap(({ path, ...values }) => [
    `    ${palette.name(printable(path || '/'))}`,
    ...valueLine('recorded', 'before' in values, values.before, palette),
    ...valueLine('today', 'after' in values, values.after, palette),
  ])

const valueLine = (
  name: string,
  isThere: boolean,
  value: unknown,
  palette: Palette,
): readonly string[] => [
  `      ${palette.faint(name.padEnd(8))} ${isThere ? printable(quote(value)) : 'nothing'}`,
]
