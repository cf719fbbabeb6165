/**
 * Decides which form an annotation is written in and what it selects. Refuses per item: every item that is wrong is
 * reported, and the others are still read (reference/tke-multus.md 1.3).
 */
import type { Problem } from '../cni/problem.js'
import { parseJsonForm } from './json-form.js'
import type { JsonKeys } from './json-requests.js'
import type { Selection } from './selection.js'
import { parseShortForm, type ShortInterfaces } from './short-form.js'

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

/** A grammar of both forms; `rule` is the name that problems and tests know it by. */
const bothForms = (rule: string, interfaces: ShortInterfaces, keys: JsonKeys): Grammar => ({
  rule,
  parse: (text, source) =>
    isJsonForm(text) ? parseJsonForm(text, source, keys) : parseShortForm(text, source, interfaces),
})

/**
 * `a,b@eth5,ns/c` or a JSON list of objects, as the TKE fork reads them. In the short form names, namespaces and
 * interface names are DNS-1123 labels; in the JSON form an interface name is whatever Linux takes.
 */
export const shortOrJson = bothForms('shortOrJson', 'labels', 'any')

/** As upstream reads them: in the short form, too, an interface name is whatever Linux takes (multus-v4.md 2.3). */
export const shortOrJsonUpstream = bothForms('shortOrJsonUpstream', 'linux', 'any')

/**
 * As the specification writes them (attachment-spec.md 4.1.1, 4.1.2.1): no `@interface`, no spelling but its own, and
 * a request that is reserved there and not understood here is refused instead of dropped.
 */
export const shortOrJsonSpecified = bothForms('shortOrJsonSpecified', 'none', 'specified')
