/**
 * Decides what the options of a command say about a plan: files are read, texts are checked. Refuses what cannot be
 * read, all of it at once, and plans with the rest.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import { decodeJson, isObject, type JsonObject, requestLimits } from '../../lib/cni/json.js'
import { at, failure, hasErrors, type Problem, quote } from '../../lib/cni/problem.js'
import {
  type DefinitionFile,
  decodeMetaConfiguration,
  decodeRuntimePod,
  type MetaConfiguration,
  type Plan,
  type PlanInput,
  type Pod,
  type Profile,
  plan,
  type SourceText,
} from '../../lib/index.js'
import { installedBinaries } from '../../runners/host/binaries.js'
import { readConfigDirectory } from '../../runners/host/config-directory.js'
import { type Refusal, refusalOf } from './failure.js'
import type { InputReader } from './input-text.js'
import { chooseProfile } from './profile-choice.js'

/** The options that a plan is made of. An absent one says nothing. */
export interface PlanOptions {
  readonly pod?: string
  readonly podName?: string
  readonly networks?: string
  readonly config?: string
  readonly confDir?: readonly string[]
  readonly profile?: string
  readonly ifname?: string
  readonly defaultDelegates?: string
  readonly capabilityArgs?: string
  readonly binDir?: readonly string[]
}

/** A plan made of options, or why there is none. */
export type PlannedInputs =
  | { readonly ok: true; readonly plan: Plan }
  | ({ readonly ok: false } & Refusal)

/** Everything that options say about a plan. */
export interface Inputs {
  /** The meta plugin's configuration; its defaults where it is absent or wrong. */
  readonly meta: MetaConfiguration
  /** The plan; `withCapabilityArgs` false: as if --capability-args were absent. */
  plan(withCapabilityArgs?: boolean): PlannedInputs
}

/** The meta plugin's configuration, as text and read, and what is wrong with reading it. */
export interface Configuration {
  readonly text: SourceText | undefined
  readonly meta: MetaConfiguration
  readonly problems: readonly Problem[]
}

/** The configuration that `--config` names. */
export const readConfiguration = async (
  file: string | undefined,
  reader: InputReader,
): Promise<Configuration> => {
  const read =
    file === undefined
      ? undefined
      : await reader.read(file, 'bad-configuration', requestLimits.length)
  const text = read?.ok ? read.value : undefined
  const { value: meta } = decodeMetaConfiguration(text ?? { source: 'default', text: '{}' })
  return { text, meta, problems: read === undefined || read.ok ? [] : [read.problem] }
}

/** Reads what the options name. */
export const readInputs = async (options: PlanOptions, reader: InputReader): Promise<Inputs> => {
  const config = await readConfiguration(options.config, reader)
  const profile = chooseProfile(options.profile)
  if (!profile.ok) {
    const refusal = { ok: false, ...refusalOf([...config.problems, profile.problem]) } as const
    return { meta: config.meta, plan: () => refusal }
  }
  const problems = [...config.problems]
  const pod = await readPod(options, config, reader, problems)
  const files = readNetworks(options.confDir ?? [], config.meta, profile.value, problems)
  const capabilityArgs = decodeCapabilityArgs(options.capabilityArgs, problems)
  const { networks, ifname, defaultDelegates, binDir = [] } = options
  const input: PlanInput = {
    files,
    ...(config.text && { config: config.text }),
    ...(pod && { pod }),
    ...(networks !== undefined && { networks }),
    ...(ifname !== undefined && { ifname }),
    ...(defaultDelegates !== undefined && { defaultDelegates }),
    ...(binDir.length > 0 && { installed: installedBinaries(binDir) }),
  }
  return {
    meta: config.meta,
    plan: (withCapabilityArgs = true) =>
      planWith(
        { ...input, ...(capabilityArgs && withCapabilityArgs && { capabilityArgs }) },
        profile.value,
        problems,
      ),
  }
}

/** What follows from an input that could not be read, and would send people the wrong way. */
const consequences: ReadonlySet<string> = new Set(['no-networks', 'unknown-network'])

const planWith = (
  input: PlanInput,
  profile: Profile,
  problems: readonly Problem[],
): PlannedInputs => {
  const planned = plan({ ...input, problems }, profile)
  if (planned.ok || !hasErrors(problems)) return planned
  const own = planned.problems.filter(({ code }) => !consequences.has(code))
  return { ...planned, problems: own }
}

/** The pod of `--pod`; without, what a runtime has told of one in the configuration, as the plugin would take it. */
const readPod = async (
  { pod: file, podName = '' }: PlanOptions,
  { meta, text: config }: Configuration,
  reader: InputReader,
  problems: Problem[],
): Promise<Pod | undefined> => {
  if (file === undefined) {
    const told = decodeRuntimePod(meta.runtimeConfig, { namespace: '', name: '' }, config?.source)
    if (told.ok) return told.pod
    problems.push(...told.problems)
    return undefined
  }
  const text = await reader.read(file, 'bad-pod')
  if (!text.ok) {
    problems.push(text.problem)
    return undefined
  }
  const { parsePodManifest } = await import('../../runners/host/pod-manifest.js')
  const slash = podName.indexOf('/')
  const wanted = { namespace: podName.slice(0, Math.max(slash, 0)), name: podName.slice(slash + 1) }
  const parsed = parsePodManifest(text.value.text, text.value.source, wanted)
  if (parsed.ok) return parsed.pod
  problems.push(...parsed.problems)
  return undefined
}

/** A directory that was asked for must be there; of the usual ones, one is enough. */
export const readNetworks = (
  asked: readonly string[],
  meta: MetaConfiguration,
  profile: Profile,
  problems: Problem[],
): readonly DefinitionFile[] => {
  const files: DefinitionFile[] = []
  const usual = [meta.confDir ?? profile.configurationDirectories]
  for (const directory of asked.length > 0 ? asked : usual) {
    const read = readConfigDirectory(directory)
    files.push(...read.files)
    for (const problem of read.problems) {
      const isRefused = asked.length > 0 && problem.code === 'unreadable-directory'
      problems.push(isRefused ? { ...problem, severity: 'error' } : problem)
    }
  }
  return files
}

/** The object that `--capability-args` holds. */
export const decodeCapabilityArgs = (
  text: string | undefined,
  problems: Problem[],
): JsonObject | undefined => {
  if (text === undefined) return undefined
  const source = '--capability-args'
  const json = decodeJson(text, source)
  if (isLeft(json)) problems.push(json.left)
  else if (isObject(json.right)) return json.right
  else {
    const message = `capability arguments are an object, not ${quote(json.right)}`
    problems.push(failure('bad-json', at(source), message))
  }
  return undefined
}
