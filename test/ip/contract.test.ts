import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { Result } from '../../lib/cni/result.js'
import { ip, show } from '../../lib/native/command.js'
import type { NativeCall, NativePlugin, Script } from '../../lib/native/script.js'
import { runnerContract, type Subject } from '../../runners/contract/index.js'
import { createNativeRunner } from '../../runners/ip/runner.js'
import { isAlive, makePipe, pidsFrom } from '../fixtures/marks.js'
import { describe } from '../suite.js'

const error = { code: 123, msg: 'no more slots', details: 'slot 7 of 7' }

// The plugins of lib/native are fixed: these stand in for them, and go the same way through the runner.
const plugin = (script: (call: NativeCall) => Script<Result>): NativePlugin => ({
  keys: [],
  laterKeys: [],
  takesAddresses: false,
  add: script,
  check: nothing,
  del: nothing,
})

function* nothing(): Script<undefined> {
  yield {}
  return E.right(undefined)
}

const says = (...words: readonly string[]): NativePlugin =>
  plugin(function* ({ containerId }) {
    yield { host: [ip([...words, containerId]), show('address', 'show', 'dev', 'lo')] }
    return E.left(error)
  })

// In place of `ip`: it hangs with a child, after it has said both pids; or it prints without end.
const program = (marks: string): string => `#!/bin/sh
read -r word id
case $word in
hang) sleep 1000 & echo $$ $! > ${marks}/$id; wait ;;
*) yes | tr -d '\\n' ;;
esac
`

const makeSubject = async (): Promise<Subject> => {
  const marks = mkdtempSync(join(tmpdir(), 'metacni-contract-'))
  for (const id of ['contract-a', 'contract-b']) makePipe(join(marks, id))
  writeFileSync(join(marks, 'ip'), program(marks))
  chmodSync(join(marks, 'ip'), 0o755)
  const pids = new Map<string, Promise<readonly number[]>>()
  const pidsOf = (id: string) => {
    const known = pids.get(id) ?? pidsFrom(join(marks, id))
    pids.set(id, known)
    return known
  }
  const refusing = plugin(function* () {
    yield {}
    return E.left(error)
  })
  const succeeding = plugin(function* () {
    yield {}
    return E.right({ cniVersion: '1.1.0' })
  })
  return {
    runner: createNativeRunner({
      env: { PATH: `${marks}:/usr/sbin:/usr/bin:/sbin:/bin` },
      plugins: new Map([
        ['succeeds', succeeding],
        ['refuses', refusing],
        ['hangs', says('hang')],
        ['floods', says('flood')],
      ]),
    }),
    path: [],
    plugins: {
      succeeds: { type: 'succeeds', stdout: '{"cniVersion":"1.0.0","dns":{}}\n' },
      // It does not say what reached it: the clauses that need that are left out below.
      reports: { type: 'succeeds' },
      refuses: { type: 'refuses', error },
      hangs: {
        type: 'hangs',
        started: async (id) => {
          await pidsOf(id)
        },
        isRunning: async (id) => (await pidsOf(id)).some(isAlive),
      },
      floods: { type: 'floods' },
    },
    dispose: async () => rmSync(marks, { recursive: true, force: true }),
  }
}

const reason = 'a native plugin prints a result, and nothing of what reached it'

describe('the contract of runners, kept by the ip runner', (it) => {
  const cases = runnerContract(makeSubject, {
    notApplicable: {
      'every-verb': 'only ADD and VERSION print anything: the runner knows what they came to',
      printsGarbage: 'a native plugin prints nothing itself',
      failsWithoutWords: 'a native plugin refuses with an error that has words, as its type says',
      failsWithGarbage: 'a native plugin refuses with an error, never with text',
      'environment-arrives': reason,
      'stdin-arrives': reason,
      'not-mutated': reason,
      'calls-at-once': reason,
      ignoresStdin: 'a native plugin has no stdin',
    },
  })
  for (const { clause, title, notApplicable, run } of cases) {
    if (notApplicable === undefined) it(title, run)
    else it.skip(clause, notApplicable)
  }
})
