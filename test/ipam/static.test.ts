import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import type { JsonObject } from '../../lib/cni/json.js'
import { check, decode } from '../../lib/ipam/static.js'
import { describe } from '../suite.js'

const read = (ipam: unknown, more: JsonObject = {}, args = '') =>
  decode({ cniVersion: '1.1.0', name: 'net', type: 'x', ipam, ...more }, args)
const ips = (ipam: unknown, more: JsonObject = {}, args = '') => {
  const answer = read(ipam, more, args)
  return E.isLeft(answer) ? `${answer.left.code} ${answer.left.msg}` : answer.right.ips
}

describe('static addresses (plugins-and-ip.md 7.5)', (it) => {
  const ipam = { addresses: [{ address: '10.0.0.5/24', gateway: '10.0.0.1' }] }

  it('are those of the configuration, with routes and dns', () => {
    assert.equal(
      read({
        ...ipam,
        routes: [{ dst: '0.0.0.0/0', gw: '10.0.0.1' }],
        dns: { nameservers: ['10.0.0.2'] },
      }),
      E.right({
        ips: [{ address: '10.0.0.5/24', gateway: '10.0.0.1' }],
        routes: [{ dst: '0.0.0.0/0', gw: '10.0.0.1' }],
        dns: { nameservers: ['10.0.0.2'] },
      }),
    )
  })

  it('may be none: an empty result, no error', () => {
    assert.equal(ips({}), [])
    assert.equal(ips({ addresses: null }), [])
  })

  it('gain those of CNI_ARGS, whose gateway goes to every network that holds it', () => {
    assert.equal(
      ips(
        { addresses: [{ address: '10.0.0.5/24' }] },
        {},
        'IP=10.1.0.5/24, 2001:db8::5/64;GATEWAY=10.1.0.1,2001:db8::1',
      ),
      [
        { address: '10.0.0.5/24' },
        { address: '10.1.0.5/24', gateway: '10.1.0.1' },
        { address: '2001:db8::5/64', gateway: '2001:db8::1' },
      ],
    )
  })

  it('keep their gateways under CNI_ARGS GATEWAY, which is for CNI_ARGS IP (host-local 1.1.1)', () => {
    assert.equal(ips({ addresses: [{ address: '10.0.0.5/24' }] }, {}, 'GATEWAY=10.0.0.1'), [
      { address: '10.0.0.5/24' },
    ])
  })

  it('that are asked for are checked even where another source wins', () => {
    const runtimeConfig = { ips: ['10.3.0.5/24'] }
    assert.match(ips(ipam, { runtimeConfig }, 'IP=10.4.0.4') as string, /^4 CNI_ARGS IP/)
    assert.match(
      ips(ipam, { runtimeConfig, args: { cni: { ips: ['x'] } } }) as string,
      /^7 args.cni.ips/,
    )
    assert.equal(ips({ addresses: 'wrong' }, { runtimeConfig }), [{ address: '10.3.0.5/24' }])
  })

  it('come with a dns that is one', () => {
    assert.match(ips({ ...ipam, dns: 'x' }) as string, /^7 invalid "dns": "x"/)
    assert.match(ips({ ...ipam, dns: { nameservers: 'x' } }) as string, /^7 invalid "dns"/)
    assert.equal(read({ ...ipam, dns: null }), read(ipam))
  })

  it('are replaced by args.cni.ips, and those by runtimeConfig.ips; gateways are lost', () => {
    const more = { args: { cni: { ips: ['10.2.0.5/24'] } } }
    assert.equal(ips(ipam, more, 'IP=10.1.0.5/24'), [{ address: '10.2.0.5/24' }])
    assert.equal(ips(ipam, { ...more, runtimeConfig: { ips: ['10.3.0.5/24'] } }), [
      { address: '10.3.0.5/24' },
    ])
  })

  it('need a prefix, wherever they come from', () => {
    assert.is(
      ips({ addresses: [{ address: '10.0.0.5' }] }),
      '7 the \'address\' field is expected to be in CIDR notation, got: "10.0.0.5"',
    )
    assert.is(
      ips({ addresses: [null] }),
      "7 the 'address' field is expected to be in CIDR notation, got: undefined",
    )
    assert.is(
      ips(ipam, {}, 'IP=10.1.0.5'),
      '4 CNI_ARGS IP is expected to be in CIDR notation, got: "10.1.0.5"',
    )
    assert.is(
      ips(ipam, { runtimeConfig: { ips: ['10.1.0.5'] } }),
      '7 runtimeConfig.ips is expected to be in CIDR notation, got: "10.1.0.5"',
    )
    assert.is(
      ips(ipam, { args: { cni: { ips: ['x'] } } }),
      '7 args.cni.ips is expected to be in CIDR notation, got: "x"',
    )
  })

  it('need gateways that are addresses', () => {
    assert.is(
      ips({ addresses: [{ address: '10.0.0.5/24', gateway: 'x' }] }),
      '7 gateway of 10.0.0.5/24 is no IP address: "x"',
    )
    assert.is(ips(ipam, {}, 'GATEWAY=x'), '4 invalid gateway address: "x"')
  })

  it('are refused when CNI_ARGS has keys that static does not know', () => {
    assert.is(ips(ipam, {}, 'MAC=x'), '4 ARGS: unknown args ["MAC=x"]')
    assert.equal(ips(ipam, {}, 'MAC=x;IgnoreUnknown=1'), [
      { address: '10.0.0.5/24', gateway: '10.0.0.1' },
    ])
  })

  it('are one a family before 0.3.0', () => {
    const two = { addresses: [{ address: '10.0.0.5/24' }, { address: '10.0.0.6/24' }] }
    assert.is(
      ips(two, { cniVersion: '0.2.0' }),
      '1 CNI version "0.2.0" does not support more than 1 address per family',
    )
    assert.is(ips(two, { cniVersion: '0.3.0' }).length, 2)
  })

  it('need an ipam object whose addresses are a list', () => {
    assert.is(ips(null), "7 IPAM config missing 'ipam' key")
    assert.is(ips({ addresses: 'x' }), '7 "addresses" must be a list, not "x"')
  })

  it('pass CHECK with a gateway that a plugin found for an address without one', () => {
    const answer = { ips: [{ address: '10.0.0.5/24' }], routes: [], dns: {} }
    const previous = { ...answer, ips: [{ address: '10.0.0.5/24', gateway: '10.0.0.1' }] }
    assert.ok(E.isRight(check(answer, previous)))
    assert.ok(E.isLeft(check(previous, answer)))
  })

  it('pass CHECK when the previous result carries them with their gateways', () => {
    const answer = { ips: [{ address: '10.0.0.5/24', gateway: '10.0.0.1' }], routes: [], dns: {} }
    assert.ok(E.isRight(check(answer, answer)))
    assert.equal(
      check(answer, { ...answer, ips: [] }),
      E.left({ code: 999, msg: 'static: failed to find address 10.0.0.5/24' }),
    )
    assert.equal(
      check(answer, { ...answer, ips: [{ address: '10.0.0.5/24', gateway: '10.0.0.9' }] }),
      E.left({
        code: 999,
        msg: 'static: gateway of 10.0.0.5/24 is "10.0.0.9", not "10.0.0.1"',
      }),
    )
  })
})
