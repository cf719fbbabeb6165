import * as assert from 'uvu/assert'
import { createEngine, type Network, type Runner, toCniError } from '../lib/index.js'
import { createMemoryJournal, createMemoryNode } from '../runners/memory/index.js'
import { planOf } from './engine/harness.js'
import { describe } from './suite.js'

const plan = planOf({ a: ['macvlan'] }, {}, '1.1.0')
const networks: readonly Network[] = plan.attachments.map(({ config }) => ({
  name: config.name,
  origin: { kind: 'inline' },
  config,
}))
const sandboxOf = (containerId: string, ifname = 'eth0') => ({
  containerId,
  netns: `/run/netns/${containerId}`,
  ifname,
  args: '',
  path: ['/recorded'],
})
const worldOf = async (...ids: readonly string[]) => {
  const node = createMemoryNode()
  const journal = createMemoryJournal()
  const calls: string[] = []
  const runner: Runner = {
    run: (invocation, signal) => {
      const { CNI_COMMAND, CNI_CONTAINERID } = invocation.env
      calls.push(`${CNI_COMMAND} ${CNI_CONTAINERID} ${invocation.path}`.replace('  ', ' '))
      return node.runner.run(invocation, signal)
    },
  }
  const engine = createEngine({ runner, journal })
  for (const id of ids) assert.ok((await engine.add(plan, sandboxOf(id))).ok)
  calls.length = 0
  return { node, journal, engine, calls }
}
const valid = (...ids: readonly string[]) =>
  ids.map((containerID) => ({ containerID, ifname: 'eth0' }))

describe('GC', (it) => {
  it('looks for plugins in its own path first, then in that of the record', async () => {
    const { engine, calls } = await worldOf('c1')
    assert.ok((await engine.gc({ valid: [], networks, path: ['/given'] })).ok)
    assert.equal(calls, ['DEL c1 /given,/recorded', 'GC /given'])
  })

  it('sets aside what it cannot read and nobody wants', async () => {
    const { engine, journal } = await worldOf('c1')
    journal.put('c1', 'eth0', '{"cut')
    assert.ok((await engine.gc({ valid: [], networks, path: [] })).ok)
    assert.is(journal.state.records.length, 0)
    assert.is(journal.state.quarantined[0]?.text, '{"cut')
  })

  it('leaves a valid record alone that it cannot read, and then tells no plugin what is valid', async () => {
    for (const text of ['{"cut', '{}', '[null]']) {
      const { engine, journal, node, calls } = await worldOf('c1', 'c2')
      const before = node.leftovers()
      journal.put('c1', 'eth0', text)
      const outcome = await engine.gc({ valid: valid('c1', 'c2'), networks, path: [] })
      assert.ok(outcome.ok)
      assert.is(outcome.ok && outcome.value.skipped.length, 1)
      assert.equal(calls, [])
      assert.equal(node.leftovers(), before)
      assert.is(journal.state.records.length, 2)
    }
  })

  it('says of which attachment it does not know what lives, and why: none is told of nothing', async () => {
    const said: string[] = []
    const write = (level: string, message: string, fields: Record<string, unknown> = {}): void => {
      if (level === 'error')
        said.push(`${fields.containerId} ${fields.ifname}: ${message.split(':', 1)[0]}`)
    }
    const { journal, node } = await worldOf('c1', 'c2')
    const engine = createEngine({ runner: node.runner, journal, log: { write } })
    // Somebody wants c1's eth0; its net1 is wanted by nobody, but nobody knows what it holds either.
    journal.put('c1', 'net1', '{"cut')
    journal.put('c2', 'eth0', '{"cut')
    assert.ok((await engine.gc({ valid: valid('c1', 'c2', 'c3'), networks, path: [] })).ok)
    assert.equal(said, [
      'c1 net1: a record of a living container cannot be read',
      'c2 eth0: a record of a living container cannot be read',
      'c3 eth0: a valid attachment is not recorded here',
    ])
    assert.is(journal.state.records.length, 3)
  })

  it('collects a container once, however often a journal lists it', async () => {
    const { journal, node, calls } = await worldOf('c1', 'c2')
    const list = async () => ({ ok: true, value: ['c1', 'c2', 'c1', 'c2'] }) as const
    const engine = createEngine({ runner: node.runner, journal: { ...journal, list } })
    const outcome = await engine.gc({ valid: valid('c1'), networks, path: [] })
    assert.ok(outcome.ok && outcome.value.undone.length === 1)
    assert.equal(calls, [])
    assert.ok((await engine.check({ containerId: 'c1' })).ok)
  })

  it('refuses a list of valid attachments that is not whole, with code 7, and runs nothing (X-16, X-17)', async () => {
    const lists: readonly unknown[] = [
      undefined,
      null,
      {},
      'c1',
      [null],
      ['c1'],
      [{ containerId: 'c1', ifname: 'eth0' }],
      [...valid('c1'), { containerID: 'c2', ifname: '' }],
      [{ containerID: 'c1' }],
    ]
    for (const list of lists) {
      const { engine, journal, calls } = await worldOf('c1')
      const outcome = await engine.gc({ valid: list as never, networks, path: [] })
      assert.is(!outcome.ok && outcome.error.kind, 'bad-request', JSON.stringify(list))
      if (!outcome.ok) assert.is(toCniError(outcome.error).code, 7)
      assert.equal([calls, journal.held, journal.state.records.length], [[], [], 1])
    }
  })

  it('refuses networks and a search path that are none, and runs nothing', async () => {
    const { engine, journal, calls } = await worldOf('c1')
    const wrong: readonly unknown[] = [
      undefined,
      null,
      7,
      { valid: [], networks },
      { valid: [], networks, path: '/opt' },
      { valid: [], networks, path: ['/opt:/bin'] },
      { valid: [], networks: undefined, path: [] },
      { valid: [], networks: [null], path: [] },
      { valid: [], networks: [{ name: 'a', config: { name: 'a', plugins: [{}] } }], path: [] },
    ]
    for (const what of wrong) {
      const outcome = await engine.gc(what as never)
      assert.is(!outcome.ok && outcome.error.kind, 'bad-request', JSON.stringify(what))
    }
    assert.equal([calls, journal.held, journal.state.records.length], [[], [], 1])
  })
})

describe('DEL of a container', (it) => {
  it('asks once for an interface that has a record and a corrupt one beside it', async () => {
    const { journal, node } = await worldOf('c1')
    const removed: string[] = []
    const engine = createEngine({
      runner: node.runner,
      journal: {
        ...journal,
        open: async (...args) => {
          const opened = await journal.open(...args)
          if (!opened.ok) return opened
          const quarantine = async (ifname: string) => {
            removed.push(ifname)
            return { ok: true, value: undefined } as const
          }
          const corrupt = [{ ifname: 'eth0', message: 'torn' }]
          return { ok: true, value: { ...opened.value, corrupt, quarantine } }
        },
      },
    })
    assert.ok((await engine.del({ containerId: 'c1' })).ok)
    assert.equal(removed, ['eth0'])
  })
})
