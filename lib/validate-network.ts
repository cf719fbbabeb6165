/**
 * Decides whether the plugins of a network can serve it: each is found, answers VERSION, and supports the network's version
 * (reference/cni.md 2.13, ValidateNetworkList). Refuses with every problem at once; nothing is changed by it.
 */
import * as E from 'fp-ts/lib/Either.js'
import { capabilitiesOf } from './cni/configuration.js'
import { isNetworkName } from './cni/identifier.js'
import { type Answer, answerOf, noAnswer } from './cni/invocation.js'
import { at, failure, type Problem, type ProblemCode, quote, thrownText } from './cni/problem.js'
import { isKnownVersion, knownVersions, versionOrDefault } from './cni/version.js'
import { supportedVersionsOf, versionInvocation } from './cni/version-reply.js'
import type { Network } from './network/network.js'
import { isPluginType, originOf } from './plan/resolve.js'
import type { Runner } from './ports/index.js'

/** What one plugin of a network says of itself. */
export interface PluginVersions {
  readonly type: string
  /** As it spells and orders them; absent when it told none. */
  readonly supportedVersions?: readonly string[]
  /** Whether the network's version is among them. */
  readonly supported: boolean
  /** What is wrong with it. */
  readonly problem?: Problem
}

/** What validation came to. */
export type Validated = {
  /** The network's version; an absent one is 0.1.0. */
  readonly cniVersion: string
  /** One for each plugin of the list, in its order. */
  readonly plugins: readonly PluginVersions[]
} & (
  | {
      readonly ok: true
      /** The capabilities that some plugin declares with `true`, each once, in the order of the list. */
      readonly capabilities: readonly string[]
    }
  | { readonly ok: false; readonly problems: readonly Problem[] }
)

/** Where plugins are looked for, and what ends the asking. */
export interface ValidateOptions {
  readonly path: readonly string[]
  readonly signal?: AbortSignal
}

/**
 * Asks every plugin of a network for its versions, each type once, one after the other. Problems: `bad-network-name`,
 * `bad-configuration` for a type with a slash, `missing-plugin`, `no-version-reply`, `unsupported-version`. Never throws.
 */
export const validateNetwork = async (
  { runner }: { readonly runner: Runner },
  network: Network,
  { path, signal = new AbortController().signal }: ValidateOptions,
): Promise<Validated> => {
  const { config } = network
  const source = originOf(network)
  const cniVersion = versionOrDefault(config.cniVersion)
  const answers = new Map<string, Answer>()
  const plugins: PluginVersions[] = []
  for (const [index, { type }] of config.plugins.entries()) {
    const place = at(source, 'plugins', index, 'type')
    if (!isPluginType(type)) {
      const message = `${quote(type)} cannot name a plugin: it contains / or \\`
      const problem = failure('bad-configuration', place, message)
      plugins.push({ type, supported: false, problem })
      continue
    }
    const answer = answers.get(type) ?? (await ask(runner, type, path, signal))
    answers.set(type, answer)
    plugins.push(judge(type, answer, cniVersion, place))
  }
  const problems = [
    ...networkProblems(network.name, cniVersion, source),
    ...plugins.flatMap(({ problem }) => problem ?? []),
  ]
  if (problems.length > 0) return { ok: false, cniVersion, plugins, problems }
  return { ok: true, cniVersion, plugins, capabilities: [...capabilitiesOf(config)] }
}

const networkProblems = (name: string, cniVersion: string, source: string): readonly Problem[] => {
  const problems: Problem[] = []
  if (!isNetworkName(name)) {
    const message = `${quote(name)} cannot name a network`
    problems.push(failure('bad-network-name', at(source, 'name'), message))
  }
  if (!isKnownVersion(cniVersion)) {
    const message = `network ${quote(name)} is of CNI version ${quote(cniVersion)}`
    const known = `known: ${knownVersions.join(', ')}`
    problems.push(failure('unsupported-version', at(source, 'cniVersion'), message, known))
  }
  return problems
}

const ask = async (
  runner: Runner,
  type: string,
  path: readonly string[],
  signal: AbortSignal,
): Promise<Answer> => {
  try {
    return answerOf(await runner.run(versionInvocation(type, path), signal))
  } catch (error) {
    return noAnswer('runner-threw', thrownText(error), true)
  }
}

const judge = (type: string, answer: Answer, cniVersion: string, place: string): PluginVersions => {
  const broken = (code: ProblemCode, message: string, hint: string): PluginVersions => ({
    ...{ type, supported: false, problem: failure(code, place, message, hint) },
  })
  const versions = supportedVersionsOf(answer)
  if (E.isLeft(versions)) {
    return answer.kind === 'none' && answer.reason.kind === 'not-found'
      ? broken('missing-plugin', versions.left, 'install it in the plugin directory')
      : broken(
          'no-version-reply',
          `plugin ${type}: ${versions.left}`,
          'run it with CNI_COMMAND=VERSION',
        )
  }
  const supportedVersions = versions.right
  if (supportedVersions.includes(cniVersion)) return { type, supportedVersions, supported: true }
  const message = `plugin ${type} does not support config version ${quote(cniVersion)}`
  const said = `it supports ${supportedVersions.join(', ') || 'none'}`
  return { ...broken('unsupported-version', message, said), supportedVersions }
}
