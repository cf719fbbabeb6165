import * as assert from 'uvu/assert'
import { createMemoryNode, createVirtualTime, faults } from '../../runners/memory/index.js'
import { describe } from '../suite.js'
import { invocationOf, netnsOf, printed, run, wordsOf } from './harness.js'

const bridge = { type: 'bridge', ipam: { type: 'host-local', subnet: '10.22.0.0/24' } }

describe('a plugin of one’s own on a simulated node', (it) => {
  it('sees the call as a process would: environment, its own copy of stdin, who called it', async () => {
    const seen: unknown[] = []
    const node = createMemoryNode({
      plugins: {
        own: (call) => {
          const { verb, containerId, netns, ifname, args, network, version, delegatedBy } = call
          seen.push({ verb, containerId, netns, ifname, args, network, version, delegatedBy })
          ;(call.config as Record<string, unknown>).name = 'changed'
          return undefined
        },
      },
    })
    const invocation = invocationOf('DEL', { type: 'own', cniVersion: '' }, { args: 'A=1' })
    await node.runner.run(invocation, new AbortController().signal)
    assert.equal(seen, [
      {
        verb: 'DEL',
        containerId: 'c1',
        netns: netnsOf('c1'),
        ifname: 'eth0',
        args: 'A=1',
        network: 'net',
        version: '0.1.0',
        delegatedBy: undefined,
      },
    ])
    assert.is(invocation.stdin.name, 'net')
    assert.is(node.invocations[0]?.invocation.stdin.name, 'net')
  })

  it('may print, refuse, give any answer, change the node, and delegate', async () => {
    const node = createMemoryNode({
      plugins: {
        prints: () => 'text',
        refuses: () => ({ kind: 'refused', error: { code: 7, msg: 'no', details: 'way' } }),
        late: async () => ({
          kind: 'none',
          reason: { kind: 'timeout', message: 'm', started: true },
        }),
        writes: (call, world) => {
          world.files.set('/tmp/x', { text: call.containerId })
          return undefined
        },
        meta: (call) => call.delegate('prints', call.config),
      },
    })
    assert.is(wordsOf(await run(node, 'ADD', { type: 'prints' })), 'text')
    assert.is(wordsOf(await run(node, 'ADD', { type: 'refuses' })), '7 no; way')
    assert.is(wordsOf(await run(node, 'ADD', { type: 'late' })), 'none timeout')
    assert.is(wordsOf(await run(node, 'ADD', { type: 'writes' })), '')
    assert.is(node.world.files.get('/tmp/x')?.text, 'c1')
    assert.is(wordsOf(await run(node, 'ADD', { type: 'meta' })), 'text')
    assert.is(node.invocations.length, 5)
  })

  it('has no answer when it throws, rejects or replies nonsense: it was started', async () => {
    const broken = {
      throws: () => assert.unreachable('boom'),
      rejects: () => Promise.reject(new Error('boom')),
      nonsense: () => ({ kind: 'victory' }),
      number: () => 7,
    }
    const node = createMemoryNode({ plugins: broken as never })
    for (const type of Object.keys(broken)) {
      const answer = await run(node, 'ADD', { type })
      assert.is(wordsOf(answer), 'none runner-threw', type)
      assert.ok(answer.kind === 'none' && answer.reason.started, type)
    }
  })

  it('replaces a simulated one', async () => {
    const node = createMemoryNode({ plugins: { 'host-local': () => 'mine' } })
    assert.is(wordsOf(await run(node, 'ADD', { type: 'host-local' })), 'mine')
    assert.match(wordsOf(await run(node, 'ADD', bridge)), /^999 not valid JSON/)
  })

  it('is unkillable when it goes on for five seconds after the signal, and not before', async () => {
    const time = createVirtualTime({ byHand: true })
    const node = createMemoryNode({ time, plugins: { deaf: () => new Promise(() => {}) } })
    const controller = new AbortController()
    const answer = run(node, 'ADD', { type: 'deaf' }, {}, controller.signal)
    let settled = false
    void answer.then(() => {
      settled = true
    })
    await node.running({ type: 'deaf' })
    controller.abort()
    await time.advance(4999)
    assert.is(settled, false)
    await time.advance(1)
    assert.is(wordsOf(await answer), 'none unkillable')
  })

  it('may take its time to stop', async () => {
    const node = createMemoryNode({
      plugins: {
        slow: (call) =>
          new Promise((resolve) => {
            call.signal.addEventListener('abort', () => resolve('cleaned up'))
          }),
      },
    })
    const controller = new AbortController()
    const answer = run(node, 'ADD', { type: 'slow' }, {}, controller.signal)
    await node.running({ type: 'slow' })
    controller.abort()
    assert.is(wordsOf(await answer), 'none aborted')
  })
})

describe('faults on a simulated node', (it) => {
  it('refuse before the effect, or after it', async () => {
    const node = createMemoryNode()
    const error = { code: 11, msg: 'later' }
    node.script({ type: 'bridge', nth: 1 }, faults.refuse(error))
    node.script({ type: 'bridge', nth: 2 }, faults.refuse(error, 'done'))
    assert.is(wordsOf(await run(node, 'ADD', bridge)), '11 later')
    assert.equal(node.leftovers(), [])
    assert.is(wordsOf(await run(node, 'ADD', bridge)), '11 later')
    assert.ok(node.interfacesOf(netnsOf('c1')).some(({ name }) => name === 'eth0'))
  })

  it('leave a call without an answer, for a reason; one that was not started has no effect', async () => {
    for (const [fault, reason, started, isDone] of [
      [faults.noAnswer(), 'timeout', true, false],
      [faults.noAnswer('unkillable', 'done'), 'unkillable', true, true],
      [faults.noAnswer('not-startable', 'done'), 'not-startable', false, false],
    ] as const) {
      const node = createMemoryNode()
      node.faultAt(0, fault)
      const answer = await run(node, 'ADD', bridge)
      assert.ok(answer.kind === 'none')
      assert.is(answer.reason.kind, reason)
      assert.is(answer.reason.started, started)
      assert.is(node.leftovers().length > 0, isDone)
    }
  })

  it('print garbage after the effect', async () => {
    const node = createMemoryNode()
    node.faultAt(0, faults.garbage('{"cniVersion":'))
    assert.is(wordsOf(await run(node, 'ADD', bridge)), '{"cniVersion":')
    assert.ok(node.leftovers().length > 0)
  })

  it('hang until the signal, before the effect or after it', async () => {
    for (const effect of ['none', 'done'] as const) {
      const node = createMemoryNode()
      node.script({ type: 'bridge' }, faults.hang(effect))
      const controller = new AbortController()
      const answer = run(node, 'ADD', bridge, {}, controller.signal)
      await node.running({ type: 'bridge' })
      controller.abort()
      assert.is(wordsOf(await answer), 'none aborted')
      assert.is(node.leftovers().length > 0, effect === 'done')
    }
  })

  it('delay by the node’s time, one after the other, and a signal ends the delay', async () => {
    const time = createVirtualTime({ start: 1000, byHand: true })
    const node = createMemoryNode({ time })
    node.script({ containerId: 'slow' }, faults.delay(300))
    node.script({ containerId: 'slow' }, faults.delay(200))
    const slow = run(node, 'ADD', bridge, { id: 'slow' })
    assert.ok(printed(await run(node, 'ADD', bridge, { id: 'fast' })).ips)
    await time.advance(499)
    assert.is(node.invocations[0]?.answer, undefined)
    await time.advance(1)
    assert.ok(printed(await slow).ips)
    const controller = new AbortController()
    const stopped = run(node, 'DEL', bridge, { id: 'slow' }, controller.signal)
    await node.running({ verb: 'DEL' })
    controller.abort()
    assert.is(wordsOf(await stopped), 'none aborted')
    assert.ok(node.interfacesOf(netnsOf('slow')).some(({ name }) => name === 'eth0'))
    assert.equal(
      node.invocations.map(({ at }) => at),
      [1000, 1000, 1500],
    )
  })

  it('hit only the calls that match, and are taken back', async () => {
    const node = createMemoryNode()
    const takeBack = node.script({ verb: 'ADD', ifname: 'eth1' }, faults.refuse())
    assert.ok(printed(await run(node, 'ADD', bridge)).ips)
    assert.is(wordsOf(await run(node, 'ADD', bridge, { ifname: 'eth1' })), '999 scripted failure')
    takeBack()
    assert.ok(printed(await run(node, 'ADD', bridge, { ifname: 'eth1' })).ips)
  })

  it('hit the plugin to which another delegates, when they name its type', async () => {
    const node = createMemoryNode()
    node.script(
      { type: 'host-local', verb: 'ADD', nth: 1 },
      faults.refuse({ code: 11, msg: 'busy' }),
    )
    assert.is(wordsOf(await run(node, 'ADD', bridge)), '11 busy')
    assert.equal(
      node.leftovers().map(({ kind }) => kind),
      ['link', 'link'],
    )
    const other = createMemoryNode()
    other.script({ verb: 'ADD', nth: 2 }, faults.refuse())
    assert.ok(printed(await run(other, 'ADD', bridge)).ips)
  })

  it('stop a plugin in the middle of its work, where it is', async () => {
    const node = createMemoryNode()
    node.script({ type: 'host-local' }, faults.hang())
    const controller = new AbortController()
    const answer = run(node, 'ADD', bridge, {}, controller.signal)
    // The pair is there as soon as the address plugin runs.
    while (node.leftovers().length === 0) await Promise.resolve()
    controller.abort()
    assert.is(wordsOf(await answer), 'none aborted')
    const [, inside] = node.interfacesOf(netnsOf('c1'))
    assert.is(inside?.up, false)
  })

  it('count the runner’s calls from 0', async () => {
    const node = createMemoryNode()
    node.faultAt(1)
    assert.ok(printed(await run(node, 'ADD', bridge)).ips)
    assert.is(wordsOf(await run(node, 'ADD', bridge, { id: 'c2' })), '999 scripted failure')
    assert.equal(
      node.invocations.map(({ index }) => index),
      [0, 1],
    )
  })
})

describe('the log of a simulated node', (it) => {
  it('keeps every call of the runner with its answer, those that were never started too', async () => {
    const node = createMemoryNode()
    await run(node, 'ADD', bridge)
    await run(node, 'ADD', { type: 'unknown' })
    assert.equal(
      node.invocations.map(({ invocation, answer }) => [invocation.type, answer?.kind]),
      [
        ['bridge', 'success'],
        ['unknown', 'none'],
      ],
    )
  })

  it('tells when a call runs, also one that began before anybody asked', async () => {
    const node = createMemoryNode()
    node.script({ verb: 'ADD' }, faults.hang())
    const controller = new AbortController()
    const first = run(node, 'ADD', bridge, {}, controller.signal)
    assert.is((await node.running({ containerId: 'c1' })).index, 0)
    const later = node.running({ containerId: 'c2' })
    const second = run(node, 'ADD', bridge, { id: 'c2' }, controller.signal)
    assert.is((await later).index, 1)
    controller.abort()
    await Promise.all([first, second])
  })
})
