import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runnerContract, type Subject } from '../../runners/contract/index.js'
import { createStarterRunner } from '../../runners/exec/core.js'
import { createExecaStarter } from '../../runners/exec/execa-start.js'
import { createStarter, type Starter } from '../../runners/node/start.js'
import { isAlive, makePipe, pidsFrom } from '../fixtures/marks.js'
import { describe } from '../suite.js'
import { base, plugins } from './fixtures.js'

/** The fixture programs, run by one starter. The hanging ones say their pids on a pipe each. */
const subjectOf = (start: Starter) => async (): Promise<Subject> => {
  const marks = mkdtempSync(join(tmpdir(), 'metacni-contract-'))
  for (const id of ['contract-a', 'contract-b']) makePipe(join(marks, id))
  const count = join(marks, 'count')
  const pids = new Map<string, Promise<readonly number[]>>()
  const pidsOf = (id: string) => {
    const known = pids.get(id) ?? pidsFrom(join(marks, id))
    pids.set(id, known)
    return known
  }
  return {
    runner: createStarterRunner({ env: { ...base, MARKS: marks, COUNT: count }, start }),
    path: [plugins],
    plugins: {
      succeeds: { type: 'succeed', stdout: '{"cniVersion":"1.0.0"}\n' },
      printsGarbage: { type: 'garbage-success', stdout: 'fine, thanks' },
      refuses: {
        type: 'refuse',
        error: { code: 7, msg: 'no such bridge', details: 'br0' },
      },
      failsWithoutWords: { type: 'empty-object' },
      failsWithGarbage: { type: 'garbage' },
      reports: { type: 'report' },
      ignoresStdin: { type: 'ignore-stdin', stdout: '{"unread":true}' },
      hangs: {
        type: 'contract-hang',
        started: async (id) => {
          await pidsOf(id)
        },
        isRunning: async (id) => (await pidsOf(id)).some(isAlive),
      },
      floods: { type: 'flood' },
    },
    startedCount: async () => linesOf(count),
    dispose: async () => rmSync(marks, { recursive: true, force: true }),
  }
}

const linesOf = (file: string): number => {
  try {
    return readFileSync(file, 'utf8').split('\n').length - 1
  } catch {
    return 0
  }
}

const starters: readonly [string, Starter][] = [
  ['node:child_process', createStarter()],
  ['execa', createExecaStarter()],
]

for (const [name, start] of starters) {
  describe(`the contract of runners, with plugins started by ${name}`, (it) => {
    for (const { title, run } of runnerContract(subjectOf(start))) it(title, run)
  })
}
