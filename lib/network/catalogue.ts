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
    const network = readNetwork(file, problems)
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

const readNetwork = ({ source, text }: SourceText, problems: Problem[]): Network | undefined => {
  const json = decodeJson(text, source)
  if (isLeft(json)) {
    problems.push(broken(json.left))
    return undefined
  }
  const decoded = isList(source) ? decodeList(json.right, source) : decodeSingle(json.right, source)
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
const isSingle = (file: string): boolean => file.endsWith('.conf') || file.endsWith('.json')
const directoryOf = (file: string): string => file.slice(0, file.lastIndexOf('/') + 1)

/** Files in the order of the search: directory by directory, lists first, then by path, byte by byte. */
const rank = (files: readonly SourceText[]): readonly SourceText[] => {
  if (isRanked(files)) return files
  const directories = new Map<string, readonly [SourceText[], SourceText[]]>()
  for (const file of files) {
    const list = isList(file.source)
    if (!list && !isSingle(file.source)) continue
    const directory = directoryOf(file.source)
    let ranks = directories.get(directory)
    if (ranks === undefined) {
      ranks = [[], []]
      directories.set(directory, ranks)
    }
    ranks[list ? 0 : 1].push(file)
  }
  const byPath = (a: SourceText, b: SourceText) => (a.source < b.source ? -1 : 1)
  return [...directories.values()].flatMap((ranks) => ranks.flatMap((rank) => rank.sort(byPath)))
}

/** Whether the files of one directory come in the order of the search, as a sorted listing does: the usual case. */
const isRanked = (files: readonly SourceText[]): boolean => {
  const slash = files[0]?.source.lastIndexOf('/')
  let previous = ''
  let previousIsList = true
  for (const { source } of files) {
    const list = isList(source)
    if (!list && !isSingle(source)) return false
    if (list && !previousIsList) return false
    // Ascending and with their last slash at one place, they lie in directories that follow one another.
    if (list === previousIsList && source < previous) return false
    // Once a call: a single one must not lie in a directory before that of the last list.
    if (list !== previousIsList && source.slice(0, slash) < previous.slice(0, slash)) return false
    if (source.lastIndexOf('/') !== slash) return false
    previous = source
    previousIsList = list
  }
  return true
}
