import { createHash } from 'node:crypto'
import fc from 'fast-check'
import * as assert from 'uvu/assert'
import type { JsonObject } from '../../lib/cni/json.js'
import { canonicalJson, hash } from '../../lib/plan/hash.js'
import type { Plan } from '../../lib/plan/types.js'
import { describe } from '../suite.js'
import { conf, mustPlan } from './fixtures.js'

const plan = mustPlan({ networks: 'a,b@north' })
const turned = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(turned)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, one]) => [key, turned(one)]),
  )
}

describe('canonicalJson (RFC 8785)', (it) => {
  it('sorts keys by their UTF-16 units and writes no blanks', () => {
    const value = { '\u20ac': 1, b: [true, null, { z: 0, y: -0 }], a: 'x\u001b', 1: 1.5e300 }
    assert.is(
      canonicalJson(value),
      '{"1":1.5e+300,"a":"x\\u001b","b":[true,null,{"y":0,"z":0}],"\u20ac":1}',
    )
  })

  it('leaves out keys without a value', () => {
    assert.is(canonicalJson({ a: undefined, b: 1 }), '{"b":1}')
    assert.is(canonicalJson([undefined]), '[null]')
  })

  it('takes __proto__ for a key like any other', () => {
    assert.is(
      canonicalJson(JSON.parse('{"b":1,"__proto__":{"a":1}}')),
      '{"__proto__":{"a":1},"b":1}',
    )
  })

  it('is JSON of the same value, whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value)
        assert.equal(JSON.parse(text), JSON.parse(JSON.stringify(value)))
        assert.is(canonicalJson(turned(value)), text)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('the hash of a plan', (it) => {
  it('is the SHA-256 of what will run', () => {
    const { version, attachments, merge, resultVersion } = plan
    const expected = createHash('sha256')
      .update(canonicalJson({ version, attachments, merge, resultVersion }))
      .digest('hex')
    assert.is(hash(plan), expected)
    assert.match(hash(plan), /^[0-9a-f]{64}$/)
  })

  it('survives JSON, and another order of keys', () => {
    assert.is(hash(JSON.parse(JSON.stringify(plan)) as Plan), hash(plan))
    assert.is(hash(turned(plan) as Plan), hash(plan))
  })

  it('says nothing of decisions and warnings', () => {
    assert.is(hash({ ...plan, decisions: [], warnings: [] }), hash(plan))
  })

  it('is another one when anything else is: order, names, keys, capabilities, merge, version', () => {
    const change = (keys: JsonObject) =>
      mustPlan({ networks: 'a,b@north', files: [conf('a', keys), conf('b')] })
    const [a, b] = plan.attachments as [Plan['attachments'][0], Plan['attachments'][0]]
    const plans: readonly Plan[] = [
      plan,
      { ...plan, attachments: [b, a] },
      mustPlan({ networks: 'a,b@south' }),
      change({ mtu: 1400 }),
      change({ mtu: 1500 }),
      change({ mtu: null }),
      mustPlan({ networks: 'a,b@north', capabilityArgs: { portMappings: [] } }),
      { ...plan, merge: 'allInterfaces' },
      { ...plan, resultVersion: '1.0.0' },
    ]
    assert.is(new Set(plans.map(hash)).size, plans.length)
  })
})
