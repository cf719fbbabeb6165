import { chmodSync, closeSync, copyFileSync, mkdirSync, openSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { Answer, Invocation } from '../../lib/cni/invocation.js'
import {
  busyAttempts,
  createStarterRunner,
  type ExecOptions,
  environmentOf,
  type Sleep,
} from '../../runners/exec/core.js'
import type { TraceEvent } from '../../runners/exec/trace.js'
import { type Program, type Starter, start, unstarted } from '../../runners/node/start.js'
import { makePipe, pidsFrom, withDirectory } from '../fixtures/marks.js'
import { allowsWriting } from '../node/starter-suite.js'
import { describe } from '../suite.js'
import { base, invocationOf, never, plugins } from './fixtures.js'

const call = (invocation: Invocation, options: Partial<ExecOptions> = {}): Promise<Answer> =>
  createStarterRunner({ env: base, start, ...options }).run(invocation, never)

const reasonOf = (answer: Answer) => {
  if (answer.kind !== 'none') throw new Error(`it was answered: ${JSON.stringify(answer)}`)
  return answer.reason
}

/** A starter that answers from a list, and remembers what it was asked. */
const scripted = (...results: Partial<Awaited<ReturnType<Starter>>>[]) => {
  const programs: Program[] = []
  const starter: Starter = async (program) => {
    programs.push(program)
    const result = results[Math.min(programs.length, results.length) - 1]
    return { ...unstarted, ...result }
  }
  return { programs, start: starter }
}

const busy = { startError: { code: 'ETXTBSY', message: 'spawn ETXTBSY' } }

describe('the exec runner finds plugins as libcni does (2.6)', (it) => {
  const cases: readonly [string, Invocation, string][] = [
    ['an empty type', invocationOf(''), 'no plugin name provided'],
    ['a type with a slash', invocationOf('a/b'), 'invalid plugin name: a/b'],
    [
      'no directories',
      invocationOf('succeed', { path: [] }),
      'no paths provided: CNI_PATH is empty',
    ],
    [
      'a plugin that is nowhere',
      invocationOf('nothing', { path: ['/a', '/b'] }),
      'failed to find plugin "nothing" in path [/a /b]',
    ],
    [
      'a directory of that name',
      invocationOf('..', { path: ['/a'] }),
      'failed to find plugin ".." in path [/a]',
    ],
  ]
  for (const [what, invocation, message] of cases) {
    it(`${what}: ${message}`, async () => {
      const { start, programs } = scripted({})
      const answer = await call(invocation, { start })
      assert.equal(reasonOf(answer), { kind: 'not-found', message, started: false })
      assert.is(programs.length, 0)
    })
  }

  it('takes the first regular file, past directories, and follows symbolic links', () =>
    withDirectory(async (directory) => {
      const [first, second, third] = ['1', '2', '3'].map((name) => join(directory, name))
      if (first === undefined || second === undefined || third === undefined) return
      for (const one of [first, second, third]) mkdirSync(one)
      mkdirSync(join(first, 'succeed'))
      symlinkSync(join(plugins, 'succeed'), join(second, 'succeed'))
      copyFileSync(join(plugins, 'silent'), join(third, 'succeed'))
      const path = [join(directory, 'missing'), first, second, third]
      assert.is((await call(invocationOf('succeed', { path }))).kind, 'success')
    }))

  it('does not look at the execute bit: such a file is found and cannot be started', async () => {
    const reason = reasonOf(await call(invocationOf('not-executable')))
    assert.is(reason.kind, 'not-startable')
    assert.is(reason.started, false)
    assert.match(reason.message, 'permission denied')
    assert.match(reason.message, 'plugin "not-executable" (ADD, ')
  })

  it('never looks in PATH: an empty directory is the working directory', async () => {
    const reason = reasonOf(await call(invocationOf('sh', { path: [''] })))
    assert.is(reason.message, 'failed to find plugin "sh" in path []')
  })
})

describe('the exec runner starts a plugin', (it) => {
  it('with its own environment, and over it the CNI_* variables, set even when empty (2.5)', async () => {
    const env = { ...base, CNI_IFNAME: 'of-the-parent', CNI_ARGS: 'A=B', OWN: '1', GONE: undefined }
    const { start, programs } = scripted({ started: true, exitCode: 0 })
    await call(invocationOf('succeed'), { env, start })
    assert.equal(programs[0]?.env, {
      ...base,
      OWN: '1',
      CNI_COMMAND: 'ADD',
      CNI_CONTAINERID: 'c1',
      CNI_NETNS: '/run/netns/c1',
      CNI_IFNAME: 'eth0',
      CNI_ARGS: '',
      CNI_PATH: plugins,
    })
  })

  it('with nothing of the invocation but the six variables', () => {
    const cni = { ...invocationOf('succeed').env, LD_PRELOAD: '/evil.so' }
    assert.is('LD_PRELOAD' in environmentOf({}, cni), false)
  })

  it('with the configuration on stdin, for real', async () => {
    const stdin = { name: 'n', 'odd key': [1, { ü: null }] }
    const answer = await call(invocationOf('report', { stdin, verb: 'CHECK' }))
    assert.is(answer.kind, 'success')
    const report = JSON.parse(answer.kind === 'success' ? answer.stdout : '')
    assert.equal(report.stdin, stdin)
    assert.is(report.env.CNI_COMMAND, 'CHECK')
    assert.equal(report.args, [])
  })

  it('only when stdin is JSON', async () => {
    const { start, programs } = scripted({})
    const cyclic: Record<string, unknown> = {}
    cyclic.self = cyclic
    for (const stdin of [cyclic, { big: 1n }, undefined as never]) {
      const invocation = { ...invocationOf('succeed'), stdin }
      assert.is(reasonOf(await call(invocation, { start })).started, false)
    }
    assert.is(programs.length, 0)
  })

  it('only when the kernel itself would run the file: no empty file, no text without #!', async () => {
    for (const [type, why] of [
      ['empty', 'the file is empty'],
      ['no-shebang', 'neither an ELF program'],
    ] as const) {
      const reason = reasonOf(await call(invocationOf(type)))
      assert.is(reason.kind, 'not-startable')
      assert.is(reason.started, false)
      assert.match(reason.message, 'exec format error')
      assert.match(reason.message, why)
    }
  })
})

describe('the exec runner decodes what a plugin says (2.5)', (it) => {
  const status = (type: string) => `: exit status ${type}`
  const refusals: readonly [string, object, string?][] = [
    ['refuse', { code: 7, msg: 'no such bridge', details: 'br0' }, 'looking for br0\n'],
    ['silent', { code: 0, msg: `netplugin failed with no error message${status('1')}` }],
    [
      'stderr-only',
      { code: 0, msg: `netplugin failed: "no \\"such\\" bridge\\n"${status('3')}` },
      'no "such" bridge\n',
    ],
    [
      'empty-object',
      {
        code: 0,
        msg: `netplugin failed with no error message in "{}\\n"${status('2')}: "it was the bridge\\n"`,
      },
      'it was the bridge\n',
    ],
    ['killed', { code: 0, msg: 'netplugin failed with no error message: signal: killed' }],
  ]
  for (const [type, error, stderr] of refusals) {
    it(`${type}: ${JSON.stringify(error)}`, async () => {
      const expected = stderr === undefined ? {} : { stderr }
      assert.equal(await call(invocationOf(type)), { kind: 'refused', error, ...expected })
    })
  }

  it('a result before a failure is no error object: the message says what was printed (X-12)', async () => {
    const answer = await call(invocationOf('result-then-fail'))
    const printed = JSON.stringify('{"cniVersion":"1.0.0","interfaces":[]}')
    const msg = `netplugin failed with no error message in ${printed}: exit status 1`
    assert.equal(answer, { kind: 'refused', error: { code: 0, msg } })
  })

  it('text that is no JSON is shown', async () => {
    const answer = await call(invocationOf('garbage'))
    if (answer.kind !== 'refused') throw new Error(answer.kind)
    const start =
      'netplugin failed but error parsing its diagnostic message "panic: \\"oh no\\"\\n": '
    assert.is(answer.error.msg.slice(0, start.length), start)
    assert.match(answer.error.msg, ': exit status 2')
    assert.is(answer.error.code, 0)
  })

  it('exit code 0 is success, whatever was printed', async () => {
    assert.equal(await call(invocationOf('garbage-success')), {
      kind: 'success',
      stdout: 'fine, thanks',
    })
    const error = '{"code":7,"msg":"no"}'
    const { start } = scripted({ started: true, exitCode: 0, stdout: error, stderr: 'w' })
    assert.equal(await call(invocationOf('succeed'), { start }), {
      kind: 'success',
      stdout: error,
      stderr: 'w',
    })
  })

  it('too much output ends the plugin: no answer', async () => {
    const reason = reasonOf(await call(invocationOf('flood'), { limitBytes: 100_000 }))
    assert.is(reason.kind, 'too-much-output')
    assert.is(reason.started, true)
  })

  it('a plugin that its signal ended gave no answer, and was started', () =>
    withDirectory(async (directory) => {
      const MARK = makePipe(join(directory, 'mark'))
      const controller = new AbortController()
      const runner = createStarterRunner({ env: { ...base, MARK }, start })
      const answering = runner.run(invocationOf('hang'), controller.signal)
      await pidsFrom(MARK)
      controller.abort()
      const reason = reasonOf(await answering)
      assert.is(reason.kind, 'aborted')
      assert.is(reason.started, true)
    }))

  it('a signal that has fired already starts nothing', async () => {
    const runner = createStarterRunner({ env: base, start })
    const reason = reasonOf(await runner.run(invocationOf('succeed'), AbortSignal.abort()))
    assert.is(reason.kind, 'aborted')
    assert.is(reason.started, false)
  })

  it('unkillable wins over why it was to be killed', async () => {
    const all = { started: true, unkillable: true, aborted: true, overflow: true }
    const { start } = scripted(all)
    const reason = reasonOf(await call(invocationOf('succeed'), { start }))
    assert.is(reason.kind, 'unkillable')
    assert.is(reason.started, true)
  })

  it('a starter that throws becomes runner-threw, perhaps started', async () => {
    const start = async () => {
      throw new Error('boom')
    }
    const reason = reasonOf(await call(invocationOf('succeed'), { start }))
    assert.is(reason.kind, 'runner-threw')
    assert.is(reason.started, true)
    assert.match(reason.message, 'boom')
  })
})

describe('the exec runner tries a busy program again (ETXTBSY, 2.5, X-11)', (it) => {
  const pauses = () => {
    const waited: number[] = []
    const sleep: Sleep = async (milliseconds) => {
      waited.push(milliseconds)
    }
    return { waited, sleep }
  }

  it('six times, a second in between, and then it is an error, not a silent success', async () => {
    const { waited, sleep } = pauses()
    const { start, programs } = scripted(busy)
    const reason = reasonOf(await call(invocationOf('succeed', { verb: 'DEL' }), { start, sleep }))
    assert.is(programs.length, busyAttempts)
    assert.is(busyAttempts, 6)
    assert.equal(waited, [1000, 1000, 1000, 1000, 1000])
    assert.is(reason.kind, 'not-startable')
    assert.is(reason.started, false)
    assert.match(reason.message, 'text file busy')
  })

  it('until it is not busy any more', async () => {
    const { waited, sleep } = pauses()
    const { start, programs } = scripted(busy, busy, { started: true, exitCode: 0, stdout: '{}' })
    const answer = await call(invocationOf('succeed'), { start, sleep })
    assert.equal(answer, { kind: 'success', stdout: '{}' })
    assert.is(programs.length, 3)
    assert.is(waited.length, 2)
  })

  it('but no other failure', async () => {
    const { start, programs } = scripted({ startError: { code: 'EACCES', message: 'no' } })
    reasonOf(await call(invocationOf('succeed'), { start }))
    assert.is(programs.length, 1)
  })

  it('until the signal fires, which ends the waiting', async () => {
    const controller = new AbortController()
    const { start, programs } = scripted(busy, { aborted: true })
    const abortAtFirst: Starter = (program) => {
      queueMicrotask(() => controller.abort())
      return start(program)
    }
    const runner = createStarterRunner({ env: base, start: abortAtFirst })
    // With the sleep of the runner itself: it would last a second, and the signal ends it.
    const reason = reasonOf(await runner.run(invocationOf('succeed'), controller.signal))
    assert.is(reason.kind, 'aborted')
    assert.is(reason.started, false)
    assert.is(programs.length, 2)
  })

  const title = 'for real, and is answered at the second attempt'
  const run = () =>
    withDirectory(async (directory) => {
      const file = join(directory, 'succeed')
      copyFileSync(join(plugins, 'succeed'), file)
      chmodSync(file, 0o755)
      const writer = openSync(file, 'r+')
      const outcomes: unknown[] = []
      const trace = ({ phase, outcome }: TraceEvent) => {
        if (phase === 'end') outcomes.push(outcome)
      }
      const sleep: Sleep = async () => closeSync(writer)
      const answer = await call(invocationOf('succeed', { path: [directory] }), { sleep, trace })
      assert.is(answer.kind, 'success')
      assert.equal(outcomes, ['not-startable', 'success'])
    })
  if (allowsWriting) it.skip(title, 'this kernel lets programs be written while they run')
  else it(title, run)
})

describe('the exec runner can be traced', (it) => {
  const secret = 'hunter2'
  const stdin = { name: 'n', token: secret, ipam: { password: secret } }

  it('before and after every process, with names and no values of the configuration', async () => {
    const events: TraceEvent[] = []
    const { start } = scripted({ started: true, exitCode: 1, stdout: '{"code":7,"msg":"no"}' })
    const trace = (event: TraceEvent) => events.push(event)
    await call(invocationOf('succeed', { stdin }), { start, trace })
    const common = {
      type: 'succeed',
      verb: 'ADD',
      file: join(plugins, 'succeed'),
      containerId: 'c1',
      ifname: 'eth0',
      network: 'n',
      keys: ['name', 'token', 'ipam'],
      attempt: 1,
    }
    assert.equal(events, [
      { phase: 'start', ...common },
      { phase: 'end', ...common, outcome: 'refused 7' },
    ])
    assert.not.match(JSON.stringify(events), secret)
  })

  it('by something that throws, and answers all the same', async () => {
    const trace = () => {
      throw new Error('boom')
    }
    assert.is((await call(invocationOf('succeed'), { trace })).kind, 'success')
  })
})
