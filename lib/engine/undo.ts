/**
 * Decides how what was attached is undone: in reverse, every attachment tried, only what failed kept. Refuses to touch
 * an attachment that may still be changing. Promises 3 to 5 of design section 5; within one list a failing plugin ends
 * its DEL, as the specification has it (SPEC "Deleting an attachment").
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Answer } from '../cni/invocation.js'
import type { Sandbox } from '../cni/sandbox.js'
import type { Attachment } from '../plan/types.js'
import { callName, invocationOf, overlaySandbox, reportOf } from './call.js'
import type { EngineError } from './error.js'
import { decodeRecord, type EngineRecord, lengthOf, type Step, withStep } from './record.js'
import type {
  Deleted,
  Effect,
  EngineCommand,
  Outcome,
  Purpose,
  StepReport,
  Transition,
  Undoing,
} from './state.js'

type AddCommand = EngineCommand & { readonly verb: 'ADD' }

/** Begins a DEL. Nothing recorded is nothing to do; a record that nobody understands is set aside, not lost. */
export const beginDelete = (
  command: EngineCommand & { readonly verb: 'DEL' | 'CHECK' },
): Transition => {
  if (command.record === undefined) return done({ ok: true, value: { undone: [] } })
  const decoded = decodeRecord(command.record, command.sandbox)
  const { ifname } = command.sandbox
  if (E.isLeft(decoded)) {
    const message = `the record of ${ifname} cannot be read and is set aside: ${decoded.left}`
    const effects: readonly Effect[] = [
      { kind: 'note', level: 'error', message },
      { kind: 'quarantine', ifname },
    ]
    return [{ phase: 'setting-aside', undone: [] }, effects]
  }
  const sandbox = overlaySandbox(decoded.right.sandbox, command.sandbox)
  return startUndo(decoded.right, sandbox, { kind: 'delete' })
}

/** Begins to undo a stored record: the journal says so first, so that no ADD takes it for complete. */
export const startUndo = (record: EngineRecord, sandbox: Sandbox, purpose: Purpose): Transition => {
  // An ADD that died has a step that is `adding`. If the machine lost a later write, more may have run than the
  // record knows: then every attachment is undone, those without a trace leniently.
  const died = record.steps.some(({ state }) => state === 'adding')
  const steps = record.steps.map((step, index): Step => {
    if (step.state !== 'planned') return { ...step, state: 'deleting' }
    return died ? { ...step, pending: lengthOf(record.plan.attachments[index]) } : step
  })
  const announced = { ...record, steps }
  const queue = indexesOf(steps, ({ pending }) => pending > 0).reverse()
  // Their end was never recorded: its process died, or the plugin could not be stopped.
  const interrupted = indexesOf(
    record.steps,
    ({ state }) => state !== 'added' && state !== 'planned',
  )
  const undo = { record: announced, sandbox, purpose, interrupted, queue, undone: [], failures: [] }
  return [{ phase: 'announcing-undo', undo }, [{ kind: 'save', record: announced }]]
}

/** Undoes an ADD that failed, as far as it came. `running` is left alone: it may still be changing. */
export const rollBack = (
  record: EngineRecord,
  error: EngineError,
  running?: number,
): Transition => {
  const queue = indexesOf(record.steps, ({ pending }, index) => pending > 0 && index !== running)
  const purpose =
    running === undefined
      ? ({ kind: 'rollback', error } as const)
      : ({ kind: 'rollback', error, running } as const)
  const undo = {
    record,
    sandbox: record.sandbox,
    purpose,
    interrupted: [],
    queue: queue.reverse(),
    undone: [],
    failures: [],
  }
  return next(undo)
}

/** The journal knows, or could not be told; DEL goes on all the same. */
export const announcedUndo = (undo: Undoing, message: string | undefined): Transition => {
  const [state, effects] = next(undo)
  return message === undefined ? [state, effects] : [state, [unwritten(message), ...effects]]
}

/** A plugin has answered a DEL. */
export const answeredUndo = (undo: Undoing, answer: Answer): Transition => {
  const index = undo.queue[0] as number
  const attachment = undo.record.plan.attachments[index] as Attachment
  const step = undo.record.steps[index] as Step
  const error = failureOf(answer, attachment, step.pending - 1)
  if (error !== undefined) return fail(undo, index, error)
  const pending = step.pending - 1
  if (pending > 0)
    return next({ ...undo, record: withStep(undo.record, index, { ...step, pending }) })
  const record = withStep(undo.record, index, { state: 'planned', pending: 0 })
  const undone = isDoubtful(step) ? undo.undone : [...undo.undone, index]
  return next({ ...undo, record, queue: undo.queue.slice(1), undone })
}

/** The journal has forgotten the record, or kept what failed, or could do neither. `replace` begins the ADD that waits. */
export const concludedUndo = (
  undo: Undoing,
  message: string | undefined,
  replace: (command: AddCommand) => Transition,
): Transition => {
  const { purpose, record } = undo
  const notes = message === undefined ? [] : [unwritten(message)]
  const undone = undo.undone.map((index) => reportOf(record, index, 'planned'))
  const left = leftOf(undo)
  const failed: readonly EngineError[] = undo.failures.map(({ error }) => error)
  if (purpose.kind === 'rollback') {
    return finish({ ok: false, error: purpose.error, undone, left }, notes)
  }
  if (left.length > 0) {
    return finish({ ok: false, error: { kind: 'several', errors: failed }, undone, left }, notes)
  }
  if (purpose.kind === 'delete') return finish({ ok: true, value: { undone } }, notes)
  const [state, effects] = replace(purpose.command)
  return [state, [...notes, ...effects]]
}

/** The record that nobody understands has been set aside, or could not be. */
export const setAside = (undone: readonly StepReport[], message: string | undefined): Transition =>
  message === undefined
    ? done({ ok: true, value: { undone } })
    : done({ ok: false, error: { kind: 'journal', message }, undone, left: [] })

const next = (undo: Undoing): Transition => {
  const [index] = undo.queue
  if (index === undefined) return conclude(undo)
  const attachment = undo.record.plan.attachments[index] as Attachment
  const { pending, result } = undo.record.steps[index] as Step
  const invocation = invocationOf('DEL', attachment, pending - 1, undo.sandbox, result)
  if (E.isLeft(invocation)) {
    const call = callName('DEL', attachment, pending - 1)
    return fail(undo, index, { kind: 'bad-result', call, error: invocation.left })
  }
  // A DEL may be stopped by its caller; what cleans up after a failed ADD may not.
  const abortable = undo.purpose.kind === 'delete'
  const call = undo.interrupted.includes(index)
    ? { ...invocation.right, mayOverlap: true as const }
    : invocation.right
  return [{ phase: 'undoing', undo }, [{ kind: 'run', invocation: call, abortable }]]
}

const fail = (undo: Undoing, index: number, error: EngineError): Transition => {
  const queue = undo.queue.slice(1)
  const failures = [...undo.failures, { attachment: index, error }]
  const step = undo.record.steps[index] as Step
  if (!isDoubtful(step)) {
    const record = withStep(undo.record, index, { ...step, state: 'failed' })
    return next({ ...undo, record, queue, failures })
  }
  // A DEL that its caller stopped has found out nothing: the next one asks again.
  if (isAborted(error)) return next({ ...undo, queue, failures })
  const record = withStep(undo.record, index, { state: 'planned', pending: 0 })
  return next({ ...undo, record, queue })
}

const conclude = (undo: Undoing): Transition => {
  const { record } = undo
  const empty = record.steps.every(({ pending }) => pending === 0)
  const effect: Effect = empty
    ? { kind: 'remove', ifname: record.sandbox.ifname }
    : { kind: 'save', record }
  return [{ phase: 'concluding-undo', undo }, [effect]]
}

/** A step that should not exist, but might if a write was lost. */
const isDoubtful = (step: Step | undefined): boolean => step?.state === 'planned'

const isAborted = (error: EngineError): boolean =>
  error.kind === 'no-answer' && error.reason.kind === 'aborted'

const leftOf = (undo: Undoing): readonly StepReport[] => {
  const left = undo.failures.map(({ attachment, error }) =>
    reportOf(undo.record, attachment, 'failed', error),
  )
  const { purpose } = undo
  if (purpose.kind !== 'rollback' || purpose.running === undefined) return left
  return [...left, reportOf(undo.record, purpose.running, 'adding', purpose.error)]
}

const failureOf = (
  answer: Answer,
  attachment: Attachment,
  plugin: number,
): EngineError | undefined => {
  if (answer.kind === 'success') return undefined
  const call = callName('DEL', attachment, plugin)
  return answer.kind === 'refused'
    ? {
        kind: 'plugin-refused',
        call,
        error: answer.error,
        ...(answer.stderr ? { stderr: answer.stderr } : {}),
      }
    : { kind: 'no-answer', call, reason: answer.reason }
}

const indexesOf = (
  steps: readonly Step[],
  holds: (step: Step, index: number) => boolean,
): readonly number[] & { reverse(): number[] } => {
  const indexes: number[] = []
  for (const [index, step] of steps.entries()) if (holds(step, index)) indexes.push(index)
  return indexes
}

const unwritten = (message: string): Effect => ({
  kind: 'note',
  level: 'error',
  message: `the journal could not be written: ${message}`,
})

const done = (outcome: Outcome<Deleted>): Transition => [{ phase: 'done', outcome }, []]
const finish = (outcome: Outcome<Deleted>, notes: readonly Effect[]): Transition => [
  { phase: 'done', outcome },
  notes,
]
