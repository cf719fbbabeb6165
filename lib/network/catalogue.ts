/**
 * Decides which network a name means among the files of configuration directories: lists first, then `.conf` and
 * `.json` together, each by path (attachment-spec.md 3.4.1, reference/cni.md 2.3). Refuses broken files one by one:
 * a broken file never hides another network.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import { decodeList, decodeSingle } from '../cni/configuration.js'
import { isNetworkName } from '../cni/identifier.js'
import { decodeJson } from '../cni/json.js'
import { at, failure, type Problem, quote, warning } from '../cni/problem.js'
import type { Network, SourceText } from './network.js'

/** The networks that can be selected by name. */
export interface Catalogue {
  readonly networks: ReadonlyMap<string, Network>
  /** Files whose network has a name that an earlier file has taken, by that name. */
  readonly shadowed: ReadonlyMap<string, readonly string[]>
  /** What is wrong with files, each a warning: only a network that needs a broken file fails. */
  readonly problems: readonly Problem[]
}

/**
 * The catalogue of files, each parsed once. Files of different directories rank as their directories first appear;
 * other extensions than `.conflist`, `.conf` and `.json` are passed over.
 */
export const readCatalogue = (files: readonly SourceText[]): Catalogue => {
  const networks = new Map<string, Network>()
  const shadowed = new Map<string, string[]>()
  const problems: Problem[] = []
  for (const file of rank(files)) {
    const decode = decoderOf(file.source)
    const network = decode && readNetwork(file, decode, problems)
    if (network === undefined) continue
    if (!networks.has(network.name)) networks.set(network.name, network)
    else {
      const others = shadowed.get(network.name)
      if (others === undefined) shadowed.set(network.name, [file.source])
      else others.push(file.source)
    }
  }
  return { networks, shadowed, problems }
}

const readNetwork = (
  { source, text }: SourceText,
  decode: typeof decodeList,
  problems: Problem[],
): Network | undefined => {
  const json = decodeJson(text, source)
  if (isLeft(json)) {
    problems.push(broken(json.left))
    return undefined
  }
  const decoded = decode(json.right, source)
  if (isLeft(decoded)) {
    for (const fault of decoded.left.slice(0, maximumFaults)) problems.push(broken(fault))
    return undefined
  }
  const { name } = decoded.right
  if (!isNetworkName(name)) {
    const message = `${quote(name)} cannot name a network`
    const hint = 'begin with a letter or digit, go on with letters, digits, _ . and -'
    problems.push(broken(failure('bad-network-name', at(source, 'name'), message, hint)))
    return undefined
  }
  return { name, origin: { kind: 'file', file: source }, config: decoded.right }
}

// Every pod of the node gets these warnings in its plan.
const maximumFaults = 8

const broken = (problem: Problem): Problem =>
  warning(
    'broken-network-file',
    problem.path,
    problem.message,
    problem.hint ?? 'mend or remove the file; other files are not affected',
  )

const isList = (file: string): boolean => file.endsWith('.conflist')

const decoderOf = (file: string): typeof decodeList | undefined => {
  if (file.endsWith('.conf') || file.endsWith('.json')) return decodeSingle
  return isList(file) ? decodeList : undefined
}

const directoryOf = (file: string): string => file.slice(0, file.lastIndexOf('/') + 1)

/** Files in the order of the search: directory by directory, lists first, then by path, byte by byte. */
const rank = (files: readonly SourceText[]): readonly SourceText[] => {
  if (files.length < 2 || isRanked(files)) return files
  const directories = new Map<string, readonly [SourceText[], SourceText[]]>()
  for (const file of files) {
    if (decoderOf(file.source) === undefined) continue
    const directory = directoryOf(file.source)
    let ranks = directories.get(directory)
    if (ranks === undefined) {
      ranks = [[], []]
      directories.set(directory, ranks)
    }
    ranks[isList(file.source) ? 0 : 1].push(file)
  }
  const byPath = (a: SourceText, b: SourceText) => (a.source < b.source ? -1 : 1)
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
