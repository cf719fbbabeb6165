import { runnerContract, type Subject } from '../../runners/contract/index.js'
import {
  createMemoryNode,
  faults,
  type LoggedInvocation,
  type PluginBehaviour,
} from '../../runners/memory/index.js'
import { describe } from '../suite.js'

const prints =
  (stdout: string): PluginBehaviour =>
  () =>
    stdout

const error = { code: 123, msg: 'no more slots', details: 'slot 7 of 7' }

// A plugin that never ends by itself: one that listens to its signal, and one that a script lets hang.
const listens: PluginBehaviour = ({ signal }) =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })

const makeSubject = async (isScripted: boolean): Promise<Subject> => {
  const node = createMemoryNode({
    plugins: {
      good: prints('{"cniVersion":"1.0.0"}\n'),
      garbage: prints('hello {'),
      refuses: () => ({ kind: 'refused', error }),
      wordless: () => ({ kind: 'refused', error: { code: 0, msg: '' } }),
      hangs: listens,
      reports: ({ env, config }) => JSON.stringify({ env, stdin: config }),
    },
  })
  if (isScripted) node.script({ type: 'hangs' }, faults.hang())
  const isStarted = ({ answer }: LoggedInvocation): boolean =>
    answer?.kind !== 'none' || answer.reason.started
  const isRunning = (containerId: string): boolean =>
    node.invocations.some(
      ({ invocation, answer }) =>
        invocation.env.CNI_CONTAINERID === containerId && answer === undefined,
    )
  return {
    runner: node.runner,
    path: ['/opt/cni/bin'],
    plugins: {
      succeeds: { type: 'good', stdout: '{"cniVersion":"1.0.0"}\n' },
      printsGarbage: { type: 'garbage', stdout: 'hello {' },
      refuses: { type: 'refuses', error },
      failsWithoutWords: { type: 'wordless' },
      reports: { type: 'reports' },
      ignoresStdin: { type: 'good', stdout: '{"cniVersion":"1.0.0"}\n' },
      hangs: {
        type: 'hangs',
        started: async (containerId) => {
          await node.running({ containerId })
        },
        isRunning: async (containerId) => isRunning(containerId),
      },
    },
    startedCount: async () => node.invocations.filter(isStarted).length,
  }
}

for (const [name, isScripted] of [
  ['which a script lets hang', true],
  ['which hang by themselves', false],
] as const) {
  describe(`the memory runner keeps the contract with plugins ${name}`, (it) => {
    const cases = runnerContract(() => makeSubject(isScripted), {
      notApplicable: {
        failsWithGarbage: 'a simulated plugin refuses with an error, never with text',
        floods: 'what a simulated plugin prints is one string, which is in memory already',
      },
    })
    for (const { clause, title, notApplicable, run } of cases) {
      if (notApplicable === undefined) it(title, run)
      else it.skip(clause, notApplicable)
    }
  })
}
