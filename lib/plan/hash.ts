/**
 * Decides when two plans are the same one: when the same things will run. Leaves out decisions and warnings, which say
 * why and what to look at, and may read differently in the next version of this library.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { isObject } from '../cni/json.js'
import type { Plan } from './types.js'

/**
 * The SHA-256 of what will run, 64 hexadecimal digits: `version`, `attachments`, `merge` and `resultVersion` as
 * canonical JSON (RFC 8785: keys sorted, no blanks). Equal for a plan and for its decoded JSON.
 */
export const hash = ({ version, attachments, merge, resultVersion }: Plan): string =>
  bytesToHex(
    sha256(new TextEncoder().encode(canonicalJson({ version, attachments, merge, resultVersion }))),
  )

/** The JSON text of a JSON value with the keys of every object in order; keys without a value are left out. */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value) ?? 'null'
  const members: string[] = []
  for (const key of Object.keys(value).sort()) {
    const member = value[key]
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`)
  }
  return `{${members.join(',')}}`
}
