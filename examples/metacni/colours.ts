/** Decides which words are coloured, and where: on a terminal alone, and never with NO_COLOR (no-color.org). */
import type { Output, Terminal } from './terminal.js'

/** Paints a text for one purpose; without colours it returns the text as it is. */
export interface Palette {
  readonly head: Paint
  readonly name: Paint
  readonly good: Paint
  readonly bad: Paint
  readonly caution: Paint
  readonly faint: Paint
}

/** Paints a text. */
export type Paint = (text: string) => string

const plain: Paint = (text) => text
const paintWith =
  (open: number, close: number): Paint =>
  (text) =>
    text === '' ? '' : `\u001b[${open}m${text}\u001b[${close}m`

const none: Palette = {
  head: plain,
  name: plain,
  good: plain,
  bad: plain,
  caution: plain,
  faint: plain,
}

const coloured: Palette = {
  head: paintWith(1, 22),
  name: paintWith(36, 39),
  good: paintWith(32, 39),
  bad: paintWith(31, 39),
  caution: paintWith(33, 39),
  faint: paintWith(2, 22),
}

/** The palette for an output. */
export const paletteFor = (output: Output, env: Terminal['env']): Palette =>
  output.isTerminal && !env.NO_COLOR && env.TERM !== 'dumb' ? coloured : none
