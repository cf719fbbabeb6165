/**
 * Decides what an element of the JSON form asks for beside a network: interface, addresses and hardware address, in
 * the fork's spelling and in upstream's (reference/tke-multus.md 1.2). Refuses requests that nobody could honour.
 */
import * as t from 'io-ts'
import { parseAddress, parseCidr } from '../cni/address.js'
import { parseMac } from '../cni/hardware-address.js'
import { ifnameFault } from '../cni/identifier.js'
import { at, failure, type Problem, quote, warning } from '../cni/problem.js'
import type { Selection } from './selection.js'

/**
 * Which keys an element may have. `any`: the fork's spelling and upstream's, and what is not understood is a warning.
 * `specified`: the specification's own; other reserved keys, those without a dot, are refused
 * (attachment-spec.md 4.1.2.1).
 */
export type JsonKeys = 'any' | 'specified'

const isTexts = t.union([t.string, t.array(t.string)]).is

// Not the union itself: it would report one wrong value twice, as no text and as no list.
const Texts = new t.Type<string | string[]>(
  'a text or a list of texts',
  isTexts,
  (u, c) => (isTexts(u) ? t.success(u) : t.failure(u, c)),
  t.identity,
)

/** A network selection element; every key is optional, `name` is checked by whoever decodes. */
export const SelectionElement = t.partial(
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

/** A decoded network selection element. */
export type SelectionElement = t.TypeOf<typeof SelectionElement>

/** Where an element stands, and which keys it may have. */
export interface Place {
  readonly source: string
  readonly index: number
  readonly keys: JsonKeys
}

/** The selection of an element that asks for more than a network. Problems: `bad-ifname` and the like. */
export const decodeRequests = (
  element: SelectionElement,
  name: string,
  { source, index, keys }: Place,
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
  const addresses = ips && decodeAddresses(ips.value, path(ips.key), keys, problems)
  const hardwareAddress = mac && parseMac(mac.value)
  if (mac && hardwareAddress === undefined) {
    const message = `${quote(mac.value)} is no MAC address of six octets`
    problems.push(failure('bad-mac-request', path(mac.key), message))
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

// A stranger's list can have thousands.
const mostWrongAddresses = 8

const decodeAddresses = (
  value: string | readonly string[],
  path: string,
  keys: JsonKeys,
  problems: Problem[],
): readonly string[] | undefined => {
  const texts = typeof value === 'string' ? value.split(',').map((text) => text.trim()) : value
  if (texts.length === 0) {
    // Upstream takes it for no request; the specification wants at least one (attachment-spec.md 4.1.2.1.3).
    const say = keys === 'specified' ? failure : warning
    problems.push(say('bad-ip-request', path, 'the list of requested addresses is empty'))
    return undefined
  }
  const addresses: string[] = []
  let wrong = 0
  for (const [index, text] of texts.entries()) {
    const address = text.includes('/') ? parseCidr(text) : parseAddress(text)
    if (address !== undefined) addresses.push(address.text)
    else if (++wrong <= mostWrongAddresses) {
      const where = typeof value === 'string' ? path : `${path}/${index}`
      problems.push(
        failure('bad-ip-request', where, `${quote(text)} is neither an address nor a CIDR`),
      )
    }
  }
  if (wrong > mostWrongAddresses) {
    const message = `${wrong - mostWrongAddresses} more are neither an address nor a CIDR`
    problems.push(failure('bad-ip-request', path, message))
  }
  return addresses.length === 0 ? undefined : addresses
}
