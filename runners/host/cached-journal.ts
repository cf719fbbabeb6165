/**
 * Decides how a journal and libcni's result cache go together: the cache is told of every complete attachment, and asked
 * where a record is lost or cannot be read. Refuses to let a corrupt record stand: it is set aside.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import type { CachedAttachment, CacheKey } from '../../lib/cni/cache.js'
import { cachedOf, recordOfCached } from '../../lib/engine/cached.js'
import { decodeRecord, type EngineRecord } from '../../lib/engine/record.js'
import type { Journal, JournalEntry, Log, ResultCache, Stored } from '../../lib/ports/index.js'

/** Which cache, and who is told. */
export interface CachedJournalOptions {
  readonly cache: ResultCache
  /** Which of a container's cached attachments may stand in for a lost record. Default: all. */
  readonly isOurs?: (attachment: CachedAttachment) => boolean
  /** CNI_IFNAME of the request: the record that is made of the cache goes by it. Default `eth0`. */
  readonly ifname?: string
  readonly log?: Log
}

/** A journal with a result cache beside it. */
export const withResultCache = (journal: Journal, options: CachedJournalOptions): Journal => ({
  list: () => journal.list(),
  open: async (containerId, mode, signal) => {
    const opened = await journal.open(containerId, mode, signal)
    if (!opened.ok) return opened
    return { ok: true, value: await restore(opened.value, containerId, mode, options) }
  },
})

const restore = async (
  entry: JournalEntry,
  containerId: string,
  mode: 'create' | 'existing',
  options: CachedJournalOptions,
): Promise<JournalEntry> => {
  const records = new Map<string, unknown>()
  const lost = entry.corrupt.map(({ ifname }) => ifname)
  for (const [ifname, record] of entry.records) {
    if (isLeft(decodeRecord(record))) lost.push(ifname)
    else records.set(ifname, record)
  }
  // A new container has nothing to restore: its ADD does not search the cache.
  if (lost.length > 0 || (records.size === 0 && mode === 'existing')) {
    const wanted = lost.length > 0 ? lost : [options.ifname ?? 'eth0']
    const rebuilt = await rebuild(containerId, wanted, records, options)
    for (const [ifname, record] of rebuilt) records.set(ifname, record)
    for (const ifname of lost) {
      options.log?.write('error', 'a record cannot be read and is set aside', {
        containerId,
        ifname,
        restored: rebuilt.has(ifname),
      })
      await entry.quarantine(ifname)
    }
  }
  return withCache(entry, records, options.cache)
}

/** Records made of what the cache knows and no readable record explains; the first lost one gets all of it. */
const rebuild = async (
  containerId: string,
  lost: readonly string[],
  readable: ReadonlyMap<string, unknown>,
  { cache, isOurs = () => true }: CachedJournalOptions,
): Promise<ReadonlyMap<string, EngineRecord>> => {
  const listed = await cache.list(containerId)
  const [ifname] = lost
  if (!listed.ok || ifname === undefined) return new Map()
  const explained = new Set(
    [...readable.values()].flatMap((record) => cachedOf(record as EngineRecord)).map(keyOf),
  )
  const entries = listed.value.filter((one) => isOurs(one) && !explained.has(keyOf(one)))
  const record = recordOfCached(entries, containerId, ifname)
  return record === undefined ? new Map() : new Map([[ifname, record]])
}

const keyOf = ({ networkName, containerId, ifname }: CacheKey): string =>
  JSON.stringify([networkName, containerId, ifname])

const withCache = (
  entry: JournalEntry,
  records: ReadonlyMap<string, unknown>,
  cache: ResultCache,
): JournalEntry => {
  const known = new Map<string, ReadonlyMap<string, CachedAttachment>>()
  for (const [ifname, record] of records) known.set(ifname, byKey(cachedOf(record as EngineRecord)))
  const change = async (
    ifname: string,
    wanted: ReadonlyMap<string, CachedAttachment>,
  ): Promise<Stored<void>> => {
    const before = known.get(ifname) ?? new Map<string, CachedAttachment>()
    known.set(ifname, wanted)
    for (const [key, attachment] of wanted) {
      const written = before.has(key) ? success : await cache.write(attachment)
      if (!written.ok) return written
    }
    for (const [key, attachment] of before) {
      const removed = wanted.has(key) ? success : await cache.remove(attachment)
      if (!removed.ok) return removed
    }
    return success
  }
  return {
    records,
    corrupt: [],
    save: async (ifname, record) => {
      const saved = await entry.save(ifname, record)
      if (!saved.ok) return saved
      return change(ifname, byKey(cachedOf(record as EngineRecord)))
    },
    remove: async (ifname) => {
      const removed = await entry.remove(ifname)
      return removed.ok ? change(ifname, new Map()) : removed
    },
    quarantine: (ifname) => entry.quarantine(ifname),
    close: () => entry.close(),
  }
}

const success: Stored<void> = { ok: true, value: undefined }

const byKey = (attachments: readonly CachedAttachment[]): ReadonlyMap<string, CachedAttachment> =>
  new Map(attachments.map((one) => [keyOf(one), one]))
