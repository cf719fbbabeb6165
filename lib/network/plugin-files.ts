/**
 * Decides which files add plugins to a list: `<directory>/<name>/*.conf` beside it, by the bytes of their names (SPEC
 * "loadOnlyInlinedPlugins"; reference/cni.md 2.3). Refuses a list whose name no path may be made of before one is.
 */
import * as E from 'fp-ts/lib/Either.js'
import type { FurtherPlugin } from '../cni/configuration.js'
import { isOn } from '../cni/flag.js'
import { isNetworkName } from '../cni/identifier.js'
import { decodeJson, isObject } from '../cni/json.js'
import { at, failure, type Problem } from '../cni/problem.js'
import { byBytes } from './byte-order.js'
import type { DefinitionFile, SourceText } from './network.js'

/** The most plugins that files add to one list. */
export const maximumPluginFiles = 256

/** The path of a file's directory, with a slash at its end; empty when the file has none. */
export const directoryOf = (source: string): string => source.slice(0, source.lastIndexOf('/') + 1)

/** The folder beside a decoded list whose files add plugins to it; undefined when none may. */
export const pluginFolderOf = (list: unknown): string | undefined => {
  if (!isObject(list)) return undefined
  const { name, loadOnlyInlinedPlugins } = list
  return typeof name === 'string' && isNetworkName(name) && !isOn(loadOnlyInlinedPlugins)
    ? name
    : undefined
}

/** The same of a list's text: the folder that whoever reads it reads, too. Only `.conflist` files have one. */
export const pluginFolderIn = ({ source, text }: SourceText): string | undefined => {
  if (!source.endsWith('.conflist')) return undefined
  const json = decodeJson(text, source)
  return E.isRight(json) ? pluginFolderOf(json.right) : undefined
}

/** Files apart: those that define networks in their order, and those of plugins by their folder, sorted. */
export const separate = (
  files: readonly DefinitionFile[],
): {
  readonly definitions: readonly SourceText[]
  readonly plugins: ReadonlyMap<string, readonly DefinitionFile[]>
} => {
  if (!hasPlugins(files)) return { definitions: files, plugins: none }
  const plugins = new Map<string, DefinitionFile[]>()
  for (const file of files) {
    if (!isOfPlugin(file) || !(file.source.endsWith('.conf') || file.fault)) continue
    const folder = directoryOf(file.source)
    const others = plugins.get(folder)
    if (others === undefined) plugins.set(folder, [file])
    else others.push(file)
  }
  for (const some of plugins.values()) some.sort((a, b) => byBytes(a.source, b.source))
  return { definitions: files.filter((file) => !isOfPlugin(file)), plugins }
}

const none: ReadonlyMap<string, readonly DefinitionFile[]> = new Map()

const hasPlugins = (files: readonly DefinitionFile[]): boolean => {
  for (const file of files) if (file.isPlugin === true) return true
  return false
}

const isOfPlugin = ({ isPlugin }: DefinitionFile): boolean => isPlugin === true

/** The plugins that files hold, for decodeList to look at. Left: which ones cannot be read. */
export const decodePluginFiles = (
  files: readonly DefinitionFile[],
): E.Either<readonly Problem[], readonly FurtherPlugin[]> => {
  const further: FurtherPlugin[] = []
  const problems: Problem[] = []
  if (files.length > maximumPluginFiles) {
    const folder = directoryOf(files[0]?.source ?? '')
    const message = `${files.length} files of plugins; ${maximumPluginFiles} is the limit`
    return E.left([failure('bad-configuration', at(folder), message)])
  }
  for (const { source, text, fault } of files) {
    const json =
      fault === undefined
        ? decodeJson(text, source)
        : E.left(failure('bad-configuration', at(source), fault))
    if (E.isLeft(json)) problems.push(json.left)
    else further.push({ source, value: json.right })
  }
  return problems.length > 0 ? E.left(problems) : E.right(further)
}
