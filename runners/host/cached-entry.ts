/**
 * Decides when the result cache is told of a change: after the record says so, and before a record goes, so that a crash
 * in between leaves a record that explains the cache. Refuses to drop a record whose cached results cannot be removed.
 */
import type { CacheKey } from '../../lib/cni/cache.js'
import { cachedOf, cachePlacesOf } from '../../lib/engine/cached.js'
import type { EngineRecord } from '../../lib/engine/record.js'
import type { JournalEntry, ResultCache, Stored } from '../../lib/ports/index.js'

/** The entry with a cache beside it, in which the records' attachments have the files that are `present`. */
export const withCacheBeside = (
  entry: JournalEntry,
  cache: ResultCache,
  present: ReadonlyMap<string, readonly CacheKey[]>,
): JournalEntry => {
  const written = new Map<string, Map<string, CacheKey>>()
  for (const [ifname, keys] of present) {
    written.set(ifname, new Map(keys.map((key) => [nameOf(key), key])))
  }
  const writtenFor = (ifname: string): Map<string, CacheKey> => {
    const own = written.get(ifname) ?? new Map<string, CacheKey>()
    written.set(ifname, own)
    return own
  }
  const forget = async (
    own: Map<string, CacheKey>,
    isGone: (name: string) => boolean,
  ): Promise<Stored<void>> => {
    for (const [name, key] of [...own]) {
      if (!isGone(name)) continue
      const removed = await cache.remove(key)
      if (!removed.ok) return removed
      own.delete(name)
    }
    return success
  }
  return {
    ...entry,
    save: async (ifname, record) => {
      const saved = await entry.save(ifname, record)
      if (!saved.ok) return saved
      const own = writtenFor(ifname)
      for (const attachment of cachedOf(record as EngineRecord)) {
        const name = nameOf(attachment)
        if (own.has(name)) continue
        // Whatever comes of it, there may be a file now.
        own.set(name, attachment)
        const done = await cache.write(attachment)
        if (!done.ok) return done
      }
      const pending = new Set(cachePlacesOf(record as EngineRecord).pending.map(nameOf))
      return forget(own, (name) => !pending.has(name))
    },
    remove: async (ifname) => {
      const forgotten = await forget(writtenFor(ifname), () => true)
      return forgotten.ok ? entry.remove(ifname) : forgotten
    },
  }
}

const success: Stored<void> = { ok: true, value: undefined }

const nameOf = ({ networkName, containerId, ifname }: CacheKey): string =>
  JSON.stringify([networkName, containerId, ifname])
