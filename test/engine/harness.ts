/** Plays the engine's reducer without ports: every effect is listed, every event is given by the test. */
import type { Answer, Invocation } from '../../lib/cni/invocation.js'
import type { Sandbox } from '../../lib/cni/sandbox.js'
import type { EngineRecord } from '../../lib/engine/record.js'
import type { EngineCommand, EngineEvent, EngineState, Outcome } from '../../lib/engine/state.js'
import { idle, step } from '../../lib/engine/step.js'
import { standardMerges } from '../../lib/plan/merge.js'
import type { Attachment, Plan } from '../../lib/plan/types.js'

export const sandbox: Sandbox = {
  containerId: 'c1',
  netns: '/run/netns/c1',
  ifname: 'eth0',
  args: 'IgnoreUnknown=1',
  path: ['/opt/cni/bin'],
}

/** A plan: an entry is a network, its value the types of its plugins. */
export const planOf = (
  networks: Readonly<Record<string, readonly string[]>>,
  changes: Partial<Plan> = {},
  version = '1.0.0',
): Plan => ({
  version: 1,
  attachments: Object.entries(networks).map(
    ([name, types], index): Attachment => ({
      network: { name, source: { kind: 'file', file: `${name}.conflist` } },
      ifname: `eth${index}`,
      primary: index === 0,
      config: { name, cniVersion: version, plugins: types.map((type) => ({ type })) },
      capabilityArgs: {},
    }),
  ),
  merge: 'primaryResultOnly',
  resultVersion: version,
  decisions: [],
  warnings: [],
  ...changes,
})

export const success = (value: unknown = {}): Answer => ({
  kind: 'success',
  stdout: JSON.stringify(value),
})
export const refused = (code: number, msg: string): Answer => ({
  kind: 'refused',
  error: { code, msg },
})
export const none = (
  kind: Extract<Answer, { kind: 'none' }>['reason']['kind'],
  started: boolean,
): Answer => ({
  kind: 'none',
  reason: { kind, message: kind, started },
})

/** What a play did: `ADD bridge eth0`, `save adding,planned`, `remove`, in order; and how it ended. */
export interface Play {
  readonly log: readonly string[]
  readonly invocations: readonly Invocation[]
  readonly saved: readonly EngineRecord[]
  readonly outcome: Outcome<unknown>
}

/** How the world answers: by the call's words (`ADD bridge eth0`), everything else succeeds. */
export interface Script {
  readonly answers?: Readonly<Record<string, Answer>>
  /** The message with which the n-th write of the journal fails, from 0. */
  readonly writes?: Readonly<Record<number, string>>
}

export const play = (command: EngineCommand, script: Script = {}): Play => {
  const log: string[] = []
  const invocations: Invocation[] = []
  const saved: EngineRecord[] = []
  let writes = 0
  let [state, effects]: readonly [
    EngineState,
    readonly import('../../lib/engine/state.js').Effect[],
  ] = step(idle, { kind: 'begin', command })
  for (let guard = 0; guard < 1000; guard++) {
    let event: EngineEvent | undefined
    for (const effect of effects) {
      if (effect.kind === 'note') log.push(`note ${effect.message}`)
      else if (effect.kind === 'run') {
        const { verb, type, env } = effect.invocation
        const words = `${verb} ${type} ${env.CNI_IFNAME}`
        log.push(words)
        invocations.push(effect.invocation)
        event = { kind: 'answered', answer: script.answers?.[words] ?? success() }
      } else {
        if (effect.kind === 'save') saved.push(effect.record)
        log.push(
          effect.kind === 'save'
            ? `save ${effect.record.steps.map((one) => one.state).join(',')}`
            : effect.kind,
        )
        const message = script.writes?.[writes++]
        event = message === undefined ? { kind: 'stored' } : { kind: 'stored', message }
      }
    }
    if (state.phase === 'done') return { log, invocations, saved, outcome: state.outcome }
    if (event === undefined) throw new Error(`nothing to wait for in ${state.phase}`)
    ;[state, effects] = step(state, event)
  }
  throw new Error('the machine does not end')
}

export const addCommand = (
  plan: Plan,
  record?: unknown,
  taken: readonly string[] = [],
): EngineCommand => ({ verb: 'ADD', plan, sandbox, merges: standardMerges, record, taken })

export const recordedCommand = (verb: 'DEL' | 'CHECK', record: unknown): EngineCommand => ({
  verb,
  sandbox: { ...sandbox, netns: '', args: '', path: [] },
  record,
})

/** The last record that a play saved. */
export const lastRecord = ({ saved }: Play): EngineRecord => {
  const record = saved.at(-1)
  if (record === undefined) throw new Error('no record was saved')
  return record
}
