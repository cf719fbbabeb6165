/** Decides whether a namespace that something recorded names is gone, in words. Refuses to say so where nobody may look. */
import type { CachedAttachment } from '../cni/cache.js'
import { placesOf } from './holders.js'
import { quotePath } from './leak.js'
import { departure, isHidden } from './namespace.js'
import type { NodeView } from './node-view.js'

/**
 * That the namespace of a cached attachment is gone, in words. Of those that its result names all must be, and nothing may
 * lie at their paths: what a virtual machine names there is no namespace at all.
 */
export const goneCacheText = (view: NodeView, attachment: CachedAttachment): string | undefined => {
  const { netns = '', netnsId } = attachment
  if (netns !== '') return goneText(view, { netns, netnsId })
  const places = placesOf(attachment)
  const isGone = places.every((one) => view.namespaces.get(one)?.state === 'gone')
  return isGone && places[0] !== undefined ? goneText(view, { netns: places[0] }) : undefined
}

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
