import * as assert from 'uvu/assert'
import { toCniError } from '../../lib/engine/error.js'
import type { EngineRecord } from '../../lib/engine/record.js'
import type { Plan } from '../../lib/plan/types.js'
import { describe } from '../suite.js'
import { addCommand, lastRecord, planOf, play, recordedCommand, success } from './harness.js'

const chain = (version: string): Plan => planOf({ a: ['bridge', 'tuning', 'sbr'] }, {}, version)

const printed = {
  cniVersion: '1.0.0',
  ips: [{ address: '10.0.0.2/24', 'x.example/lease': 7 }],
  'x.example/zone': { deep: [1, null] },
}

/** The record of a chain whose first plugin prints this, and the others what they were given. */
const added = (version: string, first: object = printed) => {
  const echo = success(first)
  const answers = { 'ADD bridge eth0': echo, 'ADD tuning eth0': echo, 'ADD sbr eth0': echo }
  return play(addCommand(chain(version)), { answers })
}

describe('the results along a list (reference/cni.md 2.4, 2.7; X-03, X-04, X-14)', (it) => {
  it('reach the next plugin in the version of the list, not in the one they were printed in', () => {
    const { invocations } = added('0.3.1')
    assert.equal(
      invocations.map(({ stdin }) => (stdin.prevResult as { cniVersion?: string })?.cniVersion),
      [undefined, '0.3.1', '0.3.1'],
    )
    const second = invocations[1]?.stdin.prevResult as { ips?: { version: string }[] } | undefined
    assert.is(second?.ips?.[0]?.version, '4')
  })

  it('keep what nobody knows, on the way, in the record and up to DEL', () => {
    for (const version of ['0.3.1', '0.4.0', '1.0.0', '1.1.0']) {
      const play1 = added(version)
      const record = lastRecord(play1)
      const seen = [play1.invocations[2]?.stdin.prevResult, record.steps[0]?.result]
      const { invocations } = play(recordedCommand('DEL', record))
      if (version !== '0.3.1') seen.push(invocations[0]?.stdin.prevResult)
      for (const result of seen) {
        const { ips, ...rest } = result as typeof printed
        assert.equal(rest['x.example/zone'], printed['x.example/zone'], version)
        assert.is(ips[0]?.['x.example/lease'], 7, version)
      }
    }
  })

  it('may be printed without a version, which is the list’s then, and must be of one that is known', () => {
    const { cniVersion: _, ...bare } = printed
    for (const first of [bare, { ...bare, cniVersion: '' }, { ...bare, cniVersion: 1 }])
      assert.is(lastRecord(added('1.0.0', first)).steps[0]?.result?.cniVersion, '1.0.0')
    const { outcome, log } = added('1.0.0', { cniVersion: '9.9.9' })
    assert.equal(log.slice(-3), ['ADD bridge eth0', 'DEL bridge eth0', 'remove'])
    assert.match(outcome.ok ? '' : toCniError(outcome.error).msg, 'unsupported CNI result version')
  })

  it('are what an error-shaped document says when its plugin succeeded (2.5)', () => {
    const { outcome } = added('1.0.0', { code: 7, msg: 'no' })
    assert.ok(outcome.ok)
  })
})

describe('DEL of a list (reference/cni.md 2.9)', (it) => {
  it('runs the plugins in reverse, all with the final result of the ADD', () => {
    const { log, invocations } = play(recordedCommand('DEL', lastRecord(added('1.0.0'))))
    assert.equal(
      log.filter((line) => line.startsWith('DEL')),
      ['DEL sbr eth0', 'DEL tuning eth0', 'DEL bridge eth0'],
    )
    for (const { stdin } of invocations) assert.equal(stdin.prevResult, printed)
  })

  it('below 0.4.0 has no previous result', () => {
    const first = { cniVersion: '0.2.0', ip4: { ip: '10.0.0.2/24' } }
    for (const version of ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '']) {
      const { invocations } = play(recordedCommand('DEL', lastRecord(added(version, first))))
      assert.is(invocations.length, 3)
      for (const { stdin } of invocations) assert.not('prevResult' in stdin, version)
    }
  })

  it('is not kept from trying by disableCheck or disableGC', () => {
    const record = lastRecord(added('1.0.0'))
    const off = withConfig(record, { disableCheck: true, disableGC: 'true' })
    assert.is(play(recordedCommand('DEL', off)).invocations.length, 3)
  })

  it('of a version that is none tries without a result, where libcni gives up (promise 4)', () => {
    const record = withConfig(lastRecord(added('1.0.0')), { cniVersion: 'junk' })
    const { invocations, outcome } = play(recordedCommand('DEL', record))
    assert.is(invocations.length, 3)
    assert.ok(outcome.ok)
    for (const { stdin } of invocations) {
      assert.is(stdin.cniVersion, 'junk')
      assert.not('prevResult' in stdin)
    }
  })
})

describe('CHECK of a list (reference/cni.md 2.10)', (it) => {
  it('of a version that is none is refused, disableCheck or not: the version comes first', () => {
    for (const more of [{}, { disableCheck: true }]) {
      const record = withConfig(lastRecord(added('1.0.0')), { cniVersion: 'junk', ...more })
      const { log, outcome } = play(recordedCommand('CHECK', record))
      assert.equal(log, [])
      const error = outcome.ok ? undefined : toCniError(outcome.error)
      assert.is(error?.code, 1)
      assert.match(error?.msg ?? '', 'configuration version "junk"')
    }
  })
})

describe('STATUS and GC of a list (reference/cni.md 2.11, 2.12)', (it) => {
  it('of a version that is none run nothing and succeed', () => {
    const { attachments } = chain('junk')
    const commands = [
      { verb: 'STATUS', attachments, path: [] },
      { verb: 'GC', attachments, path: [], valid: [] },
    ] as const
    for (const command of commands) {
      const { log, outcome } = play(command)
      assert.equal([log, outcome.ok], [[], true])
    }
  })

  it('take nothing along that a file left for other verbs: no prevResult, no runtimeConfig', () => {
    const [attachment] = chain('1.1.0').attachments
    const left = { type: 'bridge', capabilities: { mac: true }, prevResult: {}, runtimeConfig: {} }
    const attachments = [
      {
        ...attachment,
        capabilityArgs: { mac: 'x' },
        config: { ...attachment?.config, plugins: [left] },
      },
    ] as Plan['attachments']
    const status = play({ verb: 'STATUS', attachments, path: [] })
    assert.equal(status.invocations[0]?.stdin, { type: 'bridge', cniVersion: '1.1.0', name: 'a' })
    const gc = play({ verb: 'GC', attachments, path: [], valid: [] })
    assert.equal(Object.keys(gc.invocations[0]?.stdin ?? {}).sort(), [
      'cni.dev/attachments',
      'cni.dev/valid-attachments',
      'cniVersion',
      'name',
      'type',
    ])
  })
})

/** The record with more in the configuration of its only attachment. */
const withConfig = (record: EngineRecord, more: object): EngineRecord => {
  const [attachment] = record.plan.attachments
  const config = { ...attachment?.config, ...more }
  return {
    ...record,
    plan: { ...record.plan, attachments: [{ ...attachment, config }] as never },
  }
}
