import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { byBytes } from '../../lib/network/byte-order.js'
import { describe } from '../suite.js'

describe('the order of paths (reference/cni.md 2.3, ConfFiles)', (it) => {
  it('is that of their bytes in UTF-8, which is not that of UTF-16', () => {
    assert.ok(byBytes('/d/\ufb01.conf', '/d/\u{1f600}.conf') < 0)
    assert.ok('/d/\ufb01.conf' > '/d/\u{1f600}.conf')
    assert.ok(byBytes('10.conf', '9.conf') < 0)
    assert.is(byBytes('a', 'a'), 0)
    assert.ok(byBytes('a', 'ab') < 0)
  })

  it('is that of Buffer.compare for whatever Unicode can hold', () => {
    const text = fc.string({ unit: 'binary', maxLength: 6 })
    fc.assert(
      fc.property(text, text, (a, b) => {
        const expected = Buffer.compare(Buffer.from(a), Buffer.from(b))
        assert.is(Math.sign(byBytes(a, b)), expected)
      }),
    )
  })
})
