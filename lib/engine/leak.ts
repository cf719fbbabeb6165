/**
 * Decides what a finding about a node is: something that belongs to nobody, or may; and how it names files. Refuses
 * nothing.
 */

/** Something that belongs to nobody, or may. */
export interface Leak {
  readonly what: 'record' | 'cached result' | 'lease' | 'link'
  /** The file, or the link's name. */
  readonly where: string
  readonly why: string
  /** The container that it was made for, and its interface, as far as they are known. */
  readonly belongsTo?: { readonly containerId: string; readonly ifname?: string }
  /** `leaked`: nothing on the node explains it. `unknown`: it may be somebody's that cannot be seen from here. */
  readonly severity: 'leaked' | 'unknown'
}

/** A path in a reason, whole: an id in it is longer than what is left of other texts, and somebody has to find it. */
export const quotePath = (path: string): string => JSON.stringify(path)
