/**
 * Decides how an operation finds what it works on: the container's records under their lock, the commands made of them.
 * Refuses what names no container, and a GC without a whole list of what is valid, before anything is opened.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import { attempt, settled, tell } from './attempt.js'
import type { ValidAttachment } from './cni/derive.js'
import type { CniError } from './cni/error.js'
import type { Sandbox } from './cni/sandbox.js'
import { type DrivePorts, drive } from './drive.js'
import { failed, joined, ownedBy, undoneIn } from './engine/outcome.js'
import { planFormFault } from './engine/plan-fault.js'
import { decodeRecord, isRecordLike, unreadable, validIn } from './engine/record.js'
import {
  collectionFault,
  containerIdFault,
  joinFault,
  referenceFault,
  sandboxFault,
  searchPathFault,
} from './engine/request-fault.js'
import type {
  Added,
  Deleted,
  EngineCommand,
  Outcome,
  StepReport,
  Surveyed,
} from './engine/state.js'
import { barTo } from './engine/survey.js'
import type { Network } from './network/network.js'
import type { Merges } from './plan/merge.js'
import type { Attachment, Plan } from './plan/types.js'
import type { Journal, JournalEntry } from './ports/index.js'

/** What operations need beside the drive. */
export interface OperationPorts extends DrivePorts {
  readonly journal: Journal
  readonly merges: Merges
}

/** Names attachments of a container for CHECK and DEL: what is left out is taken from the record. */
export interface SandboxReference {
  readonly containerId: string
  /** Left out: every attachment of the container. */
  readonly ifname?: string | undefined
  readonly netns?: string | undefined
  readonly args?: string | undefined
  readonly path?: readonly string[] | undefined
}

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

/** Carries out a plan in a sandbox. */
export const add = (
  ports: OperationPorts,
  plan: Plan,
  sandbox: Sandbox,
  signal: AbortSignal,
): Promise<Outcome<Added>> =>
  withEntry(ports, sandbox, sandboxFault(sandbox), 'create', signal, (entry) => {
    const { ifname } = sandbox
    const record = recordOf(entry, ifname)
    const taken = takenNames(entry, sandbox)
    const command = { verb: 'ADD', plan, sandbox, merges: ports.merges, record, taken } as const
    return run(ports, entry, command, signal)
  })

/** Undoes what the journal has of a container. Succeeds when there is nothing. */
export const remove = (
  ports: OperationPorts,
  reference: SandboxReference,
  signal: AbortSignal,
): Promise<Outcome<Deleted>> =>
  withEntry(ports, reference, referenceFault(reference), 'existing', signal, async (entry) => {
    // The latest first, as attachments within a record.
    const names = reference.ifname === undefined ? namesIn(entry).reverse() : [reference.ifname]
    const outcomes = await runEach<Deleted>(ports, entry, 'DEL', reference, names, signal)
    return joined(outcomes, () => ({ undone: outcomes.flatMap(undoneIn) }))
  })

/** Checks what the journal has of a container. */
export const check = (
  ports: OperationPorts,
  reference: SandboxReference,
  signal: AbortSignal,
): Promise<Outcome<Surveyed>> =>
  withEntry(ports, reference, referenceFault(reference), 'existing', signal, async (entry) => {
    const names = reference.ifname === undefined ? namesIn(entry) : [reference.ifname]
    // Nothing to check is a failure, which the engine words.
    if (names.length === 0) names.push('')
    const outcomes = await runEach<Surveyed>(ports, entry, 'CHECK', reference, names, signal)
    return joined(outcomes, (values) => ({
      checked: values.flatMap(({ checked }) => checked),
      skipped: values.flatMap(({ skipped }) => skipped),
    }))
  })

/** Asks the plugins of a plan whether they can serve an ADD. */
export const status = async (
  ports: OperationPorts,
  plan: Plan,
  path: readonly string[],
  signal: AbortSignal,
): Promise<Outcome<Surveyed>> => {
  const error = searchPathFault(path) ?? joinFault(path) ?? planFormFault(plan)
  if (error !== undefined) return failed({ kind: 'bad-request', error })
  return run(ports, undefined, { verb: 'STATUS', attachments: plan.attachments, path }, signal)
}

/** Undoes the records of containers that are gone, then tells the plugins which attachments are valid. */
export const collect = async (
  ports: OperationPorts,
  { valid, networks, path }: Collection,
  signal: AbortSignal,
): Promise<Outcome<Collected>> => {
  const error = collectionFault(valid, networks, path)
  if (error !== undefined) return failed({ kind: 'bad-request', error })
  const attachments = networks.map(attachmentOf)
  const listed = await attempt(() => ports.journal.list())
  if (!listed.ok) return failed({ kind: 'journal', message: listed.message })
  if (!Array.isArray(listed.value)) return failed({ kind: 'journal', message: 'it listed nothing' })
  const outcomes: Outcome<Deleted>[] = []
  const known: ValidAttachment[] = []
  const keys = new Set(valid.map(keyOf))
  // The valid attachments of which nobody here knows what they consist of.
  const unknown = new Set(keys)
  const living = new Set(valid.map(({ containerID }) => containerID))
  for (const containerId of new Set(listed.value)) {
    const fault = containerIdFault(containerId)
    const gone = { containerId, path }
    const outcome = await withEntry(ports, gone, fault, 'existing', signal, async (entry) => {
      const stale: string[] = []
      for (const ifname of namesIn(entry)) {
        const key = keyOf({ containerID: containerId, ifname })
        const isUnreadable = entry.corrupt.some((one) => one.ifname === ifname)
        if (isUnreadable && living.has(containerId)) {
          // Whatever it goes by: it may hold what is valid.
          unknown.add(keys.has(key) ? key : containerId)
          continue
        }
        if (!keys.has(key)) {
          stale.push(ifname)
          continue
        }
        const attachments = validIn(recordOf(entry, ifname), { containerId, ifname })
        for (const one of attachments) known.push(one)
        if (attachments.length > 0) unknown.delete(key)
      }
      const undone = await runEach<Deleted>(ports, entry, 'DEL', gone, stale, signal)
      return joined(undone, () => ({ undone: undone.flatMap(undoneIn) }))
    })
    outcomes.push(ownedBy(outcome, containerId))
  }
  // A plugin that is not told of a live attachment would take it for stale: then better tell it nothing.
  const told = unknown.size === 0 ? attachments : []
  const isMissed = attachments.some(({ config }) => barTo('GC', config) === undefined)
  if (isMissed) noteUnknown(ports, valid, unknown)
  // A primary attachment has the name of its request: once is enough.
  const all = new Map([...valid, ...known].map((one) => [keyOf(one), one]))
  const command = { verb: 'GC', attachments: told, path, valid: [...all.values()] } as const
  const survey = await run<Surveyed>(ports, undefined, command, signal)
  const untold = unknown.size === 0 ? [] : attachments.map(reportOf)
  return joined<Deleted | Surveyed, Collected>([...outcomes, survey], () => ({
    undone: outcomes.flatMap(undoneIn),
    collected: survey.ok ? survey.value.checked : [],
    skipped: [...(survey.ok ? survey.value.skipped : []), ...untold],
  }))
}

/** The most attachments that are named: a list of them all would help nobody. */
const mostNamed = 10

const noteUnknown = (
  { log }: OperationPorts,
  valid: readonly ValidAttachment[],
  unknown: ReadonlySet<string>,
): void => {
  const message = 'a valid attachment is not recorded here: no plugin is told what is valid'
  const named = valid.filter((one) => unknown.has(keyOf(one))).slice(0, mostNamed)
  for (const { containerID: containerId, ifname } of named)
    tell(log, 'error', message, { containerId, ifname })
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

// A command's verb says what its outcome holds; the reducer keeps to it.
const run = <A extends Added | Deleted | Surveyed>(
  ports: OperationPorts,
  entry: JournalEntry | undefined,
  command: EngineCommand,
  signal: AbortSignal,
) => drive(ports, entry, command, signal) as Promise<Outcome<A>>

const runEach = async <A extends Deleted | Surveyed>(
  ports: OperationPorts,
  entry: JournalEntry,
  verb: 'DEL' | 'CHECK',
  reference: SandboxReference,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly Outcome<A>[]> => {
  const { containerId, netns = '', args = '', path = [] } = reference
  const outcomes: Outcome<A>[] = []
  for (const ifname of names) {
    const sandbox = { containerId, ifname, netns, args, path }
    outcomes.push(
      await run<A>(ports, entry, { verb, sandbox, record: recordOf(entry, ifname) }, signal),
    )
  }
  return outcomes
}

/** Works on a container's records under their lock, unless something is wrong with what names it. */
const withEntry = async <A>(
  ports: OperationPorts,
  reference: SandboxReference,
  fault: CniError | undefined,
  mode: 'create' | 'existing',
  signal: AbortSignal,
  work: (entry: JournalEntry) => Promise<Outcome<A>>,
): Promise<Outcome<A>> => {
  if (fault !== undefined) return failed({ kind: 'bad-request', error: fault })
  const opened = await attempt(() => ports.journal.open(reference.containerId, mode, signal))
  if (!opened.ok) {
    // However a journal words it, the waiting has ended because the caller said so.
    const { message } = opened
    return failed(signal.aborted ? { kind: 'interrupted' } : { kind: 'journal', message })
  }
  const outcome = await settled(() => work(opened.value))
  // A lock that cannot be let go ends with the process.
  await attempt(async () => ({ ok: true, value: await opened.value.close() }))
  return outcome
}

/** A record, or why it cannot be read and where it lies: the engine refuses it then, or sets it aside. */
const recordOf = (entry: JournalEntry, ifname: string): unknown => {
  const corrupt = entry.corrupt.find((one) => one.ifname === ifname)
  if (corrupt !== undefined) return unreadable(corrupt.message)
  const record = entry.records.get(ifname)
  const file = entry.fileOf?.(ifname)
  // The engine reads it anyway: only what is clearly none is worth a second look, for its file's sake.
  if (record === undefined || file === undefined || isRecordLike(record)) return record
  const decoded = decodeRecord(record)
  return isLeft(decoded) ? unreadable(`${file}: ${decoded.left}`) : record
}

/** The interface names that a container has something recorded for, readable or not. */
const namesIn = (entry: JournalEntry): string[] => [
  ...new Set([...entry.records.keys(), ...entry.corrupt.map(({ ifname }) => ifname)]),
]

/** The interface names of a container's other attachments. */
const takenNames = (entry: JournalEntry, { containerId, ifname }: Sandbox): readonly string[] =>
  [...entry.records]
    .filter(([owner]) => owner !== ifname)
    .flatMap(([owner, record]) => validIn(record, { containerId, ifname: owner }))
    .map((one) => one.ifname)
