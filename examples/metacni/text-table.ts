/**
 * Decides how a table looks: a box, cells wrapped in the last column where the terminal is narrow. In a file of its own:
 * the library is loaded only where a table is printed.
 */
import Table from 'cli-table3'
import type { Paint, Palette } from './colours.js'

/** Columns and rows. A cell may have several lines. */
export interface TableText {
  /** Stands above the table, after a blank line. */
  readonly title?: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const rounded = {
  'top-left': '╭',
  'top-right': '╮',
  'bottom-left': '╰',
  'bottom-right': '╯',
}

/** The narrowest that a wrapped column gets. */
const narrowest = 16

/**
 * A table as text, with a newline at its end. `columns`: the width of the terminal. `paint` colours the cells of a
 * column after they are measured, by its name.
 */
export const textTable = (
  { title, head, rows }: TableText,
  palette: Palette,
  columns?: number,
  paint: Readonly<Record<string, Paint>> = {},
): string => {
  const widths = shrink(naturalWidths([head, ...rows]), columns)
  const table = new Table({
    head: head.map(palette.head),
    colWidths: widths,
    wordWrap: true,
    chars: rounded,
    // Rows of several lines are kept apart.
    style: { head: [], border: [], compact: !rows.some(isTall) },
  })
  for (const row of rows) {
    table.push(row.map((cell, index) => paintLines(cell, paint[head[index] ?? ''])))
  }
  const above = title === undefined ? '' : `\n${palette.head(title)}\n`
  return `${above}${table.toString()}\n`
}

// A colour must not run over the border to the next column.
const paintLines = (cell: string, paint: Paint | undefined): string =>
  paint === undefined ? cell : cell.split('\n').map(paint).join('\n')

const isTall = (row: readonly string[]): boolean => row.some((cell) => cell.includes('\n'))

/** How wide each column is with its cells as they are, the blanks beside them included. */
const naturalWidths = (rows: readonly (readonly string[])[]): number[] => {
  const widths: number[] = []
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      for (const line of cell.split('\n')) {
        widths[index] = Math.max(widths[index] ?? 0, [...line].length + 2)
      }
    }
  }
  return widths
}

/** The same widths, the last one smaller where the terminal is too narrow for all. */
const shrink = (widths: readonly number[], columns: number | undefined): number[] => {
  const total = widths.reduce((sum, width) => sum + width, widths.length + 1)
  if (columns === undefined || total <= columns) return [...widths]
  const last = widths.length - 1
  const rest = Math.max(narrowest, (widths[last] ?? 0) - (total - columns))
  return widths.map((width, index) => (index === last ? rest : width))
}
