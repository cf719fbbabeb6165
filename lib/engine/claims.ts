/**
 * Decides which records and cached results claim one interface of one namespace: at most one of them can be right. Refuses
 * to say which, and to count what belongs together: a record, its cached results, and its caller's.
 */
import { quote } from '../cni/problem.js'
import { goneCacheText, goneText } from './gone-namespace.js'
import { holderKey, placesOf } from './holders.js'
import { type Leak, quotePath } from './leak.js'
import type { NodeView } from './node-view.js'

interface Claim extends Pick<Leak, 'what' | 'where'> {
  readonly containerId: string
  /** CNI_IFNAME of the request. */
  readonly owner: string
  readonly netns: string
  readonly ifname: string
}

/** Those that claim what another one claims, too. */
export const clashingClaims = (view: NodeView): readonly Leak[] => {
  // Of a namespace that is gone, each is named already.
  const claims = claimsIn(view).filter(({ netns }) => netns !== '')
  const rivals = new Map<string, Claim[]>()
  for (const one of claims) rivals.set(keyOf(one), [...(rivals.get(keyOf(one)) ?? []), one])
  return claims.flatMap((claim): readonly Leak[] => {
    const rival = rivals.get(keyOf(claim))?.find((one) => isRival(one, claim))
    if (rival === undefined) return []
    const { what, where, containerId, owner, ifname, netns } = claim
    const why = `it claims ${quote(ifname)} of ${quotePath(netns)}, and so does ${quotePath(rival.where)}`
    const belongsTo = { containerId, ifname: owner }
    return [{ what, where, why, belongsTo, severity: 'unknown' }]
  })
}

const keyOf = ({ netns, ifname }: Claim): string => holderKey(netns, ifname)

// What a caller has cached of its call is of the same container, and so are the cached results of that record.
const isRival = (one: Claim, other: Claim): boolean =>
  one.containerId !== other.containerId ||
  (one.what === 'record' && other.what === 'record' && one.owner !== other.owner)

const claimsIn = (view: NodeView): readonly Claim[] => {
  const recorded = recordedIn(view)
  return [...recorded, ...cachedIn(view, new Set(recorded.map(holderOf)))]
}

const recordedIn = (view: NodeView): readonly Claim[] =>
  view.records.flatMap(({ file, record }) => {
    if (goneText(view, record.sandbox) !== undefined) return []
    const { containerId, netns, ifname: owner } = record.sandbox
    const claim = { what: 'record', where: file, containerId, owner, netns } as const
    return record.plan.attachments.flatMap(({ ifname }, index) =>
      record.steps[index]?.state === 'planned' ? [] : [{ ...claim, ifname }],
    )
  })

const cachedIn = (view: NodeView, recorded: ReadonlySet<string>): readonly Claim[] =>
  view.cached.flatMap(({ file, attachment }): readonly Claim[] => {
    if (attachment === undefined || goneCacheText(view, attachment) !== undefined) return []
    const { containerId, ifname, netnsId, request } = attachment
    // Of ours, the record is the one to look at.
    if (request !== undefined && recorded.has(holderKey(containerId, ifname))) return []
    const claim = {
      what: 'cached result',
      where: file,
      containerId,
      ifname,
      owner: ifname,
    } as const
    const living = placesOf(attachment).filter(
      (netns) => goneText(view, { netns, netnsId }) === undefined,
    )
    return living.map((netns) => ({ ...claim, netns }))
  })

const holderOf = ({ containerId, ifname }: Claim): string => holderKey(containerId, ifname)
