/**
 * Decides whether a text is a plan that may run: everything that the engine trusts is checked again, since the text
 * may come from anybody. Refuses other major versions of the format; unknown keys survive.
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { reportFailures } from '../cni/codec.js'
import { ifnameFault, isNetworkName } from '../cni/identifier.js'
import { decodeJson, isObject, type JsonObject, maximumDepth, maximumLength } from '../cni/json.js'
import { isPluginConfiguration } from '../cni/plugin-configuration.js'
import { at, failure, type Problem, quote } from '../cni/problem.js'
import { isKnownVersion, knownVersions } from '../cni/version.js'
import type { SourceText } from '../network/network.js'
import { maximumAttachments } from './input.js'
import { listOf } from './list-codec.js'
import { isPluginType } from './resolve.js'
import { type Plan, planVersion } from './types.js'

/** A codec of what a guard lets through. Its failures do not show the value: a configuration can hold a secret. */
const guarded = <A>(name: string, is: (value: unknown) => value is A): t.Type<A, A, unknown> => {
  const message = `expected ${name}`
  return new t.Type(
    name,
    is,
    (u, c) => (is(u) ? t.success(u) : t.failure(u, c, message)),
    t.identity,
  )
}

const JsonObjectCodec = guarded('an object', isObject)

const checked = (name: string, isRight: (text: string) => boolean) =>
  t.refinement(t.string, isRight, name)

const Ifname = checked(
  'an interface name of at most 15 bytes other than lo',
  (text) => text !== 'lo' && ifnameFault(text) === undefined,
)
const NetworkName = checked('the name of a network', isNetworkName)
const Version = checked(`one of the versions ${knownVersions.join(', ')}`, isKnownVersion)
const ListVersion = checked(Version.name, (text) => text === '' || isKnownVersion(text))

// Further kinds may be added: nothing that runs depends on where a network was defined.
const isOrigin = (value: unknown): value is JsonObject =>
  isObject(value) &&
  typeof value.kind === 'string' &&
  (value.kind !== 'file' ||
    (typeof value.file === 'string' && (value.plugins === undefined || isTextList(value.plugins))))

const isTextList = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')

const Origin = guarded('an origin with a "kind", and the "file" of a file', isOrigin)

const isPlugin = (value: unknown): value is JsonObject =>
  isPluginConfiguration(value) && isPluginType(value.type)

const Plugin = guarded('a plugin configuration with a "type" without slashes', isPlugin)

const Plugins = listOf(Plugin, 'a list of at least one plugin', { least: 1 })

const List = t.intersection(
  [
    t.type({ name: NetworkName, plugins: Plugins }, 'a network configuration list'),
    t.partial({ cniVersion: ListVersion }),
  ],
  'a network configuration list',
)

const AttachmentNetwork = t.intersection(
  [t.type({ name: NetworkName, source: Origin }, 'a network'), t.partial({ namespace: t.string })],
  'a network',
)

const AttachmentCodec = t.type(
  {
    network: AttachmentNetwork,
    ifname: Ifname,
    primary: t.boolean,
    config: List,
    capabilityArgs: JsonObjectCodec,
  },
  'an attachment',
)

const DecisionCodec = t.type(
  { rule: t.string, subject: t.string, inputs: JsonObjectCodec, chose: t.string, why: t.string },
  'a decision',
)

// Codes may be added within the major version, and nothing that runs depends on them.
const Warning = t.intersection(
  [
    t.type({ code: t.string, severity: t.literal('warning') }),
    t.type({ cniCode: t.number, message: t.string, path: t.string }),
    t.partial({ hint: t.string }),
  ],
  'a warning',
)

const PlanCodec = t.type(
  {
    attachments: listOf(AttachmentCodec, `a list of at most ${maximumAttachments} attachments`, {
      most: maximumAttachments,
    }),
    merge: t.string,
    resultVersion: Version,
    decisions: listOf(DecisionCodec, 'a list of decisions'),
    warnings: listOf(Warning, 'a list of warnings'),
  },
  'a plan',
)

/** A plan is made of many files of the standard size, and holds each some levels deeper. */
const limits = { length: 16 * maximumLength, depth: maximumDepth + 16 }

/**
 * The plan that a text holds, as `render(plan, 'json')` writes it. Left: `too-large` (16 MiB), `too-deep`, `bad-json`,
 * or `bad-plan` for everything that keeps it from running, with a path each.
 */
export const decodePlan = ({ source, text }: SourceText): E.Either<readonly Problem[], Plan> => {
  const json = decodeJson(text, source, limits)
  if (E.isLeft(json)) return E.left([json.left])
  const value = json.right
  if (!isObject(value))
    return E.left([refuse(at(source), `a plan is an object, not ${quote(value)}`)])
  if (value.version !== planVersion) return E.left([refuseVersion(value.version, source)])
  const decoded = PlanCodec.decode(value)
  if (E.isLeft(decoded)) return E.left(reportFailures(decoded, 'bad-plan', source))
  // The codecs check every key that the type names, and `version` was checked above.
  const plan = decoded.right as unknown as Plan
  const problems = checkAttachments(plan, source)
  return problems.length > 0 ? E.left(problems) : E.right(plan)
}

const refuse = (path: string, message: string, hint?: string): Problem =>
  failure('bad-plan', path, message, hint)

const refuseVersion = (version: unknown, source: string): Problem =>
  version === undefined
    ? refuse(at(source, 'version'), 'the plan has no version', 'a plan has "version": 1')
    : refuse(
        at(source, 'version'),
        `plans of version ${quote(version)} are not understood, only of version ${planVersion}`,
        'plan again with this version of metacni, or use the one that wrote the plan',
      )

const checkAttachments = ({ attachments }: Plan, source: string): readonly Problem[] => {
  const problems: Problem[] = []
  const holders = new Map<string, number>()
  let primaries = 0
  for (const [index, { ifname, primary }] of attachments.entries()) {
    const path = at(source, 'attachments', index, 'ifname')
    const holder = holders.get(ifname)
    if (holder === undefined) holders.set(ifname, index)
    else problems.push(refuse(path, `attachment ${holder} has the interface ${quote(ifname)}, too`))
    if (primary) primaries++
  }
  if (primaries !== 1) {
    const message = `exactly one attachment is primary, not ${primaries} of ${attachments.length}`
    problems.push(refuse(at(source, 'attachments'), message))
  }
  return problems
}
