/**
 * Decides what `[namespace/]network[@interface]`, separated by commas, selects (reference/tke-multus.md 1.3). Refuses
 * empty items, which the fork let through to a misleading error, and names that are no DNS-1123 label.
 */
import { ifnameFault } from '../cni/identifier.js'
import { maximumLength } from '../cni/json.js'
import { at, failure, type Problem, quote, warning } from '../cni/problem.js'
import { maximumSelections, type Selection } from './selection.js'

/** What may follow `@`: DNS-1123 labels (the fork), whatever Linux takes (upstream), nothing (the specification). */
export type ShortInterfaces = 'labels' | 'linux' | 'none'

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

/**
 * The selections of a comma-separated text. Problems: `bad-annotation`, `bad-ifname`, `too-large`,
 * `too-many-networks`.
 */
export const parseShortForm = (
  text: string,
  source: string,
  interfaces: ShortInterfaces,
): { readonly selections: readonly Selection[]; readonly problems: readonly Problem[] } => {
  const selections: Selection[] = []
  if (text.length > maximumLength) {
    const message = `${text.length} characters of networks; ${maximumLength} is the limit`
    return { selections, problems: [failure('too-large', at(source), message)] }
  }
  const problems: Problem[] = []
  let end = -1
  for (let index = 0; end < text.length; index++) {
    if (index === maximumSelections) {
      const message = `more than ${maximumSelections} networks are asked for, which is the limit`
      return { selections: [], problems: [failure('too-many-networks', at(source), message)] }
    }
    const begin = end + 1
    const comma = text.indexOf(',', begin)
    end = comma === -1 ? text.length : comma
    const item = text.slice(begin, end).trim()
    const selection = label.test(item)
      ? { name: item, source, index }
      : parseItem(item, source, index, interfaces, problems)
    if (selection !== undefined) selections.push(selection)
  }
  return { selections, problems }
}

/** The selection of an item that is more than a name, or less. */
const parseItem = (
  item: string,
  source: string,
  index: number,
  interfaces: ShortInterfaces,
  problems: Problem[],
): Selection | undefined => {
  const slash = item.indexOf('/')
  const sign = item.indexOf('@', slash + 1)
  const name = item.slice(slash + 1, sign === -1 ? undefined : sign)
  const fault = faultOf(item, slash, sign, name, interfaces)
  if (fault !== undefined) {
    problems.push(failure('bad-annotation', at(source, index), fault, hintFor(item, interfaces)))
    return undefined
  }
  const namespace = slash === -1 ? undefined : item.slice(0, slash)
  const ifname = sign === -1 ? undefined : item.slice(sign + 1)
  if (namespace === '' || ifname === '') {
    const message = `${quote(item)} asks for ${ifname === '' ? 'no interface' : 'no namespace'}`
    const hint = 'both Go programs read it so; remove the sign'
    problems.push(warning('bad-annotation', at(source, index), message, hint))
  }
  const ifnameProblem = ifname ? ifnameFault(ifname) : undefined
  if (ifnameProblem !== undefined) {
    problems.push(failure('bad-ifname', at(source, index), `${quote(ifname)}: ${ifnameProblem}`))
  }
  return {
    name,
    ...(namespace ? { namespace } : {}),
    ...(ifname && ifnameProblem === undefined ? { interface: ifname } : {}),
    source,
    index,
  }
}

const hintFor = (item: string, interfaces: ShortInterfaces): string => {
  if (item === '') return 'remove the comma that is too many'
  const form = interfaces === 'none' ? '[namespace/]network' : '[namespace/]network[@interface]'
  return `write ${form}: lower-case letters, digits and inner dashes`
}

const faultOf = (
  item: string,
  slash: number,
  sign: number,
  name: string,
  interfaces: ShortInterfaces,
): string | undefined => {
  if (item === '') return 'an item between commas is empty'
  if (slash !== -1 && item.includes('/', slash + 1)) return `${quote(item)} has more than one /`
  if (sign !== -1) {
    if (interfaces === 'none') return `${quote(item)}: the specification knows no @interface`
    if (item.includes('@', sign + 1)) return `${quote(item)} has more than one @`
  }
  const parts = [
    ['a namespace', slash === -1 ? undefined : item.slice(0, slash)],
    ['a network name', name],
    [
      'an interface name',
      sign !== -1 && interfaces === 'labels' ? item.slice(sign + 1) : undefined,
    ],
  ] as const
  for (const [what, part] of parts) {
    if (part === undefined || label.test(part)) continue
    // Go checks the parts that are not empty; an empty namespace or interface asks for nothing.
    if (part === '' && part !== name && interfaces !== 'none') continue
    const place = part === item ? '' : `${quote(item)}: `
    return `${place}${quote(part)} cannot be ${what}`
  }
  return undefined
}
