import * as assert from 'uvu/assert'
import { explain } from '../../lib/plan/explain.js'
import { render, tableOf } from '../../lib/plan/render.js'
import { describe } from '../suite.js'
import { conf, conflist, mustPlan } from './fixtures.js'

describe('tableOf', (it) => {
  it('has a row an attachment in execution order, the types of a chain joined', () => {
    const chain = conflist(
      'b',
      { type: 'macvlan', master: 'eth1' },
      { type: 'portmap' },
      { type: 'tuning' },
    )
    assert.equal(tableOf(mustPlan({ networks: 'a@north,b', files: [conf('a'), chain] })), {
      head: ['interface', 'network', 'type', 'primary', 'description'],
      rows: [
        ['north', 'a', 'bridge', 'no', 'veth pair on bridge cni0'],
        [
          'eth0',
          'b',
          'macvlan + portmap + tuning',
          'yes',
          'macvlan of eth1 in bridge mode, with portmap and tuning',
        ],
      ],
    })
  })

  it('names the namespace of a network that has one', () => {
    const plan = mustPlan({ networks: 'a' })
    const attachments = plan.attachments.map((one) => ({
      ...one,
      network: { ...one.network, namespace: 'ns' },
    }))
    assert.is(tableOf({ ...plan, attachments }).rows[0]?.[1], 'ns/a')
  })

  it('shows control characters of a stranger, and does not print them', () => {
    const networks = JSON.stringify([{ name: 'a', interface: 'e\u001b[2J' }, { name: 'b' }])
    const evil = conf('b', { bridge: 'br\u202e\n' })
    const [first, second] = tableOf(mustPlan({ networks, files: [conf('a'), evil] })).rows
    assert.is(first?.[0], 'e\\u001b[2J')
    assert.is(second?.[4], 'veth pair on bridge br\\u202e\\u000a')
  })
})

describe('render', (it) => {
  const plan = mustPlan({ networks: 'a,b@north' })

  it('as json: the plan itself', () => {
    assert.equal(JSON.parse(render(plan, 'json')), JSON.parse(JSON.stringify(plan)))
    assert.match(render(plan, 'json'), /^\{\n {2}"version": 1,\n/)
  })

  it('as text: an aligned table without colour', () => {
    assert.is(
      render(plan, 'text'),
      [
        'interface  network  type    primary  description',
        'eth0       a        bridge  yes      veth pair on bridge cni0',
        'north      b        bridge  no       veth pair on bridge cni0',
      ].join('\n'),
    )
  })

  it('as explain: the reasons', () => {
    assert.is(render(plan, 'explain'), explain(plan))
  })
})
