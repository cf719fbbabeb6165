/**
 * Decides what lies at `<directory>/<container>`, where the Go plugins keep their scratch files (reference/tke-multus.md
 * 1.9, multus-v4.md 2.9). Refuses to take another program's file for one: host-local may share the directory.
 */
import { dirname, join } from 'node:path'
import { isLeft } from 'fp-ts/lib/Either.js'
import { isContainerId } from '../../lib/cni/identifier.js'
import { decodeForeign } from '../../lib/engine/foreign.js'
import type { EngineRecord } from '../../lib/engine/record.js'
import { isNoText, readFileBounded } from '../node/bounded-read.js'
import type { DirectoryEntry, FileSystem } from '../node/file-system.js'
import { isSetAside } from './file-changes.js'
import { recordLimit } from './journal-records.js'

/** A scratch file, and what it holds. */
export type ScratchFile = { readonly file: string } & (
  | { readonly kind: 'record'; readonly record: EngineRecord }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'corrupt'; readonly message: string }
)

/** Whether a regular file is there. Throws when the disk does not say. */
export const isScratchFile = (file: string, files: FileSystem): boolean => {
  try {
    return files.lstatSync(file, { bigint: true, throwIfNoEntry: false })?.isFile() ?? false
  } catch (error) {
    // An id has no limit, a file name has one: nothing can be there.
    if ((error as NodeJS.ErrnoException).code === 'ENAMETOOLONG') return false
    throw error
  }
}

/** What a scratch file holds; undefined when there is none. Throws when the disk does not give what it has. */
export const readScratchFile = (
  file: string,
  containerId: string,
  files: FileSystem,
): ScratchFile | undefined => {
  if (!isScratchFile(file, files)) return undefined
  const read = readFileBounded(file, recordLimit, files)
  if (!read.ok && !isNoText(read.code)) throw new Error(`${file}: ${read.message}`)
  const parsed = read.ok ? parse(read.text) : { ok: false as const, message: read.message }
  if (!parsed.ok) return { file, kind: 'corrupt', message: `${file}: ${parsed.message}` }
  const decoded = decodeForeign(parsed.value, containerId, resultsBeside(file, files))
  if (isLeft(decoded)) return { file, kind: 'corrupt', message: `${file}: ${decoded.left}` }
  const record = decoded.right
  return record === undefined ? { file, kind: 'nothing' } : { file, kind: 'record', record }
}

/** The names of what v4 has cached: in `results` below its `cniDir`. A folder that cannot be read tells nothing. */
const resultsBeside = (file: string, files: FileSystem): readonly string[] => {
  try {
    return entriesOf(join(dirname(file), 'results'), files).map(({ name }) => name)
  } catch {
    return []
  }
}

/**
 * The containers that have a scratch file in a directory, spoiled ones included: those whose file begins as a list, and
 * those with an id as runtimes make them whose file is no other program's. The rest (an empty `lock`, an address, a null)
 * is left to a DEL of that very container. Throws when the directory cannot be read.
 */
export const listScratchFiles = (directory: string, files: FileSystem): readonly string[] => {
  return entriesOf(directory, files)
    .filter((entry) => entry.isFile() && isContainerId(entry.name) && !isSetAside(entry.name))
    .map(({ name }) => name)
    .filter((name) => mayBeScratch(`${directory}/${name}`, name, files))
}

const entriesOf = (directory: string, files: FileSystem): readonly DirectoryEntry[] => {
  try {
    return files.readdirSync(directory, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Ids of containerd, CRI-O and Docker have 64 hexadecimal digits, those of Nomad are UUIDs: nobody names a lock so. */
const usualId = /^[0-9a-f][0-9a-f-]{31,}$/

const mayBeScratch = (file: string, name: string, files: FileSystem): boolean => {
  const read = readFileBounded(file, recordLimit, files)
  // Gone meanwhile; else opening it says why.
  if (!read.ok) return read.code !== 'ENOENT' && usualId.test(name)
  const parsed = parse(read.text)
  // Both plugins write in place: what a crash leaves is a beginning, nothing, zeros, or a mixture.
  if (!parsed.ok) return read.text.startsWith('[') || usualId.test(name)
  // An object is flannel's, a null or an empty list records nothing.
  return Array.isArray(parsed.value) && parsed.value.length > 0
}

/** What a text is as JSON, or why it is none. */
export type Parsed = { readonly ok: true; readonly value: unknown } | { ok: false; message: string }

/** Reads a JSON text. */
export const parse = (text: string): Parsed => {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch (error) {
    return { ok: false, message: `it is not JSON: ${String(error)}` }
  }
}
