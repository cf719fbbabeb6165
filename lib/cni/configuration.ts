/**
 * Decides what a network configuration list is, and which list a single configuration stands for (SPEC "Network
 * configuration format"; reference/cni.md 2.1, 2.3). Refuses lists without plugins; every unknown key survives.
 */
import * as E from 'fp-ts/lib/Either.js'
import { isOn, listFlags, readFlag } from './flag.js'
import { isObject, type JsonObject } from './json.js'
import {
  isPluginConfiguration,
  type PluginConfiguration,
  pluginFaults,
  withoutNulls,
} from './plugin-configuration.js'
import { at, failure, type Problem, quote } from './problem.js'
import { highestVersion, parseVersion } from './version.js'

/** A network configuration list: what `libcni` drives for one attachment. Unknown keys are kept. */
export interface NetworkConfigurationList extends JsonObject {
  readonly name: string
  /** Absent means 0.1.0. Where a file lists `cniVersions`, the highest of all that is known (SPEC, S-016). */
  readonly cniVersion?: string
  /** CHECK is never called (S-004). A text stands for the boolean in any case, as in the other flags. */
  readonly disableCheck?: boolean | string
  /** GC is never called (S-005). */
  readonly disableGC?: boolean | string
  /** `plugins` is all there is: also set in a list that has been completed with plugins of other files (S-006, S-007). */
  readonly loadOnlyInlinedPlugins?: boolean | string
  readonly plugins: readonly PluginConfiguration[]
}

/** A plugin configuration beside a list, decoded, and the source under which problems speak of it. */
export interface FurtherPlugin {
  readonly source: string
  readonly value: unknown
}

/**
 * A list from a decoded `.conflist`, completed with the plugins that lie beside it unless `loadOnlyInlinedPlugins` is
 * set (reference/cni.md 2.1, 2.3); then the list says that it is complete. Left: what is wrong, with paths into the
 * sources. The name is any text: whoever makes a path of it asks isNetworkName first.
 */
export const decodeList = (
  value: unknown,
  source: string,
  beside: readonly FurtherPlugin[] = [],
): E.Either<readonly Problem[], NetworkConfigurationList> => {
  if (!isObject(value))
    return wrong(at(source), `a network configuration list is an object, not ${quote(value)}`)
  const problems: Problem[] = []
  checkHead(value, source, problems)
  const further = isOn(value.loadOnlyInlinedPlugins) ? [] : beside
  checkPlugins(value, source, further.length > 0, problems)
  for (const one of further) checkPlugin(one.value, one.source, [], problems)
  if (problems.length > 0) return E.left(problems)
  const list = value as List
  return E.right(withHighestVersion(further.length > 0 ? completed(list, further) : clean(list)))
}

const checkHead = (list: JsonObject, source: string, problems: Problem[]): void => {
  const { name, cniVersion, cniVersions } = list
  const refuse = (key: string, wanted: string, value: unknown) => {
    const message = `${quote(key)} must be ${wanted}, not ${quote(value)}`
    problems.push(invalid(at(source, key), message))
  }
  if (typeof name !== 'string' || name === '') refuse('name', 'a text that is not empty', name)
  if (cniVersion !== undefined && typeof cniVersion !== 'string')
    refuse('cniVersion', 'a text', cniVersion)
  if (cniVersions !== undefined) {
    if (!isVersionList(cniVersions)) refuse('cniVersions', 'a list of versions', cniVersions)
    // Alone it may be anything; among others it has to be compared.
    else if (typeof cniVersion === 'string' && parseVersion(cniVersion) === undefined)
      refuse('cniVersion', 'a version where there are "cniVersions"', cniVersion)
  }
  for (const flag of listFlags) {
    const value = list[flag]
    if (value !== undefined && readFlag(value) === undefined) refuse(flag, 'true or false', value)
  }
}

const checkPlugins = (
  { plugins, loadOnlyInlinedPlugins }: JsonObject,
  source: string,
  hasFurther: boolean,
  problems: Problem[],
): void => {
  const refuse = (message: string, hint?: string) =>
    problems.push(failure('bad-configuration', at(source, 'plugins'), message, hint))
  if (plugins === undefined) {
    if (hasFurther) return
    if (isOn(loadOnlyInlinedPlugins))
      refuse('"loadOnlyInlinedPlugins" is true, and there are no "plugins"')
    else
      refuse('the list has no plugins', 'write "plugins", or files <name>/*.conf beside the list')
  } else if (!Array.isArray(plugins)) {
    refuse(`"plugins" must be a list, not ${quote(plugins)}`)
  } else if (plugins.length === 0) refuse('the list has no plugins')
  else {
    for (const [index, plugin] of plugins.entries())
      checkPlugin(plugin, source, ['plugins', index], problems)
  }
}

const checkPlugin = (
  plugin: unknown,
  source: string,
  keys: readonly (string | number)[],
  problems: Problem[],
): void => {
  const bare = isPluginConfiguration(plugin) ? plugin : withoutNulls(plugin)
  // Not spread: a stranger's list can have more faults than a call takes arguments.
  for (const fault of pluginFaults(bare, source, keys)) problems.push(fault)
}

type List = NetworkConfigurationList & { readonly cniVersions?: readonly string[] }

const isVersionList = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((one) => typeof one === 'string' && parseVersion(one) !== undefined)

const clean = (list: List): List =>
  list.plugins.every(isPluginConfiguration) ? list : { ...list, plugins: repaired(list.plugins) }

const completed = ({ plugins = [], ...rest }: List, further: readonly FurtherPlugin[]): List => ({
  ...rest,
  loadOnlyInlinedPlugins: true,
  plugins: repaired([...plugins, ...further.map(({ value }) => value)]),
})

const repaired = (plugins: readonly unknown[]): readonly PluginConfiguration[] =>
  plugins.map((plugin) => withoutNulls(plugin) as PluginConfiguration)

const withHighestVersion = (list: List): NetworkConfigurationList => {
  const { cniVersion = '', cniVersions } = list
  if (cniVersions === undefined) return list
  const highest = highestVersion(cniVersion === '' ? cniVersions : [cniVersion, ...cniVersions])
  return highest === undefined ? list : { ...list, cniVersion: highest }
}

/**
 * The list of one plugin that a single configuration (`.conf`, `.json`) stands for: name and version are raised, the
 * object itself stays as it is (reference/cni.md 2.3, up-conversion).
 */
export const decodeSingle = (
  value: unknown,
  source: string,
): E.Either<readonly Problem[], NetworkConfigurationList> => {
  if (!isPluginConfiguration(value)) {
    const plugin = withoutNulls(value)
    return isPluginConfiguration(plugin)
      ? decodeSingle(plugin, source)
      : E.left(pluginFaults(plugin, source))
  }
  const faults = pluginFaults(value, source)
  if (faults.length > 0) return E.left(faults)
  if (value.name === undefined || value.name === '') {
    return wrong(at(source, 'name'), 'a network configuration without a name cannot be selected')
  }
  return E.right(
    value.cniVersion === undefined
      ? { name: value.name, plugins: [value] }
      : { cniVersion: value.cniVersion, name: value.name, plugins: [value] },
  )
}

/** The capabilities that some plugin of the list declares with `true`. */
export const capabilitiesOf = (list: NetworkConfigurationList): ReadonlySet<string> => {
  const declared = new Set<string>()
  for (const { capabilities } of list.plugins) {
    if (capabilities === undefined) continue
    for (const name of Object.keys(capabilities))
      if (capabilities[name] === true) declared.add(name)
  }
  return declared
}

const invalid = (path: string, message: string): Problem =>
  failure('bad-configuration', path, message)
const wrong = (path: string, message: string) => E.left([invalid(path, message)])
