/**
 * Decides nothing: writes down what an engine asks of its runner and its journal, and what they answer, while it works.
 * Refuses to let the writing change anything: a sink that fails is forgotten.
 */
import { attempt, settled, timeOf } from '../../lib/attempt.js'
import { type Answer, answerOf, noAnswer } from '../../lib/cni/invocation.js'
import { thrownText } from '../../lib/cni/problem.js'
import { createEngine, type Engine, type EnginePorts } from '../../lib/create-engine.js'
import type { Outcome } from '../../lib/engine/state.js'
import type { Clock, Journal, JournalEntry, Runner } from '../../lib/ports/index.js'
import { createRecorder, type Recorder } from '../../lib/recording/recorder.js'
import type { Answers, Asked, RecordedCommand } from '../../lib/recording/types.js'

/** Takes one line of a recording, with its newline, and has written it when it returns. A throw ends the recording. */
export type RecordingSink = (line: string) => void

/** What a recording says of itself. */
export interface RecordOptions {
  /** The program that records, with its version. */
  readonly by?: string
  /** Names an operation like no other one in the same file. Default: a random UUID. */
  readonly operation?: () => string
}

/**
 * An Engine on these ports whose every operation is recorded, secrets masked, so that `replay` can go through it again.
 * With a `clock` among the ports it says when, and how long each answer took.
 */
export const record = (
  ports: EnginePorts,
  sink: RecordingSink,
  { by, operation = newName }: RecordOptions = {},
): Engine => {
  const through = async <A extends object>(
    command: () => RecordedCommand,
    work: (engine: Engine) => Promise<Outcome<A>>,
  ): Promise<Outcome<A>> =>
    settled(async () => {
      const { clock } = ports
      const name = { operation: operation(), ...(by !== undefined && { by }) }
      const time = timeOf(clock)
      const recorder = createRecorder({ ...name, ...(time !== undefined && { time }) })
      const write = writing(sink)
      write(() => recorder.begin(command()))
      const ask = asking(recorder, write, clock)
      const runner = recordedRunner(ports.runner, ask)
      const journal = recordedJournal(ports.journal, ask)
      const outcome = await work(createEngine({ ...ports, runner, journal }))
      write(() => recorder.ended(outcome))
      return outcome
    })
  return {
    add: (plan, sandbox, options) =>
      through(
        () => ({ verb: 'ADD', plan, sandbox: sandboxOf(sandbox) }),
        (engine) => engine.add(plan, sandbox, options),
      ),
    check: (sandbox, options) =>
      through(
        () => ({ verb: 'CHECK', sandbox: sandboxOf(sandbox) }),
        (engine) => engine.check(sandbox, options),
      ),
    del: (sandbox, options) =>
      through(
        () => ({ verb: 'DEL', sandbox: sandboxOf(sandbox) }),
        (engine) => engine.del(sandbox, options),
      ),
    gc: (what, options) =>
      through(
        () => ({ verb: 'GC', valid: what.valid, networks: what.networks, path: what.path }),
        (engine) => engine.gc(what, options),
      ),
    status: (plan, where, options) =>
      through(
        () => ({ verb: 'STATUS', plan, path: where.path }),
        (engine) => engine.status(plan, where, options),
      ),
  }
}

// The global one is loaded when it is used; node:crypto would be at every start.
const newName = (): string => crypto.randomUUID()

// A caller's object may hold more, for example a request with its whole configuration.
const sandboxOf = <A extends { readonly containerId: string }>(sandbox: A): A => {
  const known = ['containerId', 'netns', 'netnsId', 'ifname', 'args', 'path']
  return Object.fromEntries(Object.entries(sandbox).filter(([key]) => known.includes(key))) as A
}

/** Writes the line that is made of what a port or a caller gave, unless that or the sink has failed before. */
type Write = (line: () => string) => void

const writing = (sink: RecordingSink): Write => {
  let isBroken = false
  return (line) => {
    if (isBroken) return
    try {
      const text = line()
      if (text !== '') sink(text)
    } catch {
      isBroken = true
    }
  }
}

/** Writes down a question, does the work, writes down the answer. */
type Ask = <K extends Asked['kind']>(
  asked: Asked & { readonly kind: K },
  work: () => Promise<Answers[K]>,
) => Promise<Answers[K]>

const asking =
  (recorder: Recorder, write: Write, clock: Clock | undefined): Ask =>
  async (asked, work) => {
    write(() => recorder.asked(asked))
    const began = timeOf(clock)
    const answer = await work()
    const ended = timeOf(clock)
    const took = began === undefined || ended === undefined ? undefined : ended - began
    write(() => recorder.answered(asked.kind, answer, took))
    return answer
  }

const recordedRunner = (runner: Runner, ask: Ask): Runner => ({
  run: (invocation, signal) =>
    ask({ kind: 'run', ...invocation }, async (): Promise<Answer> => {
      try {
        return answerOf(await runner.run(invocation, signal))
      } catch (error) {
        return noAnswer('runner-threw', thrownText(error), true)
      }
    }),
})

const recordedJournal = (journal: Journal, ask: Ask): Journal => ({
  list: () => ask({ kind: 'list' }, () => attempt(() => journal.list())),
  open: async (containerId, mode, signal) => {
    let entry: JournalEntry | undefined
    const answer = await ask({ kind: 'open', containerId, mode }, async () => {
      const opened = await attempt(() => journal.open(containerId, mode, signal))
      if (!opened.ok) return opened
      entry = opened.value
      const { corrupt } = entry
      const records = [...entry.records].map(([ifname, one]) => ({ ifname, record: one }))
      return { ok: true, value: { records, corrupt } }
    })
    if (!answer.ok) return answer
    // The answer was made of it.
    return { ok: true, value: recordedEntry(entry as JournalEntry, containerId, ask) }
  },
})

const recordedEntry = (entry: JournalEntry, containerId: string, ask: Ask): JournalEntry => ({
  records: entry.records,
  corrupt: entry.corrupt,
  save: (ifname, one) =>
    ask({ kind: 'save', containerId, ifname, record: one }, () =>
      attempt(() => entry.save(ifname, one)),
    ),
  remove: (ifname) =>
    ask({ kind: 'remove', containerId, ifname }, () => attempt(() => entry.remove(ifname))),
  quarantine: (ifname) =>
    ask({ kind: 'quarantine', containerId, ifname }, () => attempt(() => entry.quarantine(ifname))),
  close: async () => {
    await ask({ kind: 'close', containerId }, () =>
      attempt(async () => ({ ok: true, value: await entry.close() })),
    )
  },
})
