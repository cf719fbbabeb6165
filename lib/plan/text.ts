/**
 * Decides how texts of strangers are laid out on a terminal: wrapped and aligned. Refuses to show control characters.
 */
import { printable } from '../cni/printable.js'

/** The most columns of a line that `wrap` and `explain` write. */
export const maximumColumns = 100

/**
 * The lines of a text, at most `maximumColumns` wide: `first` begins the first one, as many blanks the others. A word
 * that is longer than a line is cut.
 */
export const wrap = (text: string, first: string): readonly string[] => {
  const room = Math.max(20, maximumColumns - first.length)
  const lines: string[] = []
  let line = ''
  for (const word of printable(text).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
    if (line.length <= room) continue
    let start = 0
    for (; line.length - start > room; start += room) lines.push(line.slice(start, start + room))
    line = line.slice(start)
  }
  lines.push(line)
  const rest = ' '.repeat(first.length)
  return lines.map((one, index) => `${index === 0 ? first : rest}${one}`.trimEnd())
}

/** Rows as lines of a table: every column as wide as its widest cell, two blanks between, none at the end. */
export const align = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length)
    }
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** `a`, `a and b`, `a, b and c`. */
export const enumerate = (words: readonly string[]): string =>
  words.length < 2
    ? words.join('')
    : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1] as string}`
