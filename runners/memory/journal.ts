/**
 * Decides how a Journal behaves that keeps its records in memory: one holder of a container at a time, first come first
 * served, writes that a test makes fail or lose, and a crash that frees every lock. Never throws or rejects.
 */
import type { Journal, JournalEntry, Stored } from '../../lib/ports/index.js'
import { createDriverProcess, type DriverProcess, never } from './driver-process.js'
import { createJournalEntry, type Write } from './journal-entry.js'
import { changed, type JournalState, keyOf, type Records, sortedRecords } from './journal-state.js'
import { createLocks } from './locks.js'

/** What can happen to a write; removing and setting aside are writes as well. */
export type WriteFault =
  | { readonly kind: 'refuse'; readonly message: string }
  | { readonly kind: 'crash'; readonly when: 'before' | 'after' }
  | { readonly kind: 'lose' }

/** The faults by name. */
export const journalFaults = {
  /** The write fails and changes nothing. */
  refuse: (message = 'ENOSPC: no space left on device, write'): WriteFault => ({
    kind: 'refuse',
    message,
  }),
  /** The driving process dies: before the write is on disk, or after it. */
  crash: (when: 'before' | 'after'): WriteFault => ({ kind: 'crash', when }),
  /** The write is acknowledged and read again, but gone after the next crash: a disk that lies about fsync. */
  lose: (): WriteFault => ({ kind: 'lose' }),
} as const

/** What a journal is made with. */
export interface MemoryJournalOptions {
  /** The records to go on with, from another journal's `state` or from `parseJournalState`. */
  readonly state?: JournalState
  /** The process that dies with the node's: give it `node.driver`. */
  readonly driver?: DriverProcess
}

/** A journal in memory. */
export interface MemoryJournal extends Journal {
  /** The records as they would be read now: plain JSON, sorted. */
  readonly state: JournalState
  /** `state`, so that JSON.stringify(journal) writes it. */
  toJSON(): JournalState
  /** How many writes were begun, those that failed among them. */
  readonly writes: number
  /** The containers that somebody holds. */
  readonly held: readonly string[]
  /** Scripts a fault for the write of this number, counted from 0 over the journal's life; a full disk by default. */
  faultAt(write: number, fault?: WriteFault): void
  /** Every write fails with this message from now on, or none any more with undefined. */
  refuseWrites(message: string | undefined): void
  /** Every open fails with this message from now on, or none any more with undefined. */
  refuseOpens(message: string | undefined): void
  /** Puts any text in a record's place, for tests of records that cannot be read. No write. */
  put(containerId: string, ifname: string, text: string): void
}

/** A journal in memory, empty unless it goes on with a state. */
export const createMemoryJournal = (options: MemoryJournalOptions = {}): MemoryJournal => {
  const driver = options.driver ?? createDriverProcess()
  const locks = createLocks()
  const scripted = new Map<number, WriteFault>()
  const records: Records = new Map((options.state?.records ?? []).map((one) => [keyOf(one), one]))
  const quarantined = [...(options.state?.quarantined ?? [])]
  // What is read, and what a crash leaves of it: they differ by the writes that the disk has lost.
  const disk = { seen: records, durable: records }
  const refusals: { writes?: string | undefined; opens?: string | undefined } = {}
  let writes = 0

  driver.onRestart(() => {
    disk.seen = disk.durable
    locks.clear()
  })

  const write: Write = async (what, { containerId, ifname }, text) => {
    const place = { containerId, ifname }
    const where = `${what} of the record ${containerId}/${ifname}`
    if (!driver.pass(`before ${where}`)) return never()
    const fault = scripted.get(writes++)
    const refusal = refusals.writes ?? (fault?.kind === 'refuse' ? fault.message : undefined)
    if (refusal !== undefined) return { ok: false, message: refusal }
    if (fault?.kind === 'crash' && fault.when === 'before') driver.crash(`before ${where}`)
    if (driver.isDead) return never()
    const key = keyOf(place)
    const old = disk.seen.get(key)
    if (what === 'quarantine' && old !== undefined) quarantined.push(old)
    const record = text === undefined ? undefined : { ...place, text }
    disk.seen = changed(disk.seen, key, record)
    if (fault?.kind !== 'lose') disk.durable = changed(disk.durable, key, record)
    if (fault?.kind === 'crash') driver.crash(`after ${where}`)
    return driver.pass(`after ${where}`) ? { ok: true, value: undefined } : never()
  }

  // Locking creates nothing here, so that both modes are one.
  const open = async (containerId: string, signal: AbortSignal): Promise<Stored<JournalEntry>> => {
    if (driver.isDead) return never()
    if (refusals.opens !== undefined) return { ok: false, message: refusals.opens }
    const release = await locks.acquire(containerId, signal)
    if (release === undefined) {
      return { ok: false, message: `waiting for the lock of ${containerId} was ended` }
    }
    const own = sortedRecords(disk.seen).filter((record) => record.containerId === containerId)
    return { ok: true, value: createJournalEntry({ containerId, own, write, release, driver }) }
  }

  const state = (): JournalState => ({
    version: 1,
    records: sortedRecords(disk.seen),
    quarantined: [...quarantined],
  })
  return {
    open: (containerId, _mode, signal) => driver.whileAlive(open(containerId, signal)),
    list: () => {
      const value = [...new Set([...disk.seen.values()].map(({ containerId }) => containerId))]
      return driver.whileAlive(Promise.resolve({ ok: true, value } as const))
    },
    get state() {
      return state()
    },
    toJSON: state,
    get writes() {
      return writes
    },
    get held() {
      return locks.held()
    },
    faultAt: (number, fault = journalFaults.refuse()) => {
      scripted.set(number, fault)
    },
    refuseWrites: (message) => {
      refusals.writes = message
    },
    refuseOpens: (message) => {
      refusals.opens = message
    },
    put: (containerId, ifname, text) => {
      const record = { containerId, ifname, text }
      disk.seen = changed(disk.seen, keyOf(record), record)
      disk.durable = changed(disk.durable, keyOf(record), record)
    },
  }
}
