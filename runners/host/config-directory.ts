/**
 * Decides which files of a directory are network definitions, and in which order (reference/cni.md 2.3, ConfFiles):
 * `.conf`, `.conflist` and `.json`, by the bytes of their names. Refuses to let one unreadable file hide the others.
 */
import { readdirSync } from 'node:fs'
import { at, type Problem, warning } from '../../lib/cni/problem.js'
import type { SourceText } from '../../lib/network/network.js'
import type { NetworkSource } from '../../lib/ports/index.js'
import { readFileBounded } from '../node/bounded-read.js'

/** The texts found, and what could not be read; the same shape as a NetworkSource gives. */
export interface ConfigFiles {
  readonly files: readonly SourceText[]
  readonly problems: readonly Problem[]
}

/**
 * Reads the definitions of one directory, or of several one after the other. Each file is read once, 1 MiB at most;
 * what fails becomes a `broken-network-file` warning with the errno. A directory that cannot be listed becomes an
 * `unreadable-directory` warning; of several, those that do not exist are passed over as long as one does.
 */
export const readConfigDirectory = (directories: string | readonly string[]): ConfigFiles => {
  const files: SourceText[] = []
  const problems: Problem[] = []
  const absent: Problem[] = []
  const wanted = new Set(typeof directories === 'string' ? [directories] : directories)
  for (const directory of wanted) {
    const listing = list(directory)
    if (!listing.ok) (listing.absent ? absent : problems).push(listing.problem)
    else for (const name of listing.names) readInto(directory, name, files, problems)
  }
  return { files, problems: absent.length === wanted.size ? [...problems, ...absent] : problems }
}

/** The same as a NetworkSource: reads the directories anew every time. */
export const createDirectorySource = (directories: string | readonly string[]): NetworkSource => ({
  read: async () => readConfigDirectory(directories),
})

type Listing =
  | { readonly ok: true; readonly names: readonly Buffer[] }
  | { readonly ok: false; readonly absent: boolean; readonly problem: Problem }

// Names as bytes: Go sorts bytes, and a name need not be UTF-8.
const list = (directory: string): Listing => {
  try {
    const names = readdirSync(directory, 'buffer')
    return { ok: true, names: names.filter(isDefinition).sort(Buffer.compare) }
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

const readInto = (
  directory: string,
  name: Buffer,
  files: SourceText[],
  problems: Problem[],
): void => {
  const prefix = directory.endsWith('/') ? directory : `${directory}/`
  const source = prefix + name.toString('utf8')
  const read = readFileBounded(Buffer.concat([Buffer.from(prefix), name]))
  if (read.ok) files.push({ source, text: read.text })
  else if (read.code !== 'EISDIR') {
    problems.push(warning('broken-network-file', at(source), `cannot be read: ${read.message}`))
  }
}
