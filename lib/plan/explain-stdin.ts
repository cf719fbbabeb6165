/**
 * Decides how the origin of every key of a plugin's stdin reads. Follows what lib/cni/derive.ts does; a test holds the
 * two together.
 */
import { runtimeConfigOf } from '../cni/derive.js'
import type { PluginConfiguration } from '../cni/plugin-configuration.js'
import { isAtLeast, versionOrDefault } from '../cni/version.js'
import type { NetworkOrigin } from '../network/network.js'
import { enumerate, wrap } from './text.js'
import type { Attachment } from './types.js'

/** The lines about all plugins of an attachment. `givers`: where each capability argument comes from, by its key. */
export const explainStdin = (
  attachment: Attachment,
  givers: ReadonlyMap<string, string>,
): readonly string[] => {
  const { plugins } = attachment.config
  const lines: string[] = []
  for (const [index, plugin] of plugins.entries()) {
    const place = plugins.length === 1 ? '' : `, plugin ${index + 1} of ${plugins.length}`
    for (const line of wrap(`stdin of ${plugin.type}${place}:`, '   ')) lines.push(line)
    for (const [keys, origin] of origins(attachment, index, plugin, givers)) {
      for (const line of wrap(`${keys}: ${origin}`, '   - ')) lines.push(line)
    }
  }
  return lines
}

type Origin = readonly [keys: string, origin: string]

const fromList = new Set(['name', 'cniVersion'])
/** What a file says under these keys does not reach the plugin. */
const reserved = ['capabilities', 'runtimeConfig', 'prevResult'] as const

const origins = (
  { network, config, capabilityArgs }: Attachment,
  index: number,
  plugin: PluginConfiguration,
  givers: ReadonlyMap<string, string>,
): readonly Origin[] => {
  const definition = definitionOf(network.source, index, config.plugins.length)
  const previous = config.plugins[index - 1]
  const version = versionOrDefault(config.cniVersion)
  const defaulted = config.cniVersion ? '' : ', which has none'
  const own = Object.keys(plugin).filter(
    (key) => !fromList.has(key) && !(reserved as readonly string[]).includes(key),
  )
  const lines: Origin[] = [
    ['name', `${config.name}, of the list`],
    ['cniVersion', `${version}, of the list${defaulted}`],
    [enumerate(own), definition],
  ]
  for (const key of Object.keys(runtimeConfigOf(plugin, capabilityArgs) ?? {})) {
    const giver = givers.get(key) ?? 'the plan'
    lines.push([`runtimeConfig.${key}`, `${giver}, since the plugin declares the capability`])
  }
  lines.push(['prevResult', previousOrigin(version, previous)])
  const dropped = reserved.filter((key) => Object.hasOwn(plugin, key))
  if (dropped.length > 0) lines.push([`not ${enumerate(dropped)}`, 'reserved for the runtime'])
  return lines
}

// The plugins that lie beside a list come last, in files of their own.
const definitionOf = (source: NetworkOrigin, index: number, count: number): string => {
  if (source.kind !== 'file') return 'the inline definition'
  const { file, plugins = [] } = source
  return plugins[index - (count - plugins.length)] ?? file
}

const previousOrigin = (version: string, previous: PluginConfiguration | undefined): string => {
  const adding =
    previous === undefined ? 'none, it is the first plugin' : `that of ${previous.type}`
  return isAtLeast(version, '0.4.0')
    ? `for ADD ${adding}; for CHECK and DEL the result of the ADD`
    : `for ADD ${adding}; for DEL none below version 0.4.0`
}
