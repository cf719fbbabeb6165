/** Decides how a value looks as YAML. In a file of its own: the library is loaded only where somebody asks for YAML. */
import { Document, Scalar, visit } from 'yaml'

/**
 * The YAML of a JSON value, with a newline at its end. Nothing is folded or shared, so that lines can be compared. Texts
 * that `quoted` matches stand in double quotes, where any character can be spelled.
 */
export const yamlOf = (value: unknown, quoted: RegExp): string => {
  const document = new Document(value, { aliasDuplicateObjects: false })
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === 'string' && quoted.test(node.value)) node.type = Scalar.QUOTE_DOUBLE
    },
  })
  return document.toString({ lineWidth: 0 })
}
