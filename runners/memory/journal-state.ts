/**
 * Decides how the records of a journal in memory are written down: plain JSON, sorted, so that a command line can keep
 * them in a file. Refuses a text that is no such state.
 */
import { isObject } from '../../lib/cni/json.js'

/** One record: the text that a file would hold. */
export interface JournalRecord {
  readonly containerId: string
  readonly ifname: string
  readonly text: string
}

/** The records of a journal. Keys may be added within version 1. */
export interface JournalState {
  readonly version: 1
  readonly records: readonly JournalRecord[]
  /** What was set aside, oldest first. */
  readonly quarantined: readonly JournalRecord[]
}

/** A state, or why a text is none. */
export type ParsedJournalState =
  | { readonly ok: true; readonly state: JournalState }
  | { readonly ok: false; readonly message: string }

/** The state of a journal that was written with JSON.stringify. */
export const parseJournalState = (text: string): ParsedJournalState => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, message: 'the state of the journal is no JSON' }
  }
  if (!isObject(value) || value.version !== 1) {
    return { ok: false, message: 'the state of the journal is not of version 1' }
  }
  const records = recordsOf(value.records)
  const quarantined = recordsOf(value.quarantined)
  return records === undefined || quarantined === undefined
    ? { ok: false, message: 'the state of the journal holds something that is no record' }
    : { ok: true, state: { version: 1, records, quarantined } }
}

/** Records by key, so that one place has one record. */
export type Records = ReadonlyMap<string, JournalRecord>

/** The key of a record's place. */
export const keyOf = ({ containerId, ifname }: Omit<JournalRecord, 'text'>): string =>
  JSON.stringify([containerId, ifname])

/** The records with one of them changed, or removed when there is no new one. */
export const changed = (
  records: Records,
  key: string,
  record: JournalRecord | undefined,
): Records => {
  const copy = new Map(records)
  if (record === undefined) copy.delete(key)
  else copy.set(key, record)
  return copy
}

/** The records in the order of their keys. */
export const sortedRecords = (records: Records): readonly JournalRecord[] =>
  [...records].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, record]) => record)

const recordsOf = (value: unknown): readonly JournalRecord[] | undefined => {
  if (!Array.isArray(value)) return undefined
  const records: JournalRecord[] = []
  for (const one of value) {
    const { containerId, ifname, text } = isObject(one) ? one : {}
    if (typeof containerId !== 'string' || typeof ifname !== 'string') return undefined
    if (typeof text !== 'string') return undefined
    records.push({ containerId, ifname, text })
  }
  return records
}
