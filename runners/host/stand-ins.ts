/**
 * Decides how records from elsewhere stand in for those of a journal that are missing or cannot be read. Refuses to write
 * over a record that cannot be read: it is set aside first.
 */
import { isRight } from 'fp-ts/lib/Either.js'
import { decodeRecord, type EngineRecord, type RecordOwner } from '../../lib/engine/record.js'
import type { JournalEntry, Stored } from '../../lib/ports/index.js'

/** The records of an entry that the engine will understand, by interface name. */
export const readableIn = (
  { records, corrupt }: JournalEntry,
  containerId: string,
): ReadonlyMap<string, EngineRecord> => {
  const spoiled = new Set(corrupt.map(({ ifname }) => ifname))
  const readable = new Map<string, EngineRecord>()
  for (const [ifname, record] of records) {
    const decoded = decodeRecord(record, { containerId, ifname })
    if (isRight(decoded) && !spoiled.has(ifname)) readable.set(ifname, decoded.right)
  }
  return readable
}

/** Why a record of an entry is not among those; undefined when there is none, or nothing wrong with it. */
export const faultIn = (
  entry: JournalEntry,
  { containerId, ifname }: RecordOwner,
): string | undefined => {
  const corrupt = entry.corrupt.find((one) => one.ifname === ifname)
  if (corrupt !== undefined) return corrupt.message
  const record = entry.records.get(ifname)
  const decoded = record === undefined ? undefined : decodeRecord(record, { containerId, ifname })
  if (decoded === undefined || isRight(decoded)) return undefined
  const file = entry.fileOf?.(ifname)
  return file === undefined ? decoded.left : `${file}: ${decoded.left}`
}

/** The entry with records from elsewhere, by interface name, in the place of its own or beside them. */
export const withStandIns = (
  entry: JournalEntry,
  containerId: string,
  standIns: ReadonlyMap<string, EngineRecord>,
): JournalEntry => {
  if (standIns.size === 0) return entry
  const { records, corrupt } = entry
  const readable = readableIn(entry, containerId)
  const spoiled = new Set([...records.keys(), ...corrupt.map(({ ifname }) => ifname)])
  for (const ifname of readable.keys()) spoiled.delete(ifname)
  const clear = async (ifname: string): Promise<Stored<void>> => {
    if (!standIns.has(ifname) || !spoiled.has(ifname)) return { ok: true, value: undefined }
    const cleared = await entry.quarantine(ifname)
    if (cleared.ok) spoiled.delete(ifname)
    return cleared
  }
  return {
    records: new Map([...records, ...standIns]),
    corrupt: corrupt.filter(({ ifname }) => !standIns.has(ifname)),
    fileOf: (ifname) => (standIns.has(ifname) ? undefined : entry.fileOf?.(ifname)),
    save: async (ifname, record) => {
      const cleared = await clear(ifname)
      return cleared.ok ? entry.save(ifname, record) : cleared
    },
    remove: async (ifname) => {
      const cleared = await clear(ifname)
      return cleared.ok ? entry.remove(ifname) : cleared
    },
    quarantine: (ifname) => entry.quarantine(ifname),
    close: () => entry.close(),
  }
}
