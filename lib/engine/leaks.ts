/**
 * Decides what on a node belongs to nobody: records, cached results, leases and links held against each other. Refuses to
 * call leaked what may be somebody else's: that is `unknown`, and says why.
 */
import { clashingClaims } from './claims.js'
import { goneCacheText, goneText } from './gone-namespace.js'
import { holderKey, holdersIn } from './holders.js'
import { type Leak, quotePath } from './leak.js'
import { leakedLeases } from './leaked-leases.js'
import { leakedLinks } from './leaked-links.js'
import type { CacheHolding, NodeView } from './node-view.js'
import type { EngineRecord } from './record.js'

/** Everything that belongs to nobody, records first. Equal views give equal answers. */
export const findLeaks = (view: NodeView): readonly Leak[] => {
  const holders = holdersIn(view)
  return [
    ...leakedRecords(view),
    ...spoiledRecords(view),
    ...leakedCaches(view),
    ...clashingClaims(view),
    ...leakedLeases(view, holders),
    ...leakedLinks(view, holders),
  ]
}

/** The findings of a second look that the first one has, too. What one of them calls unknown is not leaked. */
export const seenTwice = (first: readonly Leak[], second: readonly Leak[]): readonly Leak[] =>
  second.flatMap((one) => {
    const [earlier, ...more] = first.filter((other) => isSameThing(other, one))
    if (earlier === undefined) return []
    const wasLeaked = [earlier, ...more].some(({ severity }) => severity === 'leaked')
    return [one.severity === 'unknown' || wasLeaked ? one : earlier]
  })

const isSameThing = (a: Leak, b: Leak): boolean => a.what === b.what && a.where === b.where

const leakedRecords = (view: NodeView): readonly Leak[] =>
  view.records.flatMap(({ file, record }): readonly Leak[] => {
    const { containerId, ifname } = record.sandbox
    const gone = goneText(view, record.sandbox)
    if (gone === undefined) return []
    const why = `${gone}: nobody has deleted ${namesIn(record)}`
    const belongsTo = { containerId, ifname }
    return [{ what: 'record', where: file, why, belongsTo, severity: 'leaked' }]
  })

const namesIn = ({ plan }: EngineRecord): string => {
  const names = plan.attachments.map(({ network, ifname }) => `${network.name}@${ifname}`)
  const more = names.length > 4 ? ` and ${names.length - 4} more` : ''
  return `${names.slice(0, 4).join(', ')}${more}`
}

const spoiledRecords = ({ spoiled }: NodeView): readonly Leak[] =>
  spoiled.map(({ file, kind, containerId, message }): Leak => {
    const why =
      kind === 'quarantined'
        ? 'it could not be read and was set aside: what it names may still exist'
        : `it cannot be read: ${message ?? 'nobody knows what it names'}`
    return { what: 'record', where: file, why, belongsTo: { containerId }, severity: 'unknown' }
  })

const leakedCaches = (view: NodeView): readonly Leak[] => {
  const recorded = new Set<string>()
  for (const { record } of view.records) {
    for (const { ifname } of record.plan.attachments) {
      recorded.add(holderKey(record.sandbox.containerId, ifname))
    }
  }
  return view.cached.flatMap((one) => leakedCache(view, recorded, one))
}

const leakedCache = (
  view: NodeView,
  recorded: ReadonlySet<string>,
  { file, attachment }: CacheHolding,
): readonly Leak[] => {
  if (attachment === undefined) return []
  const { containerId, ifname, request } = attachment
  const isExplained = recorded.has(holderKey(containerId, ifname))
  // The record is what is left over, then; its DEL takes this along.
  if (request !== undefined && isExplained) return []
  const leak = { what: 'cached result', where: file, belongsTo: { containerId, ifname } } as const
  const gone = goneCacheText(view, attachment)
  if (gone !== undefined) return [{ ...leak, why: gone, severity: 'leaked' }]
  // What other programs have attached, and hold in no record of ours.
  if (request === undefined) return []
  const hidden = view.unread.find(({ what }) => what === 'records')
  if (hidden !== undefined) {
    const why = `no record explains it, but ${quotePath(hidden.where)} could not be read`
    return [{ ...leak, why, severity: 'unknown' }]
  }
  const spoiled = view.spoiled.find((one) => one.containerId === containerId)
  const why =
    spoiled === undefined
      ? 'no record explains it; a DEL or GC goes by it'
      : `it stands in for ${quotePath(spoiled.file)}, which cannot be read; a DEL or GC goes by it`
  return [{ ...leak, why, severity: spoiled === undefined ? 'leaked' : 'unknown' }]
}
