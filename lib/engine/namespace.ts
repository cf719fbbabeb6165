/**
 * Decides whether a record's namespace is still there: a path may be another namespace by now, the node's own among them,
 * and what is undone there is somebody else's. Refuses to say so of a path that merely cannot be found: plugins know that.
 */
import type { EngineRecord } from './record.js'

/** What lies at the path of a namespace. */
export type NamespaceAt =
  /** The namespace of this very process. */
  | { readonly kind: 'same' }
  /** Another one. `id`: what tells it from every other one that was, or will be, found there; absent when nothing does. */
  | { readonly kind: 'other'; readonly id?: string }
  /** A file that is no namespace, such as a mount point whose mount is gone. */
  | { readonly kind: 'none' }
  | { readonly kind: 'missing'; readonly message: string }

/** Why the namespace of a record is gone although something lies at its path; undefined when it may be there. */
export const departure = (
  { netns, netnsId }: { readonly netns: string; readonly netnsId?: string | undefined },
  view: NamespaceAt,
): string | undefined => {
  if (netns === '') return undefined
  switch (view.kind) {
    case 'same':
      return 'it is the network namespace of this very process now'
    case 'none':
      return 'it is no network namespace any more'
    case 'other':
      return netnsId === undefined || view.id === undefined || netnsId === view.id
        ? undefined
        : 'it is another network namespace now'
    case 'missing':
      return undefined
  }
}

/** The record as it can be undone: without a namespace, as for a container that is gone (SPEC: CNI_NETNS of DEL). */
export const withoutNamespace = (record: EngineRecord): EngineRecord => ({
  ...record,
  sandbox: { ...record.sandbox, netns: '' },
})
