/**
 * Decides what the scratch files of the Go plugins mean (reference/tke-multus.md 1.9, multus-v4.md 2.9), so that
 * upgrading a node strands no pod. Refuses what is no such file; what of it cannot be read is named.
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { decodeBase64 } from '../cni/base64.js'
import { decodeList, type NetworkConfigurationList } from '../cni/configuration.js'
import { ifnameFault } from '../cni/identifier.js'
import { decodeJson, isObject, type JsonObject } from '../cni/json.js'
import { isPluginConfiguration } from '../cni/plugin-configuration.js'
import { shape } from '../cni/shape.js'
import type { Attachment, Plan } from '../plan/types.js'
import { type EngineRecord, newRecord, type Step } from './record.js'

interface Delegate extends JsonObject {
  readonly Conf?: JsonObject
  readonly ConfList?: JsonObject
  readonly ifnameRequest?: string
  readonly masterPlugin?: boolean
  readonly Bytes?: string
}

/** The keys that matter to a DEL; Go writes null for what is empty. v4 adds some, and leaves `masterPlugin` out. */
const Delegate = shape<Delegate>(
  'Delegate',
  {},
  {
    Conf: t.UnknownRecord,
    ConfList: t.UnknownRecord,
    ifnameRequest: t.string,
    masterPlugin: t.boolean,
    Bytes: t.string,
  },
)

/** CNI_IFNAME of nearly every runtime that has called these plugins: v4's file keeps none. */
export const usualIfname = 'eth0'

/**
 * CNI_IFNAME as the names of v4's cached results tell it (`<network>-<container>-<interface>`, reference/cni.md 2.8): the one
 * interface of the first delegate's network that no other delegate asked for. Undefined when there is none, or several.
 */
const ifnameIn = (
  results: readonly string[],
  [first, ...others]: readonly { readonly name: string; readonly ifname: string }[],
  containerId: string,
): string | undefined => {
  const prefix = `${first?.name}-${containerId}-`
  const taken = new Set(others.map(({ ifname }) => ifname))
  const names = results
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
    .filter((name) => ifnameFault(name) === undefined && !taken.has(name))
  return names.length === 1 ? names[0] : undefined
}

/**
 * The record that a Go plugin's scratch file stands for: every delegate complete, without results, under the interface
 * name that the runtime knows the attachment by. A record of nothing (null, an empty list, as the Go plugins have it) is
 * undefined. Left: why the file is none. `results`: the names of the cached results beside it.
 */
export const decodeForeign = (
  value: unknown,
  containerId: string,
  results: readonly string[] = [],
): E.Either<string, EngineRecord | undefined> => {
  if (value === null) return E.right(undefined)
  if (!Array.isArray(value)) return E.left('it is no list of delegates')
  const delegates: Delegate[] = []
  for (const [index, one] of value.entries()) {
    const delegate = Delegate.decode(one)
    if (E.isLeft(delegate)) return E.left(`delegate ${index} is none`)
    delegates.push(delegate.right)
  }
  // The fork calls the first one a master too, by mistake (TB8): the last holds CNI_IFNAME. v4 writes none.
  const master = delegates.map(({ masterPlugin }) => masterPlugin).lastIndexOf(true)
  const primary = Math.max(0, master)
  const configs = delegates.map(configOf)
  const named = delegates.map(({ ifnameRequest }, index) => {
    return { name: configs[index]?.name ?? '', ifname: ifnameRequest || `net${index}` }
  })
  // Where there is a master, its name is in the file; an interface that was asked for need not be the runtime's.
  const isUntold = master < 0 && !delegates[0]?.ifnameRequest
  const requested = (isUntold && ifnameIn(results, named, containerId)) || usualIfname
  const attachments: Attachment[] = []
  for (const [index, delegate] of delegates.entries()) {
    const config = configs[index]
    if (config === undefined) return E.left(`delegate ${index} has no configuration`)
    const ifname = delegate.ifnameRequest || (index === primary ? requested : `net${index}`)
    if (ifnameFault(ifname) !== undefined)
      return E.left(`delegate ${index} has no valid interface name`)
    const network = { name: config.name, source: { kind: 'inline' } } as const
    const isPrimary = index === primary
    attachments.push({ network, ifname, primary: isPrimary, config, capabilityArgs: {} })
  }
  const first = attachments[primary]
  if (first === undefined) return E.right(undefined)
  const plan: Plan = {
    version: 1,
    attachments,
    merge: 'primaryResultOnly',
    resultVersion: first.config.cniVersion ?? '',
    decisions: [],
    warnings: [],
  }
  // In v4 the default network may have an interface of another name than the runtime's.
  const ifname = master < 0 ? requested : first.ifname
  const record = newRecord(plan, { containerId, netns: '', ifname, args: '', path: [] })
  const steps = attachments.map(({ config }): Step => {
    return { state: 'added', pending: config.plugins.length }
  })
  return E.right({ ...record, steps })
}

// The bytes are the file as it was; the parsed forms beside them have lost what their Go types do not know.
const configOf = ({ Bytes, ConfList, Conf }: Delegate): NetworkConfigurationList | undefined => {
  const text = Bytes === undefined ? undefined : decodeBase64(Bytes)
  const parsed = text === undefined ? undefined : decodeJson(text, 'Bytes')
  const original = parsed && E.isRight(parsed) ? parsed.right : undefined
  for (const candidate of [original, ConfList, Conf]) {
    const list = isObject(candidate) ? listOf(candidate) : undefined
    if (list !== undefined) return list
  }
  return undefined
}

const listOf = (config: JsonObject): NetworkConfigurationList | undefined => {
  if (isPluginConfiguration(config)) {
    const { name = '', cniVersion } = config
    return { name, ...(cniVersion === undefined ? {} : { cniVersion }), plugins: [config] }
  }
  const list = decodeList(config, 'ConfList')
  return E.isRight(list) ? list.right : undefined
}
