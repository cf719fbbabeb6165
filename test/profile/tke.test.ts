import * as assert from 'uvu/assert'
import { tke } from '../../lib/profile/tke.js'
import {
  conf,
  conflist,
  layout,
  meta,
  mustPlan,
  outcome,
  outcomeOf,
  planOf,
} from '../plan/fixtures.js'
import { describe } from '../suite.js'

const key = 'tke.cloud.tencent.com/networks'
const podWith = (annotation: string) => ({ annotations: { [key]: annotation } })

describe('interface names (reference/tke-multus.md 1.6)', (it) => {
  const table: readonly (readonly [annotation: string, outcome: string])[] = [
    ['a,b,c', 'a=eth0* b=eth1 c=eth2'],
    ['a,b@eth5,c', 'a=eth0* b=eth5 c=eth6'],
    ['a@eth3,b', 'a=eth3 b=eth0*'],
    ['a@net5,b,c', 'a=net5 b=eth0* c=eth1'],
    ['a@vlan1,b,c', 'a=vlan1 b=eth0* c=eth1'],
    ['a@eth1', `no-default-interface ${key}#`],
    ['a@x,b', 'a=x b=eth0*'],
    ['a@x', `no-default-interface ${key}#`],
    ['a@eth-1,b', 'a=eth-1 b=eth0*'],
    ['a,b@eth0,c', 'a=eth1 b=eth0* c=eth2'],
    ['a@eth1,b@eth1,c', `duplicate-ifname ${key}#/1`],
    ['a@eth007,b,c', 'a=eth007 b=eth0* c=eth8'],
    ['a,a,a', 'a=eth0* a=eth1 a=eth2'],
    ['a@lo,b', `bad-ifname ${key}#/0`],
  ]
  for (const [annotation, expected] of table) {
    it(`${annotation}: ${expected}`, () => {
      assert.is(outcome(planOf({ pod: podWith(annotation) })), expected)
    })
  }

  it("follow the runtime's interface name", () => {
    assert.is(outcome(planOf({ networks: 'a,b,c@eth9', ifname: 'eth5' })), 'a=eth5* b=eth10 c=eth9')
    assert.is(outcome(planOf({ networks: 'a,b', ifname: 'net1' })), 'a=net1* b=eth1')
    assert.is(outcome(planOf({ networks: 'a,b', ifname: 'x/y' })), 'bad-ifname CNI_IFNAME#')
    assert.is(outcome(planOf({ networks: 'a', ifname: 'lo' })), 'bad-ifname CNI_IFNAME#')
    assert.is(outcome(planOf({ networks: 'a', ifname: '' })), 'bad-ifname CNI_IFNAME#')
  })

  it('that would be longer than Linux takes are refused', () => {
    assert.is(outcomeOf('a@eth999999999999,b,c'), 'bad-ifname networks#/2')
  })
})

describe('which networks a pod gets (reference/tke-multus.md 1.4)', (it) => {
  const config = meta({ defaultDelegates: 'c,d' })

  it('those of defaultDelegates without an annotation, or with an empty one', () => {
    assert.is(layout(mustPlan({ config })), 'c=eth0* d=eth1')
    assert.is(layout(mustPlan({ config, pod: { annotations: {} } })), 'c=eth0* d=eth1')
    for (const empty of ['', '  \n']) {
      assert.is(layout(mustPlan({ config, pod: podWith(empty) })), 'c=eth0* d=eth1')
    }
  })

  it('those of the annotation instead, which replaces the defaults as a whole', () => {
    assert.is(layout(mustPlan({ config, pod: podWith('a') })), 'a=eth0*')
    assert.is(layout(mustPlan({ config, pod: podWith('[{"name":"b"}]') })), 'b=eth0*')
  })

  it('and does not look at defaults that it does not need', () => {
    assert.is(
      layout(mustPlan({ config: meta({ defaultDelegates: 'A,' }), pod: podWith('a') })),
      'a=eth0*',
    )
  })

  it('no others: an annotation of another implementation is not looked at', () => {
    const pod = { annotations: { 'k8s.v1.cni.cncf.io/networks': 'a', [`x${key}`]: 'b' } }
    assert.is(layout(mustPlan({ config, pod })), 'c=eth0* d=eth1')
  })

  it('what stands in for the annotation and for the defaults counts more', () => {
    assert.is(layout(mustPlan({ config, pod: podWith('a'), networks: 'b' })), 'b=eth0*')
    assert.is(layout(mustPlan({ config, pod: podWith('a'), networks: ' ' })), 'c=eth0* d=eth1')
    assert.is(layout(mustPlan({ config, defaultDelegates: 'b' })), 'b=eth0*')
  })

  it('those of a JSON list as defaultDelegates', () => {
    const defaultDelegates = '[{"name":"a"},{"name":"b","interfaceRequest":"north"}]'
    assert.is(layout(mustPlan({ config: meta({ defaultDelegates }) })), 'a=eth0* b=north')
  })
})

describe('the runtimeConfig of the runtime (attachment-spec.md 7.5)', (it) => {
  const capabilities = { portMappings: true, bandwidth: true }
  const able = [conf('a', { capabilities }), conf('b', { capabilities }), conf('c')]
  const runtimeConfig = { portMappings: [{ hostPort: 80, containerPort: 8080 }] }
  const config = meta({ runtimeConfig })

  it('goes to the primary attachment alone, with a warning where another declares the capability', () => {
    const plan = mustPlan({ config, files: able, networks: 'a,b,c' })
    assert.equal(
      plan.attachments.map(({ capabilityArgs }) => capabilityArgs),
      [runtimeConfig, {}, {}],
    )
    assert.equal(
      plan.warnings.map(({ code, severity, message }) => [code, severity, message]),
      [
        [
          'runtime-config-primary-only',
          'warning',
          'portMappings of runtimeConfig is not given to b@eth1, which declares it',
        ],
      ],
    )
  })

  it('follows the primary attachment wherever it is listed', () => {
    const { attachments } = mustPlan({ config, files: able, networks: 'a@eth4,b' })
    assert.equal(attachments[1]?.capabilityArgs, runtimeConfig)
    assert.equal(attachments[0]?.capabilityArgs, {})
  })

  it('is overlaid, key by key, by what the caller gives', () => {
    const capabilityArgs = { bandwidth: { ingressRate: 1 } }
    const { attachments } = mustPlan({ config, files: able, networks: 'a', capabilityArgs })
    assert.equal(attachments[0]?.capabilityArgs, { ...runtimeConfig, ...capabilityArgs })
  })
})

describe('requested addresses (attachment-spec.md 4.1.2.1.3)', (it) => {
  const able = conf('a', { capabilities: { ips: true, mac: true } })
  const networks = '[{"name":"a","ipRequest":"10.0.0.5/24","macRequest":"0A:58:0A:F4:02:06"}]'

  it('reach the plugins that take them, under the names of the capabilities', () => {
    const { attachments } = mustPlan({ files: [able], networks })
    assert.equal(attachments[0]?.capabilityArgs, {
      ips: ['10.0.0.5/24'],
      mac: '0a:58:0a:f4:02:06',
    })
  })

  it('reach a plugin anywhere in the list', () => {
    const chain = conflist(
      'a',
      { type: 'bridge', capabilities: { ips: true } },
      { type: 'tuning', capabilities: { mac: true } },
    )
    assert.ok(planOf({ files: [chain], networks }).ok)
  })

  it('are refused where no plugin takes them, each for itself', () => {
    const half = conf('a', { capabilities: { ips: true, mac: false } })
    assert.is(
      outcome(planOf({ files: [half], networks })),
      'missing-capability networks#/0/macRequest',
    )
    const refused = planOf({ files: [conf('a')], networks })
    assert.is(
      outcome(refused),
      'missing-capability networks#/0/ipRequest, missing-capability networks#/0/macRequest',
    )
    assert.ok(!refused.ok && refused.problems[0]?.hint?.includes('"capabilities": {"ips": true}'))
  })

  it("count more than the runtime's, and reach other attachments than the primary one", () => {
    const config = meta({ runtimeConfig: { ips: ['10.9.9.9'], mac: '00:00:00:00:00:01' } })
    const both = { config, files: [able, conf('b', { capabilities: { ips: true } })] }
    const { attachments } = mustPlan({ ...both, networks })
    assert.equal(attachments[0]?.capabilityArgs, { ips: ['10.0.0.5/24'], mac: '0a:58:0a:f4:02:06' })
    const second = mustPlan({ ...both, networks: '[{"name":"a"},{"name":"b","ips":["10.0.0.6"]}]' })
    assert.equal(second.attachments[1]?.capabilityArgs, { ips: ['10.0.0.6'] })
  })
})

describe('namespaces, which files do not have (reference/tke-multus.md 1.2)', (it) => {
  it('have no effect, with a warning unless it is the namespace of the pod', () => {
    const plan = mustPlan({ networks: 'other/a,own/b', pod: { namespace: 'own', annotations: {} } })
    assert.is(layout(plan), 'a=eth0* b=eth1')
    assert.equal(
      plan.warnings.map(({ code, path }) => `${code} ${path}`),
      ['namespace-ignored networks#/0'],
    )
  })
})

describe('the result of the runtime', (it) => {
  it("is the primary attachment's, in the configuration's version; without one in the newest", () => {
    const plan = mustPlan({ config: meta({ cniVersion: '0.3.1' }), networks: 'a' })
    assert.is(plan.merge, 'primaryResultOnly')
    assert.is(plan.resultVersion, '0.3.1')
    assert.is(mustPlan({ config: meta({}), networks: 'a' }).resultVersion, '0.1.0')
    assert.is(mustPlan({ networks: 'a' }).resultVersion, '1.1.0')
  })
})

describe('the tke profile', (it) => {
  it('looks for networks in the directory of the fork, then beside the other configurations', () => {
    assert.equal(tke.configurationDirectories, ['/etc/cni/net.d/multus', '/etc/cni/net.d'])
  })
})
