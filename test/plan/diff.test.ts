import fc from 'fast-check'
import * as assert from 'uvu/assert'
import type { JsonObject } from '../../lib/cni/json.js'
import { diff } from '../../lib/plan/diff.js'
import { hash } from '../../lib/plan/hash.js'
import { renderChanges } from '../../lib/plan/render-changes.js'
import type { Attachment, Plan } from '../../lib/plan/types.js'
import { describe } from '../suite.js'
import { conf, files, mustPlan } from './fixtures.js'

const plan = (networks: string) => mustPlan({ networks })
const between = (a: string, b: string) => diff(plan(a), plan(b))
const lines = (a: string, b: string) => renderChanges(between(a, b)).split('\n')

describe('the difference between plans', (it) => {
  it('is nothing between equal ones, whatever their reasons are', () => {
    const a = plan('a,b')
    assert.equal(diff(a, { ...plan('a,b'), decisions: [], warnings: [] }), [])
    assert.is(renderChanges([]), 'no difference')
  })

  it('is an attachment more or less', () => {
    assert.equal(between('a', 'a,b'), [{ kind: 'added', attachment: 'b@eth1', index: 1 }])
    assert.equal(between('a,b', 'a'), [{ kind: 'removed', attachment: 'b@eth1', index: 1 }])
    assert.equal(lines('a,b,c@eth2', 'a,d,c@eth2'), [
      '- b@eth3 is removed from position 2',
      '+ d@eth3 is added at position 2',
    ])
  })

  it('is another interface name of the same network', () => {
    assert.equal(between('a,b', 'a,b@north'), [
      { kind: 'renamed', attachment: 'b@north', before: 'eth1', after: 'north' },
    ])
    assert.equal(lines('a,b', 'a,b@north'), ['~ b@north: interface eth1 becomes north'])
  })

  it('is another place, of as few attachments as possible', () => {
    const a = 'a@eth0,b@eth1,c@eth2,d@eth3'
    assert.equal(between(a, 'b@eth1,c@eth2,d@eth3,a@eth0'), [
      { kind: 'moved', attachment: 'a@eth0', before: 0, after: 3, follows: 'd@eth3' },
    ])
    assert.equal(lines(a, 'd@eth3,a@eth0,b@eth1,c@eth2'), ['~ d@eth3 comes first'])
    assert.equal(lines(a, 'b@eth1,a@eth0,c@eth2,d@eth3').length, 1)
  })

  it('is no place when others come or go', () => {
    assert.equal(lines('a@eth0,b@eth1,c@eth2', 'c@eth2,d@eth0'), [
      '- a@eth0 is removed from position 1',
      '- b@eth1 is removed from position 2',
      '+ d@eth0 is added at position 2',
    ])
  })

  it('is a value, with a JSON Pointer into the attachment and both values', () => {
    const of = (keys: JsonObject) => mustPlan({ networks: 'a', files: [conf('a', keys)] })
    const a = of({ mtu: 1400, 'x/y~z': [1, { z: true }], old: null })
    const b = of({ mtu: 1500, 'x/y~z': [1, { z: false }, 3], new: {} })
    assert.equal(diff(a, b), [
      {
        kind: 'changed',
        attachment: 'a@eth0',
        path: '/config/plugins/0/mtu',
        before: 1400,
        after: 1500,
      },
      {
        kind: 'changed',
        attachment: 'a@eth0',
        path: '/config/plugins/0/x~1y~0z/1/z',
        before: true,
        after: false,
      },
      { kind: 'changed', attachment: 'a@eth0', path: '/config/plugins/0/x~1y~0z/2', after: 3 },
      { kind: 'changed', attachment: 'a@eth0', path: '/config/plugins/0/old', before: null },
      { kind: 'changed', attachment: 'a@eth0', path: '/config/plugins/0/new', after: {} },
    ])
    assert.equal(renderChanges(diff(a, b)).split('\n'), [
      '~ a@eth0: /config/plugins/0/mtu changes from 1400 to 1500',
      '~ a@eth0: /config/plugins/0/x~1y~0z/1/z changes from true to false',
      '~ a@eth0: /config/plugins/0/x~1y~0z/2 is added: 3',
      '~ a@eth0: /config/plugins/0/old is removed: null',
      '~ a@eth0: /config/plugins/0/new is added: {}',
    ])
  })

  it('is another primary attachment', () => {
    assert.equal(
      between('a@eth0,b@eth1', 'a@eth1,b@eth0').map(({ kind }) => kind),
      ['renamed', 'changed', 'renamed', 'changed'],
    )
  })

  it('is the merge rule and the version of the result', () => {
    const a = plan('a')
    const b: Plan = { ...a, merge: 'allInterfaces', resultVersion: '0.3.1' }
    assert.equal(diff(a, b), [
      { kind: 'merge', before: 'primaryResultOnly', after: 'allInterfaces' },
      { kind: 'result-version', before: '1.1.0', after: '0.3.1' },
    ])
    assert.equal(renderChanges(diff(a, b)).split('\n'), [
      '~ merge rule primaryResultOnly becomes allInterfaces',
      '~ result version 1.1.0 becomes 0.3.1',
    ])
  })

  it('takes the same network in two namespaces for two networks', () => {
    const a = plan('a')
    const [first] = a.attachments as [Attachment]
    const inNamespace = (namespace: string): Plan => ({
      ...a,
      attachments: [{ ...first, network: { ...first.network, namespace } }],
    })
    assert.equal(
      diff(inNamespace('x'), inNamespace('y')).map(
        (change) => 'attachment' in change && change.attachment,
      ),
      ['x/a@eth0', 'y/a@eth0'],
    )
  })

  it('pairs the same network twice in order', () => {
    assert.equal(
      between('a,a', 'a,a,a').map(({ kind }) => kind),
      ['added'],
    )
    assert.equal(lines('a@x,a@y,b', 'a@x,a@z,b'), ['~ a@z: interface y becomes z'])
  })

  it('shows no control character of a configuration', () => {
    const of = (x: string) => mustPlan({ networks: 'a', files: [conf('a', { x })] })
    assert.is(
      renderChanges(diff(of('\u202e'), of('b'))),
      '~ a@eth0: /config/plugins/0/x changes from "\\u202e" to "b"',
    )
  })

  it('is nothing exactly when the hash is the same', () => {
    const lists = fc.shuffledSubarray(['a', 'a@y', 'b', 'b@z', 'c@eth7', 'd@eth0'])
    const keys = fc.dictionary(fc.constantFrom('p', '__proto__'), fc.constantFrom(0, null, [1]))
    const plans = fc.tuple(lists, keys).map(([list, more]) => {
      const networks = list.includes('d@eth0') ? list : [...list, 'd']
      return mustPlan({ networks: networks.join(','), files: [conf('a', more), ...files.slice(1)] })
    })
    let equal = 0
    fc.assert(
      fc.property(plans, plans, (a, b) => {
        assert.is(diff(a, b).length === 0, hash(a) === hash(b))
        assert.equal(diff(a, JSON.parse(JSON.stringify(a)) as Plan), [])
        if (hash(a) === hash(b)) equal++
        assert.type(renderChanges(diff(a, b)), 'string')
      }),
      { numRuns: 2000 },
    )
    assert.ok(equal > 0)
  })
})
