import * as assert from 'uvu/assert'
import { toCniError } from '../../lib/engine/error.js'
import { describe } from '../suite.js'
import {
  addCommand,
  lastRecord,
  planOf,
  play,
  recordedCommand,
  refused,
  success,
} from './harness.js'

const two = planOf({ a: ['bridge', 'tuning'], b: ['ptp'] })
const record = lastRecord(play(addCommand(two)))

describe('CHECK', (it) => {
  it('runs every plugin in order and writes nothing', () => {
    const { log, outcome } = play(recordedCommand('CHECK', record))
    assert.equal(log, ['CHECK bridge eth0', 'CHECK tuning eth0', 'CHECK ptp eth1'])
    assert.ok(outcome.ok)
  })

  it("hands every plugin the ADD's final result (S-049)", () => {
    const result = { cniVersion: '1.0.0', ips: [{ address: '10.0.0.2/24' }] }
    const added = play(addCommand(two), { answers: { 'ADD tuning eth0': success(result) } })
    const { invocations } = play(recordedCommand('CHECK', lastRecord(added)))
    assert.equal(invocations[0]?.stdin.prevResult, result)
    assert.equal(invocations[1]?.stdin.prevResult, result)
  })

  it('stops at the first failure and passes its code on (S-050)', () => {
    const { log, outcome } = play(recordedCommand('CHECK', record), {
      answers: { 'CHECK tuning eth0': refused(107, 'gone') },
    })
    assert.equal(log, ['CHECK bridge eth0', 'CHECK tuning eth0'])
    assert.not(outcome.ok)
    if (!outcome.ok) assert.is(toCniError(outcome.error).code, 107)
  })

  it('passes over lists below 0.4.0 and lists with disableCheck (S-004, S-048)', () => {
    const old = planOf({ a: ['bridge'] }, { resultVersion: '1.0.0' }, '0.3.1')
    const off = planOf({ a: ['bridge'] })
    const [attachment] = off.attachments
    const disabled = {
      ...off,
      attachments: [{ ...attachment, config: { ...attachment?.config, disableCheck: 'TRUE' } }],
    } as typeof off
    for (const plan of [old, disabled]) {
      const { log, outcome } = play(recordedCommand('CHECK', lastRecord(play(addCommand(plan)))))
      assert.equal(log, [])
      assert.ok(outcome.ok)
      if (outcome.ok) assert.is((outcome.value as { skipped: unknown[] }).skipped.length, 1)
    }
  })

  it('refuses what is not, or not completely, attached (S-047)', () => {
    for (const wrong of [undefined, play(addCommand(two)).saved[1]]) {
      const { log, outcome } = play(recordedCommand('CHECK', wrong))
      assert.equal(log, [])
      assert.not(outcome.ok)
      if (!outcome.ok) {
        assert.is(outcome.error.kind, 'not-attached')
        assert.is(toCniError(outcome.error).code, 3)
      }
    }
    const { outcome } = play(recordedCommand('CHECK', [null]))
    assert.not(outcome.ok)
    if (!outcome.ok) assert.is(outcome.error.kind, 'bad-record')
  })
})

const networks = (version: string) =>
  planOf({ a: ['bridge', 'tuning'], b: ['ptp'] }, {}, version).attachments

describe('STATUS', (it) => {
  it('asks every plugin in order, with the search path and nothing else (S-058)', () => {
    const { log, invocations, outcome } = play({
      verb: 'STATUS',
      attachments: networks('1.1.0'),
      path: ['/bin'],
    })
    assert.equal(log, ['STATUS bridge ', 'STATUS tuning ', 'STATUS ptp '])
    assert.equal(invocations[0]?.stdin, { type: 'bridge', cniVersion: '1.1.0', name: 'a' })
    const empty = { CNI_CONTAINERID: '', CNI_NETNS: '', CNI_IFNAME: '', CNI_ARGS: '' }
    for (const { env } of invocations)
      assert.equal(env, { CNI_COMMAND: 'STATUS', ...empty, CNI_PATH: '/bin' })
    assert.ok(outcome.ok)
  })

  it('returns the first refusal with its code (reference/cni.md 2.12)', () => {
    const { log, outcome } = play(
      { verb: 'STATUS', attachments: networks('1.1.0'), path: [] },
      { answers: { 'STATUS bridge ': refused(50, 'not ready') } },
    )
    assert.equal(log, ['STATUS bridge '])
    assert.not(outcome.ok)
    if (!outcome.ok) assert.is(toCniError(outcome.error).code, 50)
  })

  it('asks no plugin of a list below 1.1.0', () => {
    const { log, outcome } = play({ verb: 'STATUS', attachments: networks('1.0.0'), path: [] })
    assert.equal(log, [])
    assert.ok(outcome.ok)
  })
})

describe('GC', (it) => {
  const valid = [{ containerID: 'c1', ifname: 'eth0' }]

  it('tells every plugin which attachments are valid, under both names of the key (S-065)', () => {
    const { invocations } = play({ verb: 'GC', attachments: networks('1.1.0'), path: [], valid })
    assert.equal(
      invocations.map(({ stdin }) => [
        stdin['cni.dev/valid-attachments'],
        stdin['cni.dev/attachments'],
      ]),
      [1, 2, 3].map(() => [valid, valid]),
    )
  })

  it('goes on after a failure and returns all of them (S-078)', () => {
    const { log, outcome } = play(
      { verb: 'GC', attachments: networks('1.1.0'), path: [], valid },
      { answers: { 'GC bridge eth0': refused(5, 'one'), 'GC ptp eth1': refused(6, 'two') } },
    )
    assert.is(log.length, 3)
    assert.not(outcome.ok)
    if (!outcome.ok) assert.is(outcome.error.kind, 'several')
  })

  it('passes over lists with disableGC (S-005)', () => {
    const [attachment] = networks('1.1.0')
    const attachments = [
      { ...attachment, config: { ...attachment?.config, disableGC: true } },
    ] as never
    assert.equal(play({ verb: 'GC', attachments, path: [], valid }).log, [])
  })
})
