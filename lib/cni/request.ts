/**
 * Decides whether what a runtime hands to a plugin is a request: the CNI_* environment, then stdin, in the order that
 * decides which error wins (reference/cni.md 1.1 to 1.3). Refuses what Go's skel refuses, with its codes.
 */
import * as E from 'fp-ts/lib/Either.js'
import { type CniError, cniError, cniErrorCodes } from './error.js'
import { ifnameFault, isContainerId, isNetworkName, maximumIfnameBytes } from './identifier.js'
import type { Verb } from './invocation.js'
import { decodeJson, isObject, type JsonObject, requestLimits } from './json.js'
import { quote } from './problem.js'
import { versionOrDefault } from './version.js'

/** What the environment of a request says. A variable that is not set is the empty text. */
export interface RequestEnvironment {
  /** CNI_COMMAND; a verb of the protocol or not (`isVerb`). */
  readonly verb: string
  readonly containerId: string
  readonly netns: string
  readonly ifname: string
  /** CNI_ARGS as it came; `parseArgs` reads it. */
  readonly args: string
  /**
   * The directories of CNI_PATH, of which only GC must name some. Empty parts, which would mean the working directory,
   * are left out.
   */
  readonly path: readonly string[]
  /** CNI_NETNS_OVERRIDE: the namespace may be the plugin's own (reference/cni.md 1.7). */
  readonly netnsOverride: boolean
}

/** What stdin says. */
export interface RequestConfiguration {
  readonly name: string
  /** "0.1.0" when stdin has none. Not checked to be a released version: see versionVerdict. */
  readonly cniVersion: string
  readonly config: JsonObject
  /** Stdin as it came. */
  readonly text: string
}

type Rule = readonly [variable: string, verbs: readonly string[], fault?: (text: string) => Fault]
/** What is wrong with a value, in Go's words. */
type Fault = readonly [message: string, details?: string] | undefined

const attaching = ['ADD', 'DEL', 'CHECK']
const all = [...attaching, 'GC', 'STATUS', 'VERSION']

const faultOfContainerId = (text: string): Fault =>
  isContainerId(text) ? undefined : ['invalid characters in containerID', shown(text)]

const faultOfIfname = (text: string): Fault => {
  const fault = ifnameFault(text)
  if (fault === undefined) return undefined
  return new TextEncoder().encode(text).length > maximumIfnameBytes
    ? [
        'interface name is too long',
        `interface name should be less than ${maximumIfnameBytes + 1} characters`,
      ]
    : [fault]
}

// In the order in which they are walked; a value is looked at only where the verb requires one. CNI_PATH is required
// by GC alone, as SPEC has it (divergence X-07): a plugin that delegates says so when it does.
const rules: readonly Rule[] = [
  ['CNI_CONTAINERID', attaching, faultOfContainerId],
  ['CNI_NETNS', ['ADD', 'CHECK']],
  ['CNI_IFNAME', attaching, faultOfIfname],
  ['CNI_PATH', ['GC']],
]

/** Whether a text is a verb of the protocol; verbs are upper case. */
export const isVerb = (text: string): text is Verb => all.includes(text)

/** Whether CNI_NETNS_OVERRIDE is on: `1` or `true` in any case. */
export const isOverride = (text: string | undefined): boolean =>
  text === '1' || text?.toUpperCase() === 'TRUE'

/**
 * The request that an environment makes. Left: code 4; the first invalid value, else all missing variables in one
 * error. An unknown verb requires nothing and is no error yet: stdin is looked at first.
 */
export const decodeEnvironment = (
  env: Readonly<Record<string, string | undefined>>,
): E.Either<CniError, RequestEnvironment> => {
  const verb = env.CNI_COMMAND ?? ''
  const missing: string[] = verb === '' ? ['CNI_COMMAND'] : []
  for (const [variable, verbs, faultOf] of rules) {
    if (!verbs.includes(verb)) continue
    const value = env[variable] ?? ''
    if (value === '') missing.push(variable)
    else {
      const fault = faultOf?.(value)
      if (fault !== undefined) return E.left(faulty(variable, value, fault))
    }
  }
  if (missing.length > 0) {
    return E.left(invalid(`required env variables [${missing.join(',')}] missing`))
  }
  return E.right({
    verb,
    containerId: env.CNI_CONTAINERID ?? '',
    netns: env.CNI_NETNS ?? '',
    ifname: env.CNI_IFNAME ?? '',
    args: env.CNI_ARGS ?? '',
    path: (env.CNI_PATH ?? '').split(':').filter((directory) => directory !== ''),
    netnsOverride: isOverride(env.CNI_NETNS_OVERRIDE),
  })
}

/**
 * What a plugin that is started by hand, without CNI_COMMAND, says on stderr instead of failing; undefined when it is
 * a request, or when `about` is empty. Ends with a newline; the exit status is 0.
 */
export const aboutText = (
  env: Readonly<Record<string, string | undefined>>,
  about: string,
  supported: readonly string[],
): string | undefined =>
  (env.CNI_COMMAND ?? '') === '' && about !== ''
    ? `${about}\nCNI protocol versions supported: ${supported.join(', ')}\n`
    : undefined

/**
 * The configuration on stdin. With `verb`, an unknown one is refused in its place: after the name, before the version.
 * Left: code 6 for what is no JSON object or no text version, 7 for a name, 4 for the verb. VERSION reads no stdin.
 */
export const decodeStdin = (
  text: string,
  verb?: string,
): E.Either<CniError, RequestConfiguration> => {
  const parsed = decodeJson(text, 'stdin', requestLimits)
  if (E.isLeft(parsed)) return E.left(undecodable(parsed.left.message))
  const config = parsed.right ?? {}
  if (!isObject(config)) return E.left(undecodable(`expected an object, got ${quote(config)}`))
  const { name, cniVersion } = config
  if (name === undefined || name === null || name === '') {
    return E.left(cniError(cniErrorCodes.invalidNetworkConfig, 'missing network name'))
  }
  if (typeof name !== 'string') {
    return E.left(undecodable(`"name" must be a text, not ${quote(name)}`))
  }
  if (!isNetworkName(name)) {
    return E.left(
      cniError(
        cniErrorCodes.invalidNetworkConfig,
        'invalid characters found in network name',
        shown(name),
      ),
    )
  }
  if (verb !== undefined && !isVerb(verb)) return E.left(unknownVerb(verb))
  if (cniVersion !== undefined && cniVersion !== null && typeof cniVersion !== 'string') {
    const message = `decoding version from network config: expected a text, got ${quote(cniVersion)}`
    return E.left(cniError(cniErrorCodes.decodingFailure, message))
  }
  return E.right({ name, cniVersion: versionOrDefault(cniVersion ?? ''), config, text })
}

/** The refusal of a verb that the protocol does not know: code 4. Runtimes look for this very text. */
export const unknownVerb = (verb: string): CniError =>
  invalid(`unknown CNI_COMMAND: ${shown(verb)}`)

// A wrong value is shown in full when somebody may have meant it.
const shown = (text: string): string => text.slice(0, 256)
const undecodable = (reason: string): CniError =>
  cniError(cniErrorCodes.decodingFailure, `error unmarshall network config: ${reason}`)
// SPEC "Error", code 4: the message must name the variable. Go's says neither that nor the value.
const faulty = (
  variable: string,
  value: string,
  [message, details]: NonNullable<Fault>,
): CniError => invalid(`${message} (${variable} is ${quote(value)})`, details)
const invalid = (message: string, details?: string): CniError =>
  cniError(cniErrorCodes.invalidEnvironment, message, details)
