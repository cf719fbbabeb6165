import * as assert from 'uvu/assert'
import { type Answer, type Invocation, noAnswer } from '../lib/cni/invocation.js'
import { type Delegation, delegate, delegateAdd } from '../lib/delegate.js'
import type { PluginRequest } from '../lib/plugin.js'
import type { Runner } from '../lib/ports/index.js'
import { describe } from './suite.js'

const config = {
  cniVersion: '0.4.0',
  name: 'a',
  type: 'bridge',
  ipam: { type: 'host-local' },
  unknown: [1],
}
const request = (changes: Partial<PluginRequest> = {}): PluginRequest => ({
  verb: 'ADD',
  containerId: 'c1',
  netns: '/run/netns/c1',
  ifname: 'eth0',
  args: 'K=V',
  path: ['/opt/cni/bin', '/usr/lib/cni'],
  netnsOverride: false,
  name: 'a',
  cniVersion: '0.4.0',
  config,
  text: JSON.stringify(config),
  pod: { namespace: '', name: '' },
  ...changes,
})
const success = (stdout: string, stderr?: string): Answer => ({
  kind: 'success',
  stdout,
  ...(stderr !== undefined && { stderr }),
})
const refusal = (code: number, msg: string, details?: string): Answer => ({
  kind: 'refused',
  error: { code, msg, ...(details !== undefined && { details }) },
})
const good = success('{"cniVersion":"0.4.0","ips":[{"version":"4","address":"10.0.0.2/24"}]}')

/** A delegation whose runner answers in turn, and what it was asked. */
const scripted = (answers: readonly (Answer | Error)[], changes: Partial<Delegation> = {}) => {
  const asked: Invocation[] = []
  const signals: AbortSignal[] = []
  const runner: Runner = {
    run: async (invocation, signal) => {
      const answer = answers[asked.length]
      asked.push(invocation)
      signals.push(signal)
      if (answer === undefined) throw new Error('nothing more is scripted')
      if (answer instanceof Error) throw answer
      return answer
    },
  }
  const signal = new AbortController().signal
  const delegation: Delegation = {
    runner,
    request: request(),
    type: 'host-local',
    signal,
    ...changes,
  }
  return { delegation, asked, signals, verbs: () => asked.map(({ verb }) => verb) }
}

describe('delegation (SPEC "Plugin Delegation"; reference/cni.md 2.6, S-084 to S-087)', (it) => {
  it('S-084: the delegate gets the same environment and the whole configuration', async () => {
    const { delegation, asked } = scripted([good])
    const reply = await delegateAdd(delegation)
    assert.ok(reply.ok)
    assert.equal(asked, [
      {
        type: 'host-local',
        verb: 'ADD',
        stdin: config,
        env: {
          CNI_COMMAND: 'ADD',
          CNI_CONTAINERID: 'c1',
          CNI_NETNS: '/run/netns/c1',
          CNI_IFNAME: 'eth0',
          CNI_ARGS: 'K=V',
          CNI_PATH: '/opt/cni/bin:/usr/lib/cni',
        },
        path: ['/opt/cni/bin', '/usr/lib/cni'],
      },
    ])
  })

  it('3.2: an ADD gives the result in the version in which it was printed, else that of the configuration', async () => {
    const printed = async (stdout: string) => {
      const reply = await delegateAdd(scripted([success(stdout), success('')]).delegation)
      return reply.ok ? reply.value.cniVersion : reply.error.code
    }
    assert.is(await printed('{"cniVersion":"1.0.0"}'), '1.0.0')
    assert.is(await printed('{}'), '0.4.0')
    assert.is(await printed('null'), '0.4.0')
    assert.is(await printed('{"cniVersion":"9.9.9"}'), 1)
    assert.is(await printed('{"ips":7}'), 6)
    assert.is(await printed(''), 6)
  })

  it('S-086, S-046, S-057, S-063: CHECK, DEL, GC and STATUS are delegated as they came', async () => {
    for (const verb of ['CHECK', 'DEL', 'GC', 'STATUS'] as const) {
      const { delegation, verbs } = scripted([success('')], { request: request({ verb }) })
      assert.equal(await delegate(delegation), { ok: true, value: undefined })
      assert.equal(verbs(), [verb])
    }
  })

  it('S-086: their error is passed on with its own code', async () => {
    for (const verb of ['CHECK', 'DEL', 'GC', 'STATUS'] as const) {
      const { delegation } = scripted([refusal(50, 'no', 'd')], { request: request({ verb }) })
      const error = { code: 50, msg: 'no', details: 'd' }
      assert.equal(await delegate(delegation), { ok: false, error })
    }
  })

  it('S-087: a delegate whose ADD failed is called again with DEL, before the failure is returned', async () => {
    for (const failed of [
      refusal(11, 'busy'),
      success('no result'),
      noAnswer('timeout', 'too slow', true),
      new Error('boom'),
    ]) {
      const { delegation, verbs } = scripted([failed, success('')])
      const reply = await delegateAdd(delegation)
      assert.not.ok(reply.ok)
      assert.equal(verbs(), ['ADD', 'DEL'])
    }
  })

  it('S-087: a DEL that fails too is told in the details; the error stays that of the ADD', async () => {
    const { delegation } = scripted([refusal(11, 'busy', 'd'), refusal(5, 'disk', 'full')])
    assert.equal(await delegateAdd(delegation), {
      ok: false,
      error: { code: 11, msg: 'busy', details: 'd; the DEL after it failed too: disk; full' },
    })
    const bare = scripted([refusal(11, 'busy'), new Error('boom')]).delegation
    assert.equal(await delegateAdd(bare), {
      ok: false,
      error: { code: 11, msg: 'busy', details: 'the DEL after it failed too: boom' },
    })
  })

  it('S-087: the signal that stopped the ADD does not stop its DEL', async () => {
    const controller = new AbortController()
    controller.abort()
    const { delegation, signals } = scripted([noAnswer('aborted', 'stopped', true), success('')], {
      signal: controller.signal,
    })
    const reply = await delegateAdd(delegation)
    assert.equal(reply, { ok: false, error: { code: 11, msg: 'stopped' } })
    assert.equal(
      signals.map(({ aborted }) => aborted),
      [true, false],
    )
  })

  it('undoes nothing that never started or may still be running', async () => {
    for (const [answer, code] of [
      [noAnswer('not-found', 'not there', false), 999],
      [noAnswer('unkillable', 'still there', true), 999],
      [noAnswer('aborted', 'not run', false), 11],
    ] as const) {
      const { delegation, verbs } = scripted([answer])
      const reply = await delegateAdd(delegation)
      assert.equal([verbs(), !reply.ok && reply.error.code], [['ADD'], code])
    }
  })

  it('lets a plugin that fails after its delegate undo it: delegate during an ADD is DEL', async () => {
    const { delegation, verbs } = scripted([good, success('')])
    await delegateAdd(delegation)
    assert.ok((await delegate(delegation)).ok)
    assert.equal(verbs(), ['ADD', 'DEL'])
  })

  it('X-07: without CNI_PATH it fails with code 4 that names the variable and the plugin; nothing runs', async () => {
    const without = { request: request({ path: [] }) }
    const error = { code: 4, msg: 'cannot delegate to "host-local": CNI_PATH is not set' }
    const { delegation, asked } = scripted([], without)
    assert.equal(await delegateAdd(delegation), { ok: false, error })
    assert.equal(await delegate(delegation), { ok: false, error })
    assert.equal(asked, [])
  })

  it('S-014: a type that names no program is code 7; nothing runs', async () => {
    for (const type of ['', '.', '..', '../evil', 'a/b', 'a\\b', 'a\0', 7 as unknown as string]) {
      const { delegation, asked } = scripted([], { type })
      for (const reply of [await delegateAdd(delegation), await delegate(delegation)]) {
        assert.is(!reply.ok && reply.error.code, 7, JSON.stringify(type))
      }
      assert.equal(asked, [])
    }
  })

  it('S-085: what the delegate wrote to stderr is relayed, also when it fails', async () => {
    const heard: string[] = []
    const onStderr = (text: string) => heard.push(text)
    const failing = { ...refusal(1, 'no'), stderr: 'why' } as Answer
    await delegateAdd(scripted([failing, success('', 'undone')], { onStderr }).delegation)
    await delegate(scripted([success('', '')], { onStderr }).delegation)
    assert.equal(heard, ['why', 'undone'])
    const deaf = () => {
      throw new Error('deaf')
    }
    const { delegation, verbs } = scripted([{ ...good, stderr: 'x' } as Answer], { onStderr: deaf })
    assert.ok((await delegateAdd(delegation)).ok, 'who listens decides nothing')
    assert.equal(verbs(), ['ADD'])
  })
})
