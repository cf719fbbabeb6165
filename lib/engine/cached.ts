/**
 * Decides how a record and libcni's result cache stand for each other: what of a record the cache is told, and which
 * record can be made of what the cache knows when nothing else is left. Refuses cache entries without a configuration.
 */
import * as E from 'fp-ts/lib/Either.js'
import { parseArgs } from '../cni/args.js'
import type { CachedAttachment } from '../cni/cache.js'
import { decodeList, decodeSingle } from '../cni/configuration.js'
import { decodeJson, isObject, type JsonObject } from '../cni/json.js'
import { decodeResult } from '../cni/result.js'
import type { Attachment, Plan } from '../plan/types.js'
import { type EngineRecord, newRecord, type Step } from './record.js'

/** What the cache is told of the complete attachments of a record. */
export const cachedOf = ({ plan, steps, sandbox }: EngineRecord): readonly CachedAttachment[] => {
  const pairs = parseArgs(sandbox.args)
  const cniArgs = E.isRight(pairs) ? [...pairs.right] : []
  return plan.attachments.flatMap(({ config, ifname, capabilityArgs }, index) => {
    const result = steps[index]?.result
    if (result === undefined) return []
    const { containerId, netns } = sandbox
    const networkName = config.name
    return [
      {
        containerId,
        ifname,
        networkName,
        netns,
        cniArgs,
        capabilityArgs,
        config: JSON.stringify(config),
        result,
      },
    ]
  })
}

/**
 * The record that cache entries of one container stand for: every attachment complete. `ifname` is the request's
 * CNI_IFNAME, whose attachment is taken for the primary one and, being the first made, is undone last.
 */
export const recordOfCached = (
  entries: readonly CachedAttachment[],
  containerId: string,
  ifname: string,
): EngineRecord | undefined => {
  const ordered = [...entries].sort((a, b) => rankOf(a, ifname) - rankOf(b, ifname))
  const attachments: Attachment[] = []
  const steps: Step[] = []
  for (const entry of ordered) {
    const config = configOf(entry)
    if (config === undefined) continue
    const version = config.cniVersion ?? ''
    const result = decodeResult(entry.result ?? null, version)
    const known = entry.result !== undefined && E.isRight(result) ? { result: result.right } : {}
    attachments.push({
      network: { name: entry.networkName, source: { kind: 'inline' } },
      ifname: entry.ifname,
      primary: attachments.length === 0,
      config,
      capabilityArgs: entry.capabilityArgs ?? {},
    })
    steps.push({ state: 'added', pending: config.plugins.length, ...known })
  }
  const [first] = ordered
  if (first === undefined || attachments.length === 0) return undefined
  const plan: Plan = {
    version: 1,
    attachments,
    merge: 'primaryResultOnly',
    resultVersion: attachments[0]?.config.cniVersion ?? '',
    decisions: [],
    warnings: [],
  }
  const args = (first.cniArgs ?? []).map(([key, value]) => `${key}=${value}`).join(';')
  const record = newRecord(plan, { containerId, netns: first.netns ?? '', ifname, args, path: [] })
  return { ...record, steps }
}

const rankOf = (entry: CachedAttachment, ifname: string): number =>
  entry.ifname === ifname ? 0 : 1

const configOf = ({ config, networkName }: CachedAttachment) => {
  const json = decodeJson(config, 'cache')
  if (E.isLeft(json) || !isObject(json.right)) return undefined
  const named: JsonObject = { name: networkName, ...json.right }
  const decoded = Array.isArray(named.plugins)
    ? decodeList(named, 'cache')
    : decodeSingle(named, 'cache')
  return E.isRight(decoded) ? decoded.right : undefined
}
