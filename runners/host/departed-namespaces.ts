/**
 * Decides how a journal gives records whose namespace is gone: without it, so that neither a DEL nor a CHECK goes to
 * somebody else who is there by now. Refuses to forget the path: what is written again has it as before.
 */
import { isObject } from '../../lib/cni/json.js'
import { departure, type NamespaceAt, withoutNamespace } from '../../lib/engine/namespace.js'
import type { EngineRecord } from '../../lib/engine/record.js'
import type { JournalEntry, Log } from '../../lib/ports/index.js'
import { readableIn } from './stand-ins.js'

/** How it is found out what lies at the path of a namespace, and who is told. */
export interface NamespaceOptions {
  readonly view: (path: string) => NamespaceAt
  readonly log?: Log | undefined
}

/** The entry, its records without the namespaces that are gone. */
export const withoutDepartedNamespaces = (
  entry: JournalEntry,
  containerId: string,
  { view, log }: NamespaceOptions,
): JournalEntry => {
  const reasons = new Map<string, string>()
  for (const [ifname, record] of entry.records) {
    const reason = reasonOf(record, view)
    if (reason !== undefined) reasons.set(ifname, reason)
  }
  // Nearly never: reading a record is what costs.
  if (reasons.size === 0) return entry
  const departed = new Map<string, EngineRecord>()
  for (const [ifname, record] of readableIn(entry, containerId)) {
    const reason = reasons.get(ifname)
    if (reason === undefined) continue
    departed.set(ifname, record)
    const { netns } = record.sandbox
    const message = 'the network namespace of a record is gone'
    log?.write('info', message, { containerId, ifname, netns, reason })
  }
  const bare = [...departed].map(([ifname, one]) => [ifname, withoutNamespace(one)] as const)
  return {
    records: new Map<string, unknown>([...entry.records, ...bare]),
    corrupt: entry.corrupt,
    fileOf: (ifname) => entry.fileOf?.(ifname),
    save: (ifname, record) => {
      const { sandbox } = record as EngineRecord
      const place = departed.get(ifname)?.sandbox
      const isSame = place !== undefined && sandbox.netns === ''
      return entry.save(ifname, isSame ? { ...(record as EngineRecord), sandbox: place } : record)
    },
    remove: (ifname) => {
      departed.delete(ifname)
      return entry.remove(ifname)
    },
    quarantine: (ifname) => entry.quarantine(ifname),
    close: () => entry.close(),
  }
}

/** Of a record that has not been looked at yet. */
const reasonOf = (record: unknown, view: NamespaceOptions['view']): string | undefined => {
  const sandbox = isObject(record) && isObject(record.sandbox) ? record.sandbox : {}
  const { netns, netnsId } = sandbox
  if (typeof netns !== 'string' || netns === '') return undefined
  return departure({ netns, ...(typeof netnsId === 'string' && { netnsId }) }, view(netns))
}
