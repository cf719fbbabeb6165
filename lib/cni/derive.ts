/**
 * Decides what one plugin of a list reads on its stdin (reference/cni.md 2.4, 2.11; divergences,
 * Refuses GC without its list, and a previous result that the list's version cannot express.
 */
import * as E from 'fp-ts/lib/Either.js'
import type { NetworkConfigurationList } from './configuration.js'
import { convertResult } from './convert.js'
import { type CniError, cniError, cniErrorCodes } from './error.js'
import type { Verb } from './invocation.js'
import type { JsonObject } from './json.js'
import type { PluginConfiguration } from './plugin-configuration.js'
import type { AnyResult } from './result.js'
import { without } from './shape.js'
import { currentVersion, isAtLeast, versionOrDefault } from './version.js'

/** An attachment that GC must keep, as SPEC spells it. */
export interface ValidAttachment {
  readonly containerID: string
  readonly ifname: string
}

/** What the stdin of a plugin is made of. */
export interface StdinParts {
  readonly list: NetworkConfigurationList
  /** The plugin of `list` that is called. */
  readonly plugin: PluginConfiguration
  readonly verb: Verb
  /** ADD: the result of the plugin before, none for the first. DEL and CHECK: the result of the ADD. Any version. */
  readonly prevResult?: AnyResult | undefined
  /** What the runtime offers, by capability; the plugin gets what it declares, even when that is null. */
  readonly capabilityArgs: JsonObject
  /** For GC alone, and required there: an empty list means that every attachment is stale. */
  readonly validAttachments?: readonly ValidAttachment[] | undefined
}

/**
 * The stdin of one plugin: its object with every unknown key, `name` and `cniVersion` of the list, and what the verb
 * brings. `capabilities` and what a file left in `prevResult` and `runtimeConfig` are taken out. Left: code 7 for GC
 * without a list, the error of convertResult for ADD and CHECK; DEL goes on without a result that cannot be converted.
 */
export const deriveStdin = (parts: StdinParts): E.Either<CniError, JsonObject> => {
  const { list, plugin, verb } = parts
  if (verb === 'VERSION') return E.right({ cniVersion: currentVersion })
  const cniVersion = versionOrDefault(list.cniVersion)
  const base = {
    ...without(plugin, 'capabilities', 'prevResult', 'runtimeConfig'),
    cniVersion,
    name: list.name,
  }
  if (verb === 'STATUS') return E.right(base)
  if (verb === 'GC') return withAttachments(base, parts.validAttachments)
  const runtimeConfig = runtimeConfigOf(plugin, parts.capabilityArgs)
  const configured = runtimeConfig === undefined ? base : { ...base, runtimeConfig }
  const converted = previousFor(verb, parts.prevResult, cniVersion)
  return E.map((prevResult: AnyResult | undefined) =>
    prevResult === undefined ? configured : { ...configured, prevResult },
  )(converted)
}

/** What of the runtime's offers a plugin declares with `true`; undefined when nothing. */
export const runtimeConfigOf = (
  { capabilities = {} }: PluginConfiguration,
  offered: JsonObject,
): JsonObject | undefined => {
  const wanted = Object.keys(capabilities).filter(
    (name) => capabilities[name] === true && Object.hasOwn(offered, name),
  )
  if (wanted.length === 0) return undefined
  return Object.fromEntries(wanted.map((name) => [name, offered[name]]))
}

// Below 0.4.0 a DEL gets no result (reference/cni.md 2.9), and above it a missing one must not keep a DEL from trying.
const previousFor = (
  verb: Verb,
  result: AnyResult | undefined,
  version: string,
): E.Either<CniError, AnyResult | undefined> => {
  if (result === undefined) return E.right(undefined)
  if (verb !== 'DEL') return convertResult(result, version)
  if (!isAtLeast(version, '0.4.0')) return E.right(undefined)
  return E.orElse(() => E.right<CniError, AnyResult | undefined>(undefined))(
    convertResult(result, version),
  )
}

// The second key is what the first tagged release of 1.1.0 read.
const withAttachments = (
  base: JsonObject,
  valid: readonly ValidAttachment[] | undefined,
): E.Either<CniError, JsonObject> =>
  valid === undefined
    ? E.left(
        cniError(
          cniErrorCodes.invalidNetworkConfig,
          'GC needs the list of valid attachments: without one every attachment would be stale',
        ),
      )
    : E.right({ ...base, 'cni.dev/valid-attachments': valid, 'cni.dev/attachments': valid })
