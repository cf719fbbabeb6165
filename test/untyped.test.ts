/** Ports that throw or say nothing, and callers without types: every call comes to an outcome, and lets its lock go. */
import * as assert from 'uvu/assert'
import {
  createEngine,
  delegateAdd,
  type EnginePorts,
  type Runner,
  toCniError,
  validateNetwork,
} from '../lib/index.js'
import { createMemoryJournal, createMemoryNode } from '../runners/memory/index.js'
import { record } from '../runners/wrap/index.js'
import { planOf } from './engine/harness.js'
import { describe } from './suite.js'

const plan = planOf({ a: ['macvlan'], b: ['macvlan'] }, {}, '1.1.0')
const sandbox = { containerId: 'c1', netns: '/run/netns/c1', ifname: 'eth0', args: '', path: [] }
const untyped = (value: unknown) => value as never

const worldOf = (ports: Partial<EnginePorts> = {}) => {
  const node = createMemoryNode()
  const journal = createMemoryJournal()
  return { node, journal, engine: createEngine({ runner: node.runner, journal, ...ports }) }
}

const shout = () => {
  throw new Error('out of paper')
}

describe('a log or a clock that throws', (it) => {
  it('is passed over: ADD, CHECK and DEL do their work', async () => {
    const throwing: readonly Partial<EnginePorts>[] = [
      { log: { write: shout } },
      { log: { write: (async () => shout()) as never } },
      { log: untyped({}) },
      { clock: { now: shout } },
      { clock: { now: shout }, log: { write: () => {} } },
      { clock: untyped({}), log: { write: shout } },
    ]
    for (const ports of throwing) {
      const { engine, journal, node } = worldOf(ports)
      assert.ok((await engine.add(plan, sandbox)).ok)
      assert.ok((await engine.check({ containerId: 'c1' })).ok)
      assert.ok((await engine.del({ containerId: 'c1' })).ok)
      assert.equal([journal.held, node.leftovers()], [[], []])
    }
  })

  it('is passed over where a record is set aside', async () => {
    const { engine, journal } = worldOf({ log: { write: shout } })
    journal.put('c1', 'eth0', '{"cut')
    assert.ok((await engine.del({ containerId: 'c1' })).ok)
    assert.equal(journal.held, [])
  })

  it('says nothing of a time that is none', async () => {
    const lines: unknown[] = []
    const log = { write: (_: unknown, __: unknown, fields: unknown) => void lines.push(fields) }
    const { engine } = worldOf({ clock: untyped({ now: () => 'noon' }), log: untyped(log) })
    assert.ok((await engine.add(plan, sandbox)).ok)
    assert.not.ok(lines.some((fields) => Object.hasOwn(fields as object, 'milliseconds')))
  })
})

describe('what a runner says that is no answer', (it) => {
  const none: readonly unknown[] = [
    undefined,
    null,
    'success',
    [],
    {},
    { kind: 'success' },
    { kind: 'success', stdout: {} },
    { kind: 'refused' },
    { kind: 'refused', error: null },
    { kind: 'refused', error: 'busy' },
    { kind: 'none' },
    { kind: 'none', reason: {} },
    { kind: 'none', reason: { kind: 'bored', message: '', started: false } },
    { kind: 'other' },
  ]

  it('becomes an error that names the plugin; what ran is undone and the lock let go', async () => {
    for (const said of none) {
      const { node, journal } = worldOf()
      const runner: Runner = {
        run: async (invocation, signal) => {
          const answer = await node.runner.run(invocation, signal)
          const { CNI_COMMAND, CNI_IFNAME } = invocation.env
          return CNI_COMMAND === 'ADD' && CNI_IFNAME === 'eth1' ? untyped(said) : answer
        },
      }
      const outcome = await createEngine({ runner, journal }).add(plan, sandbox)
      assert.not.ok(outcome.ok, JSON.stringify(said))
      if (outcome.ok) continue
      assert.is(outcome.error.kind, 'no-answer')
      const isThrown =
        outcome.error.kind === 'no-answer' && outcome.error.reason.kind === 'runner-threw'
      assert.ok(isThrown)
      assert.match(toCniError(outcome.error).msg, 'plugin macvlan failed (add): the runner')
      assert.is(outcome.undone.length, 2)
      assert.equal([journal.held, node.leftovers()], [[], []])
    }
  })

  it('becomes an error of CHECK, STATUS, GC and DEL, too', async () => {
    const { node, journal, engine } = worldOf()
    assert.ok((await engine.add(plan, sandbox)).ok)
    const dumb = createEngine({ runner: { run: async () => untyped(undefined) }, journal })
    const [network] = plan.attachments.map(({ config }) => ({
      ...{ name: config.name, origin: { kind: 'inline' } as const, config },
    }))
    const networks = network ? [network] : []
    const valid = [{ containerID: 'c1', ifname: 'eth0' }]
    for (const outcome of [
      await dumb.check({ containerId: 'c1' }),
      await dumb.status(plan, { path: [] }),
      await dumb.gc({ valid, networks, path: [] }),
      await dumb.del({ containerId: 'c1' }),
    ]) {
      assert.not.ok(outcome.ok)
      assert.equal(journal.held, [])
    }
    assert.ok((await engine.del({ containerId: 'c1' })).ok)
    assert.equal(node.leftovers(), [])
  })

  it('becomes an error of who asks a plugin for its versions, or delegates to one', async () => {
    const ports = { runner: { run: async () => untyped({ kind: 'success' }) } }
    const config = { name: 'a', cniVersion: '1.1.0', plugins: [{ type: 'bridge' }] }
    const network = { name: 'a', origin: { kind: 'inline' } as const, config }
    const validated = await validateNetwork(ports, network, { path: [] })
    assert.equal(!validated.ok && validated.problems.map(({ code }) => code), ['no-version-reply'])
    const request = { ...sandbox, path: ['/p'], config: {}, cniVersion: '1.1.0', verb: 'ADD' }
    const { signal } = new AbortController()
    const delegation = { ...ports, request: untyped(request), type: 'host-local', signal }
    const added = await delegateAdd(delegation)
    assert.is(!added.ok && added.error.code, 999)
  })

  it('passes on what is more or less than a type says and means one thing', async () => {
    const { journal } = worldOf()
    const error = { code: 'x', msg: 7, extra: 1 }
    const runner = { run: async () => untyped({ kind: 'refused', error, stderr: 7 }) }
    const outcome = await createEngine({ runner, journal }).add(plan, sandbox)
    assert.not.ok(outcome.ok)
    if (!outcome.ok && outcome.error.kind === 'plugin-refused')
      assert.equal(outcome.error.error, { code: 0, msg: '' })
  })
})

describe('a journal that does not keep to its types', (it) => {
  it('has not stored what it does not say it has stored', async () => {
    for (const said of [undefined, null, 7, {}, { ok: false }, { ok: 'yes' }]) {
      const { node, journal } = worldOf()
      const engine = createEngine({
        runner: node.runner,
        journal: {
          ...journal,
          open: async (...args) => {
            const opened = await journal.open(...args)
            if (!opened.ok) return opened
            return { ok: true, value: { ...opened.value, save: async () => untyped(said) } }
          },
        },
      })
      const outcome = await engine.add(plan, sandbox)
      assert.is(!outcome.ok && outcome.error.kind, 'journal', JSON.stringify(said))
      assert.equal([journal.held, node.invocations.length], [[], 0])
    }
  })

  it('makes every call fail when it opens or lists nothing that can be used', async () => {
    for (const said of [undefined, {}, { ok: true }, { ok: true, value: {} }, { ok: false }]) {
      const { node } = worldOf()
      const answer = async () => untyped(said)
      const engine = createEngine({ runner: node.runner, journal: { open: answer, list: answer } })
      for (const outcome of [
        await engine.add(plan, sandbox),
        await engine.del({ containerId: 'c1' }),
        await engine.check({ containerId: 'c1' }),
        await engine.gc({ valid: [], networks: [], path: [] }),
      ]) {
        assert.not.ok(outcome.ok, JSON.stringify(said))
        if (!outcome.ok) assert.ok(toCniError(outcome.error).msg)
      }
      assert.is(node.invocations.length, 0)
    }
  })
})

describe('a merge rule that gives no result', (it) => {
  it('is an error, and what ran is undone', async () => {
    for (const said of [undefined, null, 7, {}, [], { cniVersion: 7 }, Promise.resolve({})]) {
      const { engine, node, journal } = worldOf({ merges: { mine: () => untyped(said) } })
      const outcome = await engine.add({ ...plan, merge: 'mine' }, sandbox)
      assert.is(!outcome.ok && outcome.error.kind, 'bad-merge')
      assert.equal([journal.held, node.leftovers()], [[], []])
    }
  })
})

describe('a caller without types', (it) => {
  const sandboxes: readonly unknown[] = [
    undefined,
    null,
    7,
    {},
    { containerId: 'c1' },
    { ...sandbox, containerId: 7 },
    { ...sandbox, netns: undefined },
    { ...sandbox, netnsId: 7 },
    { ...sandbox, netnsId: null },
    { ...sandbox, netnsId: '' },
    { ...sandbox, ifname: null },
    { ...sandbox, args: ['a'] },
    { ...sandbox, path: undefined },
    { ...sandbox, path: '/opt/cni/bin' },
    { ...sandbox, path: [7] },
  ]
  const [first] = plan.attachments
  const plans: readonly unknown[] = [
    undefined,
    null,
    7,
    {},
    { ...plan, attachments: undefined },
    { ...plan, attachments: [null] },
    { ...plan, attachments: [{ ...first, config: undefined }] },
    { ...plan, attachments: [{ ...first, config: { name: 'a', plugins: [null] } }] },
    { ...plan, attachments: [{ ...first, config: { name: 'a', plugins: [{}] } }] },
    { ...plan, attachments: [{ ...first, capabilityArgs: undefined }] },
    { ...plan, attachments: [{ ...first, ifname: 7 }] },
    { ...plan, resultVersion: undefined },
    { ...plan, merge: undefined },
  ]
  const recordings: string[] = []
  const engines = (world: ReturnType<typeof worldOf>) => [
    world.engine,
    record({ runner: world.node.runner, journal: world.journal }, (line) => {
      recordings.push(line)
    }),
  ]

  it('is refused for a sandbox that is none, before anything is opened', async () => {
    const world = worldOf()
    for (const engine of engines(world)) {
      for (const one of sandboxes) {
        const outcome = await engine.add(plan, untyped(one))
        assert.is(!outcome.ok && outcome.error.kind, 'bad-request', JSON.stringify(one))
        if (!outcome.ok) assert.ok([3, 4].includes(toCniError(outcome.error).code))
      }
      for (const one of [undefined, null, 7, { containerId: 'c1', path: 7 }]) {
        for (const outcome of [await engine.del(untyped(one)), await engine.check(untyped(one))])
          assert.is(!outcome.ok && outcome.error.kind, 'bad-request', JSON.stringify(one))
      }
    }
    assert.equal(
      [world.journal.held, world.journal.writes, world.node.invocations.length],
      [[], 0, 0],
    )
  })

  it('is refused for a plan that is none, before anything runs', async () => {
    const world = worldOf()
    for (const engine of engines(world)) {
      for (const one of plans) {
        for (const outcome of [
          await engine.add(untyped(one), sandbox),
          await engine.status(untyped(one), { path: [] }),
        ]) {
          assert.is(!outcome.ok && outcome.error.kind, 'bad-request', JSON.stringify(one))
          assert.equal(world.journal.held, [])
        }
      }
      for (const where of [undefined, null, {}, { path: '/opt' }])
        assert.not.ok((await engine.status(plan, untyped(where))).ok)
    }
    assert.equal([world.journal.writes, world.node.invocations.length], [0, 0])
  })

  it('gets an outcome for options that are none', async () => {
    for (const options of [null, 7, { signal: null }, { signal: {} }]) {
      const world = worldOf()
      for (const engine of engines(world)) {
        await engine.add(plan, sandbox, untyped(options))
        await engine.check({ containerId: 'c1' }, untyped(options))
        await engine.del({ containerId: 'c1' }, untyped(options))
        assert.equal(world.journal.held, [])
      }
    }
  })
})
