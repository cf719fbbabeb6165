import * as assert from 'uvu/assert'
import { toCniError } from '../../lib/engine/error.js'
import { describe } from '../suite.js'
import {
  addCommand,
  lastRecord,
  none,
  planOf,
  play,
  recordedCommand,
  refused,
  sandbox,
  success,
} from './harness.js'

const two = planOf({ a: ['bridge', 'tuning'], b: ['ptp'] })

describe('ADD', (it) => {
  it('records each attachment before the first of its plugins runs, and the whole at the end (promise 2)', () => {
    assert.equal(play(addCommand(two)).log, [
      'save adding,planned',
      'ADD bridge eth0',
      'ADD tuning eth0',
      'save added,adding',
      'ADD ptp eth1',
      'save added,added',
    ])
  })

  it('hands each plugin the result of the one before, and the first of a list none (SPEC ADD)', () => {
    const result = { cniVersion: '1.0.0', ips: [{ address: '10.0.0.2/24' }] }
    const { invocations } = play(addCommand(two), {
      answers: { 'ADD bridge eth0': success(result) },
    })
    assert.is(invocations[0]?.stdin.prevResult, undefined)
    assert.equal(invocations[1]?.stdin.prevResult, result)
    assert.is(invocations[2]?.stdin.prevResult, undefined)
  })

  it('gives every plugin the environment of its own attachment (reference/cni.md 2.5)', () => {
    const { invocations } = play(addCommand(two))
    assert.equal(invocations[2]?.env, {
      CNI_COMMAND: 'ADD',
      CNI_CONTAINERID: 'c1',
      CNI_NETNS: '/run/netns/c1',
      CNI_IFNAME: 'eth1',
      CNI_ARGS: 'IgnoreUnknown=1',
      CNI_PATH: '/opt/cni/bin',
    })
  })

  it("gives the primary attachment's result in the plan's version", () => {
    const result = { cniVersion: '1.0.0', ips: [{ address: '10.0.0.2/24' }] }
    const { outcome } = play(addCommand(planOf({ a: ['bridge'] }, { resultVersion: '0.2.0' })), {
      answers: { 'ADD bridge eth0': success(result) },
    })
    assert.ok(outcome.ok)
    assert.equal((outcome.value as { result: unknown }).result, {
      cniVersion: '0.2.0',
      ip4: { ip: '10.0.0.2/24' },
      dns: {},
    })
  })

  it('gives what the last plugin said, in its own words, when the versions are the same (reference/cni.md 3.3)', () => {
    const results: readonly { readonly cniVersion: string }[] = [
      { cniVersion: '0.1.0' },
      { cniVersion: '0.2.0' },
      { cniVersion: '0.2.0', ip4: { ip: '10.1.2.3/24', routes: [{ dst: '::/0' }] } } as never,
      { cniVersion: '0.4.0', ips: [{ version: '6', address: '10.1.2.3/24' }] } as never,
      { cniVersion: '1.0.0', ips: [] } as never,
    ]
    for (const merge of ['primaryResultOnly', 'allInterfaces']) {
      for (const result of results) {
        const plan = planOf({ a: ['bridge'] }, { merge }, result.cniVersion)
        const { outcome } = play(addCommand(plan), {
          answers: { 'ADD bridge eth0': success(result) },
        })
        assert.ok(outcome.ok, JSON.stringify(result))
        assert.equal((outcome.value as { result: unknown }).result, result)
      }
    }
  })

  it('gives an empty result of a list of 0.1.0, also of one without a version', () => {
    for (const version of ['0.1.0', '']) {
      const { outcome } = play(addCommand(planOf({ a: ['bridge'] }, {}, version)))
      assert.ok(outcome.ok)
      assert.equal((outcome.value as { result: unknown }).result, { cniVersion: '0.1.0' })
    }
  })

  it('converts within a family without a loss (reference/cni.md 3.3)', () => {
    const ips = [{ version: '6', address: '10.1.2.3/24' }]
    const plan = planOf({ a: ['bridge'] }, { resultVersion: '0.3.1' }, '0.4.0')
    const { outcome } = play(addCommand(plan), {
      answers: { 'ADD bridge eth0': success({ cniVersion: '0.4.0', ips }) },
    })
    assert.ok(outcome.ok)
    const { result } = outcome.value as { result: unknown }
    assert.equal(result, { cniVersion: '0.3.1', ips, dns: {} })
  })

  it('names the plugin whose result the list’s version cannot express, not the next one', () => {
    const { log, outcome } = play(addCommand(planOf({ a: ['bridge', 'tuning'] }, {}, '0.2.0')), {
      answers: { 'ADD bridge eth0': success({ cniVersion: '1.0.0' }) },
    })
    assert.equal(log.slice(1), ['ADD bridge eth0', 'DEL bridge eth0', 'remove'])
    assert.not(outcome.ok)
    if (outcome.ok) return
    const { msg } = toCniError(outcome.error)
    assert.match(msg, 'plugin bridge failed (add): its result in version 0.2.0: cannot convert')
  })

  it('undoes in reverse what ran, the failing plugin included, and forgets the record (promise 3)', () => {
    const { log, outcome } = play(addCommand(two), {
      answers: { 'ADD ptp eth1': refused(11, 'busy') },
    })
    assert.equal(log.slice(5), ['DEL ptp eth1', 'DEL tuning eth0', 'DEL bridge eth0', 'remove'])
    assert.not(outcome.ok)
    if (outcome.ok) return
    assert.equal(
      outcome.undone.map(({ ifname }) => ifname),
      ['eth1', 'eth0'],
    )
    assert.equal(outcome.left, [])
  })

  it('runs no DEL for the plugins of a list that never ran', () => {
    const { log } = play(addCommand(two), { answers: { 'ADD bridge eth0': refused(999, 'no') } })
    assert.equal(log, ['save adding,planned', 'ADD bridge eth0', 'DEL bridge eth0', 'remove'])
  })

  it("passes a plugin's own code on, and its message gains the network and the interface", () => {
    const { outcome } = play(addCommand(two), {
      answers: { 'ADD ptp eth1': refused(1234, 'no 100% luck') },
    })
    assert.not(outcome.ok)
    if (outcome.ok) return
    const error = toCniError(outcome.error)
    assert.is(error.code, 1234)
    assert.is(error.msg, 'network "b" interface "eth1": plugin ptp failed (add): no 100% luck')
  })

  it('does not undo a plugin that was never started', () => {
    const { log } = play(addCommand(two), { answers: { 'ADD ptp eth1': none('not-found', false) } })
    assert.equal(log.slice(5), ['DEL tuning eth0', 'DEL bridge eth0', 'remove'])
  })

  it('undoes a plugin that ran into its time limit', () => {
    const { log } = play(addCommand(two), { answers: { 'ADD ptp eth1': none('timeout', true) } })
    assert.equal(log.slice(5), ['DEL ptp eth1', 'DEL tuning eth0', 'DEL bridge eth0', 'remove'])
  })

  it('never starts to undo an attachment that may still be changing, and keeps it recorded', () => {
    const run = play(addCommand(two), { answers: { 'ADD ptp eth1': none('unkillable', true) } })
    assert.equal(run.log.slice(5), ['DEL tuning eth0', 'DEL bridge eth0', 'save planned,adding'])
    assert.not(run.outcome.ok)
    if (run.outcome.ok) return
    assert.equal(
      run.outcome.left.map(({ ifname, state }) => `${ifname} ${state}`),
      ['eth1 adding'],
    )
    const later = play(recordedCommand('DEL', lastRecord(run)))
    assert.ok(later.log.includes('DEL ptp eth1'))
    assert.is(later.log.at(-1), 'remove')
  })

  it('keeps what could not be undone, and the next DEL tries that alone (TB21)', () => {
    const run = play(addCommand(two), {
      answers: { 'ADD ptp eth1': refused(999, 'no'), 'DEL tuning eth0': refused(999, 'stuck') },
    })
    assert.is(run.log.at(-1), 'save failed,planned')
    assert.equal(play(recordedCommand('DEL', lastRecord(run))).log, [
      'save deleting,planned',
      'DEL tuning eth0',
      'DEL bridge eth0',
      'remove',
    ])
  })

  it('undoes everything when the results cannot be given in the version asked for (TB11)', () => {
    const { log, outcome } = play(addCommand(planOf({ a: ['bridge'] }, { resultVersion: '0.2.0' })))
    assert.equal(log, ['save adding', 'ADD bridge eth0', 'DEL bridge eth0', 'remove'])
    assert.not(outcome.ok)
    if (!outcome.ok) assert.match(toCniError(outcome.error).msg, 'no valid IP addresses')
  })

  it('undoes a plugin that succeeded without a result', () => {
    for (const stdout of [
      '',
      'junk',
      '[]',
      '{"cniVersion":"9.9.9"}',
      '{"ips":[{"address":"1.2.3.4"}]}',
    ]) {
      const { log, outcome } = play(addCommand(planOf({ a: ['bridge'] })), {
        answers: { 'ADD bridge eth0': { kind: 'success', stdout } },
      })
      assert.equal(log.slice(2), ['DEL bridge eth0', 'remove'], stdout)
      assert.not(outcome.ok)
      if (!outcome.ok) assert.match(toCniError(outcome.error).msg, 'interface "eth0"')
    }
  })

  it('runs nothing when the journal cannot be written (promise 2)', () => {
    const { log, outcome } = play(addCommand(two), { writes: { 0: 'ENOSPC' } })
    assert.equal(log, ['save adding,planned', 'remove'])
    assert.not(outcome.ok)
    if (!outcome.ok) assert.equal(outcome.error, { kind: 'journal', message: 'ENOSPC' })
  })

  it('undoes what ran when a later write fails, also the last one', () => {
    const second = play(addCommand(two), { writes: { 1: 'ENOSPC' } })
    assert.equal(second.log.slice(4), ['DEL tuning eth0', 'DEL bridge eth0', 'remove'])
    const last = play(addCommand(two), { writes: { 2: 'EIO' } })
    assert.equal(last.log.slice(6), [
      'DEL ptp eth1',
      'DEL tuning eth0',
      'DEL bridge eth0',
      'remove',
    ])
  })

  it('over a complete attachment is refused, and nothing runs', () => {
    const record = lastRecord(play(addCommand(two)))
    const { log, outcome } = play(addCommand(two, record))
    assert.equal(log, [])
    assert.not(outcome.ok)
    if (!outcome.ok) assert.is(outcome.error.kind, 'already-attached')
  })

  it('over what an ADD that died has left undoes it first, then adds', () => {
    const died = play(addCommand(two)).saved[1]
    assert.equal(play(addCommand(planOf({ c: ['macvlan'] }), died)).log, [
      'save deleting,deleting',
      'DEL ptp eth1',
      'DEL tuning eth0',
      'DEL bridge eth0',
      'remove',
      'save adding',
      'ADD macvlan eth0',
      'save added',
    ])
  })

  it('does not add where the leftovers cannot be undone', () => {
    const died = play(addCommand(two)).saved[1]
    const { log, outcome } = play(addCommand(two, died), {
      answers: { 'DEL ptp eth1': refused(999, 'stuck') },
    })
    assert.is(log.at(-1), 'save planned,failed')
    assert.not(outcome.ok)
    if (!outcome.ok) assert.is(outcome.error.kind, 'several')
  })

  it('refuses a merge rule that the engine was not given before anything runs', () => {
    const { log, outcome } = play(addCommand(planOf({ a: ['bridge'] }, { merge: 'toString' })))
    assert.equal(log, [])
    assert.not(outcome.ok)
    if (!outcome.ok) assert.equal(outcome.error, { kind: 'unknown-merge', merge: 'toString' })
  })

  it('refuses an interface name that another attachment of the container holds (TB19)', () => {
    const { log, outcome } = play(addCommand(two, undefined, ['eth1']))
    assert.equal(log, [])
    assert.not(outcome.ok)
    if (!outcome.ok) {
      assert.equal(outcome.error, { kind: 'ifname-in-use', containerId: 'c1', ifname: 'eth1' })
    }
  })

  it('refuses a plan without attachments and an interface name that Linux does not take', () => {
    const empty = play(addCommand(planOf({})))
    assert.equal(empty.log, [])
    assert.not(empty.outcome.ok)
    const named = play({ ...addCommand(two), sandbox: { ...sandbox, ifname: 'a/b' } } as never)
    assert.equal(named.log, [])
    assert.not(named.outcome.ok)
  })

  it('refuses CNI_ARGS with a piece that is no pair before anything runs, code 4 (X-24)', () => {
    for (const [args, piece] of [
      ['bad', '"bad"'],
      ['a=b=c', '"a=b=c"'],
      [';', '""'],
      ['a=b;', '""'],
    ] as const) {
      const { log, outcome } = play({ ...addCommand(two), sandbox: { ...sandbox, args } } as never)
      assert.equal(log, [], args)
      assert.not(outcome.ok)
      if (!outcome.ok)
        assert.equal(toCniError(outcome.error), {
          ...{ code: 4, msg: `CNI_ARGS: invalid pair ${piece}` },
        })
    }
  })

  it('refuses a directory that CNI_PATH cannot hold before anything runs, code 4', () => {
    const path = ['/opt/cni/bin', '/srv/a:b']
    const { log, outcome } = play({ ...addCommand(two), sandbox: { ...sandbox, path } } as never)
    assert.equal(log, [])
    assert.not(outcome.ok)
    if (!outcome.ok) assert.match(toCniError(outcome.error).msg, 'CNI_PATH cannot hold "/srv/a:b"')
  })

  it('is undone when it is interrupted, and says so', () => {
    const { log, outcome } = play(addCommand(two), {
      answers: { 'ADD ptp eth1': none('aborted', true) },
    })
    assert.equal(log.slice(5), ['DEL ptp eth1', 'DEL tuning eth0', 'DEL bridge eth0', 'remove'])
    assert.not(outcome.ok)
    if (!outcome.ok) assert.is(outcome.error.kind, 'interrupted')
  })

  it('survives a merge function that throws', () => {
    const command = addCommand(planOf({ a: ['bridge'] }, { merge: 'mine' }))
    const merges = {
      mine: () => {
        throw new Error('oh')
      },
    }
    const { log, outcome } = play({ ...command, merges } as never)
    assert.equal(log.slice(2), ['DEL bridge eth0', 'remove'])
    assert.not(outcome.ok)
    if (!outcome.ok) assert.match(toCniError(outcome.error).msg, 'mine failed: oh')
  })
})
