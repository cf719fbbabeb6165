/**
 * Decides whether what a plugin configuration says of `ipam`, `dns`, `prevResult` and valid attachments has the type that
 * libcni gives it (reference/cni.md 2.2): every plugin made with it refuses the rest. Reads no further: what stands in
 * `ipam` is the plugin's own.
 */
import { isObject, type JsonObject } from './json.js'
import { quote } from './problem.js'

/** A value that has the wrong type, where it stands in the plugin's object, and what is wrong. */
export interface FieldFault {
  readonly keys: readonly (string | number)[]
  readonly message: string
}

/** What is wrong; null is absent everywhere, as in Go. */
export const fieldFaults = (plugin: JsonObject): readonly FieldFault[] => {
  const { ipam, dns, prevResult } = plugin
  const attachments = plugin[validAttachments]
  // Most plugins say nothing of the kind, and this is asked of every plugin of every network.
  if (isNone(ipam) && isNone(dns) && isNone(prevResult) && isNone(attachments)) return none
  const faults: FieldFault[] = []
  const expect = (isRight: boolean, keys: FieldFault['keys'], wanted: string, value: unknown) => {
    if (!isRight) faults.push({ keys, message: `expected ${wanted}, got ${quote(value)}` })
  }
  expect(isObjectOrNone(ipam), ['ipam'], 'an object', ipam)
  if (isObject(ipam)) expect(isTextOrNone(ipam.type), ['ipam', 'type'], 'a text', ipam.type)
  expect(isObjectOrNone(dns), ['dns'], 'an object', dns)
  if (isObject(dns)) {
    expect(isTextOrNone(dns.domain), ['dns', 'domain'], 'a text', dns.domain)
    for (const key of ['nameservers', 'search', 'options'])
      expect(isListOf(isTextOrNone, dns[key]), ['dns', key], 'a list of texts', dns[key])
  }
  expect(isObjectOrNone(prevResult), ['prevResult'], 'an object', prevResult)
  const wanted = 'a list of objects with the texts "containerID" and "ifname"'
  expect(isListOf(isAttachment, attachments), [validAttachments], wanted, attachments)
  return faults
}

const none: readonly FieldFault[] = []
const validAttachments = 'cni.dev/valid-attachments'

const isNone = (value: unknown): boolean => value === undefined || value === null
const isObjectOrNone = (value: unknown): boolean => isNone(value) || isObject(value)
const isTextOrNone = (value: unknown): boolean => isNone(value) || typeof value === 'string'
const isListOf = (is: (one: unknown) => boolean, value: unknown): boolean =>
  isNone(value) || (Array.isArray(value) && value.every(is))
const isAttachment = (value: unknown): boolean =>
  isNone(value) ||
  (isObject(value) && isTextOrNone(value.containerID) && isTextOrNone(value.ifname))
