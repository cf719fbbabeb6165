/**
 * Decides whether a plugin may answer a verb in the version of its configuration, and what it answers to VERSION
 * (reference/cni.md 1.4, 1.5; divergence X-05). Refuses with the codes and words of Go's skel.
 */
import * as E from 'fp-ts/lib/Either.js'
import { type CniError, cniError, cniErrorCodes } from './error.js'
import type { Verb } from './invocation.js'
import { decodeJson, isObject, requestLimits } from './json.js'
import { quote } from './problem.js'
import { currentVersion, isAtLeast, parseVersion, versionOrDefault } from './version.js'

/** The versions that a plugin supports, in the order in which they are tried; never none. */
export type SupportedVersions = readonly [string, ...string[]]

/** What a plugin prints in answer to VERSION. */
export interface VersionReply {
  readonly cniVersion: string
  readonly supportedVersions: SupportedVersions
}

// The first version of the specification that has the verb.
const since: Readonly<Partial<Record<Verb, string>>> = {
  CHECK: '0.4.0',
  GC: '1.1.0',
  STATUS: '1.1.0',
}

/**
 * Why a verb is refused for a configuration of this version ("" is 0.1.0), or undefined. ADD and DEL want the very text
 * among the supported ones; CHECK, GC and STATUS first want a version that has the verb, and a plugin version that is
 * not older. Codes 1 and 6.
 */
export const versionVerdict = (
  verb: Verb,
  configVersion: string,
  supported: SupportedVersions,
): CniError | undefined => {
  const version = versionOrDefault(configVersion)
  if (verb === 'VERSION') return undefined
  const minimum = since[verb]
  if (minimum === undefined) return exactly(version, supported)
  if (parseVersion(version) === undefined) return noVersion(version)
  if (!isAtLeast(version, minimum)) {
    const told = `config is ${quote(version)}, ${verb} exists since ${minimum}`
    return incompatible(`config version does not allow ${verb}`, told)
  }
  for (const offered of supported) {
    if (parseVersion(offered) === undefined) return noVersion(offered)
    if (isAtLeast(offered, version)) return exactly(version, supported)
  }
  return incompatible(`plugin version does not allow ${verb}`, bothOf(version, supported))
}

/**
 * The answer to VERSION: `input` is the `cniVersion` of stdin, which is echoed when it is a version, as SPEC has it.
 * Without one the newest version is named, as Go's skel does.
 */
export const versionReply = (
  input: string | undefined,
  supported: SupportedVersions,
): VersionReply => ({
  cniVersion: input && parseVersion(input) !== undefined ? input : currentVersion,
  supportedVersions: supported,
})

/** The `cniVersion` of a VERSION request's stdin. Nothing is an error there: undefined when it cannot be read. */
export const inputVersion = (stdin: string): string | undefined => {
  const parsed = decodeJson(stdin, 'stdin', requestLimits)
  if (E.isLeft(parsed) || !isObject(parsed.right)) return undefined
  return typeof parsed.right.cniVersion === 'string' ? parsed.right.cniVersion : undefined
}

const exactly = (version: string, supported: SupportedVersions): CniError | undefined =>
  supported.includes(version)
    ? undefined
    : incompatible('incompatible CNI versions', bothOf(version, supported))

const bothOf = (version: string, supported: SupportedVersions): string =>
  `config is ${quote(version)}, plugin supports [${supported.map(quote).join(' ')}]`

const noVersion = (text: string): CniError =>
  cniError(cniErrorCodes.decodingFailure, `${quote(text)} is not a version`)

const incompatible = (message: string, details?: string): CniError =>
  cniError(cniErrorCodes.incompatibleVersion, message, details)
