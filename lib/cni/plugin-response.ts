/**
 * Decides what a plugin prints and how it exits (reference/cni.md 1.4, 1.6, 1.9): a result, an error, or nothing. Refuses
 * to print what is no result, and an error without words.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import { convertAny } from './convert.js'
import { type CniError, cniError, cniErrorCodes, decodeCniError, errorObject } from './error.js'
import { isObject, type JsonObject } from './json.js'
import { quote } from './problem.js'

/** What the process does in the end. */
export interface PluginResponse {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: 0 | 1
}

/** A VERSION reply, or a result. */
export const succeeded = (value: object): PluginResponse => ({
  stdout: `${JSON.stringify(value)}\n`,
  stderr: '',
  exitCode: 0,
})

/** DEL, CHECK, GC and STATUS say nothing when they succeed. */
export const silent: PluginResponse = { stdout: '', stderr: '', exitCode: 0 }

/** What a handler calls the result of an ADD, in the configuration's version. Fails as convertResult does. */
export const printed = (value: unknown, cniVersion: string): PluginResponse => {
  // Its shape is in its version: without one its addresses could be dropped as unknown keys.
  if (!isObject(value) || typeof value.cniVersion !== 'string' || value.cniVersion === '') {
    const expected = isObject(value) ? 'a "cniVersion"' : 'an object'
    const message = `invalid result: expected ${expected}, got ${quote(value)}`
    return failed(cniError(cniErrorCodes.decodingFailure, message), cniVersion)
  }
  const result = convertAny(value, cniVersion)
  return isLeft(result) ? failed(result.left, cniVersion) : succeeded(result.right)
}

/** An error. */
export const failed = (error: CniError, cniVersion: string): PluginResponse => {
  const object: JsonObject = errorObject(sound(error), cniVersion)
  return { stdout: `${JSON.stringify(object)}\n`, stderr: '', exitCode: 1 }
}

/** What a handler or a world threw, which can be anything. */
export const thrown = (error: unknown): CniError => {
  const message = error instanceof Error ? error.message : error
  const text = typeof message === 'string' ? message : quote(message)
  return cniError(cniErrorCodes.internal, text || 'internal error')
}

// A handler without types can say anything; Go's decoders take a natural number and texts, and somebody reads them.
const sound = (error: CniError): CniError => {
  const { msg, details } = decodeCniError(error) ?? cniError(cniErrorCodes.internal, quote(error))
  const isCode = isObject(error) && Number.isSafeInteger(error.code) && error.code >= 0
  const code = isCode ? error.code : cniErrorCodes.internal
  return cniError(code, msg || messageOf(error) || 'failed without a message', details)
}

// Of an Error in the place of a CNI error.
const messageOf = (error: unknown): string =>
  isObject(error) && typeof error.message === 'string' ? error.message : ''
