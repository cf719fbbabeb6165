/**
 * Decides which form an annotation is written in and what it selects. Refuses per item: every item that is wrong is
 * reported, and the others are still read (reference/tke-multus.md 1.3).
 */
import type { Problem } from '../cni/problem.js'
import { parseJsonForm } from './json-form.js'
import type { Selection } from './selection.js'
import { parseShortForm } from './short-form.js'

/** What a text selects, and what is wrong with it. */
export interface Parsed {
  readonly selections: readonly Selection[]
  readonly problems: readonly Problem[]
}

/** A grammar of annotations: a strategy of a Profile. `source` is how problems speak of the text. */
export interface Grammar {
  readonly rule: string
  parse(text: string, source: string): Parsed
}

/** Any of these characters makes it the JSON form, as in both Go implementations. */
const isJsonForm = (text: string): boolean =>
  text.includes('[') || text.includes('{') || text.includes('"')

/**
 * `a,b@eth5,ns/c` or a JSON list of objects. In the short form names, namespaces and interface names are DNS-1123
 * labels; in the JSON form an interface name is whatever Linux takes.
 */
export const shortOrJson: Grammar = {
  rule: 'shortOrJson',
  parse: (text, source) =>
    isJsonForm(text) ? parseJsonForm(text, source) : parseShortForm(text, source),
}
