/**
 * Decides how GC goes: the records of containers that are gone are undone, then the plugins are told what is valid. Refuses
 * to begin without a whole list, and to tell a plugin less than all that lives.
 */
import { attempt, tell } from './attempt.js'
import type { ValidAttachment } from './cni/derive.js'
import { failed, joined, ownedBy, undoneIn } from './engine/outcome.js'
import { validIn } from './engine/record.js'
import { collectionFault, containerIdFault } from './engine/request-fault.js'
import type { Deleted, Outcome, StepReport, Surveyed } from './engine/state.js'
import { barTo } from './engine/survey.js'
import type { Network } from './network/network.js'
import type { Attachment } from './plan/types.js'
import type { JournalEntry } from './ports/index.js'
import { namesIn, type OperationPorts, recordOf, run, runEach, withEntry } from './records.js'

/** What GC keeps and where it looks. */
export interface Collection {
  /** The attachments that the runtime knows (`cni.dev/valid-attachments`): its own container ids and CNI_IFNAMEs. */
  readonly valid: readonly ValidAttachment[]
  /** The networks whose plugins are told, where their version is 1.1.0 or later. */
  readonly networks: readonly Network[]
  /** The search path for plugins. */
  readonly path: readonly string[]
}

/** A complete GC. */
export interface Collected {
  /** The attachments of containers that are gone. */
  readonly undone: readonly StepReport[]
  /** Networks whose plugins were told what is valid. */
  readonly collected: readonly StepReport[]
  /** Networks whose plugins were not told: an older version, `disableGC`, or a valid attachment that nobody here knows. */
  readonly skipped: readonly StepReport[]
}

/** Undoes the records of containers that are gone, then tells the plugins which attachments are valid. */
export const collect = async (
  ports: OperationPorts,
  { valid, networks, path }: Collection,
  signal: AbortSignal,
): Promise<Outcome<Collected>> => {
  const error = collectionFault(valid, networks, path)
  if (error !== undefined) return failed({ kind: 'bad-request', error })
  const listed = await attempt(() => ports.journal.list())
  if (!listed.ok) return failed({ kind: 'journal', message: listed.message })
  if (!Array.isArray(listed.value)) return failed({ kind: 'journal', message: 'it listed nothing' })
  const living = livingBy(valid)
  const outcomes: Outcome<Deleted>[] = []
  for (const containerId of new Set(listed.value)) {
    const fault = containerIdFault(containerId)
    const gone = { containerId, path }
    const outcome = await withEntry(ports, gone, fault, 'existing', signal, async (entry) => {
      const stale = staleIn(entry, containerId, living)
      const undone = await runEach<Deleted>(ports, entry, 'DEL', gone, stale, signal)
      return joined(undone, () => ({ undone: undone.flatMap(undoneIn) }))
    })
    outcomes.push(ownedBy(outcome, containerId))
  }
  const survey = await tellPlugins(ports, networks.map(attachmentOf), living, path, signal)
  return joined<Deleted | Surveyed, Collected>([...outcomes, survey], () => ({
    undone: outcomes.flatMap(undoneIn),
    collected: survey.ok ? survey.value.checked : [],
    skipped: survey.ok ? survey.value.skipped : [],
  }))
}

/** What lives, by the runtime's list and by what is found out of it. */
interface Living {
  readonly valid: ReadonlyMap<string, ValidAttachment>
  readonly containers: ReadonlySet<string>
  /** What the records make of the valid attachments: a request has several. */
  readonly known: ValidAttachment[]
  /** The valid attachments of which nobody here knows what they consist of. */
  readonly unknown: Map<string, ValidAttachment>
  /** The records of living containers that cannot be read: they may hold what is valid. */
  readonly unreadable: ValidAttachment[]
}

const livingBy = (valid: readonly ValidAttachment[]): Living => {
  const byKey = new Map(valid.map((one) => [keyOf(one), one]))
  return {
    valid: byKey,
    containers: new Set(valid.map(({ containerID }) => containerID)),
    known: [],
    unknown: new Map(byKey),
    unreadable: [],
  }
}

/** The interfaces whose records are of nothing valid; those that are enter what is known. */
const staleIn = (entry: JournalEntry, containerID: string, living: Living): readonly string[] =>
  namesIn(entry).filter((ifname) => {
    const key = keyOf({ containerID, ifname })
    const isUnreadable = entry.corrupt.some((one) => one.ifname === ifname)
    if (isUnreadable && living.containers.has(containerID)) {
      living.unknown.delete(key)
      living.unreadable.push({ containerID, ifname })
      return false
    }
    if (!living.valid.has(key)) return true
    const attachments = validIn(recordOf(entry, ifname), { containerId: containerID, ifname })
    for (const one of attachments) living.known.push(one)
    if (attachments.length > 0) living.unknown.delete(key)
    return false
  })

/** Tells the plugins what is valid, or none of them when somebody does not know. */
const tellPlugins = async (
  ports: OperationPorts,
  attachments: readonly Attachment[],
  { valid, known, unknown, unreadable }: Living,
  path: readonly string[],
  signal: AbortSignal,
): Promise<Outcome<Surveyed>> => {
  // A plugin that is not told of a live attachment would take it for stale: then better tell it nothing.
  const isWhole = unknown.size + unreadable.length === 0
  const isMissed = attachments.some(({ config }) => barTo('GC', config) === undefined)
  if (isMissed) noteMissing(ports, unreadable, [...unknown.values()])
  // A primary attachment has the name of its request: once is enough.
  const all = new Map([...valid.values(), ...known].map((one) => [keyOf(one), one]))
  const told = isWhole ? attachments : []
  const command = { verb: 'GC', attachments: told, path, valid: [...all.values()] } as const
  const survey = await run<Surveyed>(ports, undefined, command, signal)
  if (isWhole || !survey.ok) return survey
  const skipped = [...survey.value.skipped, ...attachments.map(reportOf)]
  return { ...survey, value: { ...survey.value, skipped } }
}

/** The most attachments that are named: a list of them all would help nobody. */
const mostNamed = 10

const noteMissing = (
  { log }: OperationPorts,
  unreadable: readonly ValidAttachment[],
  unknown: readonly ValidAttachment[],
): void => {
  const named = [
    ...unreadable.map((one) => [one, 'a record of a living container cannot be read'] as const),
    ...unknown.map((one) => [one, 'a valid attachment is not recorded here'] as const),
  ]
  for (const [{ containerID, ifname }, why] of named.slice(0, mostNamed)) {
    const message = `${why}: no plugin is told what is valid`
    tell(log, 'error', message, { containerId: containerID, ifname })
  }
}

const keyOf = ({ containerID, ifname }: ValidAttachment): string => `${containerID} ${ifname}`

const attachmentOf = ({ name, origin, config }: Network): Attachment => ({
  network: { name, source: origin },
  ifname: '',
  primary: false,
  config,
  capabilityArgs: {},
})

const reportOf = ({ network }: Attachment): StepReport => ({
  network: network.name,
  ifname: '',
  state: 'planned',
})
