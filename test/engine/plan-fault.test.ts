import * as assert from 'uvu/assert'
import { toCniError } from '../../lib/engine/error.js'
import { planFault } from '../../lib/engine/plan-fault.js'
import type { Attachment, Plan } from '../../lib/plan/types.js'
import { describe } from '../suite.js'
import { addCommand, planOf, play } from './harness.js'

const good = planOf({ a: ['bridge', 'tuning'], b: ['ptp'] })

/** The plan with the second attachment changed. */
const changed = (changes: Partial<Attachment>, config: object = {}): Plan => {
  const [first, second] = good.attachments as [Attachment, Attachment]
  const other = { ...second, ...changes, config: { ...second.config, ...config } }
  return { ...good, attachments: [first, other] }
}

describe('a plan that somebody made by hand (reference/cni.md 2.7; promise 1)', (it) => {
  const cases: readonly (readonly [what: string, plan: Plan, code: number, message: string])[] = [
    ['no attachments', { ...good, attachments: [] }, 4, 'the plan has no attachments'],
    ['a result version', { ...good, resultVersion: '9' }, 1, 'results of CNI version "9"'],
    ['no network name', changed({}, { name: '' }), 7, 'missing network name'],
    [
      'a network name that leads elsewhere',
      changed({}, { name: '../etc' }),
      7,
      'invalid characters found in network name',
    ],
    ['an interface name', changed({ ifname: 'a/b' }), 4, 'invalid interface name "a/b"'],
    ['an interface twice', changed({ ifname: 'eth0' }), 4, 'two attachments of the plan have'],
    ['a version that is none', changed({}, { cniVersion: 'junk' }), 1, 'CNI version "junk"'],
    ['a version to come', changed({}, { cniVersion: '2.0.0' }), 1, 'CNI version "2.0.0"'],
    ['no plugins', changed({}, { plugins: [] }), 7, 'network "b" has no plugins'],
    ['a type with a slash', changed({}, { plugins: [{ type: 'a/b' }] }), 7, 'plugin name: a/b'],
    ['an empty type', changed({}, { plugins: [{ type: '' }] }), 7, 'invalid plugin name: '],
  ]
  for (const [what, plan, code, message] of cases) {
    it(`is refused before anything runs or is written: ${what}, code ${code}`, () => {
      const { log, outcome } = play(addCommand(plan))
      assert.equal(log, [])
      assert.not(outcome.ok)
      if (outcome.ok) return
      const error = toCniError(outcome.error)
      assert.is(error.code, code)
      assert.match(error.msg, message)
    })
  }

  it('may run when all is well; an absent version is 0.1.0', () => {
    assert.is(planFault(good), undefined)
    assert.is(planFault(changed({}, { cniVersion: '' })), undefined)
    assert.is(planFault({ ...good, resultVersion: '' }), undefined)
  })
})
