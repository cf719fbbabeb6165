import * as assert from 'uvu/assert'
import { makerOf, mayHaveMade } from '../../lib/engine/link-makers.js'
import { describe } from '../suite.js'

const list = (...plugins: readonly { readonly type: string; readonly [key: string]: unknown }[]) =>
  ({ name: 'a', plugins }) as never

describe('what a plugin makes on the node (reference/plugins-and-ip.md 7)', (it) => {
  it('is a port of its bridge for bridge, and for flannel, which hands on to it', () => {
    assert.equal(makerOf({ type: 'bridge' }), { makes: 'port', bridge: 'cni0' })
    assert.equal(makerOf({ type: 'bridge', bridge: 7 }), { makes: 'nothing' })
    const delegate = { bridge: 'br7' }
    assert.equal(makerOf({ type: 'flannel', delegate }), { makes: 'port', bridge: 'br7' })
    assert.equal(makerOf({ type: 'flannel', delegate: { type: 'ptp' } }), { makes: 'veth' })
  })

  it('is what lies on its master for macvlan and ipvlan', () => {
    assert.equal(makerOf({ type: 'macvlan', master: 'ens1' }), { makes: 'macvlan', master: 'ens1' })
    assert.equal(makerOf({ type: 'ipvlan' }), { makes: 'ipvlan' })
  })

  it('is nothing that is looked at for the other standard plugins, and may be anything for the rest', () => {
    for (const type of ['host-device', 'tuning', 'sriov', 'vlan']) {
      assert.equal(makerOf({ type }), { makes: 'nothing' })
    }
    assert.equal(makerOf({ type: 'tke-bridge' }), { makes: 'anything' })
  })
})

describe('a link that a list of plugins may have made', (it) => {
  const port = { kind: 'veth', master: 'cni0' }
  const free = { kind: 'veth' }
  const macvlan = { kind: 'macvlan', lower: 'ens1' }

  it('is a port of its bridge, or none yet; and of no other one', () => {
    const bridge = list({ type: 'bridge' }, { type: 'tuning' })
    assert.ok(mayHaveMade(bridge, port))
    assert.ok(mayHaveMade(bridge, free))
    assert.not(mayHaveMade(bridge, { ...port, master: 'br9' }))
    assert.not(mayHaveMade(bridge, macvlan))
  })

  it('is a veth in no bridge for ptp, and any one for a type that is not known', () => {
    assert.ok(mayHaveMade(list({ type: 'ptp' }), free))
    assert.not(mayHaveMade(list({ type: 'ptp' }), port))
    for (const link of [port, free, macvlan]) assert.ok(mayHaveMade(list({ type: 'x' }), link))
    assert.not(mayHaveMade(list({ type: 'tuning' }), port))
  })

  it('lies on the master of a macvlan, or on any where the route decides', () => {
    assert.ok(mayHaveMade(list({ type: 'macvlan', master: 'ens1' }), macvlan))
    assert.ok(mayHaveMade(list({ type: 'macvlan' }), macvlan))
    assert.ok(mayHaveMade(list({ type: 'macvlan', master: 'ens1' }), { kind: 'macvlan' }))
    assert.not(mayHaveMade(list({ type: 'macvlan', master: 'ens2' }), macvlan))
    assert.not(mayHaveMade(list({ type: 'ipvlan', master: 'ens1' }), macvlan))
  })
})
