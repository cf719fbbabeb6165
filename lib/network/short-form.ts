/**
 * Decides what `[namespace/]network[@interface]`, separated by commas, selects (reference/tke-multus.md 1.3). Refuses
 * empty items, which the fork let through to a misleading error, and parts that are no DNS-1123 label.
 */
import { ifnameFault } from '../cni/identifier.js'
import { at, failure, type Problem, quote } from '../cni/problem.js'
import type { Selection } from './selection.js'

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

/** The selections of a comma-separated text. Problems: `bad-annotation`, `bad-ifname`. */
export const parseShortForm = (
  text: string,
  source: string,
): { readonly selections: readonly Selection[]; readonly problems: readonly Problem[] } => {
  const selections: Selection[] = []
  const problems: Problem[] = []
  const items = text.split(',')
  for (let index = 0; index < items.length; index++) {
    const item = (items[index] as string).trim()
    const slash = item.indexOf('/')
    const sign = item.indexOf('@', slash + 1)
    const name = item.slice(slash + 1, sign === -1 ? undefined : sign)
    const fault = faultOf(item, slash, sign, name)
    if (fault !== undefined) {
      const hint =
        item === ''
          ? 'remove the comma that is too many'
          : 'write [namespace/]network[@interface]: lower-case letters, digits and inner dashes'
      problems.push(failure('bad-annotation', at(source, index), fault, hint))
      continue
    }
    if (slash === -1 && sign === -1) {
      selections.push({ name, source, index })
      continue
    }
    const ifname = sign === -1 ? undefined : item.slice(sign + 1)
    const ifnameProblem = ifname === undefined ? undefined : ifnameFault(ifname)
    if (ifnameProblem !== undefined) {
      problems.push(failure('bad-ifname', at(source, index), `${quote(ifname)}: ${ifnameProblem}`))
    }
    selections.push({
      name,
      ...(slash === -1 ? {} : { namespace: item.slice(0, slash) }),
      ...(ifname === undefined || ifnameProblem !== undefined ? {} : { interface: ifname }),
      source,
      index,
    })
  }
  return { selections, problems }
}

const faultOf = (item: string, slash: number, sign: number, name: string): string | undefined => {
  if (label.test(item)) return undefined
  if (item === '') return 'an item between commas is empty'
  if (item.indexOf('/', slash + 1) !== -1 && slash !== -1)
    return `${quote(item)} has more than one /`
  if (sign !== -1 && item.indexOf('@', sign + 1) !== -1) return `${quote(item)} has more than one @`
  const parts = [
    ['namespace', slash === -1 ? undefined : item.slice(0, slash)],
    ['network name', name],
    ['interface name', sign === -1 ? undefined : item.slice(sign + 1)],
  ] as const
  for (const [what, part] of parts) {
    if (part !== undefined && !label.test(part)) {
      return `${quote(item)}: ${quote(part)} cannot be a ${what}`
    }
  }
  return undefined
}
