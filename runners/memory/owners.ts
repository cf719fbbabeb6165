/**
 * Decides for which attachments something exists on a node. Refuses to guess without a list of valid ones: an absent
 * list makes nothing stale (divergence X-16).
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import { decodeValidAttachments } from '../../lib/cni/valid-attachments.js'
import type { PluginCall } from './call.js'
import type { Owner, World } from './world.js'

/** An attachment and the namespace in which it was found; '' when it has nothing there any more. */
export interface FoundAttachment {
  readonly containerId: string
  readonly ifname: string
  readonly netns: string
}

/** The attachments of the call's type and network that GC's list does not name; reads both spellings of its key. */
export const staleAttachments = (call: PluginCall, world: World): readonly FoundAttachment[] => {
  const valid = validAttachments(call)
  if (valid === undefined) return []
  const isStale = ({ containerId, ifname }: FoundAttachment): boolean =>
    !valid.some((one) => one.containerId === containerId && one.ifname === ifname)
  const found = new Map<string, FoundAttachment>()
  for (const { owner, netns } of ownersOf(world)) {
    if (owner.type !== call.type || owner.network !== call.network) continue
    const attachment = { containerId: owner.containerId, ifname: owner.ifname, netns }
    const key = JSON.stringify([owner.containerId, owner.ifname])
    if (isStale(attachment) && (found.get(key)?.netns ?? '') === '') found.set(key, attachment)
  }
  return [...found.values()]
}

/** The attachments that a GC must keep, in our spelling; undefined when there is no list, or none that can be read. */
export const validAttachments = ({
  config,
}: PluginCall):
  | readonly { readonly containerId: string; readonly ifname: string }[]
  | undefined => {
  const valid = decodeValidAttachments(config)
  if (isLeft(valid)) return undefined
  return valid.right.map(({ containerID, ifname }) => ({ containerId: containerID, ifname }))
}

const ownersOf = function* (
  world: World,
): Generator<{ readonly owner: Owner; readonly netns: string }> {
  for (const { path, links } of [...world.namespaces.values(), world.host]) {
    for (const { owner } of links.values()) if (owner !== undefined) yield { owner, netns: path }
  }
  for (const functions of world.functions.values()) {
    for (const { owner } of functions) if (owner !== undefined) yield { owner, netns: '' }
  }
  for (const { owner } of world.files.values()) if (owner !== undefined) yield { owner, netns: '' }
  for (const { rules } of world.chains.values()) {
    for (const { owner } of rules) yield { owner, netns: '' }
  }
}
