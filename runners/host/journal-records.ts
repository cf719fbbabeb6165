/**
 * Decides what of a container's folder is a record, and reads all of it. Refuses to lose one that cannot be read: it
 * is reported, and what replaces it leaves it beside.
 */
import { readdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { isTemporary } from '../node/atomic-write.js'
import { readFileBounded } from '../node/bounded-read.js'
import { ifnameOf } from './journal-keys.js'

/** The longest record, in bytes: 16 MiB. A record holds every configuration of a sandbox, each up to 1 MiB. */
export const recordLimit = 16 * 1024 * 1024

/** What a folder holds, by interface name. A file whose name says no interface goes by its whole name. */
export interface Records {
  readonly records: ReadonlyMap<string, unknown>
  readonly corrupt: readonly { readonly ifname: string; readonly message: string }[]
  /** The file names of both. */
  readonly files: ReadonlyMap<string, string>
}

/** The records of a folder that we hold the lock of, so that temporary files in it are left-overs: removed. */
export const readRecords = (folder: string): Records => {
  const records = new Map<string, unknown>()
  const corrupt: { ifname: string; message: string }[] = []
  const files = new Map<string, string>()
  for (const name of readdirSync(folder).sort()) {
    if (isTemporary(name)) removeQuietly(join(folder, name))
    if (!name.endsWith('.json')) continue
    const ifname = ifnameOf(name)
    const record = ifname === undefined ? nameless : readRecord(join(folder, name))
    files.set(ifname ?? name, name)
    if (record.ok) records.set(ifname ?? name, record.value)
    else corrupt.push({ ifname: ifname ?? name, message: record.message })
  }
  return { records, corrupt, files }
}

type Read = { readonly ok: true; readonly value: unknown } | { readonly ok: false; message: string }

const nameless: Read = { ok: false, message: 'no interface has a record of this name' }

const readRecord = (file: string): Read => {
  const read = readFileBounded(file, recordLimit)
  if (!read.ok) return { ok: false, message: `${file}: ${read.message}` }
  try {
    return { ok: true, value: JSON.parse(read.text) }
  } catch (error) {
    return { ok: false, message: `${file} is not JSON: ${String(error)}` }
  }
}

const removeQuietly = (file: string): void => {
  try {
    unlinkSync(file)
  } catch {
    // A read-only disk; the next holder tries again.
  }
}
