/**
 * Decides how a record and libcni's result cache stand for each other: what of a record the cache is told, and which
 * records can be made of what the cache knows when nothing else is left. Refuses entries without a configuration.
 */
import * as E from 'fp-ts/lib/Either.js'
import { formatArgs, parseArgs } from '../cni/args.js'
import type { CachedAttachment, CacheKey } from '../cni/cache.js'
import { decodeList, decodeSingle, type NetworkConfigurationList } from '../cni/configuration.js'
import { decodeJson, isObject, type JsonObject } from '../cni/json.js'
import { type AnyResult, decodeResult } from '../cni/result.js'
import type { Attachment, Plan } from '../plan/types.js'
import { type EngineRecord, newRecord, type RecordOwner, type Step } from './record.js'

/** What the cache is told of the complete attachments of a record. */
export const cachedOf = ({ plan, steps, sandbox }: EngineRecord): readonly CachedAttachment[] => {
  const { containerId, netns, netnsId, args, path } = sandbox
  const place = netnsId === undefined ? { netns } : { netns, netnsId }
  const pairs = parseArgs(args)
  const cniArgs = E.isRight(pairs) ? [...pairs.right] : []
  return plan.attachments.flatMap(({ config, ifname, capabilityArgs }, position) => {
    const { state = 'planned', result } = steps[position] ?? {}
    if (state !== 'added' || result === undefined) return []
    const key = { containerId, ifname, networkName: config.name }
    const request = { ifname: sandbox.ifname, position, ...(path.length > 0 && { path }) }
    const text = JSON.stringify(config)
    return [{ ...key, ...place, cniArgs, capabilityArgs, config: text, result, request }]
  })
}

/** The places that attachments of a record have in the cache, whether they are there or not. */
export interface CachePlaces {
  /** Of every attachment. */
  readonly all: readonly CacheKey[]
  /** Of those that may still have something to undo. */
  readonly pending: readonly CacheKey[]
}

/** The places of a record's attachments in the cache. */
export const cachePlacesOf = ({ plan, steps, sandbox }: EngineRecord): CachePlaces => {
  const { containerId } = sandbox
  const all = plan.attachments.map(
    ({ config, ifname }): CacheKey => ({ networkName: config.name, containerId, ifname }),
  )
  return { all, pending: all.filter((_, index) => steps[index]?.pending !== 0) }
}

/**
 * The record that cache entries of one request stand for: every attachment complete, in the order of their making; of
 * libcni's own the one that holds the request's interface name first, so that it is undone last. Undefined when no
 * entry has a configuration that can be read.
 */
export const recordOfCached = (
  entries: readonly CachedAttachment[],
  { containerId, ifname }: RecordOwner,
): EngineRecord | undefined => {
  const rankOf = (entry: CachedAttachment): number =>
    entry.request?.position ?? (entry.ifname === ifname ? -1 : entries.length)
  const readable = [...entries]
    .sort((a, b) => rankOf(a) - rankOf(b))
    .flatMap((entry) => {
      const config = configOf(entry)
      return config === undefined ? [] : [{ entry, config }]
    })
  const [first] = readable
  if (first === undefined) return undefined
  const plan: Plan = {
    version: 1,
    attachments: readable.map(({ entry, config }, index) => attachmentOf(entry, config, index)),
    merge: 'primaryResultOnly',
    resultVersion: first.config.cniVersion ?? '',
    decisions: [],
    warnings: [],
  }
  const steps = readable.map(({ entry, config }): Step => {
    const result = resultOf(entry, config)
    const complete = { state: 'added', pending: config.plugins.length } as const
    return result === undefined ? complete : { ...complete, result }
  })
  const { netns = '', netnsId, cniArgs = [] } = first.entry
  const place = netnsId === undefined ? { netns } : { netns, netnsId }
  const args = E.getOrElse(() => '')(formatArgs(cniArgs))
  const path = first.entry.request?.path ?? []
  return { ...newRecord(plan, { containerId, ...place, ifname, args, path }), steps }
}

/**
 * A record with what the cache knows and it does not: one that was made of a Go plugin's scratch file has neither results
 * nor capability arguments nor a namespace. A record whose complete attachments have results is the same object.
 */
export const completeFromCache = (
  record: EngineRecord,
  entries: readonly CachedAttachment[],
): EngineRecord => {
  if (record.steps.every(({ state, result }) => state !== 'added' || result)) return record
  const found = record.plan.attachments.map(({ config, ifname }) =>
    entries.find((entry) => entry.networkName === config.name && entry.ifname === ifname),
  )
  const attachments = record.plan.attachments.map((attachment, index): Attachment => {
    const offered = found[index]?.capabilityArgs
    const isBare = Object.keys(attachment.capabilityArgs).length === 0
    return isBare && offered ? { ...attachment, capabilityArgs: offered } : attachment
  })
  const steps = record.steps.map((step, index): Step => {
    const entry = found[index]
    const config = attachments[index]?.config
    if (step.state !== 'added' || step.result || !entry || !config) return step
    const result = resultOf(entry, config)
    return result === undefined ? step : { ...step, result }
  })
  const { sandbox } = record
  const placed = sandbox.netns === '' ? found.find((entry) => entry?.netns) : undefined
  const place = placed && {
    netns: placed.netns ?? '',
    ...(placed.netnsId !== undefined && { netnsId: placed.netnsId }),
  }
  const plan = { ...record.plan, attachments }
  return { ...record, plan, steps, sandbox: { ...sandbox, ...place } }
}

const attachmentOf = (
  { networkName, ifname, capabilityArgs = {} }: CachedAttachment,
  config: NetworkConfigurationList,
  index: number,
): Attachment => ({
  network: { name: networkName, source: { kind: 'inline' } },
  ifname,
  primary: index === 0,
  config,
  capabilityArgs,
})

const resultOf = (
  { result }: CachedAttachment,
  { cniVersion = '' }: NetworkConfigurationList,
): AnyResult | undefined => {
  if (result === undefined) return undefined
  const decoded = decodeResult(result, cniVersion)
  return E.isRight(decoded) ? decoded.right : undefined
}

/**
 * The list that a cached attachment was made of; undefined: none. Its text is the file as it was: a list, or a single
 * configuration whose name the entry knows.
 */
export const configOf = ({
  config,
  networkName,
}: CachedAttachment): NetworkConfigurationList | undefined => {
  const json = decodeJson(config, 'cache')
  if (E.isLeft(json) || !isObject(json.right)) return undefined
  const named: JsonObject = { ...json.right, name: networkName }
  const decoded = Array.isArray(named.plugins)
    ? decodeList(named, 'cache')
    : decodeSingle(named, 'cache')
  return E.isRight(decoded) ? decoded.right : undefined
}
