import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { convertResult } from '../../lib/cni/convert.js'
import {
  decodeResult,
  isLegacyResult,
  isLegacyVersion,
  LegacyResult,
  Result,
  ResultAddress,
  ResultInterface,
  ResultRoute,
} from '../../lib/cni/result.js'
import { knownVersions } from '../../lib/cni/version.js'
import { describe } from '../suite.js'

const decoded = (value: unknown, fallback = '1.0.0'): unknown => {
  const result = decodeResult(value, fallback)
  return E.isRight(result) ? result.right : result.left
}
const refusal = (value: unknown) => {
  const result = decodeResult(value, '1.0.0')
  assert.ok(E.isLeft(result), JSON.stringify(value))
  return E.isLeft(result) ? result.left : { code: -1, msg: '', details: '' }
}

describe('decodeResult (reference/cni.md 2.5, 3.1)', (it) => {
  it('gives the same object back when nothing has to change, whatever its version', () => {
    const modern = {
      interfaces: [{ name: 'cni0' }, { name: 'eth0', mac: '0a:58:0a:f4:02:06', sandbox: '/n' }],
      ips: [{ address: '10.1.0.5/16', gateway: '10.1.0.1', interface: 1 }],
      routes: [{ dst: '0.0.0.0/0', table: 0 }],
      dns: { nameservers: ['8.8.8.8'] },
    }
    for (const cniVersion of ['0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0']) {
      const value = { cniVersion, ...modern }
      assert.is(decoded(value), value)
    }
    for (const cniVersion of ['0.1.0', '0.2.0']) {
      const value = { cniVersion, ip4: { ip: '10.1.2.3/24', routes: [{ dst: '10.9.0.0/16' }] } }
      assert.is(decoded(value), value)
    }
  })

  it('takes null for {}, and the version of the stdin for a missing, empty or non-text one', () => {
    assert.equal(decoded(null, '0.4.0'), { cniVersion: '0.4.0' })
    assert.equal(decoded({}, ''), { cniVersion: '0.1.0' })
    for (const cniVersion of ['', null, 1, []]) {
      assert.equal(decoded({ cniVersion, x: 1 }), { cniVersion: '1.0.0', x: 1 })
    }
    assert.equal(decoded({ cniVersion: '0.3.1' }), { cniVersion: '0.3.1' })
  })

  it('refuses a version that was never released, with code 1', () => {
    assert.equal(refusal({ cniVersion: '0.9.0' }), {
      code: 1,
      msg: 'unsupported CNI result version "0.9.0"',
    })
    assert.ok(E.isLeft(decodeResult({}, 'junk')))
    assert.ok(E.isLeft(decodeResult({ cniVersion: 'toString' }, '1.0.0')))
  })

  it('keeps unknown keys at every level, __proto__ too (X-14)', () => {
    const text =
      '{"cniVersion":"1.0.0","a":1,"__proto__":{"b":2},"interfaces":[{"name":"e","c":null}],' +
      '"ips":[{"address":"FE80::1/64","d":{}}],"routes":[{"dst":"::/0","e":[]}],"dns":{"f":1}}'
    const expected = text.replace('FE80', 'fe80')
    assert.is(JSON.stringify(decoded(JSON.parse(text))), expected)
    assert.is(({} as { b?: number }).b, undefined)
  })

  it('makes addresses canonical and keeps their host bits', () => {
    const ips = [
      { address: '2001:DB8::0005/64', gateway: '2001:DB8::1' },
      { address: '::ffff:1.2.3.4/120' },
      { address: '10.0.0.5/8' },
    ]
    const routes = [{ dst: '::FFFF:10.0.0.0/104', gw: '::ffff:10.0.0.1' }]
    assert.equal(decoded({ cniVersion: '1.0.0', ips, routes }), {
      cniVersion: '1.0.0',
      ips: [
        { address: '2001:db8::5/64', gateway: '2001:db8::1' },
        { address: '1.2.3.4/24' },
        { address: '10.0.0.5/8' },
      ],
      routes: [{ dst: '10.0.0.0/8', gw: '10.0.0.1' }],
    })
    const ip4 = { ip: '::ffff:10.1.2.3/120', gateway: '', routes: null }
    assert.equal(decoded({ cniVersion: '0.2.0', ip4, ip6: null }), {
      cniVersion: '0.2.0',
      ip4: { ip: '10.1.2.3/24' },
    })
  })

  it('takes an empty or null gateway for none, and null for a missing optional key', () => {
    const value = {
      cniVersion: '1.0.0',
      interfaces: null,
      ips: [
        { address: '10.0.0.5/8', gateway: '', interface: null },
        { address: '10.0.0.6/8', gateway: null },
      ],
      routes: [{ dst: '0.0.0.0/0', gw: '', mtu: null }],
      dns: { nameservers: null, domain: null },
    }
    assert.equal(decoded(value), {
      cniVersion: '1.0.0',
      ips: [{ address: '10.0.0.5/8' }, { address: '10.0.0.6/8' }],
      routes: [{ dst: '0.0.0.0/0' }],
      dns: {},
    })
  })

  it('3.1: leaves out the zeros and empty texts that Go leaves out, and keeps those that say something', () => {
    const zero = { mtu: 0, advmss: 0, priority: 0, table: 0, scope: 0 }
    const empty = { mac: '', sandbox: '', mtu: 0, socketPath: '', pciID: '' }
    for (const cniVersion of ['0.3.1', '0.4.0', '1.0.0', '1.1.0']) {
      const value = {
        cniVersion,
        interfaces: [{ name: '', ...empty }],
        ips: [{ address: '10.0.0.5/8', interface: 0 }],
        routes: [{ dst: '0.0.0.0/0', ...zero }],
        dns: { domain: '' },
      }
      assert.equal(decoded(value), {
        cniVersion,
        interfaces: [{ name: '' }],
        ips: [{ address: '10.0.0.5/8', interface: 0 }],
        routes: [{ dst: '0.0.0.0/0', table: 0, scope: 0 }],
        dns: {},
      })
    }
    const route = { dst: '10.9.0.0/16', ...zero }
    assert.equal(decoded({ cniVersion: '0.2.0', ip4: { ip: '10.1.2.3/24', routes: [route] } }), {
      cniVersion: '0.2.0',
      ip4: { ip: '10.1.2.3/24', routes: [{ dst: '10.9.0.0/16', table: 0, scope: 0 }] },
    })
    assert.not.ok(ResultInterface.is({ name: 'eth0', sandbox: '' }))
    assert.not.ok(ResultRoute.is({ dst: '::/0', mtu: 0 }))
  })

  it('keeps the interface indexes 0 and -1, and an absent one absent', () => {
    const ips = [
      { address: '10.0.0.5/8', interface: 0 },
      { address: '10.0.0.6/8', interface: -1 },
      { address: '10.0.0.7/8' },
    ]
    assert.equal((decoded({ ips }) as Result).ips, ips)
  })

  it('gives an interface without a name the empty one, as Go prints it', () => {
    const interfaces = [{ mac: '0a:58:0a:f4:02:06' }, { name: null }]
    assert.equal((decoded({ interfaces }) as Result).interfaces, [
      { mac: '0a:58:0a:f4:02:06', name: '' },
      { name: '' },
    ])
  })

  it('refuses what is no address in the words of Go, with the place', () => {
    assert.equal(refusal({ ips: [{ address: '10.0.0.5/8' }, { address: '10.0.0.05/8' }] }), {
      code: 6,
      msg: 'invalid CIDR address: 10.0.0.05/8',
      details: 'result#/ips/1/address',
    })
    assert.is(refusal({ routes: [{ dst: 'default' }] }).msg, 'invalid CIDR address: default')
    assert.equal(refusal({ ips: [{ address: '::1/64', gateway: 'fe80::1%eth0' }] }), {
      code: 6,
      msg: 'invalid IP address: fe80::1%eth0',
      details: 'result#/ips/0/gateway',
    })
    const legacy = { cniVersion: '0.2.0', ip6: { ip: '::1/64', routes: [{ dst: '::' }] } }
    assert.is(refusal(legacy).details, 'result#/ip6/routes/0/dst')
  })

  it('names at most three faults at once', () => {
    const ips = [{ address: 'a' }, { address: 1 }, {}, {}]
    assert.equal(refusal({ ips }), {
      code: 6,
      msg: 'invalid CIDR address: a, invalid result: expected CIDR, got 1, invalid result: expected CIDR, got undefined',
      details: 'result#/ips/0/address, result#/ips/1/address, result#/ips/2/address',
    })
  })

  it('refuses a missing address and a missing destination, which Go prints as <nil>', () => {
    assert.is(refusal({ ips: [{}] }).details, 'result#/ips/0/address')
    assert.is(refusal({ ips: [{ address: null }] }).code, 6)
    assert.is(refusal({ routes: [{ gw: '10.0.0.1' }] }).details, 'result#/routes/0/dst')
    assert.is(refusal({ cniVersion: '0.1.0', ip4: {} }).details, 'result#/ip4/ip')
  })

  it('keeps the version of an address as it is since 1.0.0, where the key is nobody’s (3.1)', () => {
    for (const cniVersion of ['1.0.0', '1.1.0']) {
      for (const version of [4, null, { a: 1 }, '4']) {
        const value = { cniVersion, ips: [{ address: '10.0.0.5/8', version }] }
        assert.is(decoded(value), value)
      }
      const value = { cniVersion, ips: [{ address: '10.0.0.5/8', version: 4 }] }
      const older = convertResult(decoded(value) as never, '0.4.0')
      assert.equal(E.isRight(older) && older.right.ips, [{ address: '10.0.0.5/8', version: '4' }])
    }
  })

  it('is of the versions of its family, for each of the two codecs (3.1)', () => {
    for (const cniVersion of ['0.1.0', '0.2.0', 'banana', '', '2.0.0', undefined, 7]) {
      assert.ok(E.isLeft(Result.decode({ cniVersion })), String(cniVersion))
      assert.not.ok(Result.is({ cniVersion }))
    }
    for (const cniVersion of ['0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0']) {
      assert.ok(E.isRight(Result.decode({ cniVersion })), cniVersion)
      assert.ok(E.isLeft(LegacyResult.decode({ cniVersion })), cniVersion)
    }
    for (const cniVersion of ['0.1.0', '0.2.0'])
      assert.ok(E.isRight(LegacyResult.decode({ cniVersion })), cniVersion)
    for (const cniVersion of ['banana', '', undefined, 7])
      assert.ok(E.isLeft(LegacyResult.decode({ cniVersion })), String(cniVersion))
  })

  it('refuses values of other types than the specification has', () => {
    const wrong = [
      [],
      'text',
      1,
      { ips: {} },
      { ips: [null] },
      { ips: [{ address: 1 }] },
      { ips: [{ address: '10.0.0.5/8', gateway: 1 }] },
      { ips: [{ address: '10.0.0.5/8', interface: 1.5 }] },
      { ips: [{ address: '10.0.0.5/8', interface: '1' }] },
      { cniVersion: '0.4.0', ips: [{ address: '10.0.0.5/8', version: 4 }] },
      { interfaces: ['eth0'] },
      { interfaces: [{ name: 1 }] },
      { interfaces: [{ name: 'eth0', mtu: '1500' }] },
      { routes: 'none' },
      { routes: [{ dst: '::/0', priority: 1e300 }] },
      { dns: [] },
      { dns: { nameservers: '8.8.8.8' } },
      { dns: { search: [1] } },
      { cniVersion: '0.2.0', ip4: [] },
    ]
    for (const value of wrong) assert.is(refusal(value).code, 6, JSON.stringify(value))
    assert.is(refusal(undefined).code, 6)
    assert.match(
      refusal({ interfaces: [{ name: 'e', mtu: '1' }] }).msg,
      /^invalid result: expected integer, got "1"/,
    )
  })

  it('never throws, keeps the version it was told, and reads its own output unchanged', () => {
    const address = fc.oneof(
      fc.constantFrom('10.0.0.5/8', 'FE80::1/64', '::ffff:1.2.3.4/120', '1.2.3.4', ''),
      fc.jsonValue(),
    )
    const route = fc.record(
      { dst: address, gw: address, mtu: fc.jsonValue() },
      { requiredKeys: [] },
    )
    const value = fc.record(
      {
        cniVersion: fc.oneof(fc.constantFrom(...knownVersions, ''), fc.jsonValue()),
        interfaces: fc.oneof(fc.array(fc.record({ name: fc.jsonValue() })), fc.jsonValue()),
        ips: fc.array(fc.record({ address, gateway: address, interface: fc.jsonValue() })),
        routes: fc.array(route),
        ip4: fc.record({ ip: address, routes: fc.array(route) }),
        dns: fc.oneof(fc.record({ search: fc.jsonValue() }), fc.jsonValue()),
        x: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(
        fc.oneof(value, fc.jsonValue()),
        fc.constantFrom(...knownVersions),
        (one, version) => {
          const result = decodeResult(one, version)
          if (E.isLeft(result)) assert.ok([1, 6].includes(result.left.code))
          else {
            const again = decodeResult(result.right, 'unused')
            assert.ok(E.isRight(again) && again.right === result.right)
          }
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('the codecs of results', (it) => {
  it('know what is canonical already', () => {
    assert.ok(ResultAddress.is({ address: '10.0.0.5/8', gateway: '10.0.0.1', interface: 0 }))
    assert.not.ok(ResultAddress.is({ address: '::ffff:10.0.0.5/104' }))
    assert.ok(ResultRoute.is({ dst: '::/0', gw: 'fe80::1', mtu: 1400 }))
    assert.not.ok(ResultRoute.is({ dst: '::/0', gw: 'FE80::1' }))
    assert.ok(ResultInterface.is({ name: 'eth0', mtu: 1500 }))
    assert.not.ok(ResultInterface.is({}))
    assert.ok(Result.is({ cniVersion: '1.0.0', dns: {} }))
  })

  it('tell the shape of 0.1.0 and 0.2.0 from the later ones', () => {
    const legacy = knownVersions.filter(isLegacyVersion)
    assert.equal(legacy, ['0.1.0', '0.2.0'])
    assert.ok(isLegacyResult({ cniVersion: '0.2.0' }))
    assert.not.ok(isLegacyResult({ cniVersion: '0.3.0' }))
  })
})
