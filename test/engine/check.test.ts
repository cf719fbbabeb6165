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
