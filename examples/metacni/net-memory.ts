/**
 * Decides what CHECK and DEL of `metacni net` work from: what is cached, with every plugin of its network, else the network
 * of the directory. Refuses a network of which a plugin cannot be read: half a DEL would lose the rest.
 */
import type { CachedAttachment, NetworkConfigurationList } from '../../lib/index.js'
import type { Refusal } from './failure.js'
import { forgotten, lookUp, type NetPorts, recordFor, wholeOf } from './net-cache.js'
import { findNetwork } from './net-network.js'
import type { NetRequest } from './net-request.js'

/** What CHECK and DEL work from. */
export interface Remembered {
  readonly own: CachedAttachment
  /** Whether there is something cached; else `own` is what the directory says. */
  readonly isCached: boolean
  /** Another network that holds the interface. */
  readonly rival: CachedAttachment | undefined
  readonly config: NetworkConfigurationList
}

/** Why there is nothing to work from: no such network, or a cache that cannot be read. */
export type Forgotten = { readonly ok: false } & (
  | { readonly refusal: Refusal }
  | { readonly message: string }
)

/** Looks up what is known of the attachment that a request names. */
export const remember = async (
  request: NetRequest,
  { cache }: Pick<NetPorts, 'cache'>,
): Promise<{ readonly ok: true; readonly value: Remembered } | Forgotten> => {
  const directory = request.configurationDirectory
  const cached = await lookUp(cache, request)
  if (!cached.ok) return { ok: false, message: cached.message }
  const { own, rival } = cached.value
  const whole = own && wholeOf(own, directory)
  if (whole && !whole.ok) return { ok: false, refusal: whole.refusal }
  const config = whole && recordFor(whole.value)?.plan.attachments[0]?.config
  if (whole && config)
    return { ok: true, value: { own: whole.value, isCached: true, rival, config } }
  const found = findNetwork(request.network, directory)
  if (!found.ok) return { ok: false, refusal: found.refusal }
  const rest = { own: forgotten(found.value, request), rival, config: found.value.config }
  return { ok: true, value: { ...rest, isCached: own !== undefined } }
}
