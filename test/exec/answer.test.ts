import * as assert from 'uvu/assert'
import { answerOf } from '../../runners/exec/answer.js'
import { type Finished, unstarted } from '../../runners/node/start.js'
import { describe } from '../suite.js'

const call = { type: 'bridge', verb: 'ADD', file: '/opt/cni/bin/bridge' } as const
const answer = (finished: Partial<Finished>) =>
  answerOf(call, { ...unstarted, started: true, ...finished })

describe('the answer of a process', (it) => {
  it('names plugin, verb, file and reason when it could not be started', () => {
    const startError = { code: 'EACCES', message: 'spawn EACCES' }
    assert.equal(answer({ started: false, startError }), {
      kind: 'none',
      reason: {
        kind: 'not-startable',
        message:
          'cannot start plugin "bridge" (ADD, /opt/cni/bin/bridge): permission denied (EACCES; spawn EACCES)',
        started: false,
      },
    })
  })

  it('names an errno that has no words of ours, and one named like a method', () => {
    for (const code of ['ELIBBAD', 'constructor', '__proto__']) {
      const got = answer({ started: false, startError: { code, message: 'strange' } })
      assert.match(got.kind === 'none' ? got.reason.message : '', `strange (${code})`)
    }
  })

  it('never has an empty message (X-12)', () => {
    const outputs = ['', '{}', 'null', '{"msg":""}', '{"code":7}', '[]', 'x', '{"details":"d"}']
    for (const stdout of outputs) {
      for (const stderr of ['', 'words']) {
        for (const end of [{ exitCode: 1 }, { signal: 'SIGSEGV' }, {}]) {
          const got = answer({ stdout, stderr, ...end })
          if (got.kind !== 'refused') throw new Error(got.kind)
          assert.match(got.error.msg, /^netplugin failed/)
          assert.match(got.error.msg, /exit status 1|signal: segmentation fault|no exit status/)
          if (stderr !== '') assert.match(got.error.msg, 'words')
        }
      }
    }
  })

  it('keeps code and details of an error object without a message', () => {
    const got = answer({ exitCode: 1, stdout: '{"code":11,"details":"later"}' })
    assert.is(got.kind === 'refused' && got.error.code, 11)
    assert.is(got.kind === 'refused' && got.error.details, 'later')
  })

  it('keeps stderr beside an error object (X-13), and out of its message', () => {
    const got = answer({ exitCode: 1, stdout: '{"code":7,"msg":"no"}', stderr: 'log' })
    assert.equal(got, { kind: 'refused', error: { code: 7, msg: 'no' }, stderr: 'log' })
  })

  it('shows the beginning of what a plugin said at length', () => {
    const got = answer({ exitCode: 1, stdout: 'x'.repeat(10_000) })
    const message = got.kind === 'refused' ? got.error.msg : ''
    assert.match(message, '(and 5904 more)')
    assert.ok(message.length < 5000)
  })

  it('names a signal that Go has no word for', () => {
    const got = answer({ signal: 'SIGXCPU' })
    assert.match(got.kind === 'refused' ? got.error.msg : '', 'signal: SIGXCPU')
  })
})
