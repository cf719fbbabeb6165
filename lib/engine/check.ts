/**
 * Decides how CHECK goes on: every list that allows it, in order, the ADD's result as prevResult, the first failure
 * ends it (SPEC "CHECK"). Refuses what is not completely attached.
 */
import * as E from 'fp-ts/lib/Either.js'
import type { Answer } from '../cni/invocation.js'
import { isAtLeast, versionOrDefault } from '../cni/version.js'
import type { Attachment } from '../plan/types.js'
import { callName, invocationOf, reportOf } from './call.js'
import type { EngineError } from './error.js'
import { decodeRecord, isAdded, lengthOf } from './record.js'
import type { Checked, Checking, EngineCommand, Outcome, Transition } from './state.js'

/** Begins a CHECK. */
export const beginCheck = (
  command: EngineCommand & { readonly verb: 'DEL' | 'CHECK' },
): Transition => {
  const { containerId, ifname } = command.sandbox
  if (command.record === undefined) return failed({ kind: 'not-attached', containerId, ifname })
  const decoded = decodeRecord(command.record)
  if (E.isLeft(decoded)) return failed({ kind: 'bad-record', ifname, message: decoded.left })
  const record = decoded.right
  if (!isAdded(record)) return failed({ kind: 'not-attached', containerId, ifname })
  const { netns, args, path } = command.sandbox
  const sandbox = {
    ...record.sandbox,
    ...(netns === '' ? {} : { netns }),
    ...(args === '' ? {} : { args }),
    path: [...new Set([...path, ...record.sandbox.path])],
  }
  return next({ record, sandbox, attachment: 0, plugin: 0, checked: [], skipped: [] })
}

/** A plugin has answered a CHECK. */
export const answeredCheck = (check: Checking, answer: Answer): Transition => {
  if (answer.kind === 'success') return next({ ...check, plugin: check.plugin + 1 })
  const call = callName('CHECK', attachmentOf(check), check.plugin)
  if (answer.kind === 'none') return failed({ kind: 'no-answer', call, reason: answer.reason })
  return failed({ kind: 'plugin-refused', call, error: answer.error })
}

const next = (check: Checking): Transition => {
  const { record, attachment, plugin } = check
  if (attachment >= record.steps.length) return done(check)
  const current = attachmentOf(check)
  if (!allowsCheck(current)) {
    return next({
      ...check,
      attachment: attachment + 1,
      plugin: 0,
      skipped: [...check.skipped, attachment],
    })
  }
  if (plugin >= lengthOf(current)) {
    return next({
      ...check,
      attachment: attachment + 1,
      plugin: 0,
      checked: [...check.checked, attachment],
    })
  }
  const invocation = invocationOf(
    'CHECK',
    current,
    plugin,
    check.sandbox,
    record.steps[attachment]?.result,
  )
  if (E.isLeft(invocation)) {
    const call = callName('CHECK', current, plugin)
    return failed({ kind: 'bad-result', call, error: invocation.left })
  }
  return [
    { phase: 'checking', check },
    [{ kind: 'run', invocation: invocation.right, abortable: true }],
  ]
}

const allowsCheck = ({ config }: Attachment): boolean => {
  const { disableCheck } = config
  const disabled =
    disableCheck === true ||
    (typeof disableCheck === 'string' && disableCheck.toLowerCase() === 'true')
  return !disabled && isAtLeast(versionOrDefault(config.cniVersion), '0.4.0')
}

const attachmentOf = (check: Checking): Attachment =>
  // The index is ours: `next` keeps it below the number of attachments.
  check.record.plan.attachments[check.attachment] as Attachment

const done = ({ record, checked, skipped }: Checking): Transition => {
  const report = (index: number) => reportOf(record, index, 'added')
  const value: Checked = { checked: checked.map(report), skipped: skipped.map(report) }
  return [{ phase: 'done', outcome: { ok: true, value } }, []]
}

const failed = (error: EngineError): Transition => {
  const outcome: Outcome<Checked> = { ok: false, error, undone: [], left: [] }
  return [{ phase: 'done', outcome }, []]
}
