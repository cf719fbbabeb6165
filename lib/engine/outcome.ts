/**
 * Decides how the outcomes of several steps become one: values together, errors together, and what was undone counts
 * whatever failed beside it. Refuses to lose a failure.
 */
import type { EngineError } from './error.js'
import type { Deleted, Outcome, StepReport } from './state.js'

/** An operation that failed before anything was done. */
export const failed = <A>(error: EngineError): Outcome<A> => ({
  ok: false,
  error,
  undone: [],
  left: [],
})

/** What a DEL has undone, failed or not. */
export const undoneIn = (outcome: Outcome<Deleted>): readonly StepReport[] =>
  outcome.ok ? outcome.value.undone : outcome.undone

/** An outcome of GC, whose reports say whose attachments they are of. */
export const ownedBy = (outcome: Outcome<Deleted>, containerId: string): Outcome<Deleted> => {
  const own = (report: StepReport): StepReport => ({ containerId, ...report })
  if (outcome.ok) return { ok: true, value: { undone: outcome.value.undone.map(own) } }
  return { ...outcome, undone: outcome.undone.map(own), left: outcome.left.map(own) }
}

/** One outcome of several: what `join` makes of the values, or every error. */
export const joined = <A extends object, B>(
  outcomes: readonly Outcome<A>[],
  join: (values: readonly A[]) => B,
): Outcome<B> => {
  const values: A[] = []
  const errors: EngineError[] = []
  const undone: StepReport[] = []
  const left: StepReport[] = []
  for (const outcome of outcomes) {
    if (outcome.ok) {
      values.push(outcome.value)
      // A failure elsewhere does not make it undone less.
      if ('undone' in outcome.value)
        for (const one of (outcome.value as Deleted).undone) undone.push(one)
    } else {
      errors.push(outcome.error)
      for (const one of outcome.undone) undone.push(one)
      for (const one of outcome.left) left.push(one)
    }
  }
  const [error] = errors
  if (error === undefined) return { ok: true, value: join(values) }
  return {
    ok: false,
    error: errors.length === 1 ? error : { kind: 'several', errors },
    undone,
    left,
  }
}
