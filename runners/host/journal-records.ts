/**
 * Decides what of a container's folder is a record, and reads all of it. Refuses to lose one that cannot be read: it
 * is reported, and what replaces it leaves it beside.
 */
import { join } from 'node:path'
import { isTemporary } from '../node/atomic-write.js'
import { isNoText, readFileBounded } from '../node/bounded-read.js'
import type { FileSystem } from '../node/file-system.js'
import { ifnameOf } from './journal-keys.js'

/** The longest record, in bytes: 16 MiB. A record holds every configuration of a sandbox, each up to 1 MiB. */
export const recordLimit = 16 * 1024 * 1024

/** What a folder holds, by interface name. A file whose name says no interface goes by its whole name. */
export interface Records {
  readonly records: ReadonlyMap<string, unknown>
  readonly corrupt: readonly { readonly ifname: string; readonly message: string }[]
  /** The file names of both. */
  readonly names: ReadonlyMap<string, string>
}

/**
 * The records of a folder that we hold the lock of, so that temporary files in it are left-overs: removed. Throws when
 * the disk does not give what it has: such a record is not corrupt, and must not be set aside.
 */
export const readRecords = (folder: string, files: FileSystem): Records => {
  const records = new Map<string, unknown>()
  const corrupt: { ifname: string; message: string }[] = []
  const names = new Map<string, string>()
  for (const name of files.readdirSync(folder).sort()) {
    if (isTemporary(name)) removeQuietly(join(folder, name), files)
    if (!name.endsWith('.json')) continue
    const ifname = ifnameOf(name)
    const record = ifname === undefined ? nameless : readRecord(join(folder, name), files)
    names.set(ifname ?? name, name)
    if (record.ok) records.set(ifname ?? name, record.value)
    else corrupt.push({ ifname: ifname ?? name, message: record.message })
  }
  return { records, corrupt, names }
}

type Read = { readonly ok: true; readonly value: unknown } | { readonly ok: false; message: string }

const nameless: Read = { ok: false, message: 'no interface has a record of this name' }

const readRecord = (file: string, files: FileSystem): Read => {
  const read = readFileBounded(file, recordLimit, files)
  if (!read.ok && !isNoText(read.code)) throw new Error(`${file}: ${read.message}`)
  if (!read.ok) return { ok: false, message: `${file}: ${read.message}` }
  try {
    return { ok: true, value: JSON.parse(read.text) }
  } catch (error) {
    return { ok: false, message: `${file} is not JSON: ${String(error)}` }
  }
}

const removeQuietly = (file: string, files: FileSystem): void => {
  try {
    files.unlinkSync(file)
  } catch {
    // A read-only disk; the next holder tries again.
  }
}
