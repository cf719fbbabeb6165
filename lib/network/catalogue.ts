/**
 * Decides which network a name means among the files of configuration directories: lists first, then `.conf` and
 * `.json` together, each by path (attachment-spec.md 3.4.1, reference/cni.md 2.3). Refuses broken files one by one:
 * a broken file never hides another network, and no later file stands in for the network that it names.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import { decodeList, decodeSingle } from '../cni/configuration.js'
import { isNetworkName } from '../cni/identifier.js'
import { decodeJson, isObject } from '../cni/json.js'
import { at, failure, type Problem, quote, warning } from '../cni/problem.js'
import { byBytes } from './byte-order.js'
import type { DefinitionFile, Network, SourceText } from './network.js'
import { decodePluginFiles, directoryOf, pluginFolderIn, separate } from './plugin-files.js'

/** The networks that can be selected by name. */
export interface Catalogue {
  readonly networks: ReadonlyMap<string, Network>
  /** Files whose network has a name that an earlier file has taken, by that name. */
  readonly shadowed: ReadonlyMap<string, readonly string[]>
  /**
   * Names that cannot be selected, since the first file that bears them is broken, or a plugin beside it, each with the
   * first fault. A later definition does not stand in: that would be another network.
   */
  readonly broken?: ReadonlyMap<string, Problem>
  /** What is wrong with files, each a warning: only a network that needs a broken file fails. */
  readonly problems: readonly Problem[]
}

/**
 * The catalogue of files, each parsed once. Files of different directories rank as their directories first appear;
 * other extensions than `.conflist`, `.conf` and `.json` are passed over. Files of plugins complete the lists that they
 * lie beside, and are passed over where none does.
 */
export const readCatalogue = (files: readonly DefinitionFile[]): Catalogue => {
  const networks = new Map<string, Network>()
  const shadowed = new Map<string, string[]>()
  let broken: Map<string, Problem> | undefined
  const problems: Problem[] = []
  const { definitions, plugins } = separate(files)
  for (const file of rank(definitions)) {
    const kind = kindOf(file.source)
    if (kind === undefined) continue
    const beside = kind === 'list' && plugins.size > 0 ? pluginsBeside(file, plugins) : undefined
    const before = problems.length
    const { name, network } =
      beside === undefined
        ? readNetwork(file, kind === 'list' ? decodeList : decodeSingle, problems)
        : readCompleted(file, beside, problems)
    if (network === undefined) {
      const fault = problems[before]
      if (name === undefined || fault === undefined || networks.has(name)) continue
      broken ??= new Map()
      if (!broken.has(name)) broken.set(name, fault)
      continue
    }
    if (!networks.has(name) && broken?.has(name) !== true) {
      networks.set(name, network)
      continue
    }
    const others = shadowed.get(name)
    if (others === undefined) shadowed.set(name, [file.source])
    else others.push(file.source)
  }
  return broken === undefined
    ? { networks, shadowed, problems }
    : { networks, shadowed, broken, problems }
}

/** What a file defines: a network, or the name of one that it fails to define, or nothing that has a name. */
type Definition =
  | { readonly name: string; readonly network: Network }
  | { readonly name: string | undefined; readonly network?: undefined }

const readNetwork = (
  { source, text }: SourceText,
  decode: typeof decodeSingle,
  problems: Problem[],
): Definition => {
  const json = decodeJson(text, source)
  if (isLeft(json)) {
    problems.push(noted(json.left))
    return nameless
  }
  const decoded = decode(json.right, source)
  if (isLeft(decoded)) {
    for (const fault of decoded.left.slice(0, maximumFaults)) problems.push(noted(fault))
    return { name: nameIn(json.right) }
  }
  const { name } = decoded.right
  if (!isNetworkName(name)) {
    const message = `${quote(name)} cannot name a network`
    const hint = 'begin with a letter or digit, go on with letters, digits, _ . and -'
    problems.push(noted(failure('bad-network-name', at(source, 'name'), message, hint)))
    return nameless
  }
  const network: Network = { name, origin: { kind: 'file', file: source }, config: decoded.right }
  return { name, network }
}

const nameless: Definition = { name: undefined }

/** The network that a broken file would define, where it says so: libcni's search ends there (reference/cni.md 2.3). */
const nameIn = (value: unknown): string | undefined => {
  const name = isObject(value) ? value.name : undefined
  return typeof name === 'string' && isNetworkName(name) ? name : undefined
}

/** What lies beside a list, where something does. */
const pluginsBeside = (
  file: SourceText,
  plugins: ReadonlyMap<string, readonly DefinitionFile[]>,
): readonly DefinitionFile[] | undefined => {
  const name = pluginFolderIn(file)
  return name === undefined ? undefined : plugins.get(`${directoryOf(file.source)}${name}/`)
}

/** A list with the plugins beside it; broken when one of them is, too. */
const readCompleted = (
  list: SourceText,
  files: readonly DefinitionFile[],
  problems: Problem[],
): Definition => {
  const further = decodePluginFiles(files)
  const decode = (value: unknown, source: string) =>
    isLeft(further) ? further : decodeList(value, source, further.right)
  const { name, network } = readNetwork(list, decode, problems)
  if (network === undefined) return { name }
  const plugins = files.map(({ source }) => source)
  return { name, network: { ...network, origin: { kind: 'file', file: list.source, plugins } } }
}

// Every pod of the node gets these warnings in its plan.
const maximumFaults = 8

const noted = (problem: Problem): Problem =>
  warning(
    'broken-network-file',
    problem.path,
    problem.message,
    problem.hint ?? 'mend or remove the file; other files are not affected',
  )

const isList = (file: string): boolean => file.endsWith('.conflist')

const kindOf = (file: string): 'list' | 'single' | undefined => {
  if (file.endsWith('.conf') || file.endsWith('.json')) return 'single'
  return isList(file) ? 'list' : undefined
}

/** Files in the order of the search: directory by directory, lists first, then by path, byte by byte. */
const rank = (files: readonly SourceText[]): readonly SourceText[] => {
  if (files.length < 2 || isRanked(files)) return files
  const directories = new Map<string, readonly [SourceText[], SourceText[]]>()
  for (const file of files) {
    if (kindOf(file.source) === undefined) continue
    const directory = directoryOf(file.source)
    let ranks = directories.get(directory)
    if (ranks === undefined) {
      ranks = [[], []]
      directories.set(directory, ranks)
    }
    ranks[isList(file.source) ? 0 : 1].push(file)
  }
  const byPath = (a: SourceText, b: SourceText) => byBytes(a.source, b.source)
  return [...directories.values()].flatMap((ranks) => ranks.flatMap((rank) => rank.sort(byPath)))
}

/** Whether files, all lists or all single, of one directory come sorted: the usual case. */
const isRanked = (files: readonly SourceText[]): boolean => {
  const first = files[0]?.source ?? ''
  const directory = directoryOf(first)
  const areLists = isList(first)
  let previous = first
  for (const { source } of files) {
    // Between two paths of a directory there are none but those of the directory and of what lies in it.
    if (source < previous || source.includes('/', directory.length)) return false
    if (isList(source) !== areLists) return false
    previous = source
  }
  return directoryOf(previous) === directory
}
