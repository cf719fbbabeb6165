/**
 * Decides how an operation works on a container's records under their lock, one command a record. Refuses to open what
 * nothing names, and to take for a record what cannot be read.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import { attempt, settled } from './attempt.js'
import type { CniError } from './cni/error.js'
import { type DrivePorts, drive } from './drive.js'
import { failed } from './engine/outcome.js'
import { decodeRecord, isRecordLike, unreadable } from './engine/record.js'
import type { Added, Deleted, EngineCommand, Outcome, Surveyed } from './engine/state.js'
import type { Merges } from './plan/merge.js'
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

// A command's verb says what its outcome holds; the reducer keeps to it.
/** Carries out one command, with the records that it may write. */
export const run = <A extends Added | Deleted | Surveyed>(
  ports: OperationPorts,
  entry: JournalEntry | undefined,
  command: EngineCommand,
  signal: AbortSignal,
) => drive(ports, entry, command, signal) as Promise<Outcome<A>>

/** Carries out a verb on the records of these interfaces, one after the other. */
export const runEach = async <A extends Deleted | Surveyed>(
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
export const withEntry = async <A>(
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
export const recordOf = (entry: JournalEntry, ifname: string): unknown => {
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
export const namesIn = (entry: JournalEntry): string[] => [
  ...new Set([...entry.records.keys(), ...entry.corrupt.map(({ ifname }) => ifname)]),
]
