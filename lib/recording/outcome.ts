/** Decides what of an outcome and of a plan is recorded: what is done with them, not why, and no configuration twice. */
import { isObject, type JsonObject } from '../cni/json.js'
import type { Added, Outcome } from '../engine/state.js'
import type { Plan } from '../plan/types.js'

/** An outcome without the plan's attachments, which stand in the command. */
export const bareOutcome = (outcome: Outcome<object>): unknown => {
  if (!outcome.ok || !('attachments' in outcome.value)) return outcome
  const { result, attachments } = outcome.value as Added
  const bare = attachments.map(({ attachment: { network, ifname }, result: own }) => ({
    ...{ network: network.name, ifname, result: own },
  }))
  return { ok: true, value: { result, attachments: bare } }
}

/** A plan without its decisions and warnings: nothing that runs depends on them. */
export const barePlan = (plan: Plan): Plan => ({ ...plan, decisions: [], warnings: [] })

/** A stored record with a bare plan; what is no record stays as it is. */
export const bareRecord = (record: unknown): unknown => {
  if (!isObject(record) || !isObject(record.plan)) return record
  const plan: JsonObject = { ...record.plan, decisions: [], warnings: [] }
  return { ...record, plan }
}
