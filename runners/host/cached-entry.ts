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
  // By interface name of the request: the files that there may be, and which of them say what the record says.
  const own = new Map<string, Files>()
  for (const [ifname, keys] of present) {
    const byName = new Map(keys.map((key) => [nameOf(key), key]))
    own.set(ifname, { keys: byName, current: new Set(byName.keys()) })
  }
  const filesOf = (ifname: string): Files => {
    const files = own.get(ifname) ?? { keys: new Map(), current: new Set() }
    own.set(ifname, files)
    return files
  }
  const forget = async (
    { keys, current }: Files,
    isGone: (name: string) => boolean,
  ): Promise<Stored<void>> => {
    let outcome = success
    for (const [name, key] of [...keys]) {
      if (!isGone(name)) continue
      // Also when it cannot be removed: the next attachment of this name writes over it.
      current.delete(name)
      const removed = await cache.remove(key)
      if (removed.ok) keys.delete(name)
      else outcome = removed
    }
    return outcome
  }
  return {
    ...entry,
    save: async (ifname, record) => {
      const saved = await entry.save(ifname, record)
      if (!saved.ok) return saved
      const files = filesOf(ifname)
      for (const attachment of cachedOf(record as EngineRecord)) {
        const name = nameOf(attachment)
        if (files.current.has(name)) continue
        // Whatever comes of it, there may be a file now.
        files.keys.set(name, attachment)
        const written = await cache.write(attachment)
        if (!written.ok) return written
        files.current.add(name)
      }
      const pending = new Set(cachePlacesOf(record as EngineRecord).pending.map(nameOf))
      return forget(files, (name) => !pending.has(name))
    },
    remove: async (ifname) => {
      const forgotten = await forget(filesOf(ifname), () => true)
      return forgotten.ok ? entry.remove(ifname) : forgotten
    },
  }
}

/** The files of one record. */
interface Files {
  readonly keys: Map<string, CacheKey>
  readonly current: Set<string>
}

const success: Stored<void> = { ok: true, value: undefined }

const nameOf = ({ networkName, containerId, ifname }: CacheKey): string =>
  JSON.stringify([networkName, containerId, ifname])
