import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { resultOf } from '../../lib/ipam/answer-result.js'
import { describe } from '../suite.js'

const ips = [{ address: '10.0.0.2/24', gateway: '10.0.0.1' }]
const routes = [{ dst: '0.0.0.0/0', gw: '10.0.0.1', mtu: 1400, table: 7, note: 'x' }]
const dns = { nameservers: ['10.0.0.3'], search: [], domain: '', note: 'x' }

describe('what an address plugin prints (plugins-and-ip.md 7.5, 7.6)', (it) => {
  it('up to 1.0.0: routes with dst and gw alone, and dns even when it is empty', () => {
    assert.equal(
      resultOf({ ips, routes, dns: {} }, '1.0.0'),
      E.right({
        cniVersion: '1.0.0',
        ips,
        routes: [{ dst: '0.0.0.0/0', gw: '10.0.0.1' }],
        dns: {},
      }),
    )
    assert.equal(
      resultOf({ ips: [], routes: [], dns: {} }, '0.3.1'),
      E.right({ cniVersion: '0.3.1', dns: {} }),
    )
  })

  it('since 1.1.0: what that version knows of routes, and dns only when it says something', () => {
    assert.equal(
      resultOf({ ips, routes, dns: {} }, '1.1.0'),
      E.right({
        cniVersion: '1.1.0',
        ips,
        routes: [{ dst: '0.0.0.0/0', gw: '10.0.0.1', mtu: 1400, table: 7 }],
      }),
    )
    assert.equal(
      resultOf({ ips: [], routes: [], dns: {} }, '1.1.0'),
      E.right({ cniVersion: '1.1.0' }),
    )
  })

  it('of dns the keys that CNI knows, when they say something', () => {
    const result = resultOf({ ips, routes: [], dns }, '1.1.0')
    assert.equal(result, E.right({ cniVersion: '1.1.0', ips, dns: { nameservers: ['10.0.0.3'] } }))
  })

  it('before 0.3.0: an address a family, and none is refused', () => {
    assert.equal(
      resultOf({ ips, routes, dns: {} }, ''),
      E.right({
        cniVersion: '0.1.0',
        ip4: {
          ip: '10.0.0.2/24',
          gateway: '10.0.0.1',
          routes: [{ dst: '0.0.0.0/0', gw: '10.0.0.1' }],
        },
        dns: {},
      }),
    )
    assert.ok(E.isLeft(resultOf({ ips: [], routes: [], dns: {} }, '0.2.0')))
  })
})
