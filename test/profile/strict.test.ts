import * as assert from 'uvu/assert'
import { multus } from '../../lib/profile/multus.js'
import { strict } from '../../lib/profile/strict.js'
import { tke } from '../../lib/profile/tke.js'
import { conf, layout, meta, mustPlan, outcome, planOf } from '../plan/fixtures.js'
import { describe } from '../suite.js'

const config = meta({ defaultDelegates: 'd' })
const of = (networks: string) => outcome(planOf({ config, networks }, strict))

describe('the strict profile (reference/attachment-spec.md)', (it) => {
  it('6.2: attaches the default network first', () => {
    const pod = { annotations: { 'k8s.v1.cni.cncf.io/networks': 'a,ns/b' } }
    assert.is(layout(mustPlan({ config, pod }, strict)), 'd=eth0* a=net1 b=net2')
  })

  it('6: attaches no pod without a default network', () => {
    assert.is(outcome(planOf({ networks: 'a' }, strict)), 'no-networks defaultDelegates#')
  })

  it('4.1: takes the comma form and the JSON form', () => {
    assert.is(of('a,b'), 'd=eth0* a=net1 b=net2')
    assert.is(of('[{"name":"a","namespace":"ns"}]'), 'd=eth0* a=net1')
  })

  it('4.1.1: knows no @interface', () => {
    assert.is(of('a@net1'), 'bad-annotation networks#/0')
  })

  it('4.1.2.1: refuses reserved keys that it cannot honour, and lets private ones be', () => {
    assert.is(of('[{"name":"a","portMappings":[]}]'), 'unknown-key networks#/0/portMappings')
    assert.is(
      of('[{"name":"a","interfaceRequest":"x"}]'),
      'unknown-key networks#/0/interfaceRequest',
    )
    assert.is(of('[{"name":"a","org.example/x":1}]'), 'd=eth0* a=net1')
  })

  it('4.1.2.1.3, 4.1.2.1.4: refuses addresses that are none, and networks that cannot take them', () => {
    assert.is(of('[{"name":"a","ips":[]}]'), 'bad-ip-request networks#/0/ips')
    assert.is(of('[{"name":"a","ips":["x"]}]'), 'bad-ip-request networks#/0/ips/0')
    assert.is(
      of('[{"name":"a","mac":"01:02:03:04:05:06:07:08"}]'),
      'bad-mac-request networks#/0/mac',
    )
    assert.is(of('[{"name":"a","ips":["10.0.0.1"]}]'), 'missing-capability networks#/0/ips')
    const files = [conf('a', { capabilities: { ips: true } }), conf('d')]
    const networks = '[{"name":"a","ips":["10.0.0.1"]}]'
    const { attachments } = mustPlan({ config, files, networks }, strict)
    assert.equal(attachments[1]?.capabilityArgs, { ips: ['10.0.0.1'] })
  })

  it('4.1.2.1.5: fails where an interface name is used already', () => {
    assert.is(of('[{"name":"a","interface":"eth0"}]'), 'duplicate-ifname networks#/0/interface')
  })

  it('4.2: a network listed twice is two attachments', () => {
    assert.is(of('a,a'), 'd=eth0* a=net1 a=net2')
  })

  it('4.2.1: generated interface names are unique', () => {
    assert.is(of('[{"name":"a","interface":"net2"},{"name":"b"}]'), 'd=eth0* a=net2 b=net3')
  })

  it('7.5: gives runtimeConfig to the default network alone', () => {
    const capabilityArgs = { portMappings: [] }
    const { attachments } = mustPlan({ config, networks: 'a', capabilityArgs }, strict)
    assert.equal(
      attachments.map((one) => one.capabilityArgs),
      [capabilityArgs, {}],
    )
  })
})

describe('the three profiles', (it) => {
  it('are records of the same strategies, side by side, each under its name', () => {
    assert.equal(
      [tke, multus, strict].map(({ name }) => name),
      ['tke', 'multus', 'strict'],
    )
    for (const profile of [multus, strict]) {
      assert.equal(Object.keys(profile).sort(), Object.keys(tke).sort())
    }
  })

  it('have a directory each to look for networks in', () => {
    for (const { configurationDirectories } of [tke, multus, strict]) {
      assert.ok(configurationDirectories.every((directory) => directory.startsWith('/')))
      assert.ok(configurationDirectories.length > 0)
    }
  })
})
