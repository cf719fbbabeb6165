/**
 * Decides which network a name means among the files of configuration directories: lists first, then `.conf` and
 * `.json` together, each by path (attachment-spec.md 3.4.1, reference/cni.md 2.3). Refuses broken files one by one:
 * a broken file never hides another network.
 */
import * as E from 'fp-ts/lib/Either.js'
import { decodeList, decodeSingle, type NetworkConfigurationList } from '../cni/configuration.js'
import { isNetworkName } from '../cni/identifier.js'
import { decodeJson } from '../cni/json.js'
import { at, failure, type Problem, quote, warning } from '../cni/problem.js'
import { byBytes } from './byte-order.js'
import type { DefinitionFile, Network, NetworkOrigin, SourceText } from './network.js'
import { decodePluginFiles, directoryOf, pluginFolderOf, separate } from './plugin-files.js'

/** The networks that can be selected by name. */
export interface Catalogue {
  readonly networks: ReadonlyMap<string, Network>
  /** Files whose network has a name that an earlier file has taken, by that name. */
  readonly shadowed: ReadonlyMap<string, readonly string[]>
  /**
   * Names that cannot be selected, since plugins beside the list that defines them are broken, each with the first
   * fault. A later definition does not stand in for the list: that would be another network.
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
  const broken = new Map<string, Problem>()
  const problems: Problem[] = []
  const { definitions, plugins } = separate(files)
  for (const file of rank(definitions)) {
    const kind = kindOf(file.source)
    if (kind === undefined) continue
    const read = kind === 'list' ? readList(file, plugins) : readSingle(file)
    if (E.isLeft(read)) {
      for (const fault of read.left.faults.slice(0, maximumFaults)) problems.push(noted(fault))
      const { held, faults } = read.left
      const [first] = faults
      if (held !== undefined && first !== undefined && !networks.has(held) && !broken.has(held))
        broken.set(held, first)
      continue
    }
    const network = read.right
    if (!networks.has(network.name) && !broken.has(network.name)) {
      networks.set(network.name, network)
      continue
    }
    const others = shadowed.get(network.name)
    if (others === undefined) shadowed.set(network.name, [file.source])
    else others.push(file.source)
  }
  return { networks, shadowed, broken, problems }
}

/** A file that is no network. `held`: the name that it keeps nonetheless, since plugins of it are missing. */
interface BrokenFile {
  readonly held: string | undefined
  readonly faults: readonly Problem[]
}

type ReadFile = E.Either<BrokenFile, Network>

const readSingle = ({ source, text }: SourceText): ReadFile => {
  const json = decodeJson(text, source)
  if (E.isLeft(json)) return brokenFile([json.left])
  return networkOf(decodeSingle(json.right, source), { kind: 'file', file: source })
}

const readList = (
  { source, text }: SourceText,
  plugins: ReadonlyMap<string, readonly DefinitionFile[]>,
): ReadFile => {
  const json = decodeJson(text, source)
  if (E.isLeft(json)) return brokenFile([json.left])
  const folder = plugins.size === 0 ? undefined : pluginFolderOf(json.right)
  const beside = folder && plugins.get(`${directoryOf(source)}${folder}/`)
  const origin: NetworkOrigin = { kind: 'file', file: source }
  if (!beside) return networkOf(decodeList(json.right, source), origin)
  const further = decodePluginFiles(beside)
  if (E.isLeft(further)) return brokenFile(further.left, folder)
  const list = decodeList(json.right, source, further.right)
  const completed = { ...origin, plugins: beside.map((file) => file.source) }
  return networkOf(list, completed, folder)
}

const networkOf = (
  decoded: E.Either<readonly Problem[], NetworkConfigurationList>,
  origin: NetworkOrigin & { readonly kind: 'file' },
  held?: string,
): ReadFile => {
  if (E.isLeft(decoded)) return brokenFile(decoded.left, held)
  const config = decoded.right
  const { name } = config
  if (isNetworkName(name)) return E.right({ name, origin, config })
  const message = `${quote(name)} cannot name a network`
  const hint = 'begin with a letter or digit, go on with letters, digits, _ . and -'
  return brokenFile([failure('bad-network-name', at(origin.file, 'name'), message, hint)])
}

const brokenFile = (faults: readonly Problem[], held?: string): ReadFile => E.left({ held, faults })

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
    if (byBytes(source, previous) < 0 || source.includes('/', directory.length)) return false
    if (isList(source) !== areLists) return false
    previous = source
  }
  return directoryOf(previous) === directory
}
