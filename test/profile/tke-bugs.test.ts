import * as assert from 'uvu/assert'
import { readCatalogue } from '../../lib/network/catalogue.js'
import { metaDefaults } from '../../lib/network/meta-configuration.js'
import { hash } from '../../lib/plan/hash.js'
import {
  conf,
  conflist,
  files,
  layout,
  meta,
  mustPlan,
  outcome,
  outcomeOf,
  planOf,
} from '../plan/fixtures.js'
import { describe } from '../suite.js'

// One test a row of reference/tke-multus.md 1.12 that planning decides; tke-bugs-engine.test.ts has those that
// carrying out decides. TB12, TB26 and TB27 are about the API server and the installer.
describe('what went wrong in the fork and cannot here: planning', (it) => {
  it('TB1: requested names of one and two bytes are names like any other', () => {
    assert.is(outcomeOf('a@x,b'), 'a=x b=eth0*')
    assert.is(outcomeOf('[{"name":"a","interfaceRequest":"e0"},{"name":"b"}]'), 'a=e0 b=eth0*')
    assert.is(outcome(planOf({ networks: 'a,b', ifname: 'e' })), 'a=e* b=eth1')
  })

  it('TB2: an empty list says that it is empty, as annotation and as defaultDelegates', () => {
    assert.is(outcomeOf('[]'), 'no-networks networks#')
    assert.is(
      outcome(planOf({ config: meta({ defaultDelegates: '[]' }) })),
      'no-networks defaultDelegates#',
    )
  })

  it('TB3: an element that is null is refused by its place', () => {
    assert.is(outcomeOf('[null]'), 'bad-annotation networks#/0')
    assert.is(outcomeOf('[{"name":"a"},null]'), 'bad-annotation networks#/1')
  })

  it('TB4: a file that is null, or a list with a plugin that is null, hides no network', () => {
    const broken = [
      { source: '/etc/cni/net.d/multus/0.conf', text: 'null' },
      { source: '/etc/cni/net.d/multus/0.conflist', text: '{"name":"x","plugins":[null]}' },
    ]
    const plan = mustPlan({ networks: 'a', files: [...broken, ...files] })
    assert.is(layout(plan), 'a=eth0*')
    assert.equal(
      plan.warnings.map(({ code }) => code),
      ['broken-network-file', 'broken-network-file'],
    )
  })

  it('TB5: a list without plugins is refused when it is asked for, with the file in the hint', () => {
    const list = conflist('a')
    const planned = planOf({ networks: 'a', files: [list] })
    assert.is(outcome(planned), 'unknown-network networks#/0')
    assert.ok(!planned.ok && planned.problems[0]?.hint?.includes(list.source))
    assert.is(readCatalogue([list]).problems[0]?.message, 'the list has no plugins')
  })

  it('TB8: exactly one attachment is primary, also when it is not the first', () => {
    for (const networks of ['a@eth3,b', 'a@net5,b', 'a@vlan1,b', 'a,b@eth0']) {
      const { attachments } = mustPlan({ networks })
      assert.equal(
        attachments.map(({ primary }) => primary),
        [false, true],
        networks,
      )
    }
  })

  it('TB9: only eth and digits count for the next number', () => {
    assert.is(outcomeOf('a@net5,b,c'), 'a=net5 b=eth0* c=eth1')
    assert.is(outcomeOf('a@eth5x,b,c'), 'a=eth5x b=eth0* c=eth1')
  })

  it('TB13: a pod without any network is told so', () => {
    const planned = planOf({ pod: { annotations: {} }, config: meta({}) })
    assert.is(outcome(planned), 'no-networks defaultDelegates#')
    assert.ok(!planned.ok && /names no network/.test(planned.problems[0]?.message ?? ''))
    assert.ok(!planned.ok && planned.problems[0]?.hint?.includes('tke.cloud.tencent.com/networks'))
  })

  it('TB14: a comma too many is told as that', () => {
    for (const [networks, place] of [
      ['a,', 1],
      ['a,,b', 1],
      [',a', 0],
      [',', 0],
    ] as const) {
      const planned = planOf({ networks })
      assert.ok(!planned.ok, networks)
      assert.is(planned.problems[0]?.path, `networks#/${place}`)
      assert.is(planned.problems[0]?.hint, 'remove the comma that is too many', networks)
    }
  })

  it('TB15: records lie outside the tree of host-local', () => {
    assert.not(metaDefaults.cniDir.startsWith('/var/lib/cni/networks'))
  })

  it('TB16: the meta plugin does not run itself, nor through a plugin that delegates', () => {
    const own = conf('multus-cni', { type: 'multus' })
    const through = conf('f', { type: 'flannel', delegate: { type: 'multus' } })
    const chained = conflist('l', { type: 'bridge' }, { type: 'multus' })
    for (const one of [own, through, chained]) {
      const networks = JSON.parse(one.text).name as string
      assert.is(outcome(planOf({ networks, files: [one] })), `self-delegation ${one.source}#`)
      assert.is(
        outcome(planOf({ config: meta({ defaultDelegates: networks }), files: [one] })),
        `self-delegation ${one.source}#`,
      )
    }
    const config = meta({ type: 'other-meta' })
    assert.ok(planOf({ config, networks: 'multus-cni', files: [own] }).ok)
  })

  it('TB17: a percent sign stays one', () => {
    const planned = planOf({ networks: 'a%sb%d,%%' })
    assert.ok(!planned.ok)
    assert.is(planned.problems[0]?.message, '"a%sb%d" cannot be a network name')
    assert.is(planned.problems[1]?.message, '"%%" cannot be a network name')
  })

  it('TB23: the same network twice is two attachments under two names (attachment-spec.md 4.2)', () => {
    const plan = mustPlan({ networks: 'a,a' })
    assert.is(layout(plan), 'a=eth0* a=eth1')
    assert.is(hash(plan), hash(mustPlan({ networks: 'a,a' })))
  })

  it('TB25: names that Linux does not take are refused before anything runs', () => {
    for (const name of [
      'sixteen-bytes-ab',
      '\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9',
      'a/b',
      '.',
      '..',
      'a b',
      'a:b',
      'lo',
    ]) {
      const networks = JSON.stringify([{ name: 'a' }, { name: 'b', interfaceRequest: name }])
      assert.is(outcomeOf(networks), 'bad-ifname networks#/1/interfaceRequest', name)
    }
  })
})
