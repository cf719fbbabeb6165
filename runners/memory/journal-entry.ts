/**
 * Decides what the holder of a container's records can do with them. Refuses to change anything once it is closed, and
 * to keep a record that JSON cannot express.
 */
import type { JournalEntry, Stored } from '../../lib/ports/index.js'
import { type DriverProcess, never } from './driver-process.js'
import type { JournalRecord } from './journal-state.js'

/** Carries out one write; without a text the record goes. */
export type Write = (
  what: 'save' | 'removal' | 'quarantine',
  place: Omit<JournalRecord, 'text'>,
  text: string | undefined,
) => Promise<Stored<void>>

/** What an entry is made of. */
export interface JournalEntryParts {
  readonly containerId: string
  readonly own: readonly JournalRecord[]
  readonly write: Write
  readonly release: () => void
  readonly driver: DriverProcess
}

/** The records of a container, held until `close`. */
export const createJournalEntry = (parts: JournalEntryParts): JournalEntry => {
  const { containerId, own, write, release, driver } = parts
  const records = new Map<string, unknown>()
  const corrupt: { readonly ifname: string; readonly message: string }[] = []
  for (const { ifname, text } of own) {
    const value = parsed(text)
    if (value === undefined) corrupt.push({ ifname, message: 'the record is no JSON' })
    else records.set(ifname, value)
  }
  let isOpen = true
  const change = (...[what, ifname, text]: Change): Promise<Stored<void>> => {
    const message = `the records of ${containerId} are closed`
    if (!isOpen) return Promise.resolve({ ok: false, message })
    return driver.whileAlive(write(what, { containerId, ifname }, text))
  }
  return {
    records,
    corrupt,
    save: async (ifname, record) => {
      const text = textOf(record)
      return text === undefined
        ? { ok: false, message: 'the record cannot be written as JSON' }
        : change('save', ifname, text)
    },
    remove: (ifname) => change('removal', ifname, undefined),
    quarantine: (ifname) => change('quarantine', ifname, undefined),
    close: async () => {
      if (driver.isDead) return never()
      isOpen = false
      release()
    },
  }
}

type Change = readonly [what: Parameters<Write>[0], ifname: string, text: string | undefined]

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const textOf = (value: unknown): string | undefined => {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}
