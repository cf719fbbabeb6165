import { isIP } from 'node:net'
import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import * as assert from 'uvu/assert'
import {
  type Address,
  addressFrom,
  type Cidr,
  contains,
  lastOf,
  networkOf,
  parseAddress,
  parseCidr,
} from '../../lib/cni/address.js'
import { describe } from '../suite.js'

const runs = { numRuns: 2000 }

const address = (text: string): Address => {
  const parsed = parseAddress(text)
  assert.ok(parsed, text)
  return parsed as Address
}
const cidr = (text: string): Cidr => {
  const parsed = parseCidr(text)
  assert.ok(parsed, text)
  return parsed as Cidr
}

// Texts that are nearly addresses: pieces of them, put together at random.
const pieces = ['0', '1', '10', '01', '255', '256', 'ff', 'FFFF', '12345', '.', ':', '::', '-', ' ']
const nearly = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { maxLength: 18 }).map((parts) => parts.join('')),
  fc.array(fc.integer({ min: 0, max: 300 }).map(String), { maxLength: 6 }).map((n) => n.join('.')),
  fc
    .array(fc.constantFrom('', '0', 'ab', '00', 'F00', '1.2.3.4', '1.2.3.04'), { maxLength: 9 })
    .map((groups) => groups.join(':')),
  fc.ipV4(),
  fc.ipV6(),
  fc.string(),
)
const family = fc.constantFrom<4 | 6>(4, 6)
const value = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }),
  // Groups that are mostly zero, where the compression has something to do.
  fc
    .array(fc.constantFrom(0n, 0n, 0n, 1n, 0xffffn), { minLength: 8, maxLength: 8 })
    .map((groups) => groups.reduce<bigint>((sum, group) => (sum << 16n) | group, 0n)),
)

describe('parseAddress', (it) => {
  it('prints addresses as Go does: lower case, compressed, 4-in-6 as IPv4 (reference/cni.md 3.1)', () => {
    const canonical: Readonly<Record<string, string>> = {
      '0.0.0.0': '0.0.0.0',
      '10.1.0.5': '10.1.0.5',
      '255.255.255.255': '255.255.255.255',
      '::': '::',
      '::1': '::1',
      '1::': '1::',
      '2001:DB8::5': '2001:db8::5',
      '2001:0db8:0000:0000:0000:0000:0000:0005': '2001:db8::5',
      '1:0:0:2:0:0:0:3': '1:0:0:2::3',
      '1:0:0:2:0:0:3:4': '1::2:0:0:3:4',
      '1:0:2:3:4:5:6:7': '1:0:2:3:4:5:6:7',
      '1:2:3:4:5:6:7::': '1:2:3:4:5:6:7:0',
      '::ffff:1.2.3.4': '1.2.3.4',
      '::FFFF:102:304': '1.2.3.4',
      '0000:0000:0000:0000:0000:ffff:255.255.255.255': '255.255.255.255',
      '::1.2.3.4': '::102:304',
      '64:ff9b::1.2.3.4': '64:ff9b::102:304',
      '1:2:3:4:5:6:1.2.3.4': '1:2:3:4:5:6:102:304',
    }
    for (const [text, expected] of Object.entries(canonical)) {
      assert.is(parseAddress(text)?.text, expected, text)
    }
  })

  it('gives the family of the address that is carried, and its number', () => {
    assert.equal(address('10.1.0.5'), { family: 4, value: 0x0a010005n, text: '10.1.0.5' })
    assert.equal(address('::ffff:10.1.0.5'), address('10.1.0.5'))
    assert.equal(address('::5'), { family: 6, value: 5n, text: '::5' })
  })

  it('refuses what Go refuses: leading zeros, short forms, zones, blanks, other bases', () => {
    const refused = [
      '',
      '1',
      '1.2.3',
      '1.2.3.4.5',
      '1.2.3.',
      '01.2.3.4',
      '1.2.3.00',
      '1.2.3.256',
      '1.2.3.1000',
      '0x7f.0.0.1',
      '1.2.3.+4',
      '1.2.3.4 ',
      ' 1.2.3.4',
      '1.2.3.4\n',
      '1.2.3.４',
      ':',
      ':::',
      '1:::2',
      '::1::',
      ':1:2:3:4:5:6:7:8',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1:2:3:4::5:6:7:8',
      '12345::',
      'g::',
      '::1%eth0',
      'fe80::%',
      '[::1]',
      '::ffff:01.2.3.4',
      '1.2.3.4::',
      '::1.2.3.4:1',
      '1:2:3:4:5:6:7:1.2.3.4',
      '::1/64',
      '0000:0000:0000:0000:0000:0ffff:255.255.255.255',
    ]
    for (const text of refused) assert.is(parseAddress(text), undefined, JSON.stringify(text))
  })

  it('takes exactly the texts that the parser of Node takes', () => {
    fc.assert(
      fc.property(nearly, (text) => {
        if (!text.includes('%')) assert.is(parseAddress(text) !== undefined, isIP(text) !== 0, text)
      }),
      runs,
    )
  })

  it('reads the same number as ipaddr.js', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        // ipaddr.js reads a dotted tail without ffff as if it had one.
        if (text.includes(':') && text.includes('.')) return
        const bytes = ipaddr.process(text).toByteArray()
        assert.is(address(text).value, BigInt(`0x${Buffer.from(bytes).toString('hex')}`), text)
      }),
      runs,
    )
  })

  it('reads a text of a megabyte without effort, and refuses it', () => {
    for (const unit of ['1', '1.', ':', '1:', '::', '0']) {
      assert.is(parseAddress(unit.repeat(1024 * 1024)), undefined)
    }
  })
})

describe('addressFrom', (it) => {
  it('prints IPv6 as RFC 5952 has it, in which WHATWG URLs agree', () => {
    fc.assert(
      fc.property(value, (number) => {
        const made = addressFrom(6, number)
        if (made.family === 6)
          assert.is(`[${made.text}]`, new URL(`http://[${made.text}]`).hostname)
      }),
      runs,
    )
  })

  it('is undone by parseAddress', () => {
    fc.assert(
      fc.property(family, value, (which, number) => {
        const made = addressFrom(which, number)
        assert.equal(parseAddress(made.text), made)
      }),
      runs,
    )
  })

  it('cuts off bits beyond the family and takes a 4-in-6 number for the IPv4 address', () => {
    assert.is(addressFrom(4, (1n << 32n) + 1n).text, '0.0.0.1')
    assert.is(addressFrom(4, -1n).text, '255.255.255.255')
    assert.is(addressFrom(6, (1n << 128n) + 1n).text, '::1')
    assert.equal(addressFrom(6, 0xffff_01020304n), address('1.2.3.4'))
  })
})

describe('parseCidr', (it) => {
  it('keeps the host bits and prints the canonical form (reference/cni.md 3.1)', () => {
    const canonical: Readonly<Record<string, string>> = {
      '10.0.0.5/8': '10.0.0.5/8',
      '0.0.0.0/0': '0.0.0.0/0',
      '1.2.3.4/32': '1.2.3.4/32',
      '1.2.3.4/08': '1.2.3.4/8',
      '2001:DB8::5/64': '2001:db8::5/64',
      '::/0': '::/0',
      '::1/128': '::1/128',
      '::ffff:1.2.3.4/120': '1.2.3.4/24',
      '::ffff:1.2.3.4/96': '1.2.3.4/0',
      '::ffff:1.2.3.4/128': '1.2.3.4/32',
    }
    for (const [text, expected] of Object.entries(canonical)) {
      assert.is(parseCidr(text)?.text, expected, text)
    }
  })

  it('refuses a missing, wrong or too long prefix, and what is no address', () => {
    const refused = [
      '',
      '/',
      '1.2.3.4',
      '1.2.3.4/',
      '/8',
      '1.2.3.4/33',
      '1.2.3.4/129',
      '1.2.3.4/+8',
      '1.2.3.4/-1',
      '1.2.3.4/ 8',
      '1.2.3.4/8 ',
      '1.2.3.4/8/8',
      '1.2.3.4/1+',
      '::/1/8',
      '1.2.3.4/255.0.0.0',
      '01.2.3.4/8',
      '::/129',
      '::1%eth0/64',
      '1.2.3.4/99999999999999999999',
    ]
    for (const text of refused) assert.is(parseCidr(text), undefined, JSON.stringify(text))
  })

  it('refuses a 4-in-6 CIDR that reaches beyond the IPv4 addresses', () => {
    assert.is(parseCidr('::ffff:1.2.3.4/95'), undefined)
    assert.is(parseCidr('::ffff:1.2.3.4/24'), undefined)
  })

  it('never throws, and what it takes it prints so that it takes it again', () => {
    const prefix = fc.oneof(fc.integer({ min: -1, max: 140 }).map(String), fc.string())
    fc.assert(
      fc.property(nearly, prefix, (text, length) => {
        const parsed = parseCidr(`${text}/${length}`)
        if (parsed !== undefined) assert.equal(parseCidr(parsed.text), parsed)
      }),
      runs,
    )
  })
})

describe('networks', (it) => {
  it('clears the host bits, and only those', () => {
    assert.is(networkOf(cidr('10.1.2.3/16')).text, '10.1.0.0/16')
    assert.is(networkOf(cidr('10.1.2.3/32')).text, '10.1.2.3/32')
    assert.is(networkOf(cidr('10.1.2.3/0')).text, '0.0.0.0/0')
    assert.is(networkOf(cidr('2001:db8::ffff/64')).text, '2001:db8::/64')
  })

  it('ends at the last address', () => {
    assert.is(addressFrom(4, lastOf(cidr('10.1.2.3/16'))).text, '10.1.255.255')
    assert.is(addressFrom(6, lastOf(cidr('2001:db8::5/64'))).text, '2001:db8::ffff:ffff:ffff:ffff')
    assert.is(lastOf(cidr('::/0')), (1n << 128n) - 1n)
  })

  it('contains its own addresses and none of the other family', () => {
    assert.ok(contains(cidr('10.1.2.3/16'), address('10.1.0.0')))
    assert.ok(contains(cidr('10.1.2.3/16'), address('10.1.255.255')))
    assert.not.ok(contains(cidr('10.1.2.3/16'), address('10.0.255.255')))
    assert.not.ok(contains(cidr('10.1.2.3/16'), address('10.2.0.0')))
    assert.not.ok(contains(cidr('::/0'), address('10.2.0.0')))
    assert.ok(contains(cidr('0.0.0.0/0'), address('::ffff:10.2.0.0')))
  })

  it('agrees with ipaddr.js about what is inside', () => {
    const network = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }))
    const near = fc.tuple(network, fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.nat({ max: 31 }))
    fc.assert(
      fc.property(near, ([[text, prefix], bits, keep]) => {
        const host = Number(address(text).value) ^ (bits >>> keep)
        const other = addressFrom(4, BigInt(host >>> 0))
        const expected = ipaddr.IPv4.parse(other.text).match(ipaddr.IPv4.parse(text), prefix)
        assert.is(contains(cidr(`${text}/${prefix}`), other), expected)
      }),
      runs,
    )
  })
})
