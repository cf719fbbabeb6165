/**
 * Decides what a CNI error object is (SPEC "Error"; reference/cni.md 1.6). Refuses an error without words: a message
 * is never empty.
 */
import * as t from 'io-ts'
import { isObject, type JsonObject } from './json.js'
import { versionOrDefault } from './version.js'

/** The codes that the specification and its Go library define. 100 and above belong to plugins. */
export const cniErrorCodes = {
  unknown: 0,
  incompatibleVersion: 1,
  unsupportedField: 2,
  unknownContainer: 3,
  invalidEnvironment: 4,
  ioFailure: 5,
  decodingFailure: 6,
  invalidNetworkConfig: 7,
  invalidNetns: 8,
  tryAgainLater: 11,
  notAvailable: 50,
  limitedConnectivity: 51,
  internal: 999,
} as const

/** What a plugin prints on stdout when it fails. */
export const CniError = t.intersection(
  [
    t.type({ code: t.number, msg: t.string }),
    t.partial({ details: t.string, cniVersion: t.string }),
  ],
  'CniError',
)

/** What a plugin prints on stdout when it fails; `cniVersion` is added when it is printed. */
export interface CniError {
  /** 0..99 are the specification's, 100 and above the plugin's own, 999 an internal failure. */
  readonly code: number
  readonly msg: string
  readonly details?: string
}

/** A CNI error; empty details are left out. */
export const cniError = (code: number, msg: string, details?: string): CniError =>
  details === undefined || details === '' ? { code, msg } : { code, msg, details }

/** `msg; details`, as libcni writes a wrapped error. */
export const textOf = (error: CniError): string =>
  error.details === undefined ? error.msg : `${error.msg}; ${error.details}`

/**
 * The object to print on stdout for an error, with the `cniVersion` of the request that Go's plugins leave out
 * (divergence X-06); "" is 0.1.0.
 */
export const errorObject = (error: CniError, cniVersion: string): JsonObject => ({
  cniVersion: versionOrDefault(cniVersion),
  ...cniError(error.code, error.msg, error.details),
})

/**
 * The error that a failed plugin printed, or undefined when the value is no object. Any object is an error: a code that
 * is no natural number is 0, a `msg` that is no text is empty. Whoever calls finds words for an empty message.
 */
export const decodeCniError = (value: unknown): CniError | undefined => {
  if (!isObject(value)) return undefined
  const { code, msg, details } = value
  return cniError(
    Number.isSafeInteger(code) && (code as number) >= 0 ? (code as number) : cniErrorCodes.unknown,
    typeof msg === 'string' ? msg : '',
    typeof details === 'string' ? details : undefined,
  )
}
