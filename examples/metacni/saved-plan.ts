/**
 * Decides whether a saved plan may be carried out. Refuses a text that is no plan, and a plan that the inputs given
 * beside it no longer lead to.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import type { JsonObject } from '../../lib/cni/json.js'
import { at, failure, quote } from '../../lib/cni/problem.js'
import type { Plan } from '../../lib/index.js'
import { decodePlan } from '../../lib/plan/codec.js'
import { diff } from '../../lib/plan/diff.js'
import { hash } from '../../lib/plan/hash.js'
import { renderChanges } from '../../lib/plan/render-changes.js'
import { refusalOf } from './failure.js'
import type { InputReader } from './input-text.js'
import type { Inputs, PlannedInputs, PlanOptions } from './inputs.js'

/** The most that is read of a plan, in bytes: it holds many configurations. */
const longestPlan = 16 * 1024 * 1024

/** The plan in a file. */
export const readSavedPlan = async (file: string, reader: InputReader): Promise<PlannedInputs> => {
  const text = await reader.read(file, 'bad-plan', longestPlan)
  if (!text.ok) return { ok: false, ...refusalOf([text.problem]) }
  const plan = decodePlan(text.value)
  return isLeft(plan) ? { ok: false, ...refusalOf(plan.left) } : { ok: true, plan: plan.right }
}

/** Whether any option is given that a plan is made of; those that only a run needs do not count. */
export const hasPlanInputs = ({
  pod,
  networks,
  confDir = [],
  config,
  profile,
  defaultDelegates,
}: PlanOptions): boolean =>
  confDir.length > 0 ||
  [pod, networks, config, profile, defaultDelegates].some((value) => value !== undefined)

/**
 * The saved plan, or the one that the inputs lead to now when they are given, which is the same but for
 * --capability-args: those come with the call. Problem: `plan-changed`.
 */
export const confirmSavedPlan = (saved: Plan, file: string, inputs: Inputs): PlannedInputs => {
  const bare = inputs.plan(false)
  if (!bare.ok) return bare
  const full = inputs.plan()
  if (!full.ok || hash(full.plan) === hash(saved) || hash(bare.plan) === hash(saved)) return full
  const changes = renderChanges(diff(saved, bare.plan))
  const message = `the inputs lead to another plan now:\n${changes}`
  const hint = 'give the inputs that it was made of, plan again, or leave the inputs out'
  const problem = failure('plan-changed', at(file === '-' ? 'stdin' : file), message, hint)
  return { ok: false, problems: [problem], partial: full.plan }
}

/** A saved plan for a call: under its interface name, and with its capability arguments on the primary attachment. */
export const prepareSavedPlan = (
  saved: Plan,
  file: string,
  ifname: string | undefined,
  capabilityArgs: JsonObject | undefined,
): PlannedInputs => {
  const primary = saved.attachments.find((attachment) => attachment.primary)
  if (ifname !== undefined && primary?.ifname !== ifname) {
    const message = `the primary interface of the plan is ${quote(primary?.ifname)}, not ${quote(ifname)}`
    const problem = failure('plan-changed', at(file), message, 'plan again with this --ifname')
    return { ok: false, problems: [problem], partial: saved }
  }
  if (capabilityArgs === undefined) return { ok: true, plan: saved }
  const attachments = saved.attachments.map((attachment) =>
    attachment.primary
      ? { ...attachment, capabilityArgs: { ...attachment.capabilityArgs, ...capabilityArgs } }
      : attachment,
  )
  return { ok: true, plan: { ...saved, attachments } }
}
