import * as assert from 'uvu/assert'
import { multus } from '../../lib/profile/multus.js'
import { conf, layout, meta, mustPlan, outcome, outcomeOf, planOf } from '../plan/fixtures.js'
import { describe } from '../suite.js'

const key = 'k8s.v1.cni.cncf.io/networks'
const config = meta({ defaultDelegates: 'd' })
const of = (networks: string) => outcome(planOf({ config, networks }, multus))
const pod = (annotation: string) => ({ annotations: { [key]: annotation } })

describe('the multus profile: which networks (reference/multus-v4.md 2.4)', (it) => {
  it('the default ones first, then those of the annotation', () => {
    assert.is(layout(mustPlan({ config, pod: pod('a,b') }, multus)), 'd=eth0* a=net1 b=net2')
    const two = meta({ defaultDelegates: 'c,d' })
    assert.is(layout(mustPlan({ config: two, pod: pod('a') }, multus)), 'c=eth0* d=net1 a=net2')
  })

  it('the default ones alone without an annotation, or with an empty list', () => {
    assert.is(layout(mustPlan({ config }, multus)), 'd=eth0*')
    assert.is(of('[]'), 'd=eth0*')
  })

  it('none without a default one: every pod is attached to it (attachment-spec.md 6)', () => {
    const planned = planOf({ pod: pod('a') }, multus)
    assert.is(outcome(planned), 'no-networks defaultDelegates#')
    assert.ok(!planned.ok && /no default network/.test(planned.problems[0]?.message ?? ''))
    assert.is(outcome(planOf({ config: meta({}) }, multus)), 'no-networks defaultDelegates#')
  })

  it('and says what is wrong with the defaults and with the annotation together', () => {
    const wrong = meta({ defaultDelegates: 'd,' })
    assert.is(
      outcome(planOf({ config: wrong, pod: pod('A') }, multus)),
      `bad-annotation ${key}#/0, bad-annotation defaultDelegates#/1`,
    )
  })

  it('at most 1024 of both', () => {
    const many = meta({ defaultDelegates: Array(1024).fill('a').join(',') })
    assert.is(
      outcome(planOf({ config: many, networks: 'b' }, multus)),
      'too-many-networks networks#',
    )
  })

  it('counts the sources of its networks when it says why', () => {
    const { decisions } = mustPlan({ config, networks: 'a,b' }, multus)
    assert.is(decisions[0]?.chose, '1 of defaultDelegates, 2 of networks')
  })
})

describe('the multus profile: interface names (2.6)', (it) => {
  const table: readonly (readonly [annotation: string, outcome: string])[] = [
    ['a,b', 'd=eth0* a=net1 b=net2'],
    ['a@north,b', 'd=eth0* a=north b=net2'],
    ['a@My.If_0,b', 'd=eth0* a=My.If_0 b=net2'],
    // VB10: upstream failed at the second, with the first attached.
    ['a@net2,b', 'd=eth0* a=net2 b=net3'],
    ['a@net2,b,c@net4', 'd=eth0* a=net2 b=net5 c=net4'],
    ['a@eth0', 'duplicate-ifname networks#/0'],
    ['a@net1,b@net1', 'duplicate-ifname networks#/1'],
    ['a@lo', 'bad-ifname networks#/0'],
  ]
  for (const [annotation, expected] of table) {
    it(`${annotation}: ${expected}`, () => {
      assert.is(of(annotation), expected)
    })
  }

  it("keep clear of the runtime's own name", () => {
    assert.is(outcome(planOf({ config, networks: 'a', ifname: 'net1' }, multus)), 'd=net1* a=net2')
  })

  it('of the default network are the ones that it asks for, and it stays the primary one', () => {
    const asking = meta({ defaultDelegates: 'd@north' })
    assert.is(layout(mustPlan({ config: asking, networks: 'a' }, multus)), 'd=north* a=net1')
  })
})

describe('the multus profile: the rest', (it) => {
  it('gives runtimeConfig to the default network alone (VB8)', () => {
    const capabilities = { portMappings: true }
    const runtimeConfig = { portMappings: [] }
    const { attachments, warnings } = mustPlan(
      {
        config: meta({ defaultDelegates: 'd', runtimeConfig }),
        networks: 'a',
        files: [conf('a', { capabilities }), conf('d', { capabilities })],
      },
      multus,
    )
    assert.equal(
      attachments.map(({ capabilityArgs }) => capabilityArgs),
      [runtimeConfig, {}],
    )
    assert.equal(
      warnings.map(({ code }) => code),
      ['runtime-config-primary-only'],
    )
  })

  it('refuses a requested address that no plugin takes (VB9), and takes an empty list for none', () => {
    assert.is(of('[{"name":"a","ips":["10.0.0.1"]}]'), 'missing-capability networks#/0/ips')
    assert.is(of('[{"name":"a","ips":[]}]'), 'd=eth0* a=net1')
  })

  it('does not crash on null, and reads the text null as a name (VB5)', () => {
    assert.is(of('[null]'), 'bad-annotation networks#/0')
    assert.is(of('null'), 'unknown-network networks#/0')
  })

  it('warns of requests that are not there yet', () => {
    const { warnings } = mustPlan(
      { config, networks: '[{"name":"a","default-route":["10.0.0.1"]}]' },
      multus,
    )
    assert.equal(
      warnings.map(({ path }) => path),
      ['networks#/0/default-route'],
    )
  })

  it("looks at upstream's annotation and directory, not at the fork's", () => {
    assert.equal(multus.configurationDirectories, ['/etc/cni/multus/net.d'])
    const fork = { annotations: { 'tke.cloud.tencent.com/networks': 'a' } }
    assert.is(layout(mustPlan({ config, pod: fork }, multus)), 'd=eth0*')
    assert.is(outcomeOf('a', multus), 'no-networks defaultDelegates#')
  })
})
