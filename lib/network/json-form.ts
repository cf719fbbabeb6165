/**
 * Decides what a JSON list of network selection elements selects, in the fork's spelling and in upstream's
 * (reference/tke-multus.md 1.2, attachment-spec.md 4.1.2). Refuses, element by element, what the Go code crashed on.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { parseAddress, parseCidr } from '../cni/address.js'
import { reportFailures } from '../cni/codec.js'
import { parseMac } from '../cni/hardware-address.js'
import { ifnameFault } from '../cni/identifier.js'
import { decodeJson, isObject, type JsonObject } from '../cni/json.js'
import { at, failure, type Problem, quote, warning } from '../cni/problem.js'
import type { Selection } from './selection.js'

const Texts = t.union([t.string, t.array(t.string)], 'a text or a list of texts')

const SelectionElement = t.partial(
  {
    name: t.string,
    namespace: t.string,
    interfaceRequest: t.string,
    interface: t.string,
    ipRequest: Texts,
    ips: Texts,
    macRequest: t.string,
    mac: t.string,
  },
  'SelectionElement',
)
type SelectionElement = t.TypeOf<typeof SelectionElement>

/** The selections of a JSON text. Problems: everything that is wrong with any of its elements. */
export const parseJsonForm = (
  text: string,
  source: string,
): { readonly selections: readonly Selection[]; readonly problems: readonly Problem[] } => {
  const decoded = decodeJson(text, source)
  if (isLeft(decoded)) return { selections: [], problems: [decoded.left] }
  const list = decoded.right
  if (!Array.isArray(list)) {
    const hint = isObject(list) ? 'put the object into a list: [{...}]' : listHint
    const message = `a list of networks was expected, not ${quote(list)}`
    return { selections: [], problems: [failure('bad-annotation', at(source), message, hint)] }
  }
  const selections: Selection[] = []
  const problems: Problem[] = []
  for (let index = 0; index < list.length; index++) {
    const element: unknown = list[index]
    const selection = decodeElement(element, source, index, problems)
    if (selection !== undefined) selections.push(selection)
  }
  return { selections, problems }
}

const listHint = 'write [{"name": "network"}] or the short form network,network@interface'

const decodeElement = (
  value: unknown,
  source: string,
  index: number,
  problems: Problem[],
): Selection | undefined => {
  // `is` first: it allocates nothing, and nearly every element is right.
  const element = SelectionElement.is(value) ? value : withoutNulls(value)
  if (!SelectionElement.is(element)) {
    problems.push(
      ...(isObject(element)
        ? reportFailures(SelectionElement.decode(element), 'bad-annotation', source, [index])
        : [
            failure(
              'bad-annotation',
              at(source, index),
              `a network is an object, not ${quote(value)}`,
              listHint,
            ),
          ]),
    )
    return undefined
  }
  if (element.name === undefined || element.name === '') {
    problems.push(failure('bad-annotation', at(source, index, 'name'), 'the network has no name'))
    return undefined
  }
  let simple = true
  for (const key in element) {
    if (key === 'name') continue
    simple = false
    if (!Object.hasOwn(SelectionElement.props, key)) {
      problems.push(
        warning(
          'unknown-key',
          at(source, index, key),
          `${quote(key)} is not understood and has no effect`,
        ),
      )
    }
  }
  return simple
    ? { name: element.name, source, index }
    : decodeRequests(element, element.name, source, index, problems)
}

const decodeRequests = (
  element: SelectionElement,
  name: string,
  source: string,
  index: number,
  problems: Problem[],
): Selection => {
  const path = (key: string) => at(source, index, key)
  const spelled = <K extends keyof SelectionElement>(key: K) => ({ key, value: element[key] })
  const ifname = chosen(spelled('interfaceRequest'), spelled('interface'), path, problems)
  const ips = chosen(spelled('ipRequest'), spelled('ips'), path, problems)
  const mac = chosen(spelled('macRequest'), spelled('mac'), path, problems)
  const fault = ifname && ifnameFault(ifname.value)
  if (ifname && fault !== undefined) {
    problems.push(failure('bad-ifname', path(ifname.key), `${quote(ifname.value)}: ${fault}`))
  }
  const addresses = ips && decodeAddresses(ips.value, path(ips.key), problems)
  const hardwareAddress = mac && parseMac(mac.value)
  if (mac && hardwareAddress === undefined) {
    problems.push(
      failure(
        'bad-mac-request',
        path(mac.key),
        `${quote(mac.value)} is no MAC address of six octets`,
      ),
    )
  }
  return {
    name,
    ...(element.namespace ? { namespace: element.namespace } : {}),
    ...(ifname && fault === undefined ? { interface: ifname.value } : {}),
    ...(addresses ? { ips: addresses } : {}),
    ...(hardwareAddress ? { mac: hardwareAddress } : {}),
    source,
    index,
    spelling: {
      ...(ifname ? { interface: ifname.key } : {}),
      ...(ips ? { ips: ips.key } : {}),
      ...(mac ? { mac: mac.key } : {}),
    },
  }
}

interface Spelled<A> {
  readonly key: string
  readonly value: A
}

/** The value under either spelling. An empty text is absent; two different values are a Problem. */
const chosen = <A>(
  ours: Spelled<A | undefined>,
  upstream: Spelled<A | undefined>,
  path: (key: string) => string,
  problems: Problem[],
): Spelled<A> | undefined => {
  const given: Spelled<A>[] = []
  for (const { key, value } of [ours, upstream]) {
    if (value !== undefined && value !== '') given.push({ key, value })
  }
  const [first, second] = given
  if (second !== undefined && JSON.stringify(first?.value) !== JSON.stringify(second.value)) {
    const message = `${quote(second.key)} and ${quote(first?.key)} ask for different things`
    problems.push(failure('bad-annotation', path(second.key), message))
  }
  return first
}

const decodeAddresses = (
  value: string | readonly string[],
  path: string,
  problems: Problem[],
): readonly string[] | undefined => {
  const texts = typeof value === 'string' ? value.split(',').map((text) => text.trim()) : value
  if (texts.length === 0) {
    problems.push(failure('bad-ip-request', path, 'the list of requested addresses is empty'))
    return undefined
  }
  const addresses: string[] = []
  for (const [index, text] of texts.entries()) {
    const address = text.includes('/') ? parseCidr(text) : parseAddress(text)
    if (address !== undefined) addresses.push(address.text)
    else {
      const where = typeof value === 'string' ? path : `${path}/${index}`
      problems.push(
        failure('bad-ip-request', where, `${quote(text)} is neither an address nor a CIDR`),
      )
    }
  }
  return addresses.length === 0 ? undefined : addresses
}

/** Go reads null as absent; here it is absent in the annotation and nowhere else. */
const withoutNulls = (value: unknown): unknown =>
  isObject(value)
    ? (Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null)) as JsonObject)
    : value
