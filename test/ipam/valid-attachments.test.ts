import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { validAttachmentsOf } from '../../lib/ipam/valid-attachments.js'
import { describe } from '../suite.js'

const wordsOf = (stdin: Record<string, unknown>): string => {
  const valid = validAttachmentsOf(stdin)
  return E.isLeft(valid) ? `${valid.left.code} ${valid.left.msg}` : JSON.stringify(valid.right)
}

describe('the list of GC (SPEC "GC")', (it) => {
  const one = { containerID: 'a', ifname: 'eth0' }

  it('stands under either key, the new one first; null is empty (X-17)', () => {
    assert.is(
      wordsOf({ 'cni.dev/valid-attachments': [one] }),
      '[{"containerId":"a","ifname":"eth0"}]',
    )
    assert.is(wordsOf({ 'cni.dev/attachments': [one] }), '[{"containerId":"a","ifname":"eth0"}]')
    assert.is(wordsOf({ 'cni.dev/attachments': [one], 'cni.dev/valid-attachments': [] }), '[]')
    assert.is(wordsOf({ 'cni.dev/valid-attachments': null }), '[]')
  })

  it('is needed: without one nothing is stale (X-16)', () => {
    assert.is(wordsOf({}), '7 GC needs "cni.dev/valid-attachments"')
    assert.match(wordsOf(Object.create({ 'cni.dev/valid-attachments': [] })), /^7 /)
  })

  it('is refused as a whole for one element that cannot be read', () => {
    for (const bad of [null, 'x', {}, { containerID: 'a' }, { containerID: 1, ifname: 'eth0' }]) {
      assert.match(wordsOf({ 'cni.dev/valid-attachments': [one, bad] }), /^7 .*no attachment/)
    }
    assert.match(wordsOf({ 'cni.dev/valid-attachments': {} }), /^7 .*must be a list/)
  })
})
