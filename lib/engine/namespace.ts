/**
 * Decides whether a record's namespace is still there: a path may be another namespace by now, the node's own among them,
 * and what is undone there is somebody else's. Refuses to say so of a path that merely cannot be found: plugins know that.
 */
import type { EngineRecord } from './record.js'

/**
 * What lies at the path of a namespace. `id` tells it from every other one that was, or will be, found there; absent when
 * nothing does. It ends in `/` and the mount namespace in which the path was looked up.
 */
export type NamespaceAt =
  /** The namespace of this very process. */
  | { readonly kind: 'same'; readonly id?: string }
  | { readonly kind: 'other'; readonly id?: string }
  /** A file that is no namespace, such as a mount point whose mount is gone, in this mount namespace. */
  | { readonly kind: 'none'; readonly mounts?: string }
  | { readonly kind: 'missing'; readonly message: string }

/** Why the namespace of a record is gone although something lies at its path; undefined when it may be there. */
export const departure = (
  { netns, netnsId }: { readonly netns: string; readonly netnsId?: string | undefined },
  view: NamespaceAt,
): string | undefined => {
  if (netns === '') return undefined
  switch (view.kind) {
    case 'same':
      // Whoever meant this one, with CNI_NETNS_OVERRIDE or from outside, has recorded which it is.
      return isSame(netnsId, view.id) === true
        ? undefined
        : 'it is the network namespace of this very process now'
    case 'other':
      return isSame(netnsId, view.id) === false ? 'it is another network namespace now' : undefined
    case 'none':
      // Elsewhere the mount may be there, and merely not to be seen from here: then the plugin says so.
      return view.mounts !== undefined && mountsOf(netnsId) === view.mounts
        ? 'it is no network namespace any more'
        : undefined
    case 'missing':
      return undefined
  }
}

/**
 * Whether what lies at the path of a record's namespace may be a mere mount point whose mount cannot be seen from here: it
 * was recorded in another mount namespace.
 */
export const isHidden = (netnsId: string | undefined, view: NamespaceAt | undefined): boolean => {
  const recorded = mountsOf(netnsId)
  if (view?.kind !== 'none' || view.mounts === undefined || recorded === undefined) return false
  return recorded !== view.mounts
}

/** Whether two are one; undefined where nobody can tell. */
const isSame = (recorded: string | undefined, found: string | undefined): boolean | undefined =>
  recorded === undefined || found === undefined
    ? undefined
    : recorded.split('/', 1)[0] === found.split('/', 1)[0]

const mountsOf = (id = ''): string | undefined => id.split('/')[1]

/** The record as it can be undone: without a namespace, as for a container that is gone (SPEC: CNI_NETNS of DEL). */
export const withoutNamespace = (record: EngineRecord): EngineRecord => ({
  ...record,
  sandbox: { ...record.sandbox, netns: '' },
})
