/**
 * Decides how `metacni net` works on libcni's result cache, which is all the record there is: what cnitool attached can be
 * checked and deleted, and the other way round. Refuses to trust a cached configuration that cannot be read.
 */
import type { CachedAttachment } from '../../lib/cni/cache.js'
import { recordOfCached } from '../../lib/engine/cached.js'
import type { EngineRecord } from '../../lib/engine/record.js'
import { createEngine, type Engine, type Log, type Network, type Runner } from '../../lib/index.js'
import type { ResultCache, Stored } from '../../lib/ports/index.js'
import { withResultCache } from '../../runners/host/cached-journal.js'
import { noJournal } from '../../runners/host/no-journal.js'
import type { NetRequest } from './net-request.js'

/** What is cached of a container and its interface. */
export interface Cached {
  /** The attachment that was asked for. */
  readonly own: CachedAttachment | undefined
  /** Another network that holds its interface. */
  readonly rival: CachedAttachment | undefined
}

/** Looks an attachment up; CAP_ARGS of the request count, as in cnitool, where there are any. */
export const lookUp = async (
  cache: ResultCache,
  { network, containerId, ifname, capabilityArgs }: NetRequest,
): Promise<Stored<Cached>> => {
  const listed = await cache.list(containerId)
  if (!listed.ok) return listed
  const holders = listed.value.filter((one) => one.ifname === ifname)
  const own = holders.find(({ networkName }) => networkName === network)
  const rival = holders.find(({ networkName }) => networkName !== network)
  const asked = own && capabilityArgs ? { ...own, capabilityArgs } : own
  return { ok: true, value: { own: asked, rival } }
}

/** What the cache would say of a network that nobody remembers an ADD of: its configuration, and no result. */
export const forgotten = (
  { name, config }: Network,
  {
    containerId,
    ifname,
    netns,
    capabilityArgs = {},
  }: Pick<NetRequest, 'containerId' | 'ifname' | 'netns' | 'capabilityArgs'>,
): CachedAttachment => ({
  ...{ containerId, ifname, netns, capabilityArgs },
  networkName: name,
  config: JSON.stringify(config),
})

/** The record that a cached attachment stands for; undefined when its configuration cannot be read. */
export const recordFor = (attachment: CachedAttachment): EngineRecord | undefined =>
  recordOfCached([attachment], attachment)

/** What engines of `metacni net` are made of. */
export interface NetPorts {
  readonly cache: ResultCache
  readonly runner: Runner
  readonly log: Log
}

/** An engine that knows of one attachment alone, or of none. Its ADD writes to the cache, its DEL removes. */
export const engineFor = (
  { cache, runner, log }: NetPorts,
  ifname: string,
  attachment: CachedAttachment | undefined,
): Engine => {
  // By its own name, whatever request of a meta-plugin it was made for.
  const known = attachment === undefined ? [] : [withoutRequest(attachment)]
  const only: ResultCache = { ...cache, list: async () => ({ ok: true, value: known }) }
  const journal = withResultCache(noJournal, { cache: only, ifname, isOurs: () => true })
  return createEngine({ runner, journal, log })
}

const withoutRequest = (attachment: CachedAttachment): CachedAttachment => {
  const { request: _, ...rest } = attachment
  return rest
}
