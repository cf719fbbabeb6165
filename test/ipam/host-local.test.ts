import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { contains, parseAddress, parseCidr } from '../../lib/cni/address.js'
import type { JsonObject } from '../../lib/cni/json.js'
import * as hostLocal from '../../lib/ipam/host-local.js'
import { decode, defaultDataDir, placeOf, poolOf } from '../../lib/ipam/host-local-config.js'
import {
  type AddressOwner,
  addressesOf,
  decodePool,
  emptyPool,
  nobody,
  type PoolState,
} from '../../lib/ipam/pool.js'
import { describe } from '../suite.js'

const owner = (containerId: string, ifname = 'eth0'): AddressOwner => ({ containerId, ifname })

const configOf = (ipam: JsonObject, more: JsonObject = {}, args = '') =>
  decode({ cniVersion: '1.1.0', name: 'net', type: 'bridge', ipam, ...more }, args)

const allocate = (
  ipam: JsonObject,
  state: PoolState,
  who: AddressOwner,
  more: JsonObject = {},
  args = '',
) => {
  const config = configOf(ipam, more, args)
  return E.isLeft(config) ? config : hostLocal.allocate(config.right, state, who)
}

/** The addresses, or the words of the refusal. */
const textOf = (result: ReturnType<typeof allocate>): readonly string[] | string =>
  E.isLeft(result) ? result.left.msg : result.right.ips.map(({ address }) => address)

const stateOf = (result: ReturnType<typeof allocate>): PoolState =>
  E.isRight(result) ? result.right.state : (assert.unreachable(result.left.msg) as never)

/** Allocates for container after container, each an own id, and gives the addresses. */
const allocateMany = (ipam: JsonObject, count: number, from: PoolState = emptyPool) => {
  let state = from
  const given: string[] = []
  for (let i = 0; i < count; i++) {
    const result = allocate(ipam, state, owner(`c${i}`))
    state = stateOf(result)
    given.push(...(textOf(result) as readonly string[]))
  }
  return { given, state }
}

describe('host-local allocation (plugins-and-ip.md 7.6)', (it) => {
  const small = { subnet: '10.0.0.0/29' }

  it('gives the first free address after the gateway, with the prefix of the subnet and its gateway', () => {
    const result = allocate({ ...small, routes: [{ dst: '0.0.0.0/0' }] }, emptyPool, owner('a'))
    assert.ok(E.isRight(result))
    assert.equal(result.right, {
      ips: [{ address: '10.0.0.2/29', gateway: '10.0.0.1' }],
      routes: [{ dst: '0.0.0.0/0' }],
      dns: {},
      state: {
        reservations: { '10.0.0.2': { containerId: 'a', ifname: 'eth0' } },
        last: { 0: '10.0.0.2' },
      },
    })
  })

  it('goes on after the address that was last reserved, not with one that was just released', () => {
    const first = stateOf(allocate(small, emptyPool, owner('a')))
    const released = hostLocal.release(first, owner('a'))
    assert.equal(released.reservations, {})
    assert.equal(textOf(allocate(small, released, owner('b'))), ['10.0.0.3/29'])
  })

  it('goes round: after the end comes the start, over what is taken and over the gateway', () => {
    const { given, state } = allocateMany(small, 5)
    assert.equal(given, ['10.0.0.2/29', '10.0.0.3/29', '10.0.0.4/29', '10.0.0.5/29', '10.0.0.6/29'])
    const freed = hostLocal.release(state, owner('c1'))
    assert.equal(textOf(allocate(small, freed, owner('x'))), ['10.0.0.3/29'])
  })

  it('gives the address last reserved again when it is the only one that is free', () => {
    const { state } = allocateMany(small, 5)
    assert.equal(textOf(allocate(small, hostLocal.release(state, owner('c4')), owner('x'))), [
      '10.0.0.6/29',
    ])
  })

  it('refuses when nothing is free, naming the set', () => {
    const { state } = allocateMany(small, 5)
    const result = allocate(small, state, owner('x'))
    assert.equal(
      result,
      E.left({
        code: 999,
        msg: 'failed to allocate for range 0: no IP addresses available in range set: 10.0.0.1-10.0.0.6',
      }),
    )
  })

  it('walks the ranges of a set one after the other and starts again with the first', () => {
    const ipam = {
      ranges: [
        [
          { subnet: '10.0.0.0/30' },
          { subnet: '10.0.1.0/24', rangeStart: '10.0.1.10', rangeEnd: '10.0.1.11' },
        ],
      ],
    }
    const { given, state } = allocateMany(ipam, 3)
    assert.equal(given, ['10.0.0.2/30', '10.0.1.10/24', '10.0.1.11/24'])
    assert.equal(textOf(allocate(ipam, hostLocal.release(state, owner('c0')), owner('x'))), [
      '10.0.0.2/30',
    ])
  })

  it('starts at the beginning when the address last reserved lies in no range any more', () => {
    const state = { reservations: {}, last: { 0: '192.168.0.7' } }
    assert.equal(textOf(allocate(small, state, owner('a'))), ['10.0.0.2/29'])
  })

  it('gives one address of every set, in their order', () => {
    const ipam = { ranges: [[{ subnet: '10.0.0.0/24' }], [{ subnet: '2001:db8::/64' }]] }
    assert.equal(textOf(allocate(ipam, emptyPool, owner('a'))), ['10.0.0.2/24', '2001:db8::2/64'])
  })

  it('takes nothing when a later set refuses', () => {
    const ipam = { ranges: [[{ subnet: '10.0.0.0/24' }], [{ subnet: '10.9.0.0/30' }]] }
    const state = stateOf(allocate(ipam, emptyPool, owner('a')))
    const before = JSON.stringify(state)
    assert.match(
      textOf(allocate(ipam, state, owner('b'))) as string,
      'failed to allocate for range 1',
    )
    assert.is(JSON.stringify(state), before)
  })

  it('prepends runtimeConfig.ipRanges and then the legacy range', () => {
    const result = allocate(
      { subnet: '10.2.0.0/24', ranges: [[{ subnet: '10.3.0.0/24' }]] },
      emptyPool,
      owner('a'),
      { runtimeConfig: { ipRanges: [[{ subnet: '10.1.0.0/24' }]] } },
    )
    assert.equal(textOf(result), ['10.1.0.2/24', '10.2.0.2/24', '10.3.0.2/24'])
  })

  it('reads the legacy form with its bounds and its gateway', () => {
    const ipam = {
      subnet: '10.2.0.0/24',
      rangeStart: '10.2.0.50',
      rangeEnd: '10.2.0.60',
      gateway: '10.2.0.254',
    }
    const result = allocate(ipam, emptyPool, owner('a'))
    assert.ok(E.isRight(result))
    assert.equal(result.right.ips, [{ address: '10.2.0.50/24', gateway: '10.2.0.254' }])
  })

  it('refuses a second allocation of the same attachment in the same set, and not of another interface', () => {
    const state = stateOf(allocate(small, emptyPool, owner('a')))
    assert.is(
      textOf(allocate(small, state, owner('a'))),
      'failed to allocate for range 0: 10.0.0.2 has been allocated to "a", duplicate allocation is not allowed',
    )
    assert.equal(textOf(allocate(small, state, owner('a', 'eth1'))), ['10.0.0.3/29'])
  })

  it('finds the next address of a huge range at once, and its last one too', () => {
    const ipam = { subnet: '2001:db8::/32' }
    const end = { reservations: {}, last: { 0: '2001:db8:ffff:ffff:ffff:ffff:ffff:fffe' } }
    const result = allocate(ipam, end, owner('a'))
    assert.equal(textOf(result), ['2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/32'])
    assert.equal(textOf(allocate(ipam, stateOf(result), owner('b'))), ['2001:db8::2/32'])
  })
})

describe('addresses that somebody asks host-local for', (it) => {
  const ipam = { ranges: [[{ subnet: '10.0.0.0/24' }], [{ subnet: '2001:db8::/64' }]] }

  for (const [source, more, args] of [
    ['CNI_ARGS IP', {}, 'IP=10.0.0.77'],
    ['CNI_ARGS IP with a prefix', {}, 'IgnoreUnknown=1;K8S_POD_NAME=p;IP=10.0.0.77/24'],
    ['args.cni.ips', { args: { cni: { ips: ['10.0.0.77'] } } }, ''],
    ['runtimeConfig.ips', { runtimeConfig: { ips: ['10.0.0.77/24'] } }, ''],
  ] as const) {
    it(`come out of the set that holds them: ${source}`, () => {
      assert.equal(textOf(allocate(ipam, emptyPool, owner('a'), more, args)), [
        '10.0.0.77/24',
        '2001:db8::2/64',
      ])
    })
  }

  it('move round robin on', () => {
    const state = stateOf(allocate(ipam, emptyPool, owner('a'), {}, 'IP=10.0.0.77'))
    assert.equal(textOf(allocate(ipam, state, owner('b'))), ['10.0.0.78/24', '2001:db8::3/64'])
  })

  it('are refused when they are taken, naming address and set', () => {
    const state = stateOf(allocate(ipam, emptyPool, owner('a'), {}, 'IP=10.0.0.77'))
    assert.is(
      textOf(allocate(ipam, state, owner('b'), {}, 'IP=10.0.0.77')),
      'failed to allocate for range 0: requested IP address 10.0.0.77 is not available in range set 10.0.0.1-10.0.0.254',
    )
  })

  it('are refused when they are the gateway', () => {
    assert.is(
      textOf(allocate(ipam, emptyPool, owner('b'), {}, 'IP=10.0.0.1')),
      "failed to allocate for range 0: requested ip 10.0.0.1 is subnet's gateway",
    )
  })

  it('are refused when no set holds them, or more are asked for than there are sets', () => {
    assert.is(
      textOf(
        allocate(ipam, emptyPool, owner('b'), {
          runtimeConfig: { ips: ['10.9.0.1', '10.0.0.7', '10.0.0.8'] },
        }),
      ),
      'failed to allocate all requested IPs: 10.9.0.1 10.0.0.8',
    )
  })

  it('are found however they are spelled', () => {
    assert.equal(
      textOf(
        allocate(ipam, emptyPool, owner('b'), { runtimeConfig: { ips: ['2001:DB8:0:0::00AA'] } }),
      ),
      ['10.0.0.2/24', '2001:db8::aa/64'],
    )
  })
})

describe('the configuration of host-local', (it) => {
  const refusal = (ipam: unknown, more: JsonObject = {}, args = '') => {
    const config = configOf(ipam as JsonObject, more, args)
    return E.isLeft(config) ? `${config.left.code} ${config.left.msg}` : 'accepted'
  }

  it('needs an ipam object, ranges and a name', () => {
    assert.is(refusal(undefined), "7 IPAM config missing 'ipam' key")
    assert.is(refusal({}), '7 no IP ranges specified: "ipam.ranges" is empty')
    assert.is(refusal({ subnet: '10.0.0.0/24' }, { name: '' }), '7 missing network name, not ""')
  })

  it('refuses overlapping sets with code 7', () => {
    assert.match(
      refusal({ subnet: '10.0.0.0/24', ranges: [[{ subnet: '10.0.0.0/25' }]] }),
      /^7 range set 0 overlaps with 1/,
    )
  })

  it('refuses two addresses of one family before 0.3.0 with code 1', () => {
    const two = { ranges: [[{ subnet: '10.0.0.0/24' }], [{ subnet: '10.1.0.0/24' }]] }
    assert.is(
      refusal(two, { cniVersion: '0.2.0' }),
      '1 CNI version "0.2.0" does not support more than 1 address per family',
    )
    assert.is(refusal(two, { cniVersion: '0.3.0' }), 'accepted')
    assert.is(
      refusal(
        { ranges: [[{ subnet: '10.0.0.0/24' }], [{ subnet: '2001:db8::/64' }]] },
        { cniVersion: '0.2.0' },
      ),
      'accepted',
    )
  })

  it('refuses requested addresses that are none, with the code of their source', () => {
    const ipam = { subnet: '10.0.0.0/24' }
    assert.is(refusal(ipam, {}, 'IP=10.0.0'), '4 ARGS: IP is no address: "10.0.0"')
    assert.is(refusal(ipam, {}, 'MAC=1'), '4 ARGS: unknown args ["MAC=1"]')
    assert.is(refusal(ipam, { runtimeConfig: { ips: ['x'] } }), '7 requested address is none: "x"')
    assert.is(
      refusal(ipam, { runtimeConfig: { ips: '10.0.0.2' } }),
      '7 "runtimeConfig.ips" must be a list of addresses, not "10.0.0.2"',
    )
    assert.is(
      refusal(ipam, { args: { cni: { ips: [1] } } }),
      '7 "args.cni.ips" must be a list of addresses, not [1]',
    )
  })

  it('gives and takes requests for 256 addresses, and no more', () => {
    const sets = (count: number) =>
      Array.from({ length: count }, (_, index) => [
        { subnet: `10.${index >> 8}.${index & 255}.0/24` },
      ])
    const more = { cniVersion: '1.0.0' }
    assert.is(refusal({ ranges: sets(256) }, more), 'accepted')
    assert.is(refusal({ ranges: sets(257) }, more), '7 more than 256 range sets: 257')
    const ips = Array.from({ length: 257 }, () => '10.0.0.2')
    const asked = { ...more, runtimeConfig: { ips } }
    assert.is(refusal({ ranges: sets(1) }, asked), '7 more than 256 addresses are asked for: 257')
  })

  it('is read at once, however many ranges a set has', () => {
    const subnetOf = (i: number) => `10.${i >> 14}.${(i >> 6) & 255}.${(i << 2) & 255}/30`
    const set = Array.from({ length: 20_000 }, (_, index) => ({ subnet: subnetOf(index) }))
    const before = process.cpuUsage().user
    assert.is(refusal({ ranges: [set] }), 'accepted')
    assert.match(
      refusal({ ranges: [[...set, { subnet: '10.0.0.0/24' }]] }),
      /10.0.0.1-10.0.0.* overlap/,
    )
    // Comparing each with each takes half a minute.
    assert.ok(process.cpuUsage().user - before < 10_000_000)
  })

  it('refuses routes and files of a wrong type', () => {
    assert.is(
      refusal({ subnet: '10.0.0.0/24', routes: [{ dst: 'x' }] }),
      '7 a route needs a CIDR as "dst": {"dst":"x"}',
    )
    assert.is(refusal({ subnet: '10.0.0.0/24', routes: {} }), '7 "routes" must be a list, not {}')
    assert.is(refusal({ subnet: '10.0.0.0/24', dataDir: 1 }), '7 "dataDir" must be a text, not 1')
  })

  it('has routes whose gateways are addresses, in canonical form', () => {
    const routesOf = (routes: unknown) => {
      const config = configOf({ subnet: '10.0.0.0/24', routes } as JsonObject)
      return E.isLeft(config) ? config.left.msg : config.right.routes
    }
    assert.equal(
      routesOf([
        { dst: '2001:DB8::/32', gw: '2001:DB8:0::1', mtu: 1400 },
        { dst: '0.0.0.0/0', gw: '' },
      ]),
      [{ dst: '2001:db8::/32', gw: '2001:db8::1', mtu: 1400 }, { dst: '0.0.0.0/0' }],
    )
    assert.match(routesOf([{ dst: '0.0.0.0/0', gw: 'x' }]) as string, /invalid IP address: x/)
  })

  it('leads to one folder, and to none by a name, a relative path or a NUL', () => {
    const place = (value: JsonObject) => {
      const found = placeOf(value)
      return E.isLeft(found) ? `${found.left.code} ${found.left.msg}` : found.right
    }
    assert.equal(place({ name: 'net', ipam: { dataDir: '/d', ranges: 'nonsense' } }), {
      dataDir: '/d',
      network: 'net',
    })
    assert.equal(place({ name: 'net', ipam: {} }), { dataDir: defaultDataDir, network: 'net' })
    assert.is(place({ name: '..', ipam: {} }), '7 invalid network name: ".."')
    assert.match(place({ name: 'net', ipam: { dataDir: 'd' } }) as string, /^7 .*absolute/)
    assert.match(place({ name: 'net', ipam: { dataDir: '/d\0' } }) as string, /^7 .*absolute/)
    assert.match(place({ name: 'net', ipam: { dataDir: 1 } }) as string, /^7 .*text/)
    assert.is(place({ name: 'net' }), "7 IPAM config missing 'ipam' key")
  })

  it('names the pool by directory and network, also for a configuration that ADD would refuse', () => {
    assert.is(poolOf({ name: 'net', ipam: { dataDir: '/d' } }), '/d/net')
    assert.is(poolOf({ name: 'net', ipam: { ranges: 'nonsense' } }), '/var/lib/cni/networks/net')
    assert.is(poolOf({ name: 'net' }), '/var/lib/cni/networks/net')
  })
})

describe('what host-local keeps', (it) => {
  const ipam = { subnet: '10.0.0.0/29' }
  const { state } = allocateMany(ipam, 3)

  it('releases nothing twice and nothing of others', () => {
    const once = hostLocal.release(state, owner('c1'))
    assert.equal(Object.keys(once.reservations), ['10.0.0.2', '10.0.0.4'])
    assert.is(hostLocal.release(once, owner('c1')), once)
    assert.is(hostLocal.release(once, owner('c0', 'eth9')), once)
  })

  it('answers CHECK from the reservations', () => {
    assert.ok(E.isRight(hostLocal.check(state, owner('c1'))))
    assert.equal(
      hostLocal.check(state, owner('c9')),
      E.left({ code: 999, msg: 'no address of container "c9" interface eth0 found' }),
    )
  })

  it('answers STATUS with code 50 once a set is exhausted', () => {
    const config = configOf(ipam)
    assert.ok(E.isRight(config))
    assert.ok(E.isRight(hostLocal.status(config.right, state)))
    assert.equal(
      hostLocal.status(config.right, allocateMany(ipam, 5).state),
      E.left({
        code: 50,
        msg: 'no IP addresses available in range set: 10.0.0.1-10.0.0.6',
      }),
    )
  })

  it('keeps for GC what is valid', () => {
    assert.equal(
      Object.keys(hostLocal.collect(state, [owner('c2'), owner('c0', 'eth1')]).reservations),
      ['10.0.0.4'],
    )
    assert.equal(hostLocal.collect(state, []).reservations, {})
  })

  it('releases and finds by the container alone what names no interface (before 0.8)', () => {
    const old = { containerId: 'old', ifname: '' }
    const pool = {
      reservations: { '10.0.0.2': old, '10.0.0.3': owner('old', 'eth1'), '10.0.0.4': owner('b') },
      last: {},
    }
    assert.match(
      textOf(allocate(ipam, pool, owner('old'))) as string,
      /10.0.0.2 has been allocated/,
    )
    assert.ok(E.isRight(hostLocal.check(pool, owner('old'))))
    const first = hostLocal.release(pool, owner('old', 'eth1'))
    assert.equal(Object.keys(first.reservations), ['10.0.0.2', '10.0.0.4'])
    const second = hostLocal.release(first, owner('old', 'eth1'))
    assert.equal(Object.keys(second.reservations), ['10.0.0.4'])
    assert.ok(E.isLeft(hostLocal.check(second, owner('old'))))
  })

  it("leaves to GC and DEL no address that is no attachment's", () => {
    const pool = {
      reservations: { '10.0.0.2': nobody, '10.0.0.3': { containerId: 'hand', ifname: '' } },
      last: {},
    }
    assert.is(hostLocal.collect(pool, []), pool)
    assert.is(hostLocal.release(pool, owner('a')), pool)
    assert.equal(textOf(allocate(ipam, pool, owner('a'))), ['10.0.0.4/29'])
  })

  it('is plain JSON and comes back from it', () => {
    assert.equal(decodePool(JSON.parse(JSON.stringify(state))), state)
  })

  it('is refused when it holds anything else', () => {
    for (const text of [
      'null',
      '[]',
      '{}',
      '{"reservations":{}}',
      '{"reservations":{"x":{"containerId":"a","ifname":"b"}},"last":{}}',
      '{"reservations":{"10.0.0.1":null},"last":{}}',
      '{"reservations":{"__proto__":{"containerId":"a","ifname":"b"}},"last":{}}',
      '{"reservations":{"10.0.0.1":{"containerId":1,"ifname":"b"}},"last":{}}',
      '{"reservations":{},"last":{"a":"10.0.0.1"}}',
      '{"reservations":{},"last":{"0":7}}',
      '{"reservations":{"::A":{"containerId":"a","ifname":"b"}},"last":{}}',
    ]) {
      assert.is(decodePool(JSON.parse(text)), undefined, text)
    }
  })

  it('never gives one address to two owners, and everything is free after everything was released (property)', () => {
    const steps = fc.array(fc.record({ add: fc.boolean(), id: fc.integer({ min: 0, max: 9 }) }), {
      maxLength: 60,
    })
    const subnet = parseCidr('10.0.0.0/29') ?? (assert.unreachable() as never)
    fc.assert(
      fc.property(steps, (list) => {
        let current: PoolState = emptyPool
        const held = new Map<string, string>()
        for (const { add, id } of list) {
          const who = owner(`c${id}`)
          if (add) {
            const result = allocate(ipam, current, who)
            if (E.isLeft(result)) {
              assert.ok(held.has(who.containerId) || held.size === 5, result.left.msg)
              continue
            }
            const address = result.right.ips[0]?.address.split('/')[0] ?? ''
            assert.not([...held.values()].includes(address))
            assert.not(address === '10.0.0.1')
            const parsed = parseAddress(address)
            assert.ok(parsed !== undefined && contains(subnet, parsed))
            held.set(who.containerId, address)
            current = result.right.state
          } else {
            current = hostLocal.release(current, who)
            held.delete(who.containerId)
          }
          for (const [containerId, address] of held)
            assert.equal(addressesOf(current, owner(containerId)), [address])
        }
        for (const containerId of held.keys())
          current = hostLocal.release(current, owner(containerId))
        assert.equal(current.reservations, {})
      }),
      { seed: 20260, numRuns: 300 },
    )
  })
})
