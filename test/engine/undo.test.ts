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
  success,
} from './harness.js'

const two = planOf({ a: ['bridge', 'tuning'], b: ['ptp'] })

describe('DEL of what an ADD of today would refuse (X-24)', (it) => {
  it('goes on: CNI_ARGS as they came, and in CNI_PATH what it can hold', () => {
    const added = lastRecord(play(addCommand(planOf({ a: ['bridge'] }))))
    const record = { ...added, sandbox: { ...added.sandbox, args: 'bad;', path: ['/a:b', '/c'] } }
    const { invocations, outcome } = play(recordedCommand('DEL', record))
    assert.ok(outcome.ok)
    const [call] = invocations
    assert.equal(
      [call?.env.CNI_ARGS, call?.env.CNI_PATH, call?.path],
      ['bad;', '/c', ['/a:b', '/c']],
    )
  })
})

describe('DEL', (it) => {
  it('undoes everything in reverse and forgets the record', () => {
    const { log, outcome } = play(recordedCommand('DEL', lastRecord(play(addCommand(two)))))
    assert.equal(log, [
      'save deleting,deleting',
      'DEL ptp eth1',
      'DEL tuning eth0',
      'DEL bridge eth0',
      'remove',
    ])
    assert.ok(outcome.ok)
  })

  it('says which calls may meet an earlier one that still runs: those whose end was not recorded (promise 3)', () => {
    const overlapping = (record: unknown) =>
      play(recordedCommand('DEL', record)).invocations.map(
        ({ type, mayOverlap = false }) => `${type} ${mayOverlap}`,
      )
    const added = play(addCommand(two))
    assert.equal(overlapping(lastRecord(added)), ['ptp false', 'tuning false', 'bridge false'])
    // The second save of an ADD: the first attachment is complete, the second is at work.
    assert.equal(overlapping(added.saved[1]), ['ptp true', 'tuning false', 'bridge false'])
    const deleting = play(recordedCommand('DEL', lastRecord(added))).saved[0]
    assert.equal(overlapping(deleting), ['ptp true', 'tuning true', 'bridge true'])
    const failing = { answers: { 'DEL ptp eth1': none('unkillable', true) } }
    const failed = lastRecord(play(recordedCommand('DEL', lastRecord(added)), failing))
    assert.equal(overlapping(failed), ['ptp true'])
    const { invocations } = play(addCommand(two), { answers: { 'ADD ptp eth1': refused(7, 'no') } })
    assert.ok(invocations.every(({ mayOverlap }) => mayOverlap === undefined))
  })

  it('succeeds when there is nothing (S-038)', () => {
    const { log, outcome } = play(recordedCommand('DEL', undefined))
    assert.equal(log, [])
    assert.equal(outcome, { ok: true, value: { undone: [] } })
  })

  it("hands every plugin the ADD's final result, from 0.4.0 on (S-034, reference/cni.md 2.9)", () => {
    const result = { cniVersion: '0.4.0', ips: [{ version: '4', address: '10.0.0.2/24' }], dns: {} }
    for (const [version, expected] of [
      ['0.4.0', result],
      ['0.3.1', undefined],
    ] as const) {
      const plan = planOf({ a: ['bridge', 'tuning'] }, {}, version)
      const added = play(addCommand(plan), { answers: { 'ADD tuning eth0': success(result) } })
      const { invocations } = play(recordedCommand('DEL', lastRecord(added)))
      assert.equal(
        invocations.map(({ stdin }) => stdin.prevResult),
        [expected, expected],
      )
    }
  })

  it("runs with the record's namespace, arguments and path unless the request brings its own (promise 4, TB20)", () => {
    const record = lastRecord(play(addCommand(two)))
    const own = play(recordedCommand('DEL', record)).invocations[0]?.env
    assert.equal(own?.CNI_NETNS, '/run/netns/c1')
    assert.equal(own?.CNI_ARGS, 'IgnoreUnknown=1')
    assert.equal(own?.CNI_PATH, '/opt/cni/bin')
    const sandbox = { containerId: 'c1', ifname: 'eth0', netns: '/n', args: 'A=1', path: ['/x'] }
    const given = play({ verb: 'DEL', sandbox, record }).invocations[0]?.env
    assert.equal(given?.CNI_NETNS, '/n')
    assert.equal(given?.CNI_ARGS, 'A=1')
    assert.equal(given?.CNI_PATH, '/x:/opt/cni/bin')
  })

  it('offers the capability arguments of the ADD again (TB28)', () => {
    const base = planOf({ a: ['portmap'] })
    const [attachment] = base.attachments
    const plan = {
      ...base,
      attachments: [
        {
          ...attachment,
          config: {
            name: 'a',
            plugins: [{ type: 'portmap', capabilities: { portMappings: true } }],
          },
          capabilityArgs: { portMappings: [{ hostPort: 80 }] },
        },
      ],
    } as typeof base
    const record = lastRecord(play(addCommand(plan)))
    const { invocations } = play(recordedCommand('DEL', record))
    assert.equal(invocations[0]?.stdin.runtimeConfig, { portMappings: [{ hostPort: 80 }] })
  })

  it('tries every attachment and keeps only those that failed (attachment-spec.md 7.2)', () => {
    const run = play(recordedCommand('DEL', lastRecord(play(addCommand(two)))), {
      answers: { 'DEL ptp eth1': refused(5, 'disk') },
    })
    assert.equal(run.log.slice(1), [
      'DEL ptp eth1',
      'DEL tuning eth0',
      'DEL bridge eth0',
      'save planned,failed',
    ])
    assert.not(run.outcome.ok)
    if (run.outcome.ok) return
    assert.is(toCniError(run.outcome.error).code, 5)
    assert.equal(
      run.outcome.left.map(({ ifname }) => ifname),
      ['eth1'],
    )
    assert.equal(
      run.outcome.undone.map(({ ifname }) => ifname),
      ['eth0'],
    )
    const again = play(recordedCommand('DEL', lastRecord(run)))
    assert.equal(again.log, ['save planned,deleting', 'DEL ptp eth1', 'remove'])
  })

  it('within one list ends at the plugin that fails, and goes on from there next time (S-076)', () => {
    const run = play(
      recordedCommand('DEL', lastRecord(play(addCommand(planOf({ a: ['x', 'y', 'z'] }))))),
      {
        answers: { 'DEL y eth0': refused(999, 'no') },
      },
    )
    assert.equal(run.log, ['save deleting', 'DEL z eth0', 'DEL y eth0', 'save failed'])
    const again = play(recordedCommand('DEL', lastRecord(run)))
    assert.equal(again.log, ['save deleting', 'DEL y eth0', 'DEL x eth0', 'remove'])
  })

  it('joins the messages of several failures, percent signs and all (TB17)', () => {
    const { outcome } = play(recordedCommand('DEL', lastRecord(play(addCommand(two)))), {
      answers: { 'DEL ptp eth1': refused(999, '5%d'), 'DEL tuning eth0': refused(5, '%s') },
    })
    assert.not(outcome.ok)
    if (outcome.ok) return
    assert.is(
      toCniError(outcome.error).msg,
      'network "b" interface "eth1": plugin ptp failed (del): 5%d; network "a" interface "eth0": plugin tuning failed (del): %s',
    )
  })

  it('joins their details, too', () => {
    const { outcome } = play(recordedCommand('DEL', lastRecord(play(addCommand(two)))), {
      answers: {
        'DEL ptp eth1': { kind: 'refused', error: { code: 5, msg: 'no', details: 'link x' } },
        'DEL tuning eth0': {
          kind: 'refused',
          error: { code: 999, msg: 'busy', details: 'file y' },
        },
      },
    })
    assert.not(outcome.ok)
    if (outcome.ok) return
    const { code, details } = toCniError(outcome.error)
    assert.equal([code, details], [5, 'link x; file y'])
  })

  it('goes on when the journal cannot be written, and says so (promise 4)', () => {
    const record = lastRecord(play(addCommand(planOf({ a: ['bridge'] }))))
    const { log, outcome } = play(recordedCommand('DEL', record), {
      writes: { 0: 'EROFS', 1: 'EROFS' },
    })
    assert.equal(log, [
      'save deleting',
      'note the journal could not be written: EROFS',
      'DEL bridge eth0',
      'remove',
      'note the journal could not be written: EROFS',
    ])
    assert.ok(outcome.ok)
  })

  it('after an ADD that died undoes also what the record calls planned: a write may be lost', () => {
    const died = play(addCommand(two)).saved[0]
    const { log, outcome } = play(recordedCommand('DEL', died), {
      answers: { 'DEL ptp eth1': refused(999, 'never heard of it') },
    })
    assert.equal(log, [
      'save deleting,planned',
      'DEL ptp eth1',
      'DEL tuning eth0',
      'DEL bridge eth0',
      'remove',
    ])
    assert.ok(outcome.ok)
  })

  it('asks again about what may never have been there when its caller stopped it', () => {
    const died = play(addCommand(two)).saved[0]
    const stopped = play(recordedCommand('DEL', died), {
      answers: { 'DEL ptp eth1': none('aborted', true) },
    })
    assert.is(stopped.log.at(-1), 'save planned,planned')
    assert.not(stopped.outcome.ok)
    const again = play(recordedCommand('DEL', lastRecord(stopped)))
    assert.ok(again.log.includes('DEL ptp eth1'))
    assert.is(again.log.at(-1), 'remove')
  })

  it('sets a record aside that it does not understand, and succeeds (TB6, TB22)', () => {
    const good = lastRecord(play(addCommand(two)))
    const wrong: readonly unknown[] = [
      null,
      [null],
      '',
      {},
      { ...good, version: 2 },
      { ...good, steps: [] },
      {
        ...good,
        steps: [
          { state: 'added', pending: 9 },
          { state: 'added', pending: 1 },
        ],
      },
      { ...good, record: 'other' },
      { ...good, sandbox: {} },
    ]
    for (const record of wrong) {
      const { log, outcome } = play(recordedCommand('DEL', record))
      assert.is(log.at(-1), 'quarantine', JSON.stringify(record))
      assert.match(log[0] ?? '', 'note the record of eth0')
      assert.ok(outcome.ok)
    }
  })

  it('reads a record of a later minor version, with keys it does not know', () => {
    const record = { ...lastRecord(play(addCommand(two))), minor: 7, more: { of: 'it' } }
    assert.is(play(recordedCommand('DEL', record)).log.at(-1), 'remove')
  })
})
