import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { parseMac } from '../../lib/cni/hardware-address.js'
import { describe } from '../suite.js'

describe('parseMac', (it) => {
  it('takes colons, dashes and dots, and prints lower case with colons (net.ParseMAC)', () => {
    for (const text of ['0A:58:0a:f4:02:06', '0a-58-0A-f4-02-06', '0a58.0AF4.0206']) {
      assert.is(parseMac(text), '0a:58:0a:f4:02:06', text)
    }
  })

  it('refuses eight and twenty octets, which no interface of a container has', () => {
    for (const octets of [5, 7, 8, 20]) {
      assert.is(parseMac(Array(octets).fill('0a').join(':')), undefined)
      assert.is(parseMac(Array(octets).fill('0a').join('-')), undefined)
    }
    assert.is(parseMac('0a58.0af4.0206.0001'), undefined)
    assert.is(parseMac('0a58.0af4'), undefined)
  })

  it('refuses mixed separators, single digits and anything around it', () => {
    const refused = [
      '',
      '0a:58:0a-f4:02:06',
      '0a:58:0af4.0206',
      'a:58:0a:f4:02:06',
      '0a580af40206',
      '0g:58:0a:f4:02:06',
      '0a:58:0a:f4:02:06:',
      '0a:58:0a:f4:02:06\n',
      ' 0a:58:0a:f4:02:06',
      '0a58:0af4:0206',
    ]
    for (const text of refused) assert.is(parseMac(text), undefined, JSON.stringify(text))
  })

  it('never throws, and takes its own form again', () => {
    const digits = fc.array(fc.constantFrom('0', 'a', 'F', ':', '-', '.', '00', 'ab'), {
      maxLength: 20,
    })
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          digits.map((parts) => parts.join('')),
        ),
        (text) => {
          const mac = parseMac(text)
          if (mac !== undefined) assert.is(parseMac(mac), mac)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('takes any six octets in all three forms', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (bytes) => {
        const hex = Buffer.from(bytes).toString('hex')
        const canonical = hex.match(/../g)?.join(':')
        assert.is(parseMac(canonical ?? ''), canonical)
        assert.is(parseMac((canonical ?? '').replaceAll(':', '-').toUpperCase()), canonical)
        assert.is(parseMac(hex.match(/..../g)?.join('.') ?? ''), canonical)
      }),
      { numRuns: 2000 },
    )
  })
})
