/**
 * Decides what the scratch files of the Go plugins mean (reference/tke-multus.md 1.9, multus-v4.md 2.9), so that
 * upgrading a node strands no pod. Refuses what is no such file; what of it cannot be read is named.
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { decodeBase64 } from '../cni/base64.js'
import {
  decodeList,
  isPluginConfiguration,
  type NetworkConfigurationList,
} from '../cni/configuration.js'
import { ifnameFault } from '../cni/identifier.js'
import { decodeJson, isObject, type JsonObject } from '../cni/json.js'
import type { Attachment, Plan } from '../plan/types.js'
import { type EngineRecord, newRecord } from './record.js'

/** The keys that both plugins write; v4 adds some, of which `ifnameRequest` alone matters to a DEL. */
const Delegate = t.partial(
  {
    Conf: t.UnknownRecord,
    ConfList: t.UnknownRecord,
    ifnameRequest: t.string,
    masterPlugin: t.boolean,
    Bytes: t.string,
  },
  'Delegate',
)

/** A record made of a scratch file, and the interface name that the runtime knows the attachment by. */
export interface ForeignRecord {
  readonly ifname: string
  readonly record: EngineRecord
}

/**
 * The record that a Go plugin's scratch file stands for: every delegate complete, without results. Empty lists and null
 * are a record of nothing, as the Go plugins have it. Left: why the file is none.
 */
export const decodeForeign = (
  value: unknown,
  containerId: string,
): E.Either<string, ForeignRecord | undefined> => {
  if (value === null) return E.right(undefined)
  if (!Array.isArray(value)) return E.left('it is no list of delegates')
  const attachments: Attachment[] = []
  const masters = value.map((one) => isObject(one) && one.masterPlugin === true)
  // v4 calls the first delegate the master without writing so.
  const primary = Math.max(0, masters.indexOf(true))
  for (const [index, one] of value.entries()) {
    const delegate = Delegate.is(one) ? one : undefined
    const config = delegate && configOf(delegate)
    if (delegate === undefined || config === undefined)
      return E.left(`delegate ${index} has no configuration`)
    const named = delegate.ifnameRequest || (index === primary ? 'eth0' : `net${index}`)
    if (ifnameFault(named) !== undefined)
      return E.left(`delegate ${index} has no valid interface name`)
    attachments.push({
      network: { name: config.name, source: { kind: 'inline' } },
      ifname: named,
      primary: index === primary,
      config,
      capabilityArgs: {},
    })
  }
  const ifname = attachments[primary]?.ifname
  if (ifname === undefined) return E.right(undefined)
  const plan: Plan = {
    version: 1,
    attachments,
    merge: 'primaryResultOnly',
    resultVersion: attachments[primary]?.config.cniVersion ?? '',
    decisions: [],
    warnings: [],
  }
  const record = newRecord(plan, { containerId, netns: '', ifname, args: '', path: [] })
  const steps = attachments.map(({ config }) => ({
    state: 'added' as const,
    pending: config.plugins.length,
  }))
  return E.right({ ifname, record: { ...record, steps } })
}

// The bytes are the file as it was; the parsed forms beside them have lost what their Go types do not know.
const configOf = (delegate: t.TypeOf<typeof Delegate>): NetworkConfigurationList | undefined => {
  const text = delegate.Bytes === undefined ? undefined : decodeBase64(delegate.Bytes)
  const parsed = text === undefined ? undefined : decodeJson(text, 'Bytes')
  const candidates = [
    parsed && E.isRight(parsed) ? parsed.right : undefined,
    delegate.ConfList,
    delegate.Conf,
  ]
  for (const candidate of candidates) {
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
