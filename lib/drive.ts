/**
 * Decides nothing: performs the engine's effects on the ports, one after the other. The only asynchronous code in lib.
 * Refuses to pass on what a port throws: it becomes an answer like any other.
 */
import { type CniError, cniError, cniErrorCodes } from './cni/error.js'
import { isContainerId } from './cni/identifier.js'
import type { Answer } from './cni/invocation.js'
import type { Sandbox } from './cni/sandbox.js'
import type { EngineError } from './engine/error.js'
import type {
  Added,
  Checked,
  Deleted,
  Effect,
  EngineCommand,
  EngineEvent,
  Outcome,
  StepReport,
} from './engine/state.js'
import { idle, step } from './engine/step.js'
import type { Merges } from './plan/merge.js'
import type { Plan } from './plan/types.js'
import type { Clock, Journal, JournalEntry, Log, Runner, Stored } from './ports/index.js'

/** What the engine's effects are performed on. */
export interface DrivePorts {
  readonly runner: Runner
  readonly journal: Journal
  readonly merges: Merges
  readonly clock?: Clock | undefined
  readonly log?: Log | undefined
}

/** Names attachments of a container for CHECK and DEL: what is left out is taken from the record. */
export interface SandboxReference {
  readonly containerId: string
  /** Left out: every attachment of the container. */
  readonly ifname?: string
  readonly netns?: string
  readonly args?: string
  readonly path?: readonly string[]
}

/** Carries out a plan in a sandbox. */
export const driveAdd = async (
  ports: DrivePorts,
  plan: Plan,
  sandbox: Sandbox,
  signal: AbortSignal,
): Promise<Outcome<Added>> => {
  const { containerId } = sandbox
  if (!isContainerId(containerId)) return failed({ kind: 'bad-request', error: badId(containerId) })
  const opened = await attempt(() => ports.journal.open(containerId, 'create', signal))
  if (!opened.ok) return failed({ kind: 'journal', message: opened.message })
  const entry = opened.value
  const { ifname } = sandbox
  const command: EngineCommand = {
    verb: 'ADD',
    plan,
    sandbox,
    merges: ports.merges,
    record: recordOf(entry, ifname),
    taken: takenNames(entry, ifname),
  }
  return closing(entry, () => run(ports, entry, command, signal) as Promise<Outcome<Added>>)
}

/** Undoes what the journal has of a container. Succeeds when there is nothing. */
export const driveDelete = (
  ports: DrivePorts,
  reference: SandboxReference,
  signal: AbortSignal,
): Promise<Outcome<Deleted>> =>
  driveRecorded(ports, 'DEL', reference, signal, (outcomes: readonly Outcome<Deleted>[]) => ({
    undone: outcomes.flatMap((outcome) => (outcome.ok ? outcome.value.undone : outcome.undone)),
  }))

/** Checks what the journal has of a container. */
export const driveCheck = (
  ports: DrivePorts,
  reference: SandboxReference,
  signal: AbortSignal,
): Promise<Outcome<Checked>> =>
  driveRecorded(ports, 'CHECK', reference, signal, (outcomes: readonly Outcome<Checked>[]) => ({
    checked: outcomes.flatMap((outcome) => (outcome.ok ? outcome.value.checked : [])),
    skipped: outcomes.flatMap((outcome) => (outcome.ok ? outcome.value.skipped : [])),
  }))

const driveRecorded = async <A extends Checked | Deleted>(
  ports: DrivePorts,
  verb: 'DEL' | 'CHECK',
  reference: SandboxReference,
  signal: AbortSignal,
  join: (outcomes: readonly Outcome<A>[]) => A,
): Promise<Outcome<A>> => {
  const { containerId } = reference
  if (!isContainerId(containerId)) return failed({ kind: 'bad-request', error: badId(containerId) })
  const opened = await attempt(() => ports.journal.open(containerId, 'existing', signal))
  if (!opened.ok) return failed({ kind: 'journal', message: opened.message })
  const entry = opened.value
  const recorded = [...entry.records.keys(), ...entry.corrupt.map(({ ifname }) => ifname)]
  // The latest first, as attachments within a record.
  const names = reference.ifname === undefined ? recorded.reverse() : [reference.ifname]
  if (names.length === 0 && verb === 'CHECK') names.push('')
  return closing(entry, async () => {
    const outcomes: Outcome<A>[] = []
    for (const ifname of names) {
      const { netns = '', args = '', path = [] } = reference
      const sandbox = { containerId, ifname, netns, args, path }
      const command: EngineCommand = { verb, sandbox, record: recordOf(entry, ifname) }
      outcomes.push((await run(ports, entry, command, signal)) as Outcome<A>)
    }
    return joined(outcomes, join)
  })
}

const badId = (containerId: string): CniError =>
  cniError(
    cniErrorCodes.invalidEnvironment,
    'invalid characters in CNI_CONTAINERID',
    containerId.slice(0, 200),
  )

const joined = <A>(
  outcomes: readonly Outcome<A>[],
  join: (outcomes: readonly Outcome<A>[]) => A,
): Outcome<A> => {
  const errors: EngineError[] = []
  const undone: StepReport[] = []
  const left: StepReport[] = []
  for (const outcome of outcomes) {
    if (outcome.ok) continue
    errors.push(outcome.error)
    undone.push(...outcome.undone)
    left.push(...outcome.left)
  }
  const [error] = errors
  if (error === undefined) return { ok: true, value: join(outcomes) }
  const all: EngineError = errors.length === 1 ? error : { kind: 'undo-failed', errors }
  return { ok: false, error: all, undone, left }
}

/** A record that cannot be read stands as it is: the engine refuses it, or sets it aside. */
const recordOf = (entry: JournalEntry, ifname: string): unknown => {
  const corrupt = entry.corrupt.find((one) => one.ifname === ifname)
  return corrupt === undefined ? entry.records.get(ifname) : { corrupt: corrupt.message }
}

const takenNames = (entry: JournalEntry, ifname: string): readonly string[] => {
  const taken: string[] = []
  for (const [owner, record] of entry.records) {
    if (owner === ifname) continue
    const attachments = (record as { plan?: Partial<Plan> } | null)?.plan?.attachments
    if (Array.isArray(attachments)) taken.push(...attachments.map((one) => String(one?.ifname)))
  }
  return taken
}

const run = async (
  ports: DrivePorts,
  entry: JournalEntry,
  command: EngineCommand,
  signal: AbortSignal,
): Promise<Outcome<Added | Checked | Deleted>> => {
  let [state, effects] = step(idle, { kind: 'begin', command })
  while (state.phase !== 'done') {
    let event: EngineEvent | undefined
    for (const effect of effects)
      event = (await perform(ports, entry, command, effect, signal)) ?? event
    // Every state but the last one asks for one effect that is answered; this is for the type alone.
    if (event === undefined) return failed({ kind: 'interrupted' })
    ;[state, effects] = step(state, event)
  }
  for (const effect of effects) await perform(ports, entry, command, effect, signal)
  return state.outcome
}

const perform = async (
  ports: DrivePorts,
  entry: JournalEntry,
  command: EngineCommand,
  effect: Effect,
  signal: AbortSignal,
): Promise<EngineEvent | undefined> => {
  switch (effect.kind) {
    case 'note':
      ports.log?.write(effect.level, effect.message, { containerId: command.sandbox.containerId })
      return undefined
    case 'run': {
      const answer = await call(ports, effect, effect.abortable ? signal : never)
      return { kind: 'answered', answer }
    }
    case 'save':
      return stored(await attempt(() => entry.save(command.sandbox.ifname, effect.record)))
    case 'remove':
      return stored(await attempt(() => entry.remove(effect.ifname)))
    case 'quarantine':
      return stored(await attempt(() => entry.quarantine(effect.ifname)))
  }
}

const call = async (
  { runner, clock, log }: DrivePorts,
  { invocation }: Effect & { readonly kind: 'run' },
  signal: AbortSignal,
): Promise<Answer> => {
  const began = clock?.now()
  let answer: Answer
  try {
    answer = await runner.run(invocation, signal)
  } catch (error) {
    answer = {
      kind: 'none',
      reason: { kind: 'runner-threw', message: textOf(error), started: true },
    }
  }
  if (log === undefined) return answer
  const fields = {
    containerId: invocation.env.CNI_CONTAINERID,
    ifname: invocation.env.CNI_IFNAME,
    network: invocation.stdin.name,
    ...(began === undefined ? {} : { milliseconds: (clock?.now() ?? began) - began }),
    ...(answer.kind === 'refused' ? { error: answer.error.msg } : {}),
    ...(answer.kind === 'none' ? { error: answer.reason.message } : {}),
    ...(answer.kind !== 'none' && answer.stderr ? { stderr: answer.stderr } : {}),
  }
  log.write(
    answer.kind === 'success' ? 'info' : 'error',
    `${invocation.verb} ${invocation.type}`,
    fields,
  )
  return answer
}

/** A signal that never fires: what cleans up must not be stopped. */
const never: AbortSignal = new AbortController().signal

const closing = async <A>(entry: JournalEntry, body: () => Promise<A>): Promise<A> => {
  const value = await body()
  // A lock that cannot be let go ends with the process.
  await attempt(async () => ({ ok: true, value: await entry.close() }))
  return value
}

const attempt = async <A>(operation: () => Promise<Stored<A>>): Promise<Stored<A>> => {
  try {
    return await operation()
  } catch (error) {
    return { ok: false, message: textOf(error) }
  }
}

const stored = (answer: Stored<void>): EngineEvent =>
  answer.ok ? { kind: 'stored' } : { kind: 'stored', message: answer.message }

const failed = <A>(error: EngineError): Outcome<A> => ({ ok: false, error, undone: [], left: [] })

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
