/**
 * Decides what a plugin's answer to VERSION says about the versions that it supports (SPEC "VERSION"; reference/cni.md
 * 2.13). Refuses replies without versions, in the words of libcni.
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Answer, Invocation } from './invocation.js'
import { decodeJson, isObject } from './json.js'
import { quote } from './problem.js'
import { currentVersion } from './version.js'

/**
 * The call that asks a plugin for its versions: every variable that a plugin of 0.1.0 may want is set, as libcni sets
 * it, so that such a plugin says what it does not know rather than what it misses.
 */
export const versionInvocation = (type: string, path: readonly string[]): Invocation => ({
  type,
  verb: 'VERSION',
  stdin: { cniVersion: currentVersion },
  env: {
    CNI_COMMAND: 'VERSION',
    CNI_CONTAINERID: '',
    CNI_NETNS: 'dummy',
    CNI_IFNAME: 'dummy',
    CNI_ARGS: '',
    CNI_PATH: 'dummy',
  },
  path,
})

/**
 * The versions that a plugin supports, by its answer to VERSION, as it spells and orders them. A plugin that does not
 * know the verb supports 0.1.0. Left: why the answer tells no versions.
 */
export const supportedVersionsOf = (answer: Answer): E.Either<string, readonly string[]> => {
  switch (answer.kind) {
    case 'success':
      return decodeVersionReply(answer.stdout)
    case 'refused': {
      const { msg, details } = answer.error
      // Exactly this text: any other refusal says nothing about versions.
      if (msg === 'unknown CNI_COMMAND: VERSION') return E.right(['0.1.0'])
      return E.left(details === undefined ? msg : `${msg}; ${details}`)
    }
    case 'none':
      return E.left(answer.reason.message)
  }
}

/**
 * The versions of a VERSION reply. One of 0.2.0 that lists none means 0.1.0 and 0.2.0. Left: `decoding version info:
 * ...`, as libcni words it. Entries are texts; whether they are versions is not looked at.
 */
export const decodeVersionReply = (stdout: string): E.Either<string, readonly string[]> => {
  const json = decodeJson(stdout, 'stdout')
  if (E.isLeft(json)) return wrong(json.left.message)
  if (!isObject(json.right)) return wrong(`not an object, but ${quote(json.right)}`)
  const { cniVersion, supportedVersions } = json.right
  // Null is absent, as in Go.
  if (cniVersion !== undefined && cniVersion !== null && typeof cniVersion !== 'string')
    return wrong(`cniVersion is no text, but ${quote(cniVersion)}`)
  if (!cniVersion) return wrong('missing field cniVersion')
  // Of an empty list libcni says that it is missing, as of one that is null.
  const versions = supportedVersions ?? []
  if (!isTextList(versions))
    return wrong(`supportedVersions is no list of texts, but ${quote(versions)}`)
  if (versions.length > 0) return E.right(versions)
  return cniVersion === '0.2.0'
    ? E.right(['0.1.0', '0.2.0'])
    : wrong('missing field supportedVersions')
}

const isTextList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')

const wrong = (why: string): E.Either<string, never> => E.left(`decoding version info: ${why}`)
