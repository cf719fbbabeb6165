/** Decides how an input grows: by a longer text, a longer list, more keys, deeper values, in about so many characters. */

/** Inputs by their length. */
export type Growing = (length: number) => string

/** `open`, then `unit` again and again, then `close`. A `#` in the unit is a number that counts. */
export const repeated =
  (open: string, unit: string, close: string, separator = ''): Growing =>
  (length) => {
    const width = unit.length + separator.length + 4
    const count = Math.max(1, Math.floor((length - open.length - close.length) / width))
    const units = Array.from({ length: count }, (_, i) => unit.replaceAll('#', String(i)))
    return open + units.join(separator) + close
  }

/** The same for the items of a JSON list or the entries of a JSON object. */
export const listed = (open: string, unit: string, close: string): Growing =>
  repeated(open, unit, close, ',')

/** What every JSON decoder gets. */
export const growingJson: Readonly<Record<string, Growing>> = {
  'a long text': repeated('"', 'x', '"'),
  escapes: repeated('"', '\\u0000', '"'),
  'a text that never ends': repeated('{"a":"', '\\"', ''),
  blanks: repeated('', ' ', ''),
  'brackets that are never closed': repeated('', '[', ''),
  'brackets of both kinds': repeated('', '{"a":[', ''),
  'brackets in a text': repeated('["', '[{', '"]'),
  'lists beside lists': listed('[', '[[[[]]]]', ']'),
  'many keys': listed('{', '"k#":#', '}'),
  'the same key': listed('{', '"name":"#"', '}'),
  'a long number': repeated('[', '9', ']'),
}
