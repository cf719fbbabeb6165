/**
 * Decides what today's engine does with a recorded operation: it is given the recorded answers, and every step is held
 * against the recorded one. Starts no process and touches no file.
 */
import { isObject } from './cni/json.js'
import type { JsonChange } from './cni/json-changes.js'
import type { Result } from './cni/result.js'
import { currentVersion } from './cni/version.js'
import { createEngine, type Engine } from './create-engine.js'
import type { Outcome } from './engine/state.js'
import { type Merges, standardMerges } from './plan/merge.js'
import type { Journal, JournalEntry, Runner } from './ports/index.js'
import { isSameStep, maskedChanges, stepChanges } from './recording/compare.js'
import { bareOutcome } from './recording/outcome.js'
import type { Answers, Asked, RecordedCommand, Recording } from './recording/types.js'
import { outcomeWords, stepWords } from './recording/words.js'

/**
 * How a step is another one today. `changed`: the same step with other contents; the replay goes on. `other`: something
 * else is asked; `left-out`: what was recorded for a later step; `more`: something after the last step; `fewer`: the
 * operation ends where the recording goes on. `outcome`: it ends in another way. `gap`: lines of the recording are missing
 * here, and what follows nobody can know.
 */
export type DifferenceKind = 'changed' | 'other' | 'left-out' | 'more' | 'fewer' | 'outcome' | 'gap'

/** One step at which today's engine would do something else. */
export interface Difference {
  readonly kind: DifferenceKind
  /** From 1. The outcome has the number after the last step's. */
  readonly step: number
  /** What was asked in this step, in words; missing after the last one. */
  readonly recorded?: string
  /** What would be asked today, in words; missing when nothing would. */
  readonly today?: string
  /** `changed` and `outcome`: each place, as a JSON Pointer into what was asked, or into the outcome. Secrets are masked. */
  readonly changes: readonly JsonChange[]
}

/** What a replay came to. */
export interface Replayed {
  /** The first one is where today's engine would do something else; none: it does the same as far as the recording goes. */
  readonly differences: readonly Difference[]
  /** How many steps were the recorded ones, changed or not. */
  readonly steps: number
  /** The recording ends before the operation does, as after a crash; or at a gap. */
  readonly isCut: boolean
}

/** What a replay may need that no recording holds. */
export interface ReplayOptions {
  /** Merge functions beside `primaryResultOnly` and `allInterfaces`, by the names that plans bear. */
  readonly merges?: Merges
}

/** Goes through a recorded operation with today's engine. Never rejects. */
export const replay = async (
  recording: Recording,
  { merges }: ReplayOptions = {},
): Promise<Replayed> => {
  const player = createPlayer(recording)
  const { runner, journal } = player
  const engine = createEngine({ runner, journal, merges: { ...standIn(recording), ...merges } })
  const ended = perform(engine, recording.command, player.signal)
    .then(player.conclude)
    .catch(player.fail)
  await Promise.race([ended, player.stopped])
  const { differences, position, isCut } = player.state()
  return { differences, steps: position, isCut }
}

/** A merge rule of the recorder's own, which is not at hand, is taken to give what it gave. */
const standIn = ({ command, outcome }: Recording): Merges => {
  if (command.verb !== 'ADD' || Object.hasOwn(standardMerges, command.plan.merge)) return {}
  const value = isObject(outcome) && isObject(outcome.value) ? outcome.value : {}
  const result = isObject(value.result) ? value.result : { cniVersion: currentVersion }
  return { [command.plan.merge]: () => result as Result }
}

const perform = (
  engine: Engine,
  command: RecordedCommand,
  signal: AbortSignal,
): Promise<Outcome<object>> => {
  switch (command.verb) {
    case 'ADD':
      return engine.add(command.plan, command.sandbox, { signal })
    case 'CHECK':
      return engine.check(command.sandbox, { signal })
    case 'DEL':
      return engine.del(command.sandbox, { signal })
    case 'GC':
      return engine.gc(command, { signal })
    case 'STATUS':
      return engine.status(command.plan, command, { signal })
  }
}

/** Ports that answer as recorded, and hold every question against the recording. */
const createPlayer = ({ steps, outcome: recorded, hasGap }: Recording) => {
  const differences: Difference[] = []
  // Fired where it had been when this was recorded: before the first question, or while a container was waited for.
  const controller = new AbortController()
  if (steps.length === 0 && wasInterrupted(recorded)) controller.abort()
  let position = 0
  let isCut = false
  let isOver = false
  let stop: () => void = () => {}
  const stopped = new Promise<void>((resolve) => {
    stop = resolve
  })

  const end = (difference?: Omit<Difference, 'step'>): void => {
    isOver = true
    if (difference) differences.push({ ...difference, step: position + 1 })
    stop()
  }

  /** A crash ends a recording; a gap ends what can be said of it. */
  const cut = (): void => {
    isCut = true
    end(hasGap ? { kind: 'gap', changes: [] } : undefined)
  }

  /** The step that was recorded here, if this is it; undefined: nothing after it can be known. */
  const match = (asked: Asked): Answers[Asked['kind']] | undefined => {
    const step = steps[position]
    const today = stepWords(asked)
    if (step === undefined) {
      if (recorded === undefined) cut()
      else end({ kind: 'more', today, changes: [] })
      return undefined
    }
    if (!isSameStep(step.asked, asked)) {
      const isLater = steps.slice(position).some((one) => isSameStep(one.asked, asked))
      const kind = isLater ? 'left-out' : 'other'
      end({ kind, recorded: stepWords(step.asked), today, changes: [] })
      return undefined
    }
    position++
    const changes = stepChanges(step.asked, asked)
    const words = { recorded: stepWords(step.asked), today }
    if (changes.length > 0) differences.push({ kind: 'changed', step: position, ...words, changes })
    if (step.answer === undefined) cut()
    return step.answer
  }

  const ask = <K extends Asked['kind']>(asked: Asked & { readonly kind: K }): Promise<Answers[K]> =>
    new Promise((resolve) => {
      const answer = isOver ? undefined : match(asked)
      // Without an answer the engine waits for ever: what it would do next nobody can know.
      if (answer !== undefined) resolve(answer as Answers[K])
    })

  const runner: Runner = { run: (invocation) => ask({ kind: 'run', ...invocation }) }

  const journal: Journal = {
    list: () => ask({ kind: 'list' }),
    open: async (containerId, mode) => {
      const opened = await ask({ kind: 'open', containerId, mode })
      if (!opened.ok && wasInterrupted(recorded)) controller.abort()
      return opened.ok ? { ok: true, value: entryOf(containerId, opened.value) } : opened
    },
  }

  const entryOf = (
    containerId: string,
    { records, corrupt }: (Answers['open'] & { readonly ok: true })['value'],
  ): JournalEntry => ({
    records: new Map(records.map(({ ifname, record }) => [ifname, record])),
    corrupt,
    save: (ifname, record) => ask({ kind: 'save', containerId, ifname, record }),
    remove: (ifname) => ask({ kind: 'remove', containerId, ifname }),
    quarantine: (ifname) => ask({ kind: 'quarantine', containerId, ifname }),
    close: async () => {
      await ask({ kind: 'close', containerId })
    },
  })

  const conclude = (outcome: Outcome<object>): void => {
    if (isOver) return
    const step = steps[position]
    if (step !== undefined) {
      isCut = recorded === undefined
      const words = { recorded: stepWords(step.asked), today: outcomeWords(outcome) }
      end({ kind: 'fewer', ...words, changes: [] })
    } else if (recorded === undefined) cut()
    else {
      const changes = maskedChanges(recorded, bareOutcome(outcome))
      end(changes.length === 0 ? undefined : { kind: 'outcome', changes })
    }
  }

  const fail = (error: unknown): void => {
    if (isOver) return
    const today = `the engine fails: ${error instanceof Error ? error.message : String(error)}`
    end({ kind: 'outcome', today, changes: [] })
  }

  const state = () => ({ differences, position, isCut })
  return { runner, journal, signal: controller.signal, stopped, conclude, fail, state }
}

/** Whether the caller's signal had fired, of which the outcome alone is recorded. */
const wasInterrupted = (outcome: unknown): boolean => {
  const error = isObject(outcome) && isObject(outcome.error) ? outcome.error : {}
  return error.kind === 'interrupted'
}
