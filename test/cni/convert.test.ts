import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { addressFrom } from '../../lib/cni/address.js'
import { convertAny, convertResult, toCurrent } from '../../lib/cni/convert.js'
import type { CniError } from '../../lib/cni/error.js'
import type { AnyResult, LegacyResult, Result } from '../../lib/cni/result.js'
import { decodeResult } from '../../lib/cni/result.js'
import { knownVersions } from '../../lib/cni/version.js'
import { describe } from '../suite.js'

const runs = { numRuns: 2000 }
const labelledVersions = ['0.3.0', '0.3.1', '0.4.0'] as const
const newVersions = ['1.0.0', '1.1.0'] as const

const converted = (result: AnyResult, version: string): unknown => {
  const outcome = convertResult(result, version)
  return E.isRight(outcome) ? outcome.right : outcome.left
}
const read = (value: unknown): AnyResult => {
  const result = decodeResult(value, '')
  assert.ok(E.isRight(result))
  return E.isRight(result) ? result.right : { cniVersion: '' }
}

const dns = {
  nameservers: ['8.8.8.8'],
  domain: 'a.example',
  search: ['b.example'],
  options: ['ndots:5'],
}
// The worked examples of reference/cni.md 3.4.
const A = read({
  cniVersion: '1.1.0',
  interfaces: [
    { name: 'cni0', mac: '00:11:22:33:44:55', mtu: 1500 },
    {
      name: 'eth0',
      mac: '99:88:77:66:55:44',
      mtu: 1400,
      sandbox: '/var/run/netns/blue',
      socketPath: '/s',
      pciID: '0000:01:00.0',
    },
  ],
  ips: [
    { address: '10.1.0.5/16', gateway: '10.1.0.1', interface: 1 },
    { address: '10.1.0.6/16', interface: 1 },
    { address: '2001:db8::5/64', gateway: '2001:db8::1', interface: 1 },
  ],
  routes: [
    { dst: '0.0.0.0/0', mtu: 1400, advmss: 1360, priority: 10, table: 100, scope: 0 },
    { dst: '::/0', gw: '2001:db8::1' },
  ],
  dns,
})
const B = read({
  cniVersion: '0.2.0',
  ip4: {
    ip: '10.1.2.3/24',
    gateway: '10.1.2.1',
    routes: [{ dst: '0.0.0.0/0', gw: '10.1.0.1' }, { dst: '10.9.0.0/16' }],
  },
  ip6: {
    ip: 'abcd:1234:ffff::cdde/64',
    routes: [{ dst: '1111:dddd::/80', gw: '1111:dddd::aaaa' }],
  },
  dns: { nameservers: ['8.8.8.8'] },
})
const C = read({
  cniVersion: '0.3.1',
  ips: [{ version: '6', address: '10.1.2.3/24' }],
  routes: [{ dst: '10.0.0.0/8' }],
})

describe('example A of reference/cni.md 3.4', (it) => {
  it('keeps everything in 1.0.0', () => {
    assert.equal(converted(A, '1.0.0'), { ...A, cniVersion: '1.0.0' })
  })

  it('loses what interfaces have since 1.1.0, and gains labels, from 0.3.0 to 0.4.0', () => {
    for (const cniVersion of labelledVersions) {
      assert.equal(converted(A, cniVersion), {
        ...A,
        cniVersion,
        interfaces: [
          { name: 'cni0', mac: '00:11:22:33:44:55' },
          { name: 'eth0', mac: '99:88:77:66:55:44', sandbox: '/var/run/netns/blue' },
        ],
        ips: [
          { version: '4', address: '10.1.0.5/16', gateway: '10.1.0.1', interface: 1 },
          { version: '4', address: '10.1.0.6/16', interface: 1 },
          { version: '6', address: '2001:db8::5/64', gateway: '2001:db8::1', interface: 1 },
        ],
      })
    }
  })

  it('keeps one address a family in 0.2.0, and in 0.1.0 which "" stands for', () => {
    const expected = {
      ip4: { ip: '10.1.0.5/16', gateway: '10.1.0.1', routes: [{ dst: '0.0.0.0/0' }] },
      ip6: {
        ip: '2001:db8::5/64',
        gateway: '2001:db8::1',
        routes: [{ dst: '::/0', gw: '2001:db8::1' }],
      },
      dns,
    }
    assert.equal(converted(A, '0.2.0'), { ...expected, cniVersion: '0.2.0' })
    assert.equal(converted(A, '0.1.0'), { ...expected, cniVersion: '0.1.0' })
    assert.equal(converted(A, ''), { ...expected, cniVersion: '0.1.0' })
  })
})

describe('example B of reference/cni.md 3.4', (it) => {
  const routes = [
    { dst: '0.0.0.0/0', gw: '10.1.0.1' },
    { dst: '10.9.0.0/16' },
    { dst: '1111:dddd::/80', gw: '1111:dddd::aaaa' },
  ]

  it('becomes two labelled addresses and three routes in 0.4.0, without interfaces', () => {
    assert.equal(converted(B, '0.4.0'), {
      cniVersion: '0.4.0',
      ips: [
        { version: '4', address: '10.1.2.3/24', gateway: '10.1.2.1' },
        { version: '6', address: 'abcd:1234:ffff::cdde/64' },
      ],
      routes,
      dns: { nameservers: ['8.8.8.8'] },
    })
  })

  it('becomes the same without labels in 1.1.0', () => {
    assert.equal(converted(B, '1.1.0'), {
      cniVersion: '1.1.0',
      ips: [
        { address: '10.1.2.3/24', gateway: '10.1.2.1' },
        { address: 'abcd:1234:ffff::cdde/64' },
      ],
      routes,
      dns: { nameservers: ['8.8.8.8'] },
    })
  })
})

describe('example C of reference/cni.md 3.4', (it) => {
  it('believes the label in 0.2.0, and the route of the other family is lost', () => {
    assert.equal(converted(C, '0.2.0'), {
      cniVersion: '0.2.0',
      ip6: { ip: '10.1.2.3/24' },
      dns: {},
    })
  })

  it('loses the label in 1.1.0', () => {
    assert.equal(converted(C, '1.1.0'), {
      cniVersion: '1.1.0',
      ips: [{ address: '10.1.2.3/24' }],
      routes: [{ dst: '10.0.0.0/8' }],
    })
  })
})

describe('convertResult (reference/cni.md 3.3)', (it) => {
  it('gives the same object for the same version', () => {
    for (const result of [A, B, C]) assert.is(converted(result, result.cniVersion), result)
    const oldest = read({})
    assert.is(converted(oldest, ''), oldest)
  })

  it('knows no converter from or to a version that was never released', () => {
    for (const target of ['0.9.0', '2.0.0', 'junk', '1.0', 'constructor']) {
      assert.equal(converted(A, target), {
        code: 999,
        msg: `no converter for CNI result version 1.1.0 to ${target}`,
      })
    }
    assert.equal(converted({ cniVersion: '0.9.0' }, '1.0.0'), {
      code: 999,
      msg: 'no converter for CNI result version 0.9.0 to 1.0.0',
    })
  })

  it('cannot express a result without addresses in 0.1.0 and 0.2.0', () => {
    const expected = { code: 999, msg: 'cannot convert: no valid IP addresses' }
    assert.equal(converted({ cniVersion: '1.0.0' }, '0.2.0'), expected)
    const unlabelled = read({ cniVersion: '0.3.1', ips: [{ address: '10.0.0.5/8' }] })
    assert.equal(converted(unlabelled, '0.2.0'), expected)
  })

  it('needs one address of either family alone', () => {
    const four = read({ cniVersion: '1.0.0', ips: [{ address: '10.0.0.5/8' }] })
    const six = read({ cniVersion: '1.0.0', ips: [{ address: '::5/64' }] })
    assert.equal(converted(four, '0.2.0'), {
      cniVersion: '0.2.0',
      ip4: { ip: '10.0.0.5/8' },
      dns: {},
    })
    assert.equal(converted(six, '0.2.0'), { cniVersion: '0.2.0', ip6: { ip: '::5/64' }, dns: {} })
    assert.equal(converted(read(converted(four, '0.2.0')), '1.0.0'), four)
    assert.equal(converted(read(converted(six, '0.2.0')), '1.0.0'), six)
  })

  it('copies within a family, with the new version', () => {
    assert.equal(converted(B, '0.1.0'), { ...B, cniVersion: '0.1.0' })
    assert.equal(converted({ cniVersion: '0.1.0' }, '0.2.0'), { cniVersion: '0.2.0', dns: {} })
    assert.equal(converted(C, '0.4.0'), { ...C, cniVersion: '0.4.0', dns: {} })
  })

  it('keeps the extras of routes on the way up from 0.2.0', () => {
    const route = { dst: '0.0.0.0/0', mtu: 1400, table: 0, scope: 0 }
    const old = read({ cniVersion: '0.2.0', ip4: { ip: '10.0.0.5/8', routes: [route] } })
    assert.equal((converted(old, '1.1.0') as Result).routes, [route])
  })

  it('counts a 4-in-6 address as IPv4 when it labels, even one that was not made canonical', () => {
    const result: Result = {
      cniVersion: '1.0.0',
      ips: [{ address: '::ffff:10.0.0.5/104' }, { address: 'no address' }],
    }
    const labels = (converted(result, '0.4.0') as Result).ips?.map(({ version }) => version)
    assert.equal(labels, ['4', '6'])
  })

  it('replaces labels that 1.0.0 does not have', () => {
    const stray = read({ cniVersion: '1.0.0', ips: [{ address: '10.0.0.5/8', version: '6' }] })
    assert.is((converted(stray, '0.3.1') as Result).ips?.[0]?.version, '4')
  })

  it('leaves empty lists out, and an empty dns since 1.0.0, as Go prints them', () => {
    const empty = { interfaces: [], ips: [], routes: [] }
    const hollow = { nameservers: [], domain: '', search: [], options: [] }
    const old = read({ cniVersion: '0.4.0', ...empty, dns: hollow })
    assert.equal(converted(old, '1.0.0'), { cniVersion: '1.0.0' })
    const recent = read({ cniVersion: '1.0.0', ...empty })
    assert.equal(converted(recent, '0.4.0'), { cniVersion: '0.4.0', dns: {} })
    const strange = read({ cniVersion: '0.4.0', dns: { x: null } })
    assert.equal(converted(strange, '1.0.0'), { cniVersion: '1.0.0', dns: { x: null } })
  })

  it('keeps unknown keys both ways, but for those of routes below 0.3.0 (X-14)', () => {
    const result = read({
      cniVersion: '1.0.0',
      x: 1,
      interfaces: [{ name: 'eth0', x: 2 }],
      ips: [{ address: '10.0.0.5/8', x: 3 }],
      routes: [{ dst: '0.0.0.0/0', x: 4 }],
      dns: { x: 5 },
    })
    assert.equal(converted(read(converted(result, '0.4.0')), '1.0.0'), result)
    const old = read(converted(result, '0.2.0'))
    assert.equal(old, {
      cniVersion: '0.2.0',
      x: 1,
      ip4: { ip: '10.0.0.5/8', x: 3, routes: [{ dst: '0.0.0.0/0' }] },
      dns: { x: 5 },
    })
    assert.equal(converted(old, '1.0.0'), {
      cniVersion: '1.0.0',
      x: 1,
      ips: [{ address: '10.0.0.5/8', x: 3 }],
      routes: [{ dst: '0.0.0.0/0' }],
      dns: { x: 5 },
    })
  })

  it('is not misled by keys of the other shape', () => {
    const odd = {
      cniVersion: '0.4.0',
      ip4: 'x',
      ips: [{ version: '6', address: '::5/64', routes: 1 }],
    }
    assert.equal(converted(read(odd), '0.2.0'), {
      cniVersion: '0.2.0',
      ip6: { ip: '::5/64' },
      dns: {},
    })
    const old = {
      cniVersion: '0.2.0',
      ips: 'x',
      interfaces: ['x'],
      routes: 2,
      ip4: { ip: '10.0.0.5/8', interface: 7, version: '6' },
    }
    assert.equal(converted(read(old), '1.0.0'), {
      cniVersion: '1.0.0',
      ips: [{ address: '10.0.0.5/8' }],
    })
  })

  it('carries __proto__ along as a key like any other', () => {
    const text = '{"cniVersion":"0.2.0","__proto__":{"y":1},"ip4":{"ip":"10.0.0.5/8"}}'
    const value = converted(read(JSON.parse(text)), '1.1.0')
    assert.ok(JSON.stringify(value).includes('"__proto__":{"y":1}'))
    assert.is(Object.getPrototypeOf(value), Object.prototype)
  })
})

// What every pair of versions does to A and B: the table of reference/cni.md 3.3, written out.
const family = (version: string): '02x' | '04x' | '1xx' =>
  version < '0.3.0' ? '02x' : version < '1.0.0' ? '04x' : '1xx'

describe('the conversion of every pair of versions (reference/cni.md 3.3)', (it) => {
  // Interfaces, addresses, labels, routes, extras of routes, keys of 1.1.0 in interfaces, and whether dns is there.
  const measure = (result: unknown) => {
    const text = JSON.stringify(result)
    const count = (part: RegExp) => text.match(part)?.length ?? 0
    return {
      interfaces: count(/"name":/g),
      addresses: count(/"(?:address|ip)":/g),
      labels: count(/"version":/g),
      routes: count(/"dst":/g),
      extras: count(/"(?:advmss|priority|table|scope)":/g),
      recent: count(/"(?:socketPath|pciID)":/g),
      gateways: count(/"gateway":/g),
    }
  }
  const whole = { interfaces: 2, addresses: 3, routes: 2, extras: 4, gateways: 2 }
  const kept = {
    '02x': { interfaces: 0, addresses: 2, labels: 0, routes: 2, extras: 0, recent: 0, gateways: 2 },
    '04x': { ...whole, labels: 3, recent: 0 },
    '1xx': { ...whole, labels: 0, recent: 2 },
  } as const
  // From 0.3.0 to 0.4.0 the keys of 1.1.0 are gone already; from 0.1.0 and 0.2.0 all that those cannot hold.
  const reached = (from: string, to: string) => {
    const { '02x': old } = kept
    const there = kept[family(to)]
    if (family(from) === '1xx' || family(to) === '02x') return there
    if (family(from) === '04x') return { ...there, recent: 0 }
    return { ...old, labels: family(to) === '04x' ? 2 : 0 }
  }

  for (const from of knownVersions) {
    for (const to of knownVersions) {
      it(`3.3: ${from} to ${to} keeps what ${to} can hold of what ${from} holds`, () => {
        const start = converted(A, from) as AnyResult
        const end = converted(start, to) as AnyResult
        assert.is(end.cniVersion, to)
        assert.equal(measure(end), from === to ? measure(start) : reached(from, to))
        assert.is(decodeResult(end, '')._tag, 'Right')
        if (from === to) assert.is(end, start)
        // By way of the newest version nothing else is lost.
        if (family(from) !== '02x') return
        assert.equal(converted(converted(start, '1.1.0') as AnyResult, to), { ...end, dns })
      })
    }
  }

  it('3.3: 0.1.0 and 0.2.0 refuse what has no address of theirs, from every other version', () => {
    for (const from of knownVersions) {
      if (family(from) === '02x') continue
      const none = read({ cniVersion: from, routes: [{ dst: '::/0' }] })
      for (const to of ['0.1.0', '0.2.0', '']) {
        const expected = { code: 999, msg: 'cannot convert: no valid IP addresses' }
        assert.equal(converted(none, to), expected)
      }
    }
  })

  it('3.3: below 0.3.0 the first address of each label stays; routes of a family without one are lost', () => {
    const result = read({
      cniVersion: '0.4.0',
      ips: [
        { version: '4', address: '10.0.0.5/8', gateway: '10.0.0.1' },
        { version: '4', address: '10.0.0.6/8', gateway: '10.0.0.2' },
      ],
      routes: [
        { dst: '::/0', gw: 'fe80::1' },
        { dst: '10.2.0.0/16', gw: '10.0.0.9', mtu: 1400 },
        { dst: '::ffff:10.1.0.0/112' },
      ],
    })
    assert.equal(converted(result, '0.2.0'), {
      cniVersion: '0.2.0',
      ip4: {
        ip: '10.0.0.5/8',
        gateway: '10.0.0.1',
        routes: [{ dst: '10.2.0.0/16', gw: '10.0.0.9' }, { dst: '10.1.0.0/16' }],
      },
      dns: {},
    })
  })
})

describe('convertAny', (it) => {
  const said = (value: unknown, version: string): unknown => E.toUnion(convertAny(value, version))

  it('3.2: reads first, so that nothing but a result is converted', () => {
    assert.is(said(A, '1.1.0'), A)
    assert.equal(said(A, '0.4.0'), converted(A, '0.4.0'))
    const written = { cniVersion: '1.0.0', ips: [{ address: '::FFFF:10.0.0.5/104', gateway: '' }] }
    assert.equal(said(written, '1.1.0'), { cniVersion: '1.1.0', ips: [{ address: '10.0.0.5/8' }] })
    assert.is((said({ cniVersion: '1.0.0', ips: 7 }, '0.4.0') as CniError).code, 6)
    assert.is((said('text', '0.4.0') as CniError).code, 6)
  })

  it('3.2: takes a missing version for 0.1.0, on both sides', () => {
    assert.equal(said({ ip4: { ip: '10.0.0.5/8' } }, ''), {
      cniVersion: '0.1.0',
      ip4: { ip: '10.0.0.5/8' },
    })
  })

  it('3.3: names the versions between which there is no converter', () => {
    assert.equal(said({ cniVersion: '0.9.0', ips: 7 }, '2.0.0'), {
      code: 999,
      msg: 'no converter for CNI result version 0.9.0 to 2.0.0',
    })
    assert.is((said(A, 7 as unknown as string) as CniError).code, 999)
  })
})

describe('toCurrent', (it) => {
  it('brings every version into the shape of the newest', () => {
    assert.equal(toCurrent(B), convertResult(B, '1.1.0'))
    assert.equal(toCurrent(A), E.right(A))
    assert.ok(E.isLeft(toCurrent({ cniVersion: '9.9.9' })))
  })
})

// Results as plugins make them, for the conversions that lose nothing.
const text4 = fc.nat({ max: 2 ** 32 - 1 }).map((n) => addressFrom(4, BigInt(n)).text)
const text6 = fc
  .bigInt({ min: 1n << 100n, max: (1n << 128n) - 1n })
  .map((n) => addressFrom(6, n).text)
const cidr4 = fc.tuple(text4, fc.nat({ max: 32 })).map((parts) => parts.join('/'))
const cidr6 = fc.tuple(text6, fc.nat({ max: 128 })).map((parts) => parts.join('/'))
const route = (dst: fc.Arbitrary<string>, gw: fc.Arbitrary<string>) =>
  fc.record({ dst, gw }, { noNullPrototype: true, requiredKeys: ['dst'] })
const routes4 = fc.array(route(cidr4, text4), { minLength: 1, maxLength: 3 })
const routes6 = fc.array(route(cidr6, text6), { minLength: 1, maxLength: 3 })
const anyDns = fc.record(
  { nameservers: fc.array(text4, { minLength: 1 }) },
  { noNullPrototype: true, requiredKeys: [] },
)
const legacy = fc
  .record(
    {
      ip4: fc.record(
        { ip: cidr4, gateway: text4, routes: routes4 },
        { noNullPrototype: true, requiredKeys: ['ip'] },
      ),
      ip6: fc.record(
        { ip: cidr6, gateway: text6, routes: routes6 },
        { noNullPrototype: true, requiredKeys: ['ip'] },
      ),
      cniVersion: fc.constantFrom('0.1.0' as const, '0.2.0' as const),
      dns: anyDns,
    },
    { noNullPrototype: true, requiredKeys: ['cniVersion', 'dns'] },
  )
  .filter(({ ip4, ip6 }) => ip4 !== undefined || ip6 !== undefined) as fc.Arbitrary<LegacyResult>
const modernIp = fc.oneof(
  fc.record(
    { address: cidr4, gateway: text4, interface: fc.integer() },
    { noNullPrototype: true, requiredKeys: ['address'] },
  ),
  fc.record(
    { address: cidr6, gateway: text6, interface: fc.integer() },
    { noNullPrototype: true, requiredKeys: ['address'] },
  ),
)
const filled = <A>(one: fc.Arbitrary<A>) => fc.array(one, { minLength: 1, maxLength: 4 })
const modern = fc.record(
  {
    cniVersion: fc.constantFrom(...newVersions),
    interfaces: filled(
      fc.record(
        { name: fc.string(), mac: fc.string(), sandbox: fc.string() },
        { noNullPrototype: true },
      ),
    ),
    ips: filled(modernIp),
    routes: fc.oneof(routes4, routes6),
    dns: fc.record({ nameservers: filled(text4) }, { noNullPrototype: true }),
    x: fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value))),
  },
  { noNullPrototype: true, requiredKeys: ['cniVersion'] },
)

describe('the conversions that reference/cni.md 3.3 calls lossless', (it) => {
  const there = (result: AnyResult, version: string): AnyResult => {
    const outcome = convertResult(result, version)
    assert.ok(E.isRight(outcome))
    return E.isRight(outcome) ? outcome.right : result
  }

  it('come back from 0.2.0 through any later version, with one address a family', () => {
    fc.assert(
      fc.property(legacy, fc.constantFrom(...knownVersions), (result, version) => {
        assert.equal(there(there(result, version), result.cniVersion), result)
      }),
      runs,
    )
  })

  it('come back from 1.x through any version since 0.3.0, without what is new in 1.1.0', () => {
    const since = fc.constantFrom(...labelledVersions, ...newVersions)
    fc.assert(
      fc.property(modern, since, (result, version) => {
        assert.equal(there(there(result, version), result.cniVersion), result)
      }),
      runs,
    )
  })

  it('come back from 0.3.0 to 0.4.0 through 1.x', () => {
    const versions = fc.constantFrom(...labelledVersions)
    fc.assert(
      fc.property(modern, versions, fc.constantFrom(...newVersions), (result, old, recent) => {
        const labelled = there(result, old)
        assert.equal(there(there(labelled, recent), old), labelled)
      }),
      runs,
    )
  })

  it('never throw, whatever was decoded, and their results can be decoded', () => {
    const versions = fc.oneof(fc.constantFrom(...knownVersions, ''), fc.string())
    const value = fc.oneof(legacy, modern, fc.jsonValue())
    fc.assert(
      fc.property(value, versions, (one, version) => {
        const result = decodeResult(one, '1.0.0')
        if (E.isLeft(result)) return
        const outcome = convertResult(result.right, version)
        if (E.isRight(outcome)) assert.equal(decodeResult(outcome.right, ''), outcome)
        else assert.is(outcome.left.code, 999)
      }),
      runs,
    )
  })
})
