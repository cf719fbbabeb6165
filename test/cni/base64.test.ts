import * as assert from 'uvu/assert'
import { decodeBase64, encodeBase64 } from '../../lib/cni/base64.js'
import { describe } from '../suite.js'

describe('base64', (it) => {
  it('is that of the UTF-8 bytes, padded (RFC 4648 section 4)', () => {
    for (const [text, base64] of [
      ['', ''],
      ['f', 'Zg=='],
      ['fo', 'Zm8='],
      ['foo', 'Zm9v'],
      ['ü€😀', 'w7zigqzwn5iA'],
      ['\ufeffx', '77u/eA=='],
    ] as const) {
      assert.is(encodeBase64(text), base64)
      assert.is(decodeBase64(base64), text)
    }
  })

  it('of a text of any length can be read again', () => {
    const text = '{"a":"ü"}'.repeat(100_000)
    assert.is(decodeBase64(encodeBase64(text)), text)
    assert.is(encodeBase64(text), Buffer.from(text).toString('base64'))
  })

  it('that is none, or not of a text, is undefined', () => {
    for (const wrong of ['%', 'a', 'Zg=', 'ü', '/w==', '7aCA', '\u0000']) {
      assert.is(decodeBase64(wrong), undefined, wrong)
    }
  })
})
