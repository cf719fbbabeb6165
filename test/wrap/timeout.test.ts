import * as assert from 'uvu/assert'
import { type Answer, type Invocation, noAnswer } from '../../lib/cni/invocation.js'
import type { Runner } from '../../lib/ports/index.js'
import { timeout } from '../../runners/wrap/timeout.js'
import { describe } from '../suite.js'

const invocation: Invocation = {
  type: 'bridge',
  verb: 'ADD',
  stdin: {},
  env: {
    CNI_COMMAND: 'ADD',
    CNI_CONTAINERID: 'c1',
    CNI_NETNS: '',
    CNI_IFNAME: 'eth0',
    CNI_ARGS: '',
    CNI_PATH: '',
  },
  path: [],
}
const never = new AbortController().signal
const success: Answer = { kind: 'success', stdout: '{}' }

/** A runner that answers when its signal fires, as the contract wants it. */
const untilStopped = (answer: Answer): Runner => ({
  run: (_, signal) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(answer), { once: true })
      if (signal.aborted) resolve(answer)
    }),
})

const aborted = (started: boolean) => noAnswer('aborted', 'stopped', started)

describe('timeout', (it) => {
  it('hands the invocation on and the answer back', async () => {
    let seen: Invocation | undefined
    const runner: Runner = {
      run: async (given) => {
        seen = given
        return success
      },
    }
    assert.is(await timeout(runner).run(invocation, never), success)
    assert.is(seen, invocation)
  })

  it('stops a call that takes too long, and names type, verb and limit', async () => {
    const answer = await timeout(untilStopped(aborted(true)), 1).run(invocation, never)
    const message = 'plugin "bridge" (ADD) took longer than 1 ms'
    assert.equal(answer, { kind: 'none', reason: { kind: 'timeout', message, started: true } })
  })

  it('says whether the plugin was started, as the inner runner does', async () => {
    const answer = await timeout(untilStopped(aborted(false)), 1).run(invocation, never)
    assert.is(answer.kind === 'none' && answer.reason.kind, 'timeout')
    assert.is(answer.kind === 'none' && answer.reason.started, false)
  })

  it('keeps what is not the outcome of stopping: unkillable, and an answer in the last moment', async () => {
    const others = [
      noAnswer('unkillable', 'still there', true),
      noAnswer('too-much-output', 'x', true),
      success,
    ]
    for (const other of others) {
      assert.is(await timeout(untilStopped(other), 1).run(invocation, never), other)
    }
  })

  it('hands the signal of the caller on: aborted is not a timeout', async () => {
    const controller = new AbortController()
    const answering = timeout(untilStopped(aborted(true))).run(invocation, controller.signal)
    controller.abort()
    assert.equal(await answering, aborted(true))
  })

  it('hands on a signal that has fired already', async () => {
    const answer = await timeout(untilStopped(aborted(false))).run(invocation, AbortSignal.abort())
    assert.equal(answer, aborted(false))
  })

  it('gives every call a signal of its own', async () => {
    const signals: AbortSignal[] = []
    const runner: Runner = {
      run: async (_, signal) => {
        signals.push(signal)
        return success
      },
    }
    const limited = timeout(runner)
    await limited.run(invocation, never)
    await limited.run(invocation, never)
    assert.is(new Set([...signals, never]).size, 3)
    assert.equal(
      signals.map((signal) => signal.aborted),
      [false, false],
    )
  })

  it('never hangs: a runner that keeps silent after its signal is unkillable', async () => {
    const silent: Runner = { run: () => new Promise(() => {}) }
    const late = await timeout(silent, 1, 1).run(invocation, never)
    assert.is(late.kind === 'none' && late.reason.kind, 'unkillable')
    assert.is(late.kind === 'none' && late.reason.started, true)
    const stopped = await timeout(silent, 60_000, 1).run(invocation, AbortSignal.abort())
    assert.is(stopped.kind === 'none' && stopped.reason.kind, 'unkillable')
  })

  it('takes a throw and a rejection for runner-threw', async () => {
    const runners: Runner[] = [
      {
        run: () => {
          throw new Error('boom')
        },
      },
      { run: () => Promise.reject(new Error('boom')) },
    ]
    for (const runner of runners) {
      const answer = await timeout(runner).run(invocation, never)
      assert.is(answer.kind === 'none' && answer.reason.kind, 'runner-threw')
      assert.match(answer.kind === 'none' ? answer.reason.message : '', 'boom')
    }
  })

  it('has no limit with Infinity, and none that setTimeout would take for one millisecond', async () => {
    for (const milliseconds of [Number.POSITIVE_INFINITY, 2 ** 40]) {
      const controller = new AbortController()
      const limited = timeout(untilStopped(aborted(true)), milliseconds)
      const answering = limited.run(invocation, controller.signal)
      // Later than a timer of one millisecond.
      setTimeout(() => controller.abort(), 5)
      assert.equal(await answering, aborted(true))
    }
  })

  it('leaves nothing behind: neither a timer nor a listener', async () => {
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    let listeners = 0
    const signal: AbortSignal = Object.assign(new AbortController().signal, {
      addEventListener: () => {
        listeners++
      },
      removeEventListener: () => {
        listeners--
      },
    })
    await timeout({ run: async () => success }).run(invocation, signal)
    assert.is(listeners, 0)
    const after = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    assert.is(after, before)
  })
})
