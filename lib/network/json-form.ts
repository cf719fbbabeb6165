/**
 * Decides what a JSON list of network selection elements selects (reference/tke-multus.md 1.2, attachment-spec.md
 * 4.1.2). Refuses, element by element, what the Go code crashed on.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import { reportFailures } from '../cni/codec.js'
import { decodeJson, isObject, type JsonObject } from '../cni/json.js'
import { at, failure, type Problem, quote, warning } from '../cni/problem.js'
import { decodeRequests, type JsonKeys, type Place, SelectionElement } from './json-requests.js'
import { maximumSelections, type Selection } from './selection.js'

/**
 * The selections of a JSON text. Problems: everything that is wrong with any of its elements, or `too-many-networks`
 * alone.
 */
export const parseJsonForm = (
  text: string,
  source: string,
  keys: JsonKeys,
): { readonly selections: readonly Selection[]; readonly problems: readonly Problem[] } => {
  const decoded = decodeJson(text, source)
  if (isLeft(decoded)) return { selections: [], problems: [decoded.left] }
  const list = decoded.right
  if (!Array.isArray(list)) {
    const hint = isObject(list) ? 'put the object into a list: [{...}]' : listHint
    const message = `a list of networks was expected, not ${quote(list)}`
    return { selections: [], problems: [failure('bad-annotation', at(source), message, hint)] }
  }
  if (list.length > maximumSelections) {
    const message = `${list.length} networks are asked for; ${maximumSelections} is the limit`
    return { selections: [], problems: [failure('too-many-networks', at(source), message)] }
  }
  const selections: Selection[] = []
  const problems: Problem[] = []
  for (let index = 0; index < list.length; index++) {
    const element: unknown = list[index]
    const selection = decodeElement(element, source, index, keys, problems)
    if (selection !== undefined) selections.push(selection)
  }
  return { selections, problems }
}

const listHint = 'write [{"name": "network"}] or the short form network,network@interface'

/** The name of an element that asks for nothing else, as most do: there is nothing to decode. */
const onlyName = (element: unknown): string | undefined => {
  if (!isObject(element)) return undefined
  for (const key in element) if (key !== 'name') return undefined
  const { name } = element
  return typeof name === 'string' && name !== '' ? name : undefined
}

const decodeElement = (
  value: unknown,
  source: string,
  index: number,
  keys: JsonKeys,
  problems: Problem[],
): Selection | undefined => {
  const only = onlyName(value)
  if (only !== undefined) return { name: only, source, index }
  // `is` first: it allocates nothing, and most elements are right.
  if (!SelectionElement.is(value)) {
    const element = withoutNulls(value)
    if (SelectionElement.is(element)) return decodeElement(element, source, index, keys, problems)
    for (const problem of faultsOf(element, source, index)) problems.push(problem)
    return undefined
  }
  const element = value
  if (element.name === undefined || element.name === '') {
    problems.push(failure('bad-annotation', at(source, index, 'name'), 'the network has no name'))
    return undefined
  }
  tellUnknownKeys(element, { source, index, keys }, problems)
  return decodeRequests(element, element.name, { source, index, keys }, problems)
}

const faultsOf = (element: unknown, source: string, index: number): readonly Problem[] => {
  if (isObject(element)) {
    return reportFailures(SelectionElement.decode(element), 'bad-annotation', source, [index])
  }
  const message = `a network is an object, not ${quote(element)}`
  return [failure('bad-annotation', at(source, index), message, listHint)]
}

// A stranger's element can have thousands of keys, and every warning is a part of the plan.
const mostUnknownKeys = 8

const tellUnknownKeys = (
  element: SelectionElement,
  { source, index, keys }: Place,
  problems: Problem[],
): void => {
  const unknown: Problem[] = []
  for (const key in element) {
    const known = Object.hasOwn(SelectionElement.props, key)
    if (keys === 'any' ? known : specified.has(key)) continue
    unknown.push(unknownKey(key, at(source, index, key), keys))
  }
  for (const problem of unknown.slice(0, mostUnknownKeys)) problems.push(problem)
  const rest = unknown.slice(mostUnknownKeys)
  if (rest.length === 0) return
  const message = `${rest.length} more keys are not understood`
  const say = rest.some(({ severity }) => severity === 'error') ? failure : warning
  problems.push(say('unknown-key', at(source, index), message))
}

const specified: ReadonlySet<string> = new Set(['name', 'namespace', 'interface', 'ips', 'mac'])

const unknownKey = (key: string, path: string, keys: JsonKeys): Problem =>
  keys === 'any' || key.includes('.')
    ? warning('unknown-key', path, `${quote(key)} is not understood and has no effect`)
    : failure(
        'unknown-key',
        path,
        `${quote(key)} is not understood, and keys without a dot are reserved`,
        `understood: ${[...specified].join(', ')}; a private key is a reverse-DNS name`,
      )

/** Go reads null as absent; here it is absent in the annotation and nowhere else. */
const withoutNulls = (value: unknown): unknown =>
  isObject(value)
    ? (Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null)) as JsonObject)
    : value
