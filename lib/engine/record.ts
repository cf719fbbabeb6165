/**
 * Decides what the journal keeps of an attachment: enough to undo it with nothing else at hand, and the state of each
 * step. Refuses records of another major version and of another program.
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { reportFailures } from '../cni/codec.js'
import type { ValidAttachment } from '../cni/derive.js'
import { isObject } from '../cni/json.js'
import { isPluginConfiguration } from '../cni/plugin-configuration.js'
import { quote } from '../cni/problem.js'
import { type AnyResult, decodeResult } from '../cni/result.js'
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
  const { containerId, netns, netnsId, ifname, args, path } = sandbox
  const place = netnsId === undefined ? { netns } : { netns, netnsId }
  return {
    record: 'metacni',
    version: recordVersion,
    sandbox: { containerId, ...place, ifname, args, path },
    plan,
    steps: plan.attachments.map(() => ({ state: 'planned', pending: 0 })),
  }
}

/** The record with one step changed. */
export const withStep = (record: EngineRecord, index: number, step: Step): EngineRecord => ({
  ...record,
  steps: record.steps.map((one, position) => (position === index ? step : one)),
})

/** Whether a value has the marks of a record, of any version. */
export const isRecordLike = (value: unknown): boolean =>
  isObject(value) &&
  value.record === 'metacni' &&
  isObject(value.sandbox) &&
  Array.isArray(value.steps)

/** Whether every step is complete. */
export const isAdded = (record: EngineRecord): boolean =>
  record.steps.every(({ state }) => state === 'added')

/** How many plugins an attachment runs. */
export const lengthOf = (attachment: Attachment | undefined): number =>
  attachment?.config.plugins.length ?? 0

const RecordSandbox = t.intersection(
  [
    t.type({
      containerId: t.string,
      netns: t.string,
      ifname: t.string,
      args: t.string,
      path: t.readonlyArray(t.string),
    }),
    t.partial({ netnsId: t.string }),
  ],
  'a sandbox',
)

const StoredStep = t.intersection(
  [
    t.type({
      state: t.keyof({ planned: null, adding: null, added: null, deleting: null, failed: null }),
      pending: t.number,
    }),
    t.partial({ result: t.unknown }),
  ],
  'a step',
)
type StoredStep = t.TypeOf<typeof StoredStep>

const StoredPlan = t.type(
  {
    attachments: t.array(
      t.type(
        {
          network: t.type({ name: t.string }, 'a network'),
          ifname: t.string,
          primary: t.boolean,
          config: t.intersection(
            [
              t.type({ name: t.string, plugins: t.array(t.UnknownRecord) }),
              t.partial({ cniVersion: t.string }),
            ],
            'a list',
          ),
          capabilityArgs: t.UnknownRecord,
        },
        'an attachment',
      ),
      'attachments',
    ),
    merge: t.string,
    resultVersion: t.string,
  },
  'a plan',
)

const RecordCodec = t.type(
  {
    record: t.literal('metacni'),
    version: t.number,
    sandbox: RecordSandbox,
    plan: StoredPlan,
    steps: t.array(StoredStep, 'steps'),
  },
  'a record',
)

/** Whose record it is, by the place where it was found. */
export interface RecordOwner {
  readonly containerId: string
  /** CNI_IFNAME of the request. */
  readonly ifname: string
}

/** What stands in the place of a record that the journal has and nobody can read, with the reason. */
export const unreadable = (message: string) => ({ corrupt: message })

const reasonIn = (value: unknown): string | undefined =>
  isObject(value) && Object.keys(value).length === 1 && typeof value.corrupt === 'string'
    ? value.corrupt
    : undefined

/**
 * A record as it was stored, for `owner` when one is given. Left: why it cannot be trusted; also when it is another
 * owner's, whose attachments nobody wants undone. A result that cannot be read is left out: DEL goes on without it.
 */
export const decodeRecord = (
  value: unknown,
  owner?: RecordOwner,
): E.Either<string, EngineRecord> => {
  const reason = reasonIn(value)
  if (reason !== undefined) return E.left(reason)
  const decoded = RecordCodec.decode(value)
  if (E.isLeft(decoded)) {
    const [problem] = reportFailures(decoded, 'bad-json', 'record')
    return E.left(problem === undefined ? 'not a record' : `${problem.path}: ${problem.message}`)
  }
  const { version, sandbox, plan, steps } = decoded.right
  if (version !== recordVersion)
    return E.left(`record version ${version}; ${recordVersion} is known`)
  const { containerId, ifname } = sandbox
  if (owner !== undefined && (containerId !== owner.containerId || ifname !== owner.ifname))
    return E.left(`it is the record of ${quote(ifname)} of ${quote(containerId)}`)
  if (steps.length !== plan.attachments.length)
    return E.left('steps and attachments differ in number')
  const fault = pluginFault(plan)
  if (fault !== undefined) return E.left(fault)
  for (const [index, step] of steps.entries()) {
    const plugins = plan.attachments[index]?.config.plugins ?? []
    if (!Number.isInteger(step.pending) || step.pending < 0 || step.pending > plugins.length) {
      return E.left(`step ${index} has ${step.pending} plugins to undo, of ${plugins.length}`)
    }
  }
  const record = decoded.right as unknown as EngineRecord
  return E.right({ ...record, steps: steps.map((step, index) => readStep(record, step, index)) })
}

/** A plan as it was stored, with everything that the engine trusts. Left: what is wrong with it. */
export const decodeStoredPlan = (value: unknown): E.Either<string, Plan> => {
  const decoded = StoredPlan.decode(value)
  if (E.isLeft(decoded)) {
    const [problem] = reportFailures(decoded, 'bad-json', 'plan')
    return E.left(problem === undefined ? 'not a plan' : `${problem.path}: ${problem.message}`)
  }
  const fault = pluginFault(decoded.right)
  return fault === undefined ? E.right(decoded.right as unknown as Plan) : E.left(fault)
}

const pluginFault = ({ attachments }: t.TypeOf<typeof StoredPlan>): string | undefined => {
  for (const [index, { config }] of attachments.entries()) {
    const wrong = config.plugins.find((plugin) => !isPluginConfiguration(plugin))
    if (wrong === undefined) continue
    const why = wrong.type === '' ? ': invalid plugin name: ""' : ''
    return `attachment ${index} has no valid plugins${why}`
  }
  return undefined
}

const readStep = ({ plan }: EngineRecord, step: StoredStep, index: number): Step => {
  const { result, ...rest } = step
  if (!isObject(result)) return rest
  const read = decodeResult(result, plan.attachments[index]?.config.cniVersion ?? '')
  return E.isRight(read) ? { ...rest, result: read.right } : rest
}

/** The attachments of a stored record, as GC's list of valid ones names them; none when it cannot be read. */
export const validIn = (record: unknown, owner: RecordOwner): readonly ValidAttachment[] => {
  const decoded = decodeRecord(record, owner)
  if (E.isLeft(decoded)) return []
  const { plan } = decoded.right
  return plan.attachments.map(({ ifname }) => ({ containerID: owner.containerId, ifname }))
}
