import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { decodeRecord, type EngineRecord, validIn } from '../../lib/engine/record.js'
import { describe } from '../suite.js'
import { addCommand, lastRecord, planOf, play, recordedCommand, success } from './harness.js'

const owner = { containerId: 'c1', ifname: 'eth0' }
const result = { cniVersion: '1.0.0', ips: [{ address: '10.0.0.2/24' }] }
const answers = { 'ADD bridge eth0': success(result), 'ADD ptp eth1': success(result) }
const record = lastRecord(play(addCommand(planOf({ a: ['bridge'], b: ['ptp'] })), { answers }))

const messageOf = (value: unknown, of = owner): string => {
  const decoded = decodeRecord(value, of)
  return E.isLeft(decoded) ? decoded.left : 'it was read'
}

describe('a stored record', (it) => {
  it('is read as it was saved', () => {
    assert.equal(decodeRecord(JSON.parse(JSON.stringify(record)), owner), E.right(record))
    assert.equal(decodeRecord(record), E.right(record))
  })

  it('of another container or another interface is refused: nobody wants that undone', () => {
    assert.match(messageOf(record, { ...owner, containerId: 'c2' }), 'the record of "eth0" of "c1"')
    assert.match(messageOf(record, { ...owner, ifname: 'net1' }), 'the record of "eth0" of "c1"')
    for (const sandbox of [
      { ...record.sandbox, containerId: 'c2', netns: '', args: '', path: [] },
      { ...record.sandbox, ifname: 'net1' },
    ]) {
      const { log } = play({ verb: 'DEL', sandbox, record })
      assert.is(log.at(-1), 'quarantine')
      assert.not.ok(log.some((line) => line.startsWith('DEL')))
    }
  })

  it('of another version, or with a version of a list that is no text, is refused', () => {
    assert.match(messageOf({ ...record, version: 2 }), 'record version 2')
    const [first, ...others] = record.plan.attachments
    const config = { ...first?.config, cniVersion: 5 }
    const plan = { ...record.plan, attachments: [{ ...first, config }, ...others] }
    assert.match(messageOf({ ...record, plan }), 'cniVersion')
  })

  it('of the next minor version, with keys that nobody knows yet, is undone, and keeps them', () => {
    const more = { later: [1] }
    const [first, ...others] = record.plan.attachments
    const config = { ...first?.config, ...more }
    const next = {
      ...{ ...record, ...more, sandbox: { ...record.sandbox, ...more } },
      plan: {
        ...{ ...record.plan, version: 2, ...more },
        attachments: [{ ...first, ...more, config, network: { name: 'a', ...more } }, ...others],
      },
      steps: record.steps.map((step) => ({ ...step, ...more })),
    }
    const { log, saved } = play(recordedCommand('DEL', next))
    assert.equal(log.slice(1), ['DEL ptp eth1', 'DEL bridge eth0', 'remove'])
    const { later, plan } = saved[0] as never as { later: unknown; plan: { later: unknown } }
    assert.equal([later, plan.later], [[1], [1]])
  })

  it('with steps that its plan does not have is refused', () => {
    assert.match(messageOf({ ...record, steps: [] }), 'differ in number')
    const [first, second] = record.steps
    for (const pending of [-1, 2, 0.5, 1e9]) {
      assert.match(messageOf({ ...record, steps: [{ ...first, pending }, second] }), 'to undo')
    }
    const attachments = record.plan.attachments.map((one) => ({
      ...one,
      config: { name: 'a', plugins: [{ type: '' }] },
    }))
    assert.match(messageOf({ ...record, plan: { ...record.plan, attachments } }), 'valid plugins')
  })

  it('with a result that cannot be read is undone without it', () => {
    for (const wrong of [null, 7, 'x', [], { cniVersion: '9.9.9' }, { ips: 'x' }]) {
      const [first, second] = record.steps
      const spoiled = { ...record, steps: [{ ...first, result: wrong }, second] }
      const { log, invocations } = play(recordedCommand('DEL', spoiled))
      assert.equal(log.slice(1), ['DEL ptp eth1', 'DEL bridge eth0', 'remove'])
      assert.equal(
        invocations.map(({ stdin }) => stdin.prevResult),
        [result, undefined],
      )
    }
  })

  it('with a result without a version has that of its list', () => {
    const [first, second] = record.steps
    const { cniVersion: _, ...unversioned } = result
    const steps = [{ ...first, result: unversioned }, second]
    const { invocations } = play(recordedCommand('DEL', { ...record, steps }))
    assert.equal(invocations[1]?.stdin.prevResult, result)
  })

  it('names its attachments for GC, and none when it cannot be read', () => {
    assert.equal(validIn(record, owner), [
      { containerID: 'c1', ifname: 'eth0' },
      { containerID: 'c1', ifname: 'eth1' },
    ])
    assert.equal(validIn({ ...record, version: 7 }, owner), [])
  })
})

describe('a record in which anything has been changed', (it) => {
  const wrong: readonly unknown[] = [null, 0, -1, '', 'x', true, [], {}, [null], { a: 1 }, 1e300]

  /** Every value of a JSON tree replaced by every wrong one, and left out. */
  function* spoiled(value: unknown): Generator<unknown> {
    yield* wrong
    if (typeof value !== 'object' || value === null) return
    for (const key of Object.keys(value)) {
      const before = (value as Record<string, unknown>)[key]
      for (const after of spoiled(before)) {
        yield Array.isArray(value)
          ? value.map((one, index) => (String(index) === key ? after : one))
          : { ...value, [key]: after }
      }
      if (!Array.isArray(value)) {
        yield Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))
      }
    }
  }

  it('is undone, or set aside, or replaced, or refused: nothing throws and everything ends', () => {
    let count = 0
    for (const one of spoiled(record) as Generator<EngineRecord>) {
      for (const verb of ['DEL', 'CHECK'] as const) {
        assert.is(typeof play(recordedCommand(verb, one)).outcome.ok, 'boolean')
      }
      assert.is(typeof play(addCommand(record.plan, one)).outcome.ok, 'boolean')
      count++
    }
    assert.ok(count > 500)
  })
})
