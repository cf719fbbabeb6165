import * as assert from 'uvu/assert'
import type { Answer, Journal, Runner } from '../../lib/index.js'
import { createEngine, plan, readRecordings, replay } from '../../lib/index.js'
import { createMemoryJournal, createMemoryNode, faults } from '../../runners/memory/index.js'
import { record } from '../../runners/wrap/index.js'
import { planOf, sandbox } from '../engine/harness.js'
import { describe } from '../suite.js'

const twoNetworks = planOf({ front: ['bridge'], back: ['ptp', 'tuning'] })

/** An engine on a simulated node that is recorded, and what was written so far. */
const recorded = (ports: Partial<Parameters<typeof record>[0]> = {}) => {
  const node = createMemoryNode()
  const lines: string[] = []
  const all = { runner: node.runner, journal: createMemoryJournal(), ...ports }
  const engine = record(all, (line) => lines.push(line))
  const read = () => readRecordings({ source: 'recording', text: lines.join('') })
  return { node, engine, lines, read }
}

describe('record', (it) => {
  it('is an engine that does what a plain one does', async () => {
    const play = async (make: typeof createEngine) => {
      const node = createMemoryNode()
      node.script({ verb: 'ADD', type: 'tuning' }, faults.refuse())
      const engine = make({ runner: node.runner, journal: createMemoryJournal() })
      const outcomes = [
        await engine.add(twoNetworks, sandbox),
        await engine.add(planOf({ front: ['bridge'] }), sandbox),
        await engine.check({ containerId: 'c1' }),
        await engine.status(twoNetworks, { path: [] }),
        await engine.del({ containerId: 'c1' }),
        await engine.gc({ valid: [], networks: [], path: [] }),
        await engine.add(twoNetworks, { ...sandbox, containerId: '-' }),
      ]
      return { outcomes, state: node.state }
    }
    const lines: string[] = []
    const played = await play((ports) => record(ports, (line) => lines.push(line)))
    assert.equal(played, await play(createEngine))
    const { recordings } = readRecordings({ source: '', text: lines.join('') })
    assert.is(recordings.length, 7)
  })

  it('writes a question before it is answered: what was asked last when the process died is known', async () => {
    let asked = ''
    const hang: Runner = { run: () => new Promise(() => {}) }
    const { engine, lines, read } = recorded({ runner: hang })
    void engine.add(twoNetworks, sandbox)
    while (!asked.includes('"run"')) {
      await new Promise((resolve) => setImmediate(resolve))
      asked = lines.at(-1) ?? ''
    }
    const [recording] = read().recordings
    assert.is(recording?.outcome, undefined)
    assert.is(recording?.steps.at(-1)?.asked.kind, 'run')
    assert.is(recording?.steps.at(-1)?.answer, undefined)
  })

  it('keeps a runner and a journal that throw, or say no, as what the engine makes of them', async () => {
    const broken: Runner = { run: () => Promise.reject(new Error('lost')) }
    const full = () => Promise.reject(new Error('disk full'))
    const memory = createMemoryJournal()
    const journals: readonly Journal[] = [
      memory,
      { ...memory, open: full },
      {
        ...memory,
        open: async (...args) => {
          const opened = await memory.open(...args)
          return opened.ok
            ? { ok: true, value: { ...opened.value, save: full, close: full } }
            : opened
        },
      },
    ]
    for (const journal of journals) {
      const { engine, read } = recorded({ runner: broken, journal })
      const outcome = await engine.add(twoNetworks, { ...sandbox, containerId: 'broken' })
      const plain = createEngine({ runner: broken, journal })
      const same = await plain.add(twoNetworks, { ...sandbox, containerId: 'plain' })
      assert.is(outcome.ok || outcome.error.kind, same.ok || same.error.kind)
      const [recording] = read().recordings
      assert.equal((await replay(recording as never)).differences, [])
    }
  })

  it('goes on when the sink throws, and does not call it again', async () => {
    let calls = 0
    const node = createMemoryNode()
    const engine = record({ runner: node.runner, journal: createMemoryJournal() }, () => {
      calls++
      throw new Error('disk full')
    })
    assert.ok((await engine.add(planOf({ front: ['bridge'] }), sandbox)).ok)
    assert.is(calls, 1)
  })

  it('masks secrets in every line, and what a plugin says about them', async () => {
    const secret = 'correct-horse-battery'
    const words: readonly Answer[] = [
      { kind: 'success', stdout: `{"apiKey":"${secret}"}`, stderr: `using ${secret}` },
      { kind: 'success', stdout: `no JSON: ${secret}` },
      { kind: 'refused', error: { code: 1, msg: secret, details: secret }, stderr: secret },
      { kind: 'none', reason: { kind: 'not-startable', message: secret, started: true } },
    ]
    for (const answer of words) {
      const front = `{"name": "front", "type": "bridge", "auth": {"password": "${secret}"}}`
      const planned = plan({ networks: 'front', files: [{ source: 'front.conf', text: front }] })
      if (!planned.ok) throw new Error('no plan')
      const { engine, lines, read } = recorded({ runner: { run: async () => answer } })
      await engine.add(planned.plan, { ...sandbox, args: `TOKEN=${secret}` })
      await engine.del({ containerId: 'c1', args: `TOKEN=${secret}` })
      assert.not.match(lines.join(''), secret)
      for (const recording of read().recordings)
        assert.equal((await replay(recording)).differences, [])
    }
  })

  it('says when and by whom, and how long an answer took, where there is a clock', async () => {
    let now = 1000
    const lines: string[] = []
    const node = createMemoryNode()
    const ports = { runner: node.runner, journal: createMemoryJournal() }
    const clock = { now: () => now++ }
    const engine = record({ ...ports, clock }, (line) => lines.push(line), {
      by: 'test 1.0',
      operation: () => 'only',
    })
    await engine.del({ containerId: 'c1' })
    const first = JSON.parse(lines[0] ?? '')
    assert.equal([first.operation, first.by, first.time], ['only', 'test 1.0', 1000])
    assert.is(JSON.parse(lines[2] ?? '').milliseconds, 1)
  })

  it('says at the end how many steps there were', async () => {
    const { engine, lines, read } = recorded()
    await engine.add(twoNetworks, sandbox)
    const { steps } = JSON.parse(lines.at(-1) ?? '')
    assert.is(steps, read().recordings[0]?.steps.length)
    lines.splice(-3, 2)
    assert.is(read().problems[0]?.severity, 'error')
  })

  it('writes nothing of a caller but what names the sandbox', async () => {
    const { engine, lines } = recorded()
    const request = { ...sandbox, config: { more: 'than-needed' }, text: 'than-needed' }
    await engine.add(twoNetworks, request)
    await engine.del(request)
    assert.not.match(lines.join(''), 'than-needed')
  })

  it('ends a recording where a line would be longer than anybody reads', async () => {
    const huge = planOf({ front: ['bridge'] })
    const [attachment] = huge.attachments
    if (attachment === undefined) throw new Error('no attachment')
    const config = { ...attachment.config, description: 'x'.repeat(17 * 1024 * 1024) }
    const { engine, lines } = recorded()
    const outcome = await engine.add({ ...huge, attachments: [{ ...attachment, config }] }, sandbox)
    assert.ok(outcome.ok)
    assert.is(lines.length, 1)
    assert.match(lines[0] ?? '', /"cut":"a line of \d+ characters; 16777216 is the limit"/)
  })
})
