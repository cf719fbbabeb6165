/**
 * Decides in which forms values are printed: JSON, for people as well, and YAML. Refuses characters that a terminal would
 * obey: both forms can spell them.
 */
import type { Output } from './terminal.js'

/** A form for programs. */
export type DataFormat = 'json' | 'yaml'

/** Whether a form is for programs. */
export const isDataFormat = (format: string): format is DataFormat =>
  format === 'json' || format === 'yaml'

/** Prints a value in a form for programs, one document. */
export const printData = async (
  output: Output,
  format: DataFormat,
  value: unknown,
): Promise<void> => {
  if (format === 'json') {
    return output.write(`${JSON.stringify(value, null, 2).replace(invisible, spellJson)}\n`)
  }
  const { yamlOf } = await import('./yaml-text.js')
  output.write(yamlOf(value, mayHide).replace(invisible, spellYaml))
}

// Only texts can hold these; what is below a blank both libraries spell.
const mayHide = /[\p{Cf}\p{Zl}\p{Zp}\u007f-\u009f]/u
const invisible = new RegExp(mayHide, 'gu')

const spellJson = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${hex(unit.charCodeAt(0), 4)}`)
    .join('')

const spellYaml = (character: string): string => {
  const point = character.codePointAt(0) ?? 0
  return point > 0xffff ? `\\U${hex(point, 8)}` : `\\u${hex(point, 4)}`
}

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0')
