/**
 * Decides which files of a directory are network definitions, and in which order (reference/cni.md 2.3, ConfFiles):
 * `.conf`, `.conflist` and `.json`, by the bytes of their names. Refuses to let one unreadable file hide the others.
 */
import { readdirSync } from 'node:fs'
import { isNetworkName } from '../../lib/cni/identifier.js'
import { at, type Problem, warning } from '../../lib/cni/problem.js'
import type { DefinitionFile } from '../../lib/network/network.js'
import { directoryOf, pluginFolderIn } from '../../lib/network/plugin-files.js'
import type { NetworkSource } from '../../lib/ports/index.js'
import { readFileBounded } from '../node/bounded-read.js'
import { readPluginFolder } from './plugin-folder.js'

/** The texts found, and what could not be read; the same shape as a NetworkSource gives. */
export interface ConfigFiles {
  readonly files: readonly DefinitionFile[]
  readonly problems: readonly Problem[]
}

/** The most definitions that are read of one directory. */
export const maximumFiles = 4096
/** The most that they hold together, in UTF-16 units: 64 Mi. */
export const maximumTotal = 64 * 1024 * 1024

/**
 * Reads the definitions of one directory, or of several one after the other. Each file is read once, 1 MiB at most; what
 * fails becomes a `broken-network-file` warning with the errno, and so does the rest of a directory that holds too much. A
 * directory that cannot be listed becomes an `unreadable-directory` warning; of several, those that do not exist are passed
 * over as long as one does. The plugins beside a list are read, too (`DefinitionFile.isPlugin`).
 */
export const readConfigDirectory = (directories: string | readonly string[]): ConfigFiles => {
  const found: Found = { files: [], problems: [] }
  const absent: Problem[] = []
  const wanted = new Set(typeof directories === 'string' ? [directories] : directories)
  for (const directory of wanted) {
    const listing = list(directory)
    if (listing.ok) readListed(directory, listing, found)
    else (listing.absent ? absent : found.problems).push(listing.problem)
  }
  const { files, problems } = found
  return { files, problems: absent.length === wanted.size ? [...problems, ...absent] : problems }
}

/** Reads one definition, and the plugins beside it when it is a list. A directory is no definition. */
export const readConfigFile = (file: string): ConfigFiles => {
  const read = readFileBounded(file)
  if (!read.ok) return { files: [], problems: [unreadable(file, read.message)] }
  const definition = { source: file, text: read.text }
  const folder = pluginFolderIn(definition)
  const plugins = folder && readPluginFolder(`${directoryOf(file)}${folder}/`)
  return { files: [definition, ...(plugins || [])], problems: [] }
}

/** The same as a NetworkSource: reads the directories anew every time. */
export const createDirectorySource = (directories: string | readonly string[]): NetworkSource => ({
  read: async () => readConfigDirectory(directories),
})

interface Found {
  readonly files: DefinitionFile[]
  readonly problems: Problem[]
}

interface Listing {
  /** Of what may be a definition, sorted. */
  readonly names: readonly Buffer[]
  /** Of what else may be the folder of a network. */
  readonly folders: Set<string>
}

type Listed =
  | ({ readonly ok: true } & Listing)
  | { readonly ok: false; readonly absent: boolean; readonly problem: Problem }

// Names as bytes: Go sorts bytes, and a name need not be UTF-8.
const list = (directory: string): Listed => {
  try {
    const names: Buffer[] = []
    const folders = new Set<string>()
    for (const name of readdirSync(directory, 'buffer')) {
      if (isDefinition(name)) names.push(name)
      else folders.add(name.toString('latin1'))
    }
    return { ok: true, names: names.sort(Buffer.compare), folders }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const text = `directory ${directory} cannot be read: ${message}`
    const problem = warning('unreadable-directory', at(directory), text)
    return { ok: false, absent: code === 'ENOENT', problem }
  }
}

const extensions: ReadonlySet<string> = new Set(['.conf', '.conflist', '.json'])

const isDefinition = (name: Buffer): boolean => {
  const dot = name.lastIndexOf('.')
  return dot >= 0 && extensions.has(name.toString('latin1', dot))
}

const readListed = (directory: string, { names, folders }: Listing, found: Found): void => {
  const { files, problems } = found
  const prefix = directory.endsWith('/') ? directory : `${directory}/`
  const before = files.length
  let room = maximumTotal
  for (const [index, name] of names.entries()) {
    if (index === maximumFiles || room <= 0) {
      const what = index === maximumFiles ? `${names.length} definitions` : 'large definitions'
      const text = `directory ${directory} has too many: of ${what} the first ${index} are read`
      problems.push(warning('broken-network-file', at(directory), text))
      break
    }
    const source = prefix + name.toString('utf8')
    const read = readFileBounded(Buffer.concat([Buffer.from(prefix), name]))
    if (read.ok) {
      files.push({ source, text: read.text })
      room -= read.text.length
    } else if (read.code === 'EISDIR') folders.add(name.toString('latin1'))
    else problems.push(unreadable(source, read.message))
  }
  readPlugins(prefix, folders, files, before)
}

// Most directories have no folders, and then no list need be looked into.
const readPlugins = (
  prefix: string,
  folders: ReadonlySet<string>,
  files: DefinitionFile[],
  from: number,
): void => {
  if (![...folders].some(isNetworkName)) return
  const wanted = new Set(files.slice(from).map(pluginFolderIn))
  for (const folder of wanted)
    if (folder !== undefined && folders.has(folder))
      for (const file of readPluginFolder(`${prefix}${folder}/`)) files.push(file)
}

const unreadable = (source: string, message: string): Problem =>
  warning('broken-network-file', at(source), `cannot be read: ${message}`)
