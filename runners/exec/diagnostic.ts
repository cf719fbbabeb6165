/**
 * Decides what the stdout of a failed plugin says: a CNI error object, read as leniently as Go's decoder does, but with
 * exact keys. Refuses what is not an object or has fields of another type.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import { cniErrorCodes } from '../../lib/cni/error.js'
import { decodeJson, isObject, type JsonObject } from '../../lib/cni/json.js'

/** The fields of an error object; absent ones are 0 and empty. Or what is wrong with the text. */
export type Diagnostic =
  | { readonly ok: true; readonly code: number; readonly msg: string; readonly details: string }
  | { readonly ok: false; readonly fault: string }

/** Reads a text that a plugin printed before it failed. */
export const decodeDiagnostic = (stdout: string): Diagnostic => {
  const decoded = decodeJson(stdout, 'stdout')
  if (isLeft(decoded)) return { ok: false, fault: decoded.left.message }
  // Go's decoder takes null for an empty object.
  const printed = decoded.right ?? {}
  if (!isObject(printed)) return { ok: false, fault: 'it is not an object' }
  const code = fieldOf(printed, 'code') ?? cniErrorCodes.unknown
  const msg = fieldOf(printed, 'msg') ?? ''
  const details = fieldOf(printed, 'details') ?? ''
  if (typeof code !== 'number' || !Number.isSafeInteger(code) || code < 0) {
    return { ok: false, fault: 'its code is not an unsigned integer' }
  }
  if (typeof msg !== 'string') return { ok: false, fault: 'its msg is not a string' }
  if (typeof details !== 'string') return { ok: false, fault: 'its details are not a string' }
  return { ok: true, code, msg, details }
}

const fieldOf = (printed: JsonObject, key: string): unknown =>
  Object.hasOwn(printed, key) ? printed[key] : undefined
