/**
 * Decides how ADD goes on after each event: announce an attachment in the journal, run its plugins, conclude. Refuses
 * to go on after a failure: what ran is undone (undo.ts). Promises 1 to 3 of design section 5.
 */
import * as E from 'fp-ts/lib/Either.js'
import { cniError, cniErrorCodes } from '../cni/error.js'
import { ifnameFault } from '../cni/identifier.js'
import type { Answer } from '../cni/invocation.js'
import { decodeJson } from '../cni/json.js'
import { type AnyResult, decodeResult } from '../cni/result.js'
import { versionOrDefault } from '../cni/version.js'
import type { Attachment } from '../plan/types.js'
import { callName, invocationOf } from './call.js'
import type { EngineError } from './error.js'
import { mergedOf } from './merged.js'
import { planFault } from './plan-fault.js'
import { decodeRecord, isAdded, lengthOf, newRecord, withStep } from './record.js'
import { argsFault, joinFault } from './request-fault.js'
import type { Added, Addition, EngineCommand, Outcome, Transition } from './state.js'
import { rollBack, startUndo } from './undo.js'

type AddCommand = EngineCommand & { readonly verb: 'ADD' }

/** Begins an ADD, after the leftovers of an unfinished one are gone. */
export const beginAdd = (command: AddCommand): Transition => {
  const error = refusal(command)
  if (error !== undefined) return refused(error)
  if (command.record === undefined) return startAdd(command)
  const decoded = decodeRecord(command.record, command.sandbox)
  const { ifname, containerId } = command.sandbox
  if (E.isLeft(decoded)) return refused({ kind: 'bad-record', ifname, message: decoded.left })
  if (isAdded(decoded.right)) return refused({ kind: 'already-attached', containerId, ifname })
  const { sandbox } = decoded.right
  return startUndo(decoded.right, sandbox, { kind: 'replace', command })
}

/** Begins an ADD where nothing is left over. */
export const startAdd = (command: AddCommand): Transition => {
  const record = newRecord(command.plan, command.sandbox)
  return announce({ record, merges: command.merges, attachment: 0, plugin: 0 })
}

/** The journal has, or has not, taken the record that announces an attachment. */
export const announced = (add: Addition, message: string | undefined): Transition =>
  message === undefined ? runPlugin(add) : undoFrom(add, { kind: 'journal', message }, 0)

/** A plugin has answered. */
export const answeredAdd = (add: Addition, answer: Answer): Transition => {
  const attachment = attachmentOf(add)
  const call = callName('ADD', attachment, add.plugin)
  switch (answer.kind) {
    case 'refused': {
      const { error, stderr } = answer
      const said = stderr === undefined || stderr === '' ? {} : { stderr }
      return undoFrom(add, { kind: 'plugin-refused', call, error, ...said }, add.plugin + 1)
    }
    case 'none': {
      const { reason } = answer
      const error: EngineError =
        reason.kind === 'aborted' ? { kind: 'interrupted' } : { kind: 'no-answer', call, reason }
      if (reason.kind === 'unkillable')
        return rollBack(withPending(add, add.plugin + 1), error, add.attachment)
      return undoFrom(add, error, reason.started ? add.plugin + 1 : add.plugin)
    }
    case 'success': {
      const version = versionOrDefault(attachment.config.cniVersion)
      const json = decodeJson(answer.stdout, 'result')
      const result = E.isLeft(json)
        ? E.left(cniError(cniErrorCodes.decodingFailure, `the result is ${json.left.message}`))
        : decodeResult(json.right, version)
      if (E.isLeft(result)) {
        return undoFrom(add, { kind: 'bad-result', call, error: result.left }, add.plugin + 1)
      }
      return advance(add, result.right)
    }
  }
}

/** The journal has, or has not, taken the record of the complete ADD. */
export const concluded = (add: Addition, added: Added, message: string | undefined): Transition =>
  message === undefined
    ? [{ phase: 'done', outcome: { ok: true, value: added } }, []]
    : rollBack(add.record, { kind: 'journal', message })

const refused = (error: EngineError): Transition => {
  const outcome: Outcome<Added> = { ok: false, error, undone: [], left: [] }
  return [{ phase: 'done', outcome }, []]
}

const refusal = ({ plan, sandbox, merges, taken }: AddCommand): EngineError | undefined => {
  const wrong = (msg: string): EngineError => ({
    kind: 'bad-request',
    error: cniError(cniErrorCodes.invalidEnvironment, msg),
  })
  const { containerId, ifname } = sandbox
  const fault = ifnameFault(ifname)
  if (fault !== undefined) return wrong(`invalid CNI_IFNAME ${JSON.stringify(ifname)}: ${fault}`)
  const unfit = argsFault(sandbox.args) ?? joinFault(sandbox.path) ?? planFault(plan)
  if (unfit !== undefined) return { kind: 'bad-request', error: unfit }
  if (!Object.hasOwn(merges, plan.merge)) return { kind: 'unknown-merge', merge: plan.merge }
  const held = plan.attachments.find((attachment) => taken.includes(attachment.ifname))
  return held && { kind: 'ifname-in-use', containerId, ifname: held.ifname }
}

/** The record says that the attachment may exist before the first of its plugins can run. */
const announce = (add: Addition): Transition => {
  const pending = lengthOf(attachmentOf(add))
  const record = withStep(add.record, add.attachment, { state: 'adding', pending })
  return [{ phase: 'announcing', add: { ...add, record } }, [{ kind: 'save', record }]]
}

const runPlugin = (add: Addition): Transition => {
  const attachment = attachmentOf(add)
  const invocation = invocationOf('ADD', attachment, add.plugin, add.record.sandbox, add.previous)
  if (E.isLeft(invocation)) {
    // Only what the plugin before said can keep a stdin from being made.
    const call = callName('ADD', attachment, add.plugin - 1)
    const { code, msg, details } = invocation.left
    const version = versionOrDefault(attachment.config.cniVersion)
    const error = cniError(code, `its result in version ${version}: ${msg}`, details)
    return undoFrom(add, { kind: 'bad-result', call, error }, add.plugin)
  }
  return [
    { phase: 'adding', add },
    [{ kind: 'run', invocation: invocation.right, abortable: true }],
  ]
}

const advance = (add: Addition, result: AnyResult): Transition => {
  const plugins = lengthOf(attachmentOf(add))
  if (add.plugin + 1 < plugins)
    return runPlugin({ ...add, plugin: add.plugin + 1, previous: result })
  // As the plugin said it (divergence X-04): every reader converts it to the version that it needs.
  const step = { state: 'added', pending: plugins, result } as const
  const record = withStep(add.record, add.attachment, step)
  const { merges } = add
  if (add.attachment + 1 < record.steps.length) {
    return announce({ record, merges, attachment: add.attachment + 1, plugin: 0 })
  }
  const all = { ...add, record }
  const added = mergedOf(record, merges)
  if (E.isLeft(added)) return rollBack(record, { kind: 'bad-merge', error: added.left })
  return [{ phase: 'concluding', add: all, added: added.right }, [{ kind: 'save', record }]]
}

const attachmentOf = (add: Addition): Attachment =>
  // The index is ours: `announce` and `advance` keep it below the number of attachments.
  add.record.plan.attachments[add.attachment] as Attachment

const withPending = (add: Addition, pending: number) =>
  withStep(
    add.record,
    add.attachment,
    pending === 0 ? { state: 'planned', pending } : { state: 'adding', pending },
  )

/** Undoes everything that ran: of the attachment in hand, the first `pending` plugins. */
const undoFrom = (add: Addition, error: EngineError, pending: number): Transition =>
  rollBack(withPending(add, pending), error)
