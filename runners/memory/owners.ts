/**
 * Decides for which attachments something exists on a node. Refuses to guess without a list of valid ones: an absent
 * list makes nothing stale (divergence X-16).
 */
import { isObject } from '../../lib/cni/json.js'
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

/** `cni.dev/valid-attachments`, else `cni.dev/attachments`; null is an empty list, undefined that there is none. */
export const validAttachments = ({
  config,
}: PluginCall):
  | readonly { readonly containerId: string; readonly ifname: string }[]
  | undefined => {
  const key = ['cni.dev/valid-attachments', 'cni.dev/attachments'].find((one) => one in config)
  if (key === undefined) return undefined
  const list = config[key]
  if (!Array.isArray(list)) return list === null ? [] : undefined
  return list.flatMap((one) =>
    isObject(one) && typeof one.containerID === 'string' && typeof one.ifname === 'string'
      ? [{ containerId: one.containerID, ifname: one.ifname }]
      : [],
  )
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
