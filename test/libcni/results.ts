/** Compares results, in every version that they can be converted to, and VERSION replies. */
import * as E from 'fp-ts/lib/Either.js'
import { convertResult } from '../../lib/cni/convert.js'
import { isObject } from '../../lib/cni/json.js'
import { decodeResult, isLegacyVersion } from '../../lib/cni/result.js'
import { decodeVersionReply } from '../../lib/cni/version-reply.js'
import * as samples from '../fuzz/samples.js'
import { jsonQuestion } from './json-question.js'
import type { Answer, Subject } from './subject.js'

/** What the library of Debian knows. */
const released = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0']

/** Which keys Go prints: of what lies below them, the same is asked. */
type Shape = { readonly [key: string]: Shape | readonly [Shape] | true }

const dns: Shape = { nameservers: true, domain: true, search: true, options: true }
const routes: readonly [Shape] = [{ dst: true, gw: true }]
const legacy: Shape = { ip: true, gateway: true, routes }
const shape: Shape = {
  cniVersion: true,
  interfaces: [{ name: true, mac: true, sandbox: true }],
  ips: [{ version: true, address: true, gateway: true, interface: true }],
  routes,
  dns,
}
/** Without the key that went with 1.0.0. */
const currentShape: Shape = { ...shape, ips: [{ address: true, gateway: true, interface: true }] }
const legacyShape: Shape = { cniVersion: true, ip4: legacy, ip6: legacy, dns }
const keys = Object.keys({
  ...shape,
  ...legacyShape,
  ...legacy,
  ...dns,
  ...{ name: 1, mac: 1, sandbox: 1, version: 1, address: 1, interface: 1, dst: 1, gw: 1 },
})

/** What Go would have kept, without what is empty: that, Go prints in some places and not in others. */
const project = (value: unknown, wanted: Shape | readonly [Shape] | true): unknown => {
  if (wanted === true) return value
  if (Array.isArray(wanted)) {
    const [one] = wanted as readonly [Shape]
    return Array.isArray(value) ? value.map((item) => project(item, one)) : value
  }
  if (!isObject(value)) return value
  const kept = Object.entries(wanted as Shape)
    .map(([key, inner]) => [key, project(value[key], inner)] as const)
    .filter(([, inner]) => !isEmpty(inner))
  return Object.fromEntries(kept)
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0)

const shapeOf = (version: string): Shape =>
  isLegacyVersion(version) ? legacyShape : version === '1.0.0' ? currentShape : shape

const trim = (answer: Answer): Answer =>
  Object.fromEntries(
    Object.entries(answer).map(([version, value]) => [version, project(value, shapeOf(version))]),
  )

const answer = (text: string): Answer => {
  const value = E.tryCatch(
    () => JSON.parse(text) as unknown,
    () => undefined,
  )
  const decoded = E.isRight(value) ? decodeResult(value.right, '') : value
  if (E.isLeft(decoded)) return {}
  const said: Record<string, unknown> = {}
  for (const version of released) {
    const converted = convertResult(decoded.right, version)
    if (E.isRight(converted)) said[version] = converted.right
  }
  return trim(said)
}

/** Keys that came with 1.1.0: what they hold, Debian's library passes over. */
const newer = ['mtu', 'advmss', 'priority', 'table', 'scope', 'socketPath', 'pciID']

const withoutNewer = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(withoutNewer)
    : isObject(value)
      ? Object.fromEntries(
          Object.entries(value)
            .filter(([key]) => !newer.includes(key))
            .map(([key, one]) => [key, withoutNewer(one)]),
        )
      : value

const withoutNullItems = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.filter((one) => one !== null).map(withoutNullItems)
    : isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutNullItems(one)]))
      : value

export const result: Subject = {
  kind: 'result',
  samples: samples.results
    .filter((text) => !text.includes('1.1.0'))
    .concat(
      samples.results
        .filter((text) => text.includes('1.1.0'))
        .map((text) => text.replace('1.1.0', '1.0.0')),
    ),
  isJson: true,
  pieces: [...keys, '4', '6', '10.1.0.9/8', '10.1.0.1', 'fe80::1/64', 'fe80::1', '0.2.0', '0.3.1'],
  question: (input) => {
    const text = jsonQuestion(input, keys)
    if (text === undefined) return undefined
    const read = E.tryCatch(
      () => JSON.parse(text) as unknown,
      () => undefined,
    )
    if (E.isLeft(read)) return text
    // libcni puts a version where a plugin printed none, before it reads the result.
    const printed = read.right ?? {}
    if (!isObject(printed)) return text
    const { cniVersion } = printed
    const stated = typeof cniVersion === 'string' && cniVersion !== '' ? cniVersion : '0.1.0'
    // A version that Debian's library does not know.
    if (stated === '1.1.0') return undefined
    return JSON.stringify(withoutNewer({ ...printed, cniVersion: stated }))
  },
  answer,
  trim,
  excuse: (text, ours, theirs) => {
    if (Object.keys(ours).length > 0) return undefined
    if (theirs.panic !== undefined) return 'libcni dies of a null in a list'
    if (JSON.stringify(theirs).includes('"<nil>"')) return 'an address or a route without one'
    if (/:\d{16}/.test(text)) return 'an integer of 2^53 or more'
    const rest = JSON.stringify(withoutNullItems(JSON.parse(text)))
    return Object.keys(answer(rest)).length > 0 ? 'a null in a list' : undefined
  },
}

export const versionReply: Subject = {
  kind: 'version reply',
  samples: samples.versionReplies,
  isJson: true,
  pieces: ['cniVersion', 'supportedVersions', '0.2.0', '1.0.0'],
  question: (input) => jsonQuestion(input, ['cniVersion', 'supportedVersions']),
  answer: (text) => {
    const decoded = decodeVersionReply(text)
    return E.isRight(decoded) ? { versions: decoded.right } : {}
  },
  excuse: (text, ours) =>
    ours.versions === undefined && text.includes('null') ? 'a null in a list' : undefined,
}
