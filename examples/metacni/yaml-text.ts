/** Decides how a value looks as YAML. In a file of its own: the library is loaded only where somebody asks for YAML. */
import { stringify } from 'yaml'

/** The YAML of a JSON value, with a newline at its end. Nothing is folded or shared, so that lines can be compared. */
export const yamlOf = (value: unknown): string =>
  stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 })
