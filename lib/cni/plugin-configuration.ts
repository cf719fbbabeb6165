/**
 * Decides what the configuration of one plugin is, as it stands in a list, beside one or alone (SPEC "Plugin configuration
 * objects"; reference/cni.md 2.2). Refuses one without a type; every unknown key survives.
 */
import * as t from 'io-ts'
import { reportFailures } from './codec.js'
import { isObject, type JsonObject } from './json.js'
import { fieldFaults } from './plugin-fields.js'
import { at, failure, type Problem, quote } from './problem.js'
import { without } from './shape.js'

const Capabilities = t.record(t.string, t.boolean)

/** The keys of a plugin configuration that this library reads; all others pass through untouched. */
export const PluginConfiguration = t.intersection(
  [
    t.type({ type: t.string }),
    t.partial({
      cniVersion: t.string,
      name: t.string,
      capabilities: Capabilities,
    }),
  ],
  'PluginConfiguration',
)

/** One plugin of a list: `type` names the binary. */
export interface PluginConfiguration extends JsonObject {
  readonly type: string
  readonly cniVersion?: string
  readonly name?: string
  /** The capabilities that the plugin declares; only those with `true` count. */
  readonly capabilities?: { readonly [capability: string]: boolean }
}

/**
 * Whether a value is a plugin configuration: an object with a `type` that is not empty. By hand, since it is asked of
 * every plugin of every network; what is wrong the codec then tells.
 */
export const isPluginConfiguration = (value: unknown): value is PluginConfiguration =>
  isObject(value) &&
  typeof value.type === 'string' &&
  value.type !== '' &&
  isTextOrAbsent(value.cniVersion) &&
  isTextOrAbsent(value.name) &&
  (value.capabilities === undefined || Capabilities.is(value.capabilities))

const isTextOrAbsent = (value: unknown): boolean => value === undefined || typeof value === 'string'

/** In a plugin object Go reads null as absent (reference/cni.md 2.2), also as a capability; a list is stricter. */
export const withoutNulls = (plugin: unknown): unknown => {
  if (!isObject(plugin)) return plugin
  const nulls = ['cniVersion', 'name', 'capabilities'].filter((key) => plugin[key] === null)
  const bare = nulls.length === 0 ? plugin : without(plugin, ...nulls)
  const { capabilities } = bare
  if (!isObject(capabilities)) return bare
  // A stranger's text can hold a hundred thousand of them: one walk, and no list of names.
  const entries = Object.entries(capabilities)
  const declared = entries.filter(([, value]) => value !== null)
  return declared.length === entries.length
    ? bare
    : { ...bare, capabilities: Object.fromEntries(declared) }
}

/** What is wrong with one, which stands under `keys` in `source`; nulls are taken out before (`withoutNulls`). */
export const pluginFaults = (
  value: unknown,
  source: string,
  keys: readonly (string | number)[] = [],
): readonly Problem[] => {
  if (isPluginConfiguration(value)) return typeFaults(value, source, keys)
  if (!isObject(value)) {
    return [
      invalid(at(source, ...keys), `a plugin configuration is an object, not ${quote(value)}`),
    ]
  }
  if (value.type === undefined || value.type === '') {
    const hint = Array.isArray(value.plugins)
      ? 'a file with "plugins" is a list: its name must end in .conflist'
      : 'name the plugin binary in "type"'
    return [
      failure('bad-configuration', at(source, ...keys, 'type'), 'the plugin has no "type"', hint),
    ]
  }
  const failures = reportFailures(
    PluginConfiguration.decode(value),
    'bad-configuration',
    source,
    keys,
  )
  return [...failures, ...typeFaults(value, source, keys)]
}

const typeFaults = (
  plugin: JsonObject,
  source: string,
  keys: readonly (string | number)[],
): readonly Problem[] => {
  const faults = fieldFaults(plugin)
  if (faults.length === 0) return none
  return faults.map((fault) => invalid(at(source, ...keys, ...fault.keys), fault.message))
}

const none: readonly Problem[] = []

const invalid = (path: string, message: string): Problem =>
  failure('bad-configuration', path, message)
