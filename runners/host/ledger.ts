/**
 * Decides what there is to see of a journal on disk without taking part in it: every record, also of a container that
 * somebody holds. Refuses to lock, to make and to remove anything; records are replaced whole, so none is seen half.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isLeft } from 'fp-ts/lib/Either.js'
import { decodeRecord, type EngineRecord } from '../../lib/engine/record.js'
import type { Stored } from '../../lib/ports/index.js'
import { readFileBounded } from '../node/bounded-read.js'
import { hashedPrefix, ifnameOf } from './journal-keys.js'
import { recordLimit } from './journal-records.js'

/** One file of a container's folder. */
export type LedgerEntry = {
  /** Of a folder with a hashed name, the id that a record in it tells; else the folder's name. */
  readonly containerId: string
  /** CNI_IFNAME of the request. */
  readonly ifname: string
  readonly file: string
} & (
  | { readonly kind: 'record'; readonly record: EngineRecord }
  /** It cannot be read: the next DEL sets it aside. */
  | { readonly kind: 'corrupt'; readonly message: string }
  /** It was set aside: nobody looks at it but people. */
  | { readonly kind: 'quarantined' }
)

/** Everything in the journal of a directory, by container, then by file; nothing where there is no journal. */
export const readLedger = (directory: string): Stored<readonly LedgerEntry[]> => {
  const root = join(directory, '.metacni')
  try {
    const folders = readdirSync(root, { withFileTypes: true })
      .filter((one) => one.isDirectory())
      .map(({ name }) => name)
      .sort()
    return { ok: true, value: folders.flatMap((folder) => readFolder(root, folder)) }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? { ok: true, value: [] } : { ok: false, message }
  }
}

const readFolder = (root: string, folder: string): readonly LedgerEntry[] => {
  const names = namesIn(join(root, folder))
  const texts = names.map((name) => ({ name, file: join(root, folder, name) }))
  const read = texts.flatMap(({ name, file }) => readEntry(name, file) ?? [])
  const told = read.flatMap(({ owner }) => owner ?? [])[0]
  const containerId = folder.startsWith(hashedPrefix) && told !== undefined ? told : folder
  return read.map(({ ifname, file, json, fault }) => {
    const place = { containerId, ifname, file }
    if (fault === quarantined) return { ...place, kind: 'quarantined' }
    if (fault !== undefined) return { ...place, kind: 'corrupt', message: fault }
    const decoded = decodeRecord(json, { containerId, ifname })
    return isLeft(decoded)
      ? { ...place, kind: 'corrupt', message: decoded.left }
      : { ...place, kind: 'record', record: decoded.right }
  })
}

// A folder that its holder removes meanwhile has none.
const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

const quarantined = 'quarantined'

interface ReadEntry {
  readonly ifname: string
  readonly file: string
  readonly json?: unknown
  /** The container id that its content tells. */
  readonly owner?: string
  readonly fault?: string
}

const setAside = /\.corrupt(-\d+)?$/

const readEntry = (name: string, file: string): ReadEntry | undefined => {
  if (setAside.test(name)) {
    const original = name.replace(setAside, '')
    return { ifname: ifnameOf(original) ?? original, file, fault: quarantined }
  }
  if (!name.endsWith('.json')) return undefined
  const ifname = ifnameOf(name)
  if (ifname === undefined)
    return { ifname: name, file, fault: 'no interface has a record of this name' }
  const read = readFileBounded(file, recordLimit)
  // Removed since it was listed.
  if (!read.ok && read.code === 'ENOENT') return undefined
  if (!read.ok) return { ifname, file, fault: read.message }
  try {
    const json: unknown = JSON.parse(read.text)
    const id = (json as { sandbox?: { containerId?: unknown } } | null)?.sandbox?.containerId
    return { ifname, file, json, ...(typeof id === 'string' && { owner: id }) }
  } catch (error) {
    return { ifname, file, fault: `not JSON: ${String(error)}` }
  }
}
