/** Decides how the journal in memory fails in a simulation: writes that are refused, lost, or the last thing that happens. */
import { isRight } from 'fp-ts/lib/Either.js'
import { decodeRecord } from '../../lib/engine/record.js'
import type { Journal, JournalEntry, Stored } from '../../lib/ports/index.js'
import {
  createMemoryJournal,
  type DriverProcess,
  journalFaults,
  type MemoryJournal,
  type WriteFault,
} from '../../runners/memory/index.js'
import type { Random } from './random.js'
import { type Storage, spoiledText } from './storage.js'

const writeFaults: readonly (() => WriteFault)[] = [
  () => journalFaults.refuse(),
  () => journalFaults.crash('before'),
  () => journalFaults.crash('after'),
  () => journalFaults.lose(),
]

/** The journal in memory, with up to two faulty writes. */
export const createMemoryStorage = (random: Random, driver: DriverProcess): Storage => {
  const journal = createMemoryJournal({ driver })
  const faulty = new Map<number, WriteFault>()
  for (let count = random.below(3); count > 0; count--)
    faulty.set(random.below(8), random.pick(writeFaults)())
  const armed = armJournal(journal, faulty, driver)
  return {
    name: 'memory',
    begin: () => armed,
    isUnlocked: false,
    isSound: faulty.size === 0,
    isLying: [...faulty.values()].some(({ kind }) => kind === 'lose'),
    disarm: () => faulty.clear(),
    cutPower: () => {},
    spoil: (chance) => {
      const { records } = journal.state
      const good = records.filter(({ containerId, ifname, text }) =>
        isGood(text, { containerId, ifname }),
      )
      if (good.length === 0) return undefined
      const { containerId, ifname, text } = chance.pick(good)
      // Its own of before, in somebody else's place, would be right in this one.
      const other = records.find((one) => !isGood(one.text, { containerId, ifname }))
      const wrong = spoiledText(chance, text, other?.text)
      journal.put(containerId, ifname, wrong)
      const decoded = decodeRecord(JSON.parse(text))
      const lost = isRight(decoded) ? decoded.right.plan.attachments : []
      return { containerId, ifname, text: wrong, lost }
    },
    knows: () => true,
    putScratch: () => {},
    keeps: ({ containerId, ifname, text }) => {
      const { records, quarantined } = journal.state
      return [...records, ...quarantined].some(
        (one) => one.containerId === containerId && one.ifname === ifname && one.text === text,
      )
    },
    remains: () => journal.state.records.map((one) => `record ${one.containerId} ${one.ifname}`),
    get locked() {
      return journal.held.length
    },
  }
}

/** Whether a text is a record of this owner. */
export const isGood = (
  text: string,
  owner: { readonly containerId: string; readonly ifname: string },
): boolean => {
  try {
    return isRight(decodeRecord(JSON.parse(text), owner))
  } catch {
    return false
  }
}

/** A journal in which the n-th write from now fails. The write that makes a record is never lost: see below. */
const armJournal = (
  journal: MemoryJournal,
  faulty: ReadonlyMap<number, WriteFault>,
  driver: DriverProcess,
): Journal => {
  let count = 0
  const arm = (creates: boolean): void => {
    // A write that never begins would leave its fault to the next one.
    if (driver.isDead) return
    const fault = faulty.get(count++)
    // A disk that loses the one write that was synced before anything ran leaves nothing to go by: no journal helps.
    if (fault === undefined || (creates && fault.kind === 'lose')) return
    journal.faultAt(journal.writes, fault)
  }
  const wrap = (entry: JournalEntry): JournalEntry => {
    const known = new Set(entry.records.keys())
    return {
      ...entry,
      save: (ifname, record) => {
        arm(!known.has(ifname))
        known.add(ifname)
        return entry.save(ifname, record)
      },
      remove: (ifname) => {
        arm(false)
        known.delete(ifname)
        return entry.remove(ifname)
      },
    }
  }
  return {
    list: () => journal.list(),
    open: async (containerId, mode, signal): Promise<Stored<JournalEntry>> => {
      const opened = await journal.open(containerId, mode, signal)
      return opened.ok ? { ok: true, value: wrap(opened.value) } : opened
    },
  }
}
