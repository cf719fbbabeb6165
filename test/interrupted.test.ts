/** A signal that fires before anything has begun (docs/embed.md, `interrupted`): on every journal alike. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import {
  createEngine,
  type Engine,
  type Journal,
  type Outcome,
  readRecordings,
  replay,
  toCniError,
} from '../lib/index.js'
import { createHostJournal } from '../runners/host/index.js'
import { createMemoryJournal, createMemoryNode } from '../runners/memory/index.js'
import { record } from '../runners/wrap/index.js'
import { planOf } from './engine/harness.js'
import { describe } from './suite.js'

const plan = planOf({ a: ['macvlan'] }, {}, '1.1.0')
const sandbox = { containerId: 'c1', netns: '/run/netns/c1', ifname: 'eth0', args: '', path: [] }

const calls = (
  engine: Engine,
  signal: AbortSignal,
): readonly (() => Promise<Outcome<object>>)[] => [
  () => engine.add(plan, { ...sandbox, containerId: 'c2' }, { signal }),
  () => engine.check({ containerId: 'c1' }, { signal }),
  () => engine.del({ containerId: 'c1' }, { signal }),
  () => engine.del({ containerId: 'nobody' }, { signal }),
  () => engine.gc({ valid: [], networks: [], path: [] }, { signal }),
  () => engine.status(plan, { path: [] }, { signal }),
]

const isInterrupted = (outcome: Outcome<object>): boolean =>
  !outcome.ok && outcome.error.kind === 'interrupted' && toCniError(outcome.error).code === 11

const withJournals = async (work: (journal: Journal, name: string) => Promise<void>) => {
  const directory = mkdtempSync(join(tmpdir(), 'interrupted-'))
  try {
    await work(createMemoryJournal(), 'memory')
    await work(createHostJournal({ directory }), 'host')
  } finally {
    rmSync(directory, { recursive: true })
  }
}

describe('a signal that has fired before a call', (it) => {
  it('makes every call `interrupted`, code 11, and nothing is opened or run', async () => {
    const { signal } = fired()
    await withJournals(async (journal, name) => {
      const node = createMemoryNode()
      const shut: Journal = {
        open: async () => assert.unreachable(`${name}: opened`) as never,
        list: async () => assert.unreachable(`${name}: listed`) as never,
      }
      for (const call of calls(createEngine({ runner: node.runner, journal: shut }), signal))
        assert.ok(isInterrupted(await call()), name)
      for (const call of calls(createEngine({ runner: node.runner, journal }), signal))
        assert.ok(isInterrupted(await call()), name)
      assert.is(node.invocations.length, 0)
    })
  })
})

describe('a signal that fires while another one holds the container', (it) => {
  it('makes ADD, CHECK and DEL `interrupted`, on every journal', async () => {
    await withJournals(async (journal, name) => {
      const node = createMemoryNode()
      const engine = createEngine({ runner: node.runner, journal })
      assert.ok((await engine.add(plan, sandbox)).ok)
      const held = await journal.open('c1', 'existing', new AbortController().signal)
      assert.ok(held.ok)
      const before = node.invocations.length
      const controller = new AbortController()
      const { signal } = controller
      const waiting = [
        engine.add(plan, { ...sandbox, ifname: 'eth7' }, { signal }),
        engine.check({ containerId: 'c1' }, { signal }),
        engine.del({ containerId: 'c1' }, { signal }),
      ]
      setTimeout(() => controller.abort(), 20)
      for (const outcome of await Promise.all(waiting)) assert.ok(isInterrupted(outcome), name)
      assert.is(node.invocations.length, before)
      if (held.ok) await held.value.close()
      assert.ok((await engine.del({ containerId: 'c1' })).ok)
    })
  })
})

describe('a recording of what was interrupted', (it) => {
  it('replays without a difference, before it began and while it waited', async () => {
    const journal = createMemoryJournal()
    const held = await journal.open('c1', 'existing', new AbortController().signal)
    let text = ''
    const engine = record({ runner: createMemoryNode().runner, journal }, (line) => {
      text += line
    })
    for (const call of calls(engine, fired().signal)) await call()
    const controller = new AbortController()
    const { signal } = controller
    const waiting = engine.add(plan, sandbox, { signal })
    controller.abort()
    assert.ok(isInterrupted(await waiting))
    if (held.ok) await held.value.close()
    const { recordings } = readRecordings({ source: 'a.jsonl', text })
    assert.is(recordings.length, 7)
    for (const one of recordings) assert.equal((await replay(one)).differences, [])
  })
})

const fired = (): AbortController => {
  const controller = new AbortController()
  controller.abort()
  return controller
}
