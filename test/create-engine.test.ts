import * as assert from 'uvu/assert'
import { createEngine, type Network, type Runner, toCniError } from '../lib/index.js'
import { createMemoryJournal, createMemoryNode } from '../runners/memory/index.js'
import { planOf } from './engine/harness.js'
import { describe } from './suite.js'

const sandboxOf = (containerId: string, ifname = 'eth0') => ({
  containerId,
  netns: `/run/netns/${containerId}`,
  ifname,
  args: '',
  path: [],
})

const worldOf = () => {
  const node = createMemoryNode()
  const journal = createMemoryJournal({ driver: node.driver })
  return { node, journal, engine: createEngine({ runner: node.runner, journal }) }
}

describe('an engine', (it) => {
  it('serialises the operations on one container (promise 6)', async () => {
    const { engine, node } = worldOf()
    const plan = planOf({ a: ['macvlan'] })
    const outcomes = await Promise.all([1, 2, 3].map(() => engine.add(plan, sandboxOf('c1'))))
    assert.is(outcomes.filter(({ ok }) => ok).length, 1)
    assert.is(node.invocations.length, 1)
  })

  it('deletes all attachments of a container when no interface is named', async () => {
    const { engine, node } = worldOf()
    await engine.add(planOf({ a: ['macvlan'] }), sandboxOf('c1'))
    const [other] = planOf({ b: ['macvlan'] }).attachments
    const second = {
      ...planOf({ b: ['macvlan'] }),
      attachments: [{ ...other, ifname: 'eth7' }],
    } as never
    assert.ok((await engine.add(second, sandboxOf('c1', 'eth7'))).ok)
    const outcome = await engine.del({ containerId: 'c1' })
    assert.ok(outcome.ok)
    assert.equal(node.leftovers(), [])
  })

  it('refuses an empty container id with code 3, as libcni does (reference/cni.md 2.7)', async () => {
    const { engine } = worldOf()
    for (const outcome of [
      await engine.add(planOf({ a: ['bridge'] }), sandboxOf('')),
      await engine.del({ containerId: '' }),
      await engine.check({ containerId: '' }),
    ]) {
      assert.not(outcome.ok)
      if (outcome.ok) continue
      const { code, msg } = toCniError(outcome.error)
      assert.equal([code, msg], [3, 'missing containerID'])
    }
  })

  it('refuses container ids that are none, before anything is opened (X-10)', async () => {
    const { engine, journal } = worldOf()
    journal.refuseOpens('must not be asked')
    for (const containerId of ['../x', '', '.', 'a/b', 'a\u0000b']) {
      const outcomes = await Promise.all([
        engine.add(planOf({ a: ['macvlan'] }), sandboxOf(containerId)),
        engine.del({ containerId }),
        engine.check({ containerId }),
      ])
      for (const outcome of outcomes) {
        assert.not(outcome.ok)
        if (!outcome.ok) assert.is(outcome.error.kind, 'bad-request')
      }
    }
  })

  it('takes what a runner throws for an answer, and undoes it', async () => {
    const calls: string[] = []
    const runner: Runner = {
      run: async ({ verb }) => {
        calls.push(verb)
        if (verb === 'ADD') throw new Error('broken pipe')
        return { kind: 'success', stdout: '' }
      },
    }
    const engine = createEngine({ runner, journal: createMemoryJournal() })
    const outcome = await engine.add(planOf({ a: ['macvlan'] }), sandboxOf('c1'))
    assert.not(outcome.ok)
    assert.equal(calls, ['ADD', 'DEL'])
  })

  it('says when its journal cannot be opened', async () => {
    const { engine, journal } = worldOf()
    journal.refuseOpens('EROFS')
    const outcome = await engine.del({ containerId: 'c1' })
    assert.not(outcome.ok)
    if (!outcome.ok) assert.equal(outcome.error, { kind: 'journal', message: 'EROFS' })
  })

  it('collects what no valid attachment explains, and keeps the rest', async () => {
    const { engine, node } = worldOf()
    const plan = planOf({ a: ['macvlan'] }, {}, '1.1.0')
    for (const id of ['c1', 'c2']) await engine.add(plan, sandboxOf(id))
    const networks: readonly Network[] = plan.attachments.map(({ config }) => ({
      name: config.name,
      origin: { kind: 'inline' },
      config,
    }))
    const outcome = await engine.gc({
      valid: [{ containerID: 'c2', ifname: 'eth0' }],
      networks,
      path: [],
    })
    assert.ok(outcome.ok)
    if (outcome.ok) {
      assert.equal(
        outcome.value.undone.map(({ ifname }) => ifname),
        ['eth0'],
      )
      assert.equal(
        outcome.value.collected.map(({ network }) => network),
        ['a'],
      )
    }
    const told = node.invocations.filter(({ invocation }) => invocation.env.CNI_COMMAND === 'GC')
    // The primary attachment has the name of the request, and is named once.
    assert.equal(
      told.map(({ invocation }) => invocation.stdin['cni.dev/valid-attachments']),
      [[{ containerID: 'c2', ifname: 'eth0' }]],
    )
    const owners = new Set(node.leftovers().map(({ owner }) => owner?.containerId))
    assert.equal([...owners], ['c2'])
    assert.ok((await engine.check({ containerId: 'c2' })).ok)
  })

  it('tells no plugin what is valid when a valid attachment is not in the journal', async () => {
    const { engine, node } = worldOf()
    const plan = planOf({ a: ['macvlan'] }, {}, '1.1.0')
    const networks = plan.attachments.map(({ config }) => ({
      name: 'a',
      origin: { kind: 'inline' } as const,
      config,
    }))
    const outcome = await engine.gc({
      valid: [{ containerID: 'foreign', ifname: 'eth0' }],
      networks,
      path: [],
    })
    assert.ok(outcome.ok)
    if (outcome.ok) assert.is(outcome.value.skipped.length, 1)
    assert.is(node.invocations.length, 0)
  })

  it('asks the plugins of a plan for their status', async () => {
    const { engine } = worldOf()
    const outcome = await engine.status(planOf({ a: ['macvlan'] }, {}, '1.1.0'), { path: [] })
    assert.ok(outcome.ok)
  })
})
