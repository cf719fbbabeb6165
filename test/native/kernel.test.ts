import * as assert from 'uvu/assert'
import { isTolerated, linkIn, linksIn, routesIn } from '../../lib/native/kernel.js'
import { describe } from '../suite.js'

describe('what the kernel prints (reference/plugins-and-ip.md P-02, P-03)', (it) => {
  it('is a link with kind, mode, peer, flags and addresses', () => {
    const reading = [
      {
        ifindex: 7,
        ifname: 'eth0',
        link_index: 9,
        flags: ['UP', 7, 'PROMISC'],
        mtu: 1400,
        operstate: 'UP',
        master: 'br0',
        txqlen: 3,
        promiscuity: 1,
        address: '0a:00:00:00:00:01',
        linkinfo: { info_kind: 'macvlan', info_data: { mode: 'vepa' } },
        addr_info: [
          { local: 'fd00::1', prefixlen: 64, scope: 'link', tentative: true, dadfailed: true },
          { local: 'none', prefixlen: 64 },
        ],
      },
    ]
    const link = linkIn(reading, 'eth0')
    assert.equal([link?.kind, link?.mode, link?.peerIndex, link?.index], ['macvlan', 'vepa', 9, 7])
    assert.equal(
      [link?.flags, link?.mtu, link?.master, link?.txqlen, link?.promiscuity],
      [['UP', 'PROMISC'], 1400, 'br0', 3, 1],
    )
    assert.is(link?.addresses.length, 1)
    const [own] = link?.addresses ?? []
    assert.equal(
      [own?.cidr.text, own?.scope, own?.isTentative, own?.hasFailed],
      ['fd00::1/64', 'link', true, true],
    )
    assert.is(linkIn(reading, 'eth1'), undefined)
  })

  it('is nothing where it is not what it should be', () => {
    for (const reading of [undefined, null, 7, 'x', {}, [7, null, {}, { ifname: 7 }]]) {
      assert.equal(linksIn(reading), [])
      assert.equal(routesIn(reading), [])
    }
    const [bare] = linksIn([
      { ifname: 'x', flags: 'UP', linkinfo: 7, addr_info: {}, link_index: 'a' },
    ])
    assert.equal(
      [bare?.kind, bare?.mtu, bare?.flags, bare?.addresses, bare?.peerIndex],
      ['', 0, [], [], undefined],
    )
  })

  it('is a route: by name, to one address, through several hops', () => {
    const routes = routesIn([
      { dst: 'default', gateway: '10.0.0.1', dev: 'a' },
      { dst: 'default', gateway: 'fe80::1', dev: 'a' },
      { dst: 'default', dev: 'a' },
      { dst: 'default', dev: 'a', pref: 'medium' },
      { dst: '10.0.0.7', dev: 'b' },
      { dst: 'fd00::7', dev: 'b' },
      {
        dst: 'fd00::/64',
        nexthops: [{ gateway: 'fe80::1', dev: 'a' }, { gateway: 'fe80::2', dev: 'b' }, 7],
      },
    ])
    assert.equal(
      routes.map(({ dst, gateway, device }) => `${dst} ${gateway} ${device}`),
      [
        '0.0.0.0/0 10.0.0.1 a',
        '::/0 fe80::1 a',
        '0.0.0.0/0  a',
        '::/0  a',
        '10.0.0.7/32  b',
        'fd00::7/128  b',
        'fd00::/64 fe80::1 a',
        'fd00::/64 fe80::2 b',
      ],
    )
  })

  it('is tolerated where it says that a thing is there, or is not there (P-02)', () => {
    for (const words of [
      'RTNETLINK answers: File exists',
      'Error: ipv4: Address already assigned.',
    ]) {
      assert.equal([isTolerated(words, 'exists'), isTolerated(words, 'absent')], [true, false])
    }
    for (const words of [
      'Cannot find device "x"',
      'Device "x" does not exist.',
      'RTNETLINK answers: No such process',
      'RTNETLINK answers: Cannot assign requested address',
    ]) {
      assert.equal([isTolerated(words, 'absent'), isTolerated(words, 'exists')], [true, false])
    }
    assert.is(isTolerated('RTNETLINK answers: Operation not permitted', 'absent'), false)
    assert.is(isTolerated('whatever', 'any'), true)
    assert.is(isTolerated('File exists', undefined), false)
  })
})
