/** Decides whether a namespace that something recorded names is gone, in words. Refuses to say so where nobody may look. */
import { quotePath } from './leak.js'
import { departure, isHidden } from './namespace.js'
import type { NodeView } from './node-view.js'

/** That a namespace is gone, in words; undefined where it is not, or nobody knows. */
export const goneText = (
  { namespaces }: NodeView,
  { netns, netnsId }: { readonly netns: string; readonly netnsId?: string | undefined },
): string | undefined => {
  const { state, at } = namespaces.get(netns) ?? {}
  if (state === 'gone') return `its network namespace ${quotePath(netns)} is gone`
  // The file stays where a namespace was mounted on it.
  if (state === 'no-namespace' && isHidden(netnsId, at)) return undefined
  if (state === 'no-namespace')
    return `what is at ${quotePath(netns)} is no network namespace any more`
  const reason = at && departure({ netns, netnsId }, at)
  return reason && `of its network namespace ${quotePath(netns)}, ${reason}`
}
