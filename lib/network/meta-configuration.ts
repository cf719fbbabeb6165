/**
 * Decides what the meta plugin's own configuration says: its keys without regard to case, as Go reads them, and their
 * defaults. Refuses values of the wrong type and a relative `kubeconfig`; unknown keys are warnings.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { isNetworkName } from '../cni/identifier.js'
import { decodeJson, isObject, type JsonObject, requestLimits } from '../cni/json.js'
import { at, failure, type Problem, quote, warning } from '../cni/problem.js'
import { isKnownVersion, knownVersions } from '../cni/version.js'
import type { SourceText } from './network.js'

/** The meta plugin's configuration with its defaults filled in (reference/tke-multus.md 1.1). */
export interface MetaConfiguration {
  readonly name?: string
  /** The plugin's own type; a network that would run this type again is refused. Default `multus`. */
  readonly type: string
  /** The version of the result that the runtime gets. Default 0.1.0, as the specification has it. */
  readonly cniVersion: string
  /** An absolute path. */
  readonly kubeconfig?: string
  /** The networks of a pod without annotation, in any form of the annotation. */
  readonly defaultDelegates?: string
  /** Where network configurations lie; undefined: the profile's directories. */
  readonly confDir?: string
  /** Where the node's records are kept. Default /var/lib/cni/multus. */
  readonly cniDir: string
  /** Whose `results` is the result cache, in libcni's form; undefined: `cniDir`, as in Multus v4. */
  readonly cacheDir?: string
  /** Searched for plugins after CNI_PATH. Default /opt/cni/bin. */
  readonly binDir: string
  readonly logFile?: string
  readonly logLevel: 'debug' | 'info' | 'error' | 'panic'
  /** Seconds that one plugin call may take. Default 60. */
  readonly timeout: number
  /** What the runtime offers to plugins that declare the capability. */
  readonly runtimeConfig: JsonObject
  readonly prevResult?: JsonObject
  /** For the runtime alone: which runtimeConfig it may send. */
  readonly capabilities?: JsonObject
}

const levels = ['debug', 'info', 'error', 'panic'] as const
const JsonObjectCodec = new t.Type<JsonObject>(
  'an object',
  isObject,
  (u, c) => (isObject(u) ? t.success(u) : t.failure(u, c)),
  t.identity,
)
const Seconds = t.refinement(t.number, (n) => n > 0 && n <= 86_400, 'a number of seconds above 0')

const keys = {
  name: t.string,
  type: t.string,
  cniVersion: t.string,
  kubeconfig: t.string,
  defaultDelegates: t.string,
  confDir: t.string,
  cniDir: t.string,
  cacheDir: t.string,
  binDir: t.string,
  logFile: t.string,
  logLevel: t.string,
  timeout: Seconds,
  runtimeConfig: JsonObjectCodec,
  prevResult: JsonObjectCodec,
  capabilities: JsonObjectCodec,
} as const
type Key = keyof typeof keys

const spellings: ReadonlyMap<string, Key> = new Map(
  (Object.keys(keys) as Key[]).map((key) => [key.toLowerCase(), key]),
)

const codecs: ReadonlyMap<string, t.Mixed> = new Map(Object.entries(keys))

// Reserved by the specification or meant for others: neither ours nor unknown.
const foreign = new Set(['ipam', 'dns', 'args', 'cniversions', 'disablecheck', 'disablegc'])

/** The default values, which stand where the configuration says nothing. */
export const metaDefaults: MetaConfiguration = {
  type: 'multus',
  cniVersion: '0.1.0',
  cniDir: '/var/lib/cni/multus',
  binDir: '/opt/cni/bin',
  logLevel: 'info',
  timeout: 60,
  runtimeConfig: {},
}

/** What a configuration says, where it says something: the defaults are not in it. */
export type GivenConfiguration = Partial<MetaConfiguration>

/**
 * The configuration of a text, always, with every problem of it: what is wrong counts as absent, so that planning can
 * go on and find the rest.
 */
export const decodeMetaConfiguration = (
  text: SourceText,
): { readonly value: MetaConfiguration; readonly problems: readonly Problem[] } => {
  const { given, problems } = decodeGiven(text)
  return { value: { ...metaDefaults, ...given }, problems }
}

/** The same without the defaults, for those who read few of its keys: filling them in takes longer than the rest. */
export const decodeGiven = ({
  source,
  text,
}: SourceText): { readonly given: GivenConfiguration; readonly problems: readonly Problem[] } => {
  const json = decodeJson(text, source, requestLimits)
  if (isLeft(json)) return { given: {}, problems: [json.left] }
  const config = json.right
  if (!isObject(config)) {
    const message = `a configuration is an object, not ${quote(config)}`
    return { given: {}, problems: [failure('bad-configuration', at(source), message)] }
  }
  // Nearly every configuration is right, and this runs for every pod: then there is nothing to take apart.
  return isRightAsItIs(config) ? { given: config, problems: [] } : takeApart(config, source)
}

const takeApart = (config: JsonObject, source: string): ReturnType<typeof decodeGiven> => {
  const problems: Problem[] = []
  const odd: Problem[] = []
  const given: { -readonly [key in Key]?: unknown } = {}
  for (const spelled of Object.keys(config)) {
    const key = codecs.has(spelled) ? (spelled as Key) : keyOf(spelled, source, odd)
    const one = config[spelled]
    // Go reads null as absent, and leaves out an empty text.
    if (key === undefined || one === null || one === '') continue
    if (!keys[key].is(one)) {
      const message = `${quote(key)} must be ${wanted(key)}, not ${kindOf(one)}`
      problems.push(failure('bad-configuration', at(source, spelled), message))
    } else if (typeof one === 'string' && !isRight(key, one)) {
      problems.push(faultOf(key, one, at(source, spelled)))
    } else {
      given[key] = one
    }
  }
  for (const one of odd.slice(0, mostOddKeys)) problems.push(one)
  if (odd.length > mostOddKeys) {
    const message = `${odd.length - mostOddKeys} more keys are not understood, or spelled otherwise`
    problems.push(warning('unknown-key', at(source), message))
  }
  // The codec of each key has just said so; TypeScript cannot follow it through the table.
  return { given: given as GivenConfiguration, problems }
}

// A stranger's text can have thousands, and every warning is a part of the plan.
const mostOddKeys = 8

// The value itself may be a secret, and this sentence is logged.
const kindOf = (value: unknown): string => {
  if (typeof value === 'string') return 'a text'
  if (typeof value !== 'object') return quote(value)
  return Array.isArray(value) ? 'a list' : 'an object'
}

const wanted = (key: Key): string => (keys[key] === t.string ? 'a text' : keys[key].name)

/** The key that a text spells, without regard to case. */
const keyOf = (spelled: string, source: string, problems: Problem[]): Key | undefined => {
  const lower = spelled.toLowerCase()
  const key = spellings.get(lower)
  if (key !== undefined) {
    const message = `${quote(spelled)} is read as ${quote(key)}`
    problems.push(warning('unusual-key-case', at(source, spelled), message, `write ${key}`))
  } else if (!foreign.has(lower) && !spelled.startsWith('cni.dev/')) {
    const message = `${quote(spelled)} is not understood and has no effect`
    problems.push(warning('unknown-key', at(source, spelled), message))
  }
  return key
}

const isRightAsItIs = (config: JsonObject): config is GivenConfiguration & JsonObject => {
  for (const key in config) {
    const codec = codecs.get(key)
    const value = config[key]
    if (codec === undefined || value === '' || !codec.is(value)) return false
    if (typeof value === 'string' && !isRight(key, value)) return false
  }
  return true
}

/** Whether a text can stand under its key. */
const isRight = (key: string, text: string): boolean => {
  if (key === 'name') return isNetworkName(text)
  if (key === 'cniVersion') return isKnownVersion(text)
  if (key === 'kubeconfig') return text.startsWith('/')
  return key !== 'logLevel' || (levels as readonly string[]).includes(text)
}

/** Why a text cannot stand under its key. */
const faultOf = (key: Key, text: string, path: string): Problem => {
  if (key === 'name') {
    return failure('bad-network-name', path, `${quote(text)} cannot name a network`)
  }
  if (key === 'cniVersion') {
    const message = `cniVersion ${quote(text)} is none that this program knows`
    return failure('unsupported-version', path, message, `known: ${knownVersions.join(', ')}`)
  }
  if (key === 'kubeconfig') {
    const hint = "write the absolute path: the working directory is the runtime's"
    return failure(
      'relative-kubeconfig',
      path,
      `kubeconfig ${quote(text)} is a relative path`,
      hint,
    )
  }
  const message = `logLevel ${quote(text)} is none; info is taken`
  return warning('bad-configuration', path, message, `one of ${levels.join(', ')}`)
}
