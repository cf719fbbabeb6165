/**
 * Decides what the journal keeps of an attachment: enough to undo it with nothing else at hand, and the state of each
 * step. Refuses records of another major version and of another program.
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { reportFailures } from '../cni/codec.js'
import { isPluginConfiguration } from '../cni/configuration.js'
import type { ValidAttachment } from '../cni/derive.js'
import type { AnyResult } from '../cni/result.js'
import type { Sandbox } from '../cni/sandbox.js'
import type { Attachment, Plan } from '../plan/types.js'

/** The major version of the record format; keys may be added within it. */
export const recordVersion = 1

/**
 * How far a step, which is one attachment of the plan, has come. `planned`: nothing of it exists. `adding`: some of its
 * plugins may have run. `failed`: it could not be undone; the next DEL tries again.
 */
export type StepState = 'planned' | 'adding' | 'added' | 'deleting' | 'failed'

/** One attachment of the plan, at the same index. */
export interface Step {
  readonly state: StepState
  /** How many plugins of the list, from the first, may have left something: DEL runs those, the last first. */
  readonly pending: number
  /** The result of the complete ADD: prevResult of CHECK and DEL. */
  readonly result?: AnyResult
}

/** What the journal keeps. */
export interface EngineRecord {
  readonly record: 'metacni'
  readonly version: typeof recordVersion
  readonly sandbox: Sandbox
  readonly plan: Plan
  readonly steps: readonly Step[]
}

/** The record of an ADD that is about to begin. */
export const newRecord = (plan: Plan, sandbox: Sandbox): EngineRecord => {
  // A caller's object may hold more, for example a request with its whole configuration: not for the disk.
  const { containerId, netns, ifname, args, path } = sandbox
  return {
    record: 'metacni',
    version: recordVersion,
    sandbox: { containerId, netns, ifname, args, path },
    plan,
    steps: plan.attachments.map(() => ({ state: 'planned', pending: 0 })),
  }
}

/** The record with one step changed. */
export const withStep = (record: EngineRecord, index: number, step: Step): EngineRecord => ({
  ...record,
  steps: record.steps.map((one, position) => (position === index ? step : one)),
})

/** Whether every step is complete. */
export const isAdded = (record: EngineRecord): boolean =>
  record.steps.every(({ state }) => state === 'added')

/** How many plugins an attachment runs. */
export const lengthOf = (attachment: Attachment | undefined): number =>
  attachment?.config.plugins.length ?? 0

const RecordSandbox = t.intersection([
  t.type({ containerId: t.string, netns: t.string, ifname: t.string, args: t.string }),
  t.type({ path: t.readonlyArray(t.string) }),
])

const RecordCodec = t.type({
  record: t.literal('metacni'),
  version: t.number,
  sandbox: RecordSandbox,
  plan: t.type({
    attachments: t.array(
      t.type({
        network: t.type({ name: t.string }),
        ifname: t.string,
        primary: t.boolean,
        config: t.type({ name: t.string, plugins: t.array(t.UnknownRecord) }),
        capabilityArgs: t.UnknownRecord,
      }),
    ),
    merge: t.string,
    resultVersion: t.string,
  }),
  steps: t.array(
    t.type({
      state: t.keyof({ planned: null, adding: null, added: null, deleting: null, failed: null }),
      pending: t.number,
    }),
  ),
})

/** A record as it was stored. Left: why it cannot be trusted. */
export const decodeRecord = (value: unknown): E.Either<string, EngineRecord> => {
  const decoded = RecordCodec.decode(value)
  if (E.isLeft(decoded)) {
    const [problem] = reportFailures(decoded, 'bad-json', 'record')
    return E.left(problem === undefined ? 'not a record' : `${problem.path}: ${problem.message}`)
  }
  const { version, plan, steps } = decoded.right
  if (version !== recordVersion)
    return E.left(`record version ${version}; ${recordVersion} is known`)
  if (steps.length !== plan.attachments.length)
    return E.left('steps and attachments differ in number')
  for (const [index, step] of steps.entries()) {
    const plugins = plan.attachments[index]?.config.plugins ?? []
    if (!plugins.every(isPluginConfiguration))
      return E.left(`attachment ${index} has no valid plugins`)
    if (!Number.isInteger(step.pending) || step.pending < 0 || step.pending > plugins.length) {
      return E.left(`step ${index} has ${step.pending} plugins to undo, of ${plugins.length}`)
    }
  }
  return E.right(decoded.right as unknown as EngineRecord)
}

/** The attachments of a stored record, as GC's list of valid ones names them; none when it cannot be read. */
export const validIn = (record: unknown): readonly ValidAttachment[] => {
  const decoded = decodeRecord(record)
  if (E.isLeft(decoded)) return []
  const { plan, sandbox } = decoded.right
  return plan.attachments.map(({ ifname }) => ({ containerID: sandbox.containerId, ifname }))
}
