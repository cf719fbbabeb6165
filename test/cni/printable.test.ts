import * as assert from 'uvu/assert'
import { printable } from '../../lib/cni/printable.js'
import { describe } from '../suite.js'

describe('printable', (it) => {
  it('shows what moves the cursor, changes colours or direction, or does not show', () => {
    assert.is(printable('eth\u001b[31m0'), 'eth\\u001b[31m0')
    assert.is(
      printable('a\nb\u0085\u200b\u202e\ufeff\u2028'),
      'a\\u000ab\\u0085\\u200b\\u202e\\ufeff\\u2028',
    )
    assert.is(printable('\u{e0001}\ud800'), '\\u{e0001}\\ud800')
  })

  it('leaves letters of any language as they are', () => {
    assert.is(printable('\u5bb9\u5668 \u00e9 \u{1f600}'), '\u5bb9\u5668 \u00e9 \u{1f600}')
  })
})
