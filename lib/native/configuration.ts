/**
 * Decides how a native plugin reads its configuration: known keys by their codecs, null as absent, what Go's plugins take
 * as a number. Refuses values of a wrong type with code 999, as the binaries do (docs/ip-runner.md), naming them.
 */
import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { reportFailures } from '../cni/codec.js'
import { toCurrent } from '../cni/convert.js'
import { type CniError, cniError, cniErrorCodes } from '../cni/error.js'
import { isObject, type JsonObject } from '../cni/json.js'
import { quote } from '../cni/problem.js'
import { decodeResult, type Result, type ResultDns } from '../cni/result.js'
import type { NativeCall } from './script.js'

/** A refusal with code 999: what the binaries give every error of their own. */
export const refuse = (message: string, details?: string): E.Either<CniError, never> =>
  E.left(cniError(cniErrorCodes.internal, message, details))

/** An error of ours in the code of the binaries. */
export const likeBinary = <A>(outcome: E.Either<CniError, A>): E.Either<CniError, A> =>
  E.isLeft(outcome) ? refuse(outcome.left.msg, outcome.left.details) : outcome

/** A configuration as its codec reads it. Left: code 999, naming key and value. */
export const decodeConfiguration = <A>(
  codec: t.Decoder<unknown, A>,
  { config }: NativeCall,
): E.Either<CniError, A> => {
  const { ipam = null } = config
  if (ipam !== null && !(isObject(ipam) && isTextOrAbsent(ipam.type))) {
    return refuse(
      `failed to load netconf: "ipam" must be an object with a "type", not ${quote(ipam)}`,
    )
  }
  const decoded = codec.decode(config)
  if (E.isRight(decoded)) return decoded
  const [problem] = reportFailures(decoded, 'bad-configuration', 'stdin')
  return refuse(`failed to load netconf: ${problem?.message}`, problem?.path)
}

/** Keys that every plugin of a list may bear, whatever it is (SPEC "Network configuration format", reference/cni.md 2.4). */
export const commonKeys: readonly string[] = [
  'cniVersion',
  'name',
  'type',
  'args',
  'runtimeConfig',
  'capabilities',
  'prevResult',
  'ipam',
  'dns',
  'cni.dev/valid-attachments',
  'cni.dev/attachments',
]

/** `ipam.type`; '' when no address plugin is named. */
export const ipamTypeOf = (config: JsonObject): string =>
  isObject(config.ipam) && typeof config.ipam.type === 'string' ? config.ipam.type : ''

/**
 * Whether the address plugin of a configuration can begin before the link is made: a native one refuses a second address
 * for one interface. Another one may give the same again, and would lose it with a link that is refused.
 */
export const canBeginEarly = (config: JsonObject): boolean =>
  ['host-local', 'static'].includes(ipamTypeOf(config))

/** The `dns` of the configuration, when it says anything. */
export const dnsOf = (config: JsonObject): ResultDns | undefined =>
  isObject(config.dns) && Object.values(config.dns).some((value) => hasWords(value))
    ? (config.dns as ResultDns)
    : undefined

const isTextOrAbsent = (value: unknown): boolean =>
  value === undefined || value === null || typeof value === 'string'

const hasWords = (value: unknown): boolean =>
  (typeof value === 'string' && value !== '') || (Array.isArray(value) && value.length > 0)

/** `prevResult` in the newest version, or undefined when there is none. Left: code 999. */
export const previousOf = (call: NativeCall): E.Either<CniError, Result | undefined> => {
  const { prevResult } = call.config
  if (prevResult === undefined || prevResult === null) return E.right(undefined)
  const decoded = E.chain(toCurrent)(decodeResult(prevResult, call.cniVersion))
  return E.isRight(decoded)
    ? decoded
    : refuse(`could not parse prevResult: ${decoded.left.msg}`, decoded.left.details)
}

/** `prevResult` of a plugin that cannot do without. */
export const requiredPrevious = (call: NativeCall): E.Either<CniError, Result> => {
  const previous = previousOf(call)
  if (E.isLeft(previous)) return previous
  return previous.right === undefined
    ? refuse('Required prevResult missing')
    : E.right(previous.right)
}

/** That the namespace is there. Left: code 999 with its path. */
export const namespaceOf = ({ netns, hasNamespace }: NativeCall): E.Either<CniError, string> =>
  hasNamespace
    ? E.right(netns)
    : refuse(`failed to open netns "${netns}": no such file or directory`)
