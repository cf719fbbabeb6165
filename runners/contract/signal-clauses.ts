/** Decides the clauses about signals and about calls at the same time. */
import type { Answer } from '../../lib/cni/invocation.js'
import { answerTo, demand, expectKind, expectNone, shown } from './answer.js'
import { clause } from './case.js'
import { callOf } from './invocation.js'

const envOf = (containerId: string) => ({
  CNI_CONTAINERID: containerId,
  CNI_NETNS: `/run/netns/${containerId}`,
})

// A hanging plugin that is answered before the signal will never be reported as started.
const begun = async (started: Promise<void>, answer: Promise<Answer>): Promise<void> => {
  const early = await Promise.race([started.then(() => undefined), answer])
  demand(early === undefined, `answered before the signal: ${shown(early)}`)
}

export const signalClauses = [
  clause(
    'aborted-before',
    'a signal that has fired already starts nothing',
    ['succeeds'],
    async (subject) => {
      const before = await subject.startedCount?.()
      for (const reason of [undefined, new Error('late'), 'a text', null]) {
        const controller = new AbortController()
        controller.abort(reason)
        const call = callOf(subject, subject.plugins.succeeds.type)
        expectNone(await answerTo(subject, call, controller.signal), ['aborted'], false)
      }
      demand((await subject.startedCount?.()) === before, 'something was started')
    },
  ),
  clause(
    'aborted-during',
    'a signal that fires stops the plugin, and the answer comes when it has stopped',
    ['hangs'],
    async (subject) => {
      const { type, started, isRunning } = subject.plugins.hangs
      const controller = new AbortController()
      const call = callOf(subject, type, { env: envOf('contract-a') })
      const answer = answerTo(subject, call, controller.signal)
      await begun(started('contract-a'), answer)
      demand(await isRunning('contract-a'), 'the hanging plugin ended before the signal')
      controller.abort('a text')
      expectNone(await answer, ['aborted'], true)
      demand(!(await isRunning('contract-a')), 'the answer came while the plugin still ran')
    },
  ),
  clause(
    'aborted-after',
    'a signal that fires after the answer does nothing',
    ['succeeds'],
    async (subject) => {
      const { type } = subject.plugins.succeeds
      const controller = new AbortController()
      expectKind(await answerTo(subject, callOf(subject, type), controller.signal), 'success')
      controller.abort()
      expectKind(await answerTo(subject, callOf(subject, type)), 'success')
    },
  ),
  clause(
    'calls-at-once',
    'two calls at once do not disturb each other',
    ['reports', 'refuses'],
    async (subject) => {
      const { reports, refuses } = subject.plugins
      const ids = ['contract-a', 'contract-b', 'contract-c']
      const [refused, ...answers] = await Promise.all([
        answerTo(subject, callOf(subject, refuses.type, { env: envOf('contract-z') })),
        ...ids.map((id) =>
          answerTo(subject, callOf(subject, reports.type, { env: envOf(id), stdin: { id } })),
        ),
      ])
      demand(refused?.kind === 'refused', `got ${shown(refused)}`)
      for (const [index, answer] of answers.entries()) {
        const { stdout } = expectKind(answer, 'success')
        const id = ids[index] ?? ''
        demand(stdout.includes(id), `the answer for ${id} is not its own: ${shown(stdout)}`)
        const foreign = ids.find((other) => other !== id && stdout.includes(other))
        demand(foreign === undefined, `the answer for ${id} speaks of ${foreign}`)
      }
    },
  ),
  clause(
    'abort-is-for-one',
    'a signal stops its own call and no other',
    ['hangs', 'succeeds'],
    async (subject) => {
      const { hangs, succeeds } = subject.plugins
      const [first, second] = [new AbortController(), new AbortController()]
      const start = (id: string, { signal }: AbortController) =>
        answerTo(subject, callOf(subject, hangs.type, { env: envOf(id) }), signal)
      const a = start('contract-a', first)
      const b = start('contract-b', second)
      await Promise.all([
        begun(hangs.started('contract-a'), a),
        begun(hangs.started('contract-b'), b),
      ])
      first.abort()
      expectNone(await a, ['aborted'], true)
      expectKind(await answerTo(subject, callOf(subject, succeeds.type)), 'success')
      demand(await hangs.isRunning('contract-b'), 'the other call was stopped as well')
      second.abort()
      expectNone(await b, ['aborted'], true)
      demand(!(await hangs.isRunning('contract-b')), 'the answer came while the plugin still ran')
    },
  ),
]
