import * as assert from 'uvu/assert'
import { at, failure } from '../../lib/cni/problem.js'
import { toCniError } from '../../lib/index.js'
import { describe } from '../suite.js'

describe('the error object of problems', (it) => {
  it('says each text once: a runtime prints msg and details in one line', () => {
    const problem = (index: number, hint?: string) =>
      failure('unknown-network', at('a', index), `no network is named "${index}"`, hint)
    assert.equal(toCniError([problem(0)]), {
      code: 7,
      msg: 'unknown-network: no network is named "0"',
      details: 'a#/0',
    })
    assert.equal(toCniError([problem(0, 'known: b')]).details, 'a#/0: known: b')
    assert.equal(toCniError([problem(0, 'known: b'), problem(1, 'known: b'), problem(2, 'ask')]), {
      code: 7,
      msg: 'unknown-network: no network is named "0" (and 2 more)',
      details: 'a#/0: known: b; a#/1: no network is named "1"; a#/2: no network is named "2" (ask)',
    })
  })

  it('shows no control character, not even of a place', () => {
    const path = at('a', 'c\u202e', 'd\u001b')
    const one = failure('unknown-network', path, 'unknown')
    assert.is(toCniError([one]).details, 'a#/c\\u202e/d\\u001b')
    assert.is(toCniError([one, one]).details, `a#/c\\u202e/d\\u001b; a#/c\\u202e/d\\u001b: unknown`)
  })

  it('names 64 of them, and how many more there are', () => {
    const all = Array.from({ length: 70 }, (_, index) =>
      failure('unknown-network', at('a', index), 'unknown'),
    )
    const parts = toCniError(all).details?.split('; ') ?? []
    assert.equal([parts.length, parts[63], parts[64]], [65, 'a#/63: unknown', 'and 6 more'])
    assert.is(toCniError([]).code, 999)
  })
})
