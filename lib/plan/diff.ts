/**
 * Decides what is different between two plans: attachments first, then keys within them. Leaves out decisions and
 * warnings, as `hash` does: plans without a difference have the same hash.
 */
import { jsonChanges } from '../cni/json-changes.js'
import { pairAttachments, unmoved } from './pairing.js'
import { networkName, subjectOf } from './subject.js'
import type { Attachment, Plan } from './types.js'

/** One difference. `attachment` is `network@interface`, as the plan has it in which it stands or stood. */
export type PlanChange =
  | { readonly kind: 'added'; readonly attachment: string; readonly index: number }
  | { readonly kind: 'removed'; readonly attachment: string; readonly index: number }
  /** The same network under another interface name. `attachment` bears the new one. */
  | {
      readonly kind: 'renamed'
      readonly attachment: string
      readonly before: string
      readonly after: string
    }
  /** Another place in the order of execution: indexes in both plans, and whom it follows now; none: it is first. */
  | {
      readonly kind: 'moved'
      readonly attachment: string
      readonly before: number
      readonly after: number
      readonly follows?: string
    }
  /** Another value at a JSON Pointer into the attachment. `before` or `after` is missing where there is none. */
  | {
      readonly kind: 'changed'
      readonly attachment: string
      readonly path: string
      readonly before?: unknown
      readonly after?: unknown
    }
  | { readonly kind: 'merge'; readonly before: string; readonly after: string }
  | { readonly kind: 'result-version'; readonly before: string; readonly after: string }

/**
 * What must change in plan `a` to make it plan `b`: removed attachments, then those of `b` in its order, then merge and
 * version. An attachment is the same one when its network and interface name are; of those that are left, when its
 * network is.
 */
export const diff = (a: Plan, b: Plan): readonly PlanChange[] => {
  const changes: PlanChange[] = []
  const { pairs, removed, added } = pairAttachments(a.attachments, b.attachments)
  for (const index of removed) {
    changes.push({ kind: 'removed', attachment: nameOf(a.attachments, index), index })
  }
  const stays = unmoved(pairs)
  const news = new Set(added)
  const beforeOf = new Map(pairs.map(({ before, after }) => [after, before]))
  for (const [index, after] of b.attachments.entries()) {
    const attachment = nameOf(b.attachments, index)
    if (news.has(index)) changes.push({ kind: 'added', attachment, index })
    const before = beforeOf.get(index)
    const old = before === undefined ? undefined : a.attachments[before]
    if (before === undefined || old === undefined) continue
    if (old.ifname !== after.ifname) {
      changes.push({ kind: 'renamed', attachment, before: old.ifname, after: after.ifname })
    }
    if (!stays.has(index)) {
      const follows = index === 0 ? {} : { follows: nameOf(b.attachments, index - 1) }
      changes.push({ kind: 'moved', attachment, before, after: index, ...follows })
    }
    for (const change of jsonChanges({ ...old, ifname: '' }, { ...after, ifname: '' })) {
      changes.push({ kind: 'changed', attachment, ...change })
    }
  }
  if (a.merge !== b.merge) changes.push({ kind: 'merge', before: a.merge, after: b.merge })
  if (a.resultVersion !== b.resultVersion) {
    changes.push({ kind: 'result-version', before: a.resultVersion, after: b.resultVersion })
  }
  return changes
}

const nameOf = (attachments: readonly Attachment[], index: number): string => {
  const attachment = attachments[index] as Attachment
  const { namespace } = attachment.network
  return namespace === undefined
    ? subjectOf(attachment)
    : `${networkName(attachment.network)}@${attachment.ifname}`
}
