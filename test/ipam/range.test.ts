import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { parseAddress } from '../../lib/cni/address.js'
import { decodeRangeSets, isInRange, refuseOverlaps, textOfSet } from '../../lib/ipam/range.js'
import { describe } from '../suite.js'

/** The sets as `first-last gateway`, or the words of the refusal. */
const read = (value: unknown): unknown => {
  const sets = decodeRangeSets(value)
  if (E.isLeft(sets)) {
    assert.is(sets.left.code, 7)
    return sets.left.msg
  }
  return sets.right.map((set) => set.map((range) => `${textOfSet([range])} ${range.gateway.text}`))
}

describe('address ranges (plugins-and-ip.md 7.6)', (it) => {
  it('start after the network address, which is the gateway, and end before the broadcast address', () => {
    assert.equal(read([[{ subnet: '10.1.2.0/24' }]]), [['10.1.2.1-10.1.2.254 10.1.2.1']])
    assert.equal(read([[{ subnet: '10.1.2.0/30' }]]), [['10.1.2.1-10.1.2.2 10.1.2.1']])
  })

  it('end at the last address in IPv6, which has no broadcast address', () => {
    assert.equal(read([[{ subnet: '2001:db8::/64' }]]), [
      ['2001:db8::1-2001:db8::ffff:ffff:ffff:ffff 2001:db8::1'],
    ])
  })

  it('take the bounds and the gateway that are written, in canonical form', () => {
    assert.equal(
      read([
        [
          {
            subnet: '2001:DB8::/64',
            rangeStart: '2001:db8:0::10',
            rangeEnd: '2001:db8::0020',
            gateway: '2001:db8::F',
          },
        ],
      ]),
      [['2001:db8::10-2001:db8::20 2001:db8::f']],
    )
  })

  it('take null and the empty text for absent, as Go does', () => {
    assert.equal(read([[{ subnet: '10.0.0.0/29', rangeStart: null, rangeEnd: '', gateway: '' }]]), [
      ['10.0.0.1-10.0.0.6 10.0.0.1'],
    ])
  })

  for (const [title, set, message] of [
    [
      'host bits',
      [{ subnet: '10.1.2.3/24' }],
      'network 10.1.2.3/24 has host bits set, its network is 10.1.2.0/24',
    ],
    [
      'IPv4 in the form of IPv6',
      [{ subnet: '::ffff:10.0.0.0/125' }],
      'network "::ffff:10.0.0.0/125" is IPv4 in the form of IPv6',
    ],
    [
      'fewer than four addresses',
      [{ subnet: '10.1.2.0/31' }],
      'network 10.1.2.0/31 too small to allocate from',
    ],
    [
      'fewer than four IPv6 addresses',
      [{ subnet: '2001:db8::/127' }],
      'network 2001:db8::/127 too small to allocate from',
    ],
    ['a subnet without a prefix', [{ subnet: '10.1.2.0' }], 'invalid CIDR address: "10.1.2.0"'],
    ['no subnet', [{ rangeStart: '10.0.0.1' }], '"subnet" must be a CIDR, not undefined'],
    [
      'a start outside',
      [{ subnet: '10.1.2.0/24', rangeStart: '10.1.3.1' }],
      'rangeStart 10.1.3.1 not in 10.1.2.0/24',
    ],
    [
      'a start of the other family',
      [{ subnet: '10.1.2.0/24', rangeStart: '::1' }],
      'rangeStart ::1 not in 10.1.2.0/24',
    ],
    [
      'an end outside',
      [{ subnet: '10.1.2.0/24', rangeEnd: '10.1.3.1' }],
      'rangeEnd 10.1.3.1 not in 10.1.2.0/24',
    ],
    [
      'an end before the start',
      [{ subnet: '10.1.2.0/24', rangeStart: '10.1.2.9', rangeEnd: '10.1.2.8' }],
      'rangeEnd 10.1.2.8 is before rangeStart 10.1.2.9',
    ],
    [
      'a gateway that is none',
      [{ subnet: '10.1.2.0/24', gateway: '10.1.2' }],
      '"gateway" must be an IP address, not "10.1.2"',
    ],
    [
      'a bound that is no text',
      [{ subnet: '10.1.2.0/24', rangeEnd: 7 }],
      '"rangeEnd" must be an IP address, not 7',
    ],
    [
      'two families in one set',
      [{ subnet: '10.1.2.0/24' }, { subnet: '2001:db8::/64' }],
      'mixed address families: 10.1.2.0/24 and 2001:db8::/64',
    ],
    [
      'two ranges that overlap',
      [{ subnet: '10.1.0.0/16' }, { subnet: '10.1.2.0/24' }],
      'ranges 10.1.0.1-10.1.255.254 and 10.1.2.1-10.1.2.254 overlap',
    ],
    ['an empty set', [], 'a range set is a list of ranges that is not empty, not []'],
    ['a range that is no object', [null], 'a range is an object, not null'],
    [
      'IPv6 addresses that spell IPv4 ones',
      [{ subnet: '::/64' }],
      'range ::1-::ffff:ffff:ffff:ffff holds the IPv4 addresses ::ffff:0:0/96',
    ],
  ] as const) {
    it(`refuses ${title}, naming the value`, () => {
      assert.is(read([[{ subnet: '192.0.2.0/24' }], set]), `invalid range set 1: ${message}`)
    })
  }

  it('refuses ranges that are no list', () => {
    assert.is(
      read({ subnet: '10.0.0.0/24' }),
      '"ranges" must be a list, not {"subnet":"10.0.0.0/24"}',
    )
    assert.is(
      read(['10.0.0.0/24']),
      'invalid range set 0: a range set is a list of ranges that is not empty, not "10.0.0.0/24"',
    )
  })

  it('refuses sets that overlap, by their numbers', () => {
    const sets = decodeRangeSets([
      [{ subnet: '192.0.2.0/24' }],
      [{ subnet: '10.1.0.0/16' }],
      [{ subnet: '10.1.2.0/24' }],
    ])
    assert.ok(E.isRight(sets))
    assert.equal(
      refuseOverlaps(sets.right),
      E.left({
        code: 7,
        msg: 'range set 1 overlaps with 2: 10.1.0.1-10.1.255.254 and 10.1.2.1-10.1.2.254',
      }),
    )
  })

  it('hold their bounds and nothing beyond them', () => {
    const sets = decodeRangeSets([
      [{ subnet: '10.0.0.0/24', rangeStart: '10.0.0.5', rangeEnd: '10.0.0.6' }],
    ])
    assert.ok(E.isRight(sets))
    const range = sets.right[0]?.[0]
    assert.ok(range)
    const holds = (text: string) =>
      isInRange(range, parseAddress(text) ?? (assert.unreachable(text) as never))
    assert.equal(['10.0.0.4', '10.0.0.5', '10.0.0.6', '10.0.0.7', '::a00:5'].map(holds), [
      false,
      true,
      true,
      false,
      false,
    ])
  })
})
