/**
 * Decides how `metacni net` works on libcni's result cache, which is all the record there is: what cnitool attached can be
 * checked and deleted, and the other way round. Refuses to trust a cached configuration that cannot be read, or to undo
 * a part of one.
 */
import { isRight } from 'fp-ts/lib/Either.js'
import type { CachedAttachment } from '../../lib/cni/cache.js'
import { isNetworkName } from '../../lib/cni/identifier.js'
import { decodeJson, isObject } from '../../lib/cni/json.js'
import { at } from '../../lib/cni/problem.js'
import { recordOfCached } from '../../lib/engine/cached.js'
import type { EngineRecord } from '../../lib/engine/record.js'
import {
  createEngine,
  type Engine,
  type Log,
  type Network,
  type Runner,
  readCatalogue,
} from '../../lib/index.js'
import { pluginFolderIn } from '../../lib/network/plugin-files.js'
import { brokenNetwork } from '../../lib/plan/resolve.js'
import type { ResultCache, Stored } from '../../lib/ports/index.js'
import { withResultCache } from '../../runners/host/cached-journal.js'
import { noJournal } from '../../runners/host/no-journal.js'
import { readPluginFolder } from '../../runners/host/plugin-folder.js'
import type { HostResultCache } from '../../runners/host/result-cache.js'
import { type Refusal, refusalOf } from './failure.js'
import { findNetwork } from './net-network.js'
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
  cache: HostResultCache,
  { network, containerId, ifname, capabilityArgs }: NetRequest,
): Promise<Stored<Cached>> => {
  const listed = await cache.list(containerId)
  if (!listed.ok) return listed
  const holders = listed.value.filter((one) => one.ifname === ifname)
  const listedOwn = holders.find(({ networkName }) => networkName === network)
  // A name that no file can have has none.
  const named = { networkName: network, containerId, ifname }
  const read = listedOwn === undefined && isNetworkName(network) && (await cache.read(named))
  if (read && !read.ok) return read
  const own = read ? read.value : listedOwn
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

/** A cached attachment whose configuration is whole, or why there is none. */
export type Whole =
  | { readonly ok: true; readonly value: CachedAttachment }
  | { readonly ok: false; readonly refusal: Refusal }

/**
 * The attachment with all plugins of its network. libcni caches the text of the list alone: what lay beside the list is
 * read anew, unless the list says that it is complete, as those do that this program has completed. Of a bare result it
 * keeps no list: that of the directory counts.
 */
export const wholeOf = (attachment: CachedAttachment, directory: string): Whole => {
  const { config, networkName } = attachment
  if (config === '') {
    const found = findNetwork(networkName, directory)
    if (!found.ok) return found
    return { ok: true, value: { ...attachment, config: JSON.stringify(found.value.config) } }
  }
  const list = { source: `${directory}/(cached).conflist`, text: config }
  const folder = isSingle(config) ? undefined : pluginFolderIn(list)
  const beside = folder === undefined ? [] : readPluginFolder(`${directory}/${folder}/`)
  if (beside.length === 0) return { ok: true, value: attachment }
  const { networks, broken } = readCatalogue([list, ...beside])
  const fault = broken?.get(networkName)
  if (fault !== undefined) {
    const problem = brokenNetwork(networkName, fault, at(directory))
    return { ok: false, refusal: refusalOf([problem]) }
  }
  const completed = networks.get(networkName)?.config
  const value = completed ? { ...attachment, config: JSON.stringify(completed) } : attachment
  return { ok: true, value }
}

// A single configuration has a type, and no plugins beside it.
const isSingle = (config: string): boolean => {
  const json = decodeJson(config, 'cache')
  return isRight(json) && isObject(json.right) && typeof json.right.type === 'string'
}

/** The record that a cached attachment stands for; undefined when its configuration cannot be read. */
export const recordFor = (attachment: CachedAttachment): EngineRecord | undefined =>
  recordOfCached([attachment], attachment)

/** What engines of `metacni net` are made of. */
export interface NetPorts {
  readonly cache: HostResultCache
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
  const only: ResultCache = {
    list: async () => ({ ok: true, value: known }),
    // Exactly what cnitool writes: there is no request of a meta-plugin.
    write: (one) => cache.write(withoutRequest(one)),
    remove: cache.remove,
  }
  const journal = withResultCache(noJournal, { cache: only, ifname, isOurs: () => true })
  return createEngine({ runner, journal, log })
}

const withoutRequest = (attachment: CachedAttachment): CachedAttachment => {
  const { request: _, ...rest } = attachment
  return rest
}
