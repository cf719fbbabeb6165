/**
 * Decides how the verbs go on that visit every plugin in order and change no record: CHECK and STATUS end at the first
 * failure, GC visits all and reports them (SPEC "CHECK", "STATUS", "GC"). Refuses to CHECK what is not completely attached.
 */
import * as E from 'fp-ts/lib/Either.js'
import type { NetworkConfigurationList } from '../cni/configuration.js'
import { cniError, cniErrorCodes } from '../cni/error.js'
import { isOn } from '../cni/flag.js'
import type { Answer } from '../cni/invocation.js'
import { quote } from '../cni/problem.js'
import { isAtLeast, parseVersion, versionOrDefault } from '../cni/version.js'
import type { Attachment } from '../plan/types.js'
import { callName, invocationOf, overlaySandbox } from './call.js'
import type { EngineError } from './error.js'
import { decodeRecord, isAdded } from './record.js'
import type { EngineCommand, Outcome, StepReport, Survey, Surveyed, Transition } from './state.js'

/** Begins a CHECK of what the journal has. */
export const beginCheck = (
  command: EngineCommand & { readonly verb: 'DEL' | 'CHECK' },
): Transition => {
  const { containerId, ifname } = command.sandbox
  if (command.record === undefined) return failed([{ kind: 'not-attached', containerId, ifname }])
  const decoded = decodeRecord(command.record, command.sandbox)
  if (E.isLeft(decoded)) return failed([{ kind: 'bad-record', ifname, message: decoded.left }])
  const record = decoded.right
  if (!isAdded(record)) return failed([{ kind: 'not-attached', containerId, ifname }])
  const unversioned = record.plan.attachments.find(({ config }) => !hasVersion(config))
  if (unversioned !== undefined) return failed([noVersion(unversioned)])
  const sandbox = overlaySandbox(record.sandbox, command.sandbox)
  // Every plugin needs one for CHECK (SPEC), and one that does not look would say that all is well.
  if (sandbox.netns === '') return failed([noNamespace(ifname)])
  return visit({
    verb: 'CHECK',
    attachments: record.plan.attachments,
    results: record.steps.map(({ result }) => result),
    sandbox,
    ...atTheStart,
  })
}

const hasVersion = ({ cniVersion = '' }: Attachment['config']): boolean =>
  parseVersion(cniVersion) !== undefined

// Nobody can say whether a text that is no version allows CHECK; STATUS and GC pass such a list over (2.11, 2.12).
const noVersion = ({ network, config }: Attachment): EngineError => ({
  kind: 'bad-request',
  error: cniError(
    cniErrorCodes.incompatibleVersion,
    `network ${quote(network.name)}: configuration version ${quote(config.cniVersion)} is none`,
  ),
})

const noNamespace = (ifname: string): EngineError => ({
  kind: 'bad-request',
  error: cniError(
    cniErrorCodes.invalidNetns,
    `the network namespace of ${quote(ifname)} is gone, or nobody has recorded it`,
  ),
})

/** Begins a STATUS or a GC of networks, whatever is attached to them. */
export const beginSurvey = (
  command: EngineCommand & { readonly verb: 'STATUS' | 'GC' },
): Transition => {
  const { verb, attachments, path } = command
  const sandbox = { containerId: '', netns: '', ifname: '', args: '', path }
  const survey = { verb, attachments, results: [], sandbox, ...atTheStart }
  return visit(command.verb === 'GC' ? { ...survey, valid: command.valid } : survey)
}

/** A plugin has answered. */
export const answeredSurvey = (survey: Survey, answer: Answer): Transition => {
  if (answer.kind === 'success') return visit({ ...survey, plugin: survey.plugin + 1 })
  const call = callName(survey.verb, attachmentOf(survey), survey.plugin)
  return fail(
    survey,
    answer.kind === 'none'
      ? { kind: 'no-answer', call, reason: answer.reason }
      : { kind: 'plugin-refused', call, error: answer.error },
  )
}

const atTheStart = { attachment: 0, plugin: 0, visited: [], skipped: [], failures: [] }

const visit = (from: Survey): Transition => {
  let survey = from
  for (;;) {
    const current = survey.attachments[survey.attachment]
    if (current === undefined) return conclude(survey)
    if (
      survey.plugin < current.config.plugins.length &&
      barTo(survey.verb, current.config) === undefined
    )
      break
    const report: StepReport = {
      network: current.network.name,
      ifname: current.ifname,
      state: 'added',
    }
    const list = survey.plugin === 0 ? 'skipped' : 'visited'
    survey = {
      ...survey,
      [list]: [...survey[list], report],
      attachment: survey.attachment + 1,
      plugin: 0,
    }
  }
  const { verb, attachment, plugin, sandbox, results, valid } = survey
  const invocation = invocationOf(
    verb,
    attachmentOf(survey),
    plugin,
    sandbox,
    results[attachment],
    valid,
  )
  if (E.isLeft(invocation)) {
    const call = callName(verb, attachmentOf(survey), plugin)
    return fail(survey, { kind: 'bad-result', call, error: invocation.left })
  }
  return [
    { phase: 'surveying', survey },
    [{ kind: 'run', invocation: invocation.right, abortable: true }],
  ]
}

const fail = (survey: Survey, error: EngineError): Transition => {
  if (survey.verb !== 'GC') return failed([error])
  return visit({ ...survey, plugin: survey.plugin + 1, failures: [...survey.failures, error] })
}

const since = { CHECK: '0.4.0', STATUS: '1.1.0', GC: '1.1.0' } as const

/** Why a verb passes a network over; undefined when it does not. */
export const barTo = (
  verb: Survey['verb'],
  config: NetworkConfigurationList,
): string | undefined => {
  if (!isAtLeast(versionOrDefault(config.cniVersion), since[verb]))
    return `below version ${since[verb]}`
  if (verb === 'CHECK' && isOn(config.disableCheck)) return 'disableCheck is set'
  return verb === 'GC' && isOn(config.disableGC) ? 'disableGC is set' : undefined
}

const attachmentOf = (survey: Survey): Attachment =>
  // The index is ours: `visit` keeps it below the number of attachments.
  survey.attachments[survey.attachment] as Attachment

const conclude = ({ visited, skipped, failures }: Survey): Transition => {
  if (failures.length > 0) return failed(failures)
  const value: Surveyed = { checked: visited, skipped }
  return [{ phase: 'done', outcome: { ok: true, value } }, []]
}

const failed = (errors: readonly EngineError[]): Transition => {
  const [first] = errors
  const error: EngineError =
    errors.length === 1 && first !== undefined ? first : { kind: 'several', errors }
  const outcome: Outcome<Surveyed> = { ok: false, error, undone: [], left: [] }
  return [{ phase: 'done', outcome }, []]
}
