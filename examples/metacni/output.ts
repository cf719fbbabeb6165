/** Decides in which forms values are printed: JSON for people and programs, YAML. Refuses nothing. */
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
  if (format === 'json') return output.write(`${JSON.stringify(value, null, 2)}\n`)
  const { yamlOf } = await import('./yaml-text.js')
  output.write(yamlOf(value))
}
