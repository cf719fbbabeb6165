/** Decides what a finding about a node is: something that belongs to nobody, or may. A type; refuses nothing. */

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
