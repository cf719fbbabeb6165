/**
 * Decides which network each selection means. Refuses unknown networks, networks that would run the meta plugin
 * again, configurations of versions that nobody knows, and plugins outside the search path.
 */
import { isObject } from '../cni/json.js'
import type { PluginConfiguration } from '../cni/plugin-configuration.js'
import { at, failure, type Problem, quote, warning } from '../cni/problem.js'
import { isKnownVersion, knownVersions } from '../cni/version.js'
import type { Catalogue } from '../network/catalogue.js'
import type { Network } from '../network/network.js'
import { type Selection, selectionPath } from '../network/selection.js'
import type { Lookup } from './profile.js'

/** The name under which problems speak of a network's definition. */
export const originOf = (network: Network): string =>
  network.origin.kind === 'file' ? network.origin.file : network.name

/** The network of each selection, undefined where there is none. */
export const resolveNetworks = (
  selections: readonly Selection[],
  catalogue: Catalogue,
  lookup: Lookup,
  context: { readonly ownType: string; readonly podNamespace: string | undefined },
  problems: Problem[],
): readonly (Network | undefined)[] => {
  let hint: string | undefined
  const hasShadows = catalogue.shadowed.size > 0
  return selections.map((selection) => {
    const network = lookup.find(catalogue, selection)
    const broken = network === undefined ? catalogue.broken?.get(selection.name) : undefined
    if (broken !== undefined) {
      problems.push(brokenNetwork(selection.name, broken, selectionPath(selection)))
      return undefined
    }
    if (network === undefined) {
      hint ??= knownNames(catalogue, context.ownType)
      const message = `no network is named ${quote(selection.name)}`
      problems.push(failure('unknown-network', selectionPath(selection), message, hint))
      return undefined
    }
    checkDefinition(network, context.ownType, problems)
    if (!lookup.usesNamespace) noteNamespace(selection, context.podNamespace, problems)
    const shadowed = hasShadows ? catalogue.shadowed.get(network.name) : undefined
    if (shadowed !== undefined) {
      const message = `${quote(network.name)} is defined by ${originOf(network)} and also by ${shadowed.join(', ')}`
      problems.push(warning('shadowed-network', at(originOf(network), 'name'), message))
    }
    return network
  })
}

/** Why a network that is defined cannot be used: `fault` is the first of its definition's. */
export const brokenNetwork = (name: string, fault: Problem, path: string): Problem => {
  const message = `network ${quote(name)} cannot be read: ${fault.message}`
  return failure('unknown-network', path, message, `mend ${fault.path.replace(/#$/, '')}`)
}

const checkDefinition = (network: Network, ownType: string, problems: Problem[]): void => {
  const { cniVersion, plugins } = network.config
  if (cniVersion !== undefined && cniVersion !== '' && !isKnownVersion(cniVersion)) {
    const message = `network ${quote(network.name)} is of CNI version ${quote(cniVersion)}`
    const path = at(originOf(network), 'cniVersion')
    problems.push(
      failure('unsupported-version', path, message, `known: ${knownVersions.join(', ')}`),
    )
  }
  for (const plugin of plugins) {
    if (!isPluginType(plugin.type)) {
      const message = `${quote(plugin.type)} cannot name a plugin: it contains / or \\`
      problems.push(failure('bad-configuration', at(originOf(network)), message))
    }
    if (!runsType(plugin, ownType)) continue
    const message = `network ${quote(network.name)} would run ${quote(ownType)} again, without end`
    problems.push(
      failure('self-delegation', at(originOf(network)), message, 'select another network'),
    )
  }
}

/** SPEC "Plugin configuration objects": no slash and no backslash, so that no `type` leads out of the search path. */
export const isPluginType = (type: string): boolean => !type.includes('/') && !type.includes('\\')

/** Whether a network would run plugins of this type, the meta plugin's own for example. */
export const isDelegatingTo = ({ config }: Pick<Network, 'config'>, type: string): boolean =>
  config.plugins.some((plugin) => runsType(plugin, type))

const runsType = (plugin: PluginConfiguration, type: string): boolean =>
  plugin.type === type || delegateType(plugin) === type

/** flannel and its like run what their `delegate` names. */
const delegateType = ({ delegate }: PluginConfiguration): unknown =>
  isObject(delegate) ? delegate.type : undefined

const noteNamespace = (
  selection: Selection,
  podNamespace: string | undefined,
  problems: Problem[],
): void => {
  if (selection.namespace === undefined || selection.namespace === podNamespace) return
  const message = `namespace ${quote(selection.namespace)} of ${quote(selection.name)} has no effect: networks are files`
  problems.push(warning('namespace-ignored', selectionPath(selection), message))
}

// The usual directories hold the meta plugin's own configuration, too, which nobody can select.
const knownNames = (catalogue: Catalogue, ownType: string): string => {
  const networks = [...catalogue.networks.values()].filter((one) => !isDelegatingTo(one, ownType))
  const names = networks.map(({ name }) => name).sort()
  const shown = names.slice(0, 12).join(', ')
  const known =
    names.length === 0
      ? 'no network is defined'
      : `known: ${shown}${names.length > 12 ? ', ...' : ''}`
  const broken = new Set(catalogue.problems.map(({ path }) => path.slice(0, path.indexOf('#'))))
  return broken.size === 0 ? known : `${known}; not readable: ${[...broken].slice(0, 3).join(', ')}`
}
