/**
 * Decides nothing: performs the engine's effects on the ports, one after the other, and gives it the answers. Refuses to
 * pass on what a port throws: it becomes an answer like any other.
 */
import { attempt, tell, timeOf } from './attempt.js'
import { type Answer, answerOf, noAnswer } from './cni/invocation.js'
import { thrownText } from './cni/problem.js'
import type {
  Added,
  Deleted,
  Effect,
  EngineCommand,
  EngineEvent,
  Outcome,
  Surveyed,
} from './engine/state.js'
import { idle, step } from './engine/step.js'
import type { Clock, JournalEntry, Log, Runner, Stored } from './ports/index.js'

/** What the engine's effects are performed on. */
export interface DrivePorts {
  readonly runner: Runner
  readonly clock?: Clock | undefined
  readonly log?: Log | undefined
}

/**
 * Carries out one command. `entry` is the container's part of the journal; STATUS and GC have none, and ask for none.
 */
export const drive = async (
  ports: DrivePorts,
  entry: JournalEntry | undefined,
  command: EngineCommand,
  signal: AbortSignal,
): Promise<Outcome<Added | Surveyed | Deleted>> => {
  let [state, effects] = step(idle, { kind: 'begin', command })
  while (state.phase !== 'done') {
    let event: EngineEvent | undefined
    for (const effect of effects)
      event = (await perform(ports, entry, command, effect, signal)) ?? event
    // Every state but the last one asks for one effect that is answered; this is for the type alone.
    if (event === undefined)
      return { ok: false, error: { kind: 'interrupted' }, undone: [], left: [] }
    ;[state, effects] = step(state, event)
  }
  for (const effect of effects) await perform(ports, entry, command, effect, signal)
  return state.outcome
}

const perform = async (
  ports: DrivePorts,
  entry: JournalEntry | undefined,
  command: EngineCommand,
  effect: Effect,
  signal: AbortSignal,
): Promise<EngineEvent | undefined> => {
  const { containerId, ifname } = 'sandbox' in command ? command.sandbox : nobody
  switch (effect.kind) {
    case 'note':
      tell(ports.log, effect.level, effect.message, { containerId })
      return undefined
    case 'run': {
      const answer = await call(ports, effect, effect.abortable ? signal : neverFiring())
      return { kind: 'answered', answer }
    }
    case 'save':
      return stored(await attempt(async () => (entry ? entry.save(ifname, effect.record) : absent)))
    case 'remove':
      return stored(await attempt(async () => (entry ? entry.remove(effect.ifname) : absent)))
    case 'quarantine':
      return stored(await attempt(async () => (entry ? entry.quarantine(effect.ifname) : absent)))
  }
}

const nobody = { containerId: '', ifname: '' }
const absent: Stored<void> = { ok: false, message: 'there is no journal' }

const call = async (
  { runner, clock, log }: DrivePorts,
  { invocation }: Effect & { readonly kind: 'run' },
  signal: AbortSignal,
): Promise<Answer> => {
  const began = timeOf(clock)
  let answer: Answer
  try {
    answer = answerOf(await runner.run(invocation, signal))
  } catch (error) {
    answer = noAnswer('runner-threw', thrownText(error), true)
  }
  if (log === undefined) return answer
  const ended = timeOf(clock)
  const fields = {
    containerId: invocation.env.CNI_CONTAINERID,
    ifname: invocation.env.CNI_IFNAME,
    network: invocation.stdin.name,
    ...(began === undefined || ended === undefined ? {} : { milliseconds: ended - began }),
    ...(answer.kind === 'refused' ? { error: answer.error.msg } : {}),
    ...(answer.kind === 'none' ? { error: answer.reason.message } : {}),
    ...(answer.kind !== 'none' && answer.stderr ? { stderr: answer.stderr } : {}),
  }
  tell(
    log,
    answer.kind === 'success' ? 'info' : 'error',
    `${invocation.verb} ${invocation.type}`,
    fields,
  )
  return answer
}

// What cleans up must not be stopped. A signal of its own: one for all would gather what listens to it.
const neverFiring = (): AbortSignal => new AbortController().signal

const stored = (answer: Stored<void>): EngineEvent =>
  answer.ok ? { kind: 'stored' } : { kind: 'stored', message: answer.message }
