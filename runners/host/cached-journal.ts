/**
 * Decides how a journal and libcni's result cache go together: the cache is told of every complete attachment, and what
 * it knows stands in for records that are lost or cannot be read. Refuses to take a runtime's own attachments for ours.
 */
import type { CachedAttachment, CacheKey } from '../../lib/cni/cache.js'
import { cachePlacesOf, completeFromCache, recordOfCached } from '../../lib/engine/cached.js'
import type { NamespaceAt } from '../../lib/engine/namespace.js'
import type { EngineRecord } from '../../lib/engine/record.js'
import type { Journal, JournalEntry, Log, ResultCache, Stored } from '../../lib/ports/index.js'
import { lookAtNamespace } from '../node/network-namespace.js'
import { withCacheBeside } from './cached-entry.js'
import { withoutDepartedNamespaces } from './departed-namespaces.js'
import { faultIn, readableIn, withStandIns } from './stand-ins.js'

/** Which cache, and who is told. */
export interface CachedJournalOptions {
  readonly cache: ResultCache
  /**
   * Which cached attachments may stand in for a lost record. Default: those that this library wrote. A runtime may keep
   * its own in the same place, our caller's call of ourselves among them.
   */
  readonly isOurs?: (attachment: CachedAttachment) => boolean
  /** The CNI_IFNAME under which attachments that libcni wrote are found. Default `eth0`. */
  readonly ifname?: string
  readonly log?: Log
  /** What lies at the path of a namespace. Default: what this machine says. */
  readonly view?: (path: string) => NamespaceAt
}

/** A journal with a result cache beside it. */
export const withResultCache = (
  journal: Journal,
  { isOurs = isMarked, ifname = 'eth0', ...rest }: CachedJournalOptions,
): Journal => {
  const options = { isOurs, ifname, ...rest }
  return {
    list: async () => {
      const own = await journal.list()
      if (!own.ok) return own
      const cached = await rest.cache.list()
      if (!cached.ok) {
        rest.log?.write('error', 'the result cache cannot be read', { reason: cached.message })
        return own
      }
      const ids = cached.value.filter(isOurs).map(({ containerId }) => containerId)
      return { ok: true, value: [...new Set([...own.value, ...ids])] }
    },
    open: async (containerId, mode, signal) => {
      const opened = await journal.open(containerId, mode, signal)
      if (!opened.ok) return opened
      const { log: _, ...silent } = options
      // What the cache alone knows is told when it is opened under its lock.
      const isTold = mode === 'create' || !isEmpty(opened.value)
      const restored = await restore(opened.value, containerId, isTold ? options : silent)
      if (restored.ok && (mode === 'create' || !isCacheAlone(opened.value, restored.value)))
        return restored
      await opened.value.close()
      if (!restored.ok) return restored
      return openCached(journal, containerId, signal, options)
    },
  }
}

type Options = CachedJournalOptions & Required<Pick<CachedJournalOptions, 'isOurs' | 'ifname'>>

/** Whether the cache alone knows of a container: then the journal may have no lock for it. */
const isCacheAlone = (entry: JournalEntry, restored: JournalEntry): boolean =>
  isEmpty(entry) && restored.records.size > 0

const isEmpty = ({ records, corrupt }: JournalEntry): boolean => records.size + corrupt.length === 0

/** A container with nothing in the journal, under its lock where the disk takes one. */
const openCached = async (
  journal: Journal,
  containerId: string,
  signal: AbortSignal,
  options: Options,
): Promise<Stored<JournalEntry>> => {
  let opened = await journal.open(containerId, 'create', signal)
  if (!opened.ok) {
    const reason = opened.message
    opened = await journal.open(containerId, 'existing', signal)
    if (opened.ok) options.log?.write('error', 'containers are not locked', { containerId, reason })
  }
  if (!opened.ok) return opened
  const restored = await restore(opened.value, containerId, options)
  if (!restored.ok) await opened.value.close()
  return restored
}

const isMarked = ({ request }: CachedAttachment): boolean => request !== undefined

const restore = async (
  entry: JournalEntry,
  containerId: string,
  options: Options,
): Promise<Stored<JournalEntry>> => {
  const { cache, isOurs, log } = options
  const readable = readableIn(entry, containerId)
  const listed = await cache.list(containerId)
  if (!listed.ok) {
    const isWhole = readable.size > 0 && readable.size === entry.records.size
    // Nobody can say then what there is to undo.
    if (!isWhole || entry.corrupt.length > 0) return listed
    log?.write('error', 'the result cache cannot be read', { containerId, reason: listed.message })
  }
  const entries = listed.ok ? listed.value : []
  const standIns = new Map<string, EngineRecord>()
  const present = new Map<string, readonly CacheKey[]>()
  for (const [ifname, record] of readable) {
    const complete = completeFromCache(record, entries)
    if (complete !== record) standIns.set(ifname, complete)
    present.set(ifname, filesOf(record, entries, isOurs))
  }
  for (const [ifname, group] of lostAmong(entries, readable, options)) {
    const record = recordOfCached(group, { containerId, ifname })
    if (record === undefined) continue
    standIns.set(ifname, record)
    present.set(ifname, cachePlacesOf(record).all)
    const reason = faultIn(entry, { containerId, ifname })
    const state = reason === undefined ? 'is lost' : 'cannot be read and is to be set aside'
    const message = `a record ${state}: what the result cache knows stands in for it`
    const networks = record.plan.attachments.map(({ network }) => network.name).join(', ')
    const fields = { containerId, ifname, networks, ...(reason !== undefined && { reason }) }
    log?.write('error', message, fields)
  }
  const inner = withStandIns(entry, containerId, standIns)
  const beside = withCacheBeside(inner, cache, present)
  const { view = lookAtNamespace } = options
  return { ok: true, value: withoutDepartedNamespaces(beside, containerId, { view, log }) }
}

/** The files that go with a record: those of its attachments, and what is stale, as below. */
const filesOf = (
  record: EngineRecord,
  entries: readonly CachedAttachment[],
  isOurs: Options['isOurs'],
): readonly CacheKey[] =>
  entries.filter((entry) =>
    record.plan.attachments.some(
      ({ ifname, config }) =>
        ifname === entry.ifname && (config.name === entry.networkName || isOurs(entry)),
    ),
  )

/**
 * The entries that no readable record explains, by the request that they were made for; where that one has a record, by
 * their own interface. An interface that a record holds belongs to no other network: such an entry is stale.
 */
const lostAmong = (
  entries: readonly CachedAttachment[],
  readable: ReadonlyMap<string, EngineRecord>,
  { isOurs, ifname: usual }: Options,
): ReadonlyMap<string, readonly CachedAttachment[]> => {
  const held = new Set<string>()
  for (const record of readable.values()) {
    for (const { ifname } of record.plan.attachments) held.add(ifname)
  }
  const groups = new Map<string, CachedAttachment[]>()
  for (const one of entries) {
    if (!isOurs(one) || held.has(one.ifname)) continue
    const requested = one.request?.ifname ?? usual
    const ifname = readable.has(requested) ? one.ifname : requested
    if (!readable.has(ifname)) groups.set(ifname, [...(groups.get(ifname) ?? []), one])
  }
  return groups
}
