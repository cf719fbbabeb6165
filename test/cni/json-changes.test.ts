import * as assert from 'uvu/assert'
import { jsonChanges } from '../../lib/cni/json-changes.js'
import { describe } from '../suite.js'

describe('the difference of two JSON values', (it) => {
  it('is every place where they differ, as a JSON Pointer (RFC 6901)', () => {
    const before = { same: 1, 'a/b': { '~': 1 }, list: [1, { x: 1 }], gone: null }
    const after = { list: [1, { x: 2 }, 3], 'a/b': { '~': '1' }, same: 1, come: [] }
    assert.equal(jsonChanges(before, after), [
      { path: '/a~1b/~0', before: 1, after: '1' },
      { path: '/list/1/x', before: 1, after: 2 },
      { path: '/list/2', after: 3 },
      { path: '/gone', before: null },
      { path: '/come', after: [] },
    ])
  })

  it('is nothing for another order of keys, and for a key that is undefined', () => {
    assert.equal(jsonChanges({ a: 1, b: [{}] }, { b: [{}], a: 1, c: undefined }), [])
    assert.equal(jsonChanges(undefined, undefined), [])
  })

  it('sees a key of another name than it inherits', () => {
    const own = JSON.parse('{"__proto__": 1, "constructor": 2}')
    assert.equal(jsonChanges({}, own), [
      { path: '/__proto__', after: 1 },
      { path: '/constructor', after: 2 },
    ])
  })

  it('tells an object from a list and from a text', () => {
    for (const [before, after] of [
      [{}, []],
      [[], '[]'],
      [0, false],
    ])
      assert.equal(jsonChanges(before, after), [{ path: '', before, after }])
  })
})
