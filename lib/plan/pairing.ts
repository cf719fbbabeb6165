/** Decides which attachments of two plans are the same ones, and which of them have moved. */
import { networkName } from './subject.js'
import type { Attachment } from './types.js'

/** One attachment in both plans, by its indexes. */
export interface Pair {
  readonly before: number
  readonly after: number
}

/** Every attachment of both plans once: in a pair, or alone. */
export interface Pairing {
  /** In the order of the second plan. */
  readonly pairs: readonly Pair[]
  readonly removed: readonly number[]
  readonly added: readonly number[]
}

/** Pairs attachments of equal network and interface name, then those of equal network, both in order. */
export const pairAttachments = (a: readonly Attachment[], b: readonly Attachment[]): Pairing => {
  const partners = new Map<number, number>()
  const left = new Set(a.keys())
  const keys = [
    ({ network, ifname }: Attachment) => `${networkName(network)}@${ifname}`,
    ({ network }: Attachment) => networkName(network),
  ]
  for (const keyOf of keys) {
    const waiting = new Map<string, number[]>()
    for (const index of left) {
      const key = keyOf(a[index] as Attachment)
      const queue = waiting.get(key)
      if (queue === undefined) waiting.set(key, [index])
      else queue.push(index)
    }
    // Taken from the end, which costs nothing.
    for (const queue of waiting.values()) queue.reverse()
    for (const [after, attachment] of b.entries()) {
      const before = partners.has(after) ? undefined : waiting.get(keyOf(attachment))?.pop()
      if (before === undefined) continue
      partners.set(after, before)
      left.delete(before)
    }
  }
  const pairs: Pair[] = []
  const added: number[] = []
  for (const after of b.keys()) {
    const before = partners.get(after)
    if (before === undefined) added.push(after)
    else pairs.push({ before, after })
  }
  return { pairs, removed: [...left], added }
}

/**
 * The second plan's indexes of the attachments that need not move: a longest run of pairs that keep their order, so
 * that as few as possible count as moved.
 */
export const unmoved = (pairs: readonly Pair[]): ReadonlySet<number> => {
  // ends[n]: the pair that ends a rising run of n + 1 pairs with the smallest index; previous: the pair before it.
  const ends: number[] = []
  const previous: number[] = []
  const valueAt = (index: number | undefined): number => pairs[index ?? -1]?.before ?? -1
  for (const [index, { before }] of pairs.entries()) {
    let low = 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (valueAt(ends[middle]) < before) low = middle + 1
      else high = middle
    }
    previous.push(ends[low - 1] ?? -1)
    ends[low] = index
  }
  const kept = new Set<number>()
  for (let index = ends[ends.length - 1] ?? -1; index >= 0; index = previous[index] ?? -1) {
    kept.add((pairs[index] as Pair).after)
  }
  return kept
}
