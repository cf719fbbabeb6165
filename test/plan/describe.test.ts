import * as assert from 'uvu/assert'
import type { JsonObject } from '../../lib/cni/json.js'
import { describe as describeList } from '../../lib/plan/describe.js'
import { describe } from '../suite.js'

type Plugin = JsonObject & { readonly type: string }
const of = (...plugins: readonly Plugin[]) => describeList({ name: 'a', plugins })

describe('the description of an interface', (it) => {
  const table: readonly (readonly [plugin: Plugin, phrase: string])[] = [
    [{ type: 'flannel', delegate: {} }, 'Flannel network tap interface'],
    [{ type: 'sriov', if0: 'enp12s0f1' }, 'VF of enp12s0f1, assigned by SR-IOV'],
    [{ type: 'sriov', master: 'ens1' }, 'VF of ens1, assigned by SR-IOV'],
    [
      { type: 'sriov', if0: 'enp2s0', vlan: 210 },
      'VF of enp2s0 with VLAN ID 210, assigned by SR-IOV',
    ],
    [{ type: 'sriov', if0: 'enp2s0', vlan: 0 }, 'VF of enp2s0, assigned by SR-IOV'],
    [{ type: 'sriov', deviceID: '0000:03:02.0' }, 'VF 0000:03:02.0, assigned by SR-IOV'],
    [{ type: 'sriov' }, 'VF, assigned by SR-IOV'],
    [{ type: 'bridge', bridge: 'br1' }, 'veth pair on bridge br1'],
    [{ type: 'bridge' }, 'veth pair on bridge cni0'],
    [{ type: 'bridge', bridge: 7 }, 'veth pair on bridge cni0'],
    [{ type: 'ptp' }, 'point-to-point link to the host'],
    [{ type: 'macvlan', master: 'eth1', mode: 'vepa' }, 'macvlan of eth1 in vepa mode'],
    [{ type: 'macvlan' }, "macvlan of the host's default interface in bridge mode"],
    [{ type: 'ipvlan', master: 'eth1', mode: 'l3' }, 'ipvlan of eth1 in l3 mode'],
    [{ type: 'ipvlan', master: '' }, "ipvlan of the host's default interface in l2 mode"],
    [{ type: 'host-device', device: 'ens5' }, 'host device ens5'],
    [{ type: 'host-device', pciBusID: '0000:00:05.0' }, 'host device 0000:00:05.0'],
    [{ type: 'host-device' }, 'host device that the runtime names'],
    [{ type: 'loopback' }, 'loopback interface'],
    [{ type: 'tke-eni-cni' }, 'attached by tke-eni-cni'],
    [{ type: '__proto__' }, 'attached by __proto__'],
  ]
  for (const [plugin, phrase] of table) {
    it(`${JSON.stringify(plugin)}: ${phrase}`, () => {
      assert.is(of(plugin), phrase)
    })
  }

  it('names the other plugins of a chain', () => {
    assert.is(
      of({ type: 'ptp' }, { type: 'portmap' }),
      'point-to-point link to the host, with portmap',
    )
    assert.is(
      of({ type: 'x' }, { type: 'portmap' }, { type: 'tuning' }),
      'attached by x, with portmap and tuning',
    )
    assert.is(
      of({ type: 'x' }, { type: 'a' }, { type: 'b' }, { type: 'c' }),
      'attached by x, with a, b and c',
    )
    assert.is(of(), 'no plugin')
  })
})
