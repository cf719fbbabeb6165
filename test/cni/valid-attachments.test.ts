import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { decodeValidAttachments } from '../../lib/cni/valid-attachments.js'
import { validAttachments } from '../../lib/index.js'
import { describe } from '../suite.js'

const one = { containerID: 'c1', ifname: 'eth0' }

describe('the attachments that a GC request calls valid (SPEC "GC", X-16, X-17)', (it) => {
  it('are those under cni.dev/valid-attachments, else under cni.dev/attachments', () => {
    const other = { containerID: 'c2', ifname: 'net1' }
    const both = { 'cni.dev/valid-attachments': [one], 'cni.dev/attachments': [other] }
    assert.equal(decodeValidAttachments(both), E.right([one]))
    assert.equal(decodeValidAttachments({ 'cni.dev/attachments': [other] }), E.right([other]))
    assert.equal(decodeValidAttachments({ 'cni.dev/attachments': null }), E.right([]))
    assert.equal(
      decodeValidAttachments({ ...both, 'cni.dev/valid-attachments': null }),
      E.right([]),
    )
  })

  it('lose the keys that nobody knows', () => {
    const more = { ...one, network: 'x' }
    assert.equal(decodeValidAttachments({ 'cni.dev/attachments': [more] }), E.right([one]))
  })

  it('are refused with code 7 when there is no list, or a wrong one', () => {
    for (const wrong of [undefined, 7, {}, 'x', [[]], [one, null], [{ ...one, ifname: '' }]]) {
      const decoded = decodeValidAttachments({ 'cni.dev/valid-attachments': wrong })
      assert.ok(E.isLeft(decoded) && decoded.left.code === 7, JSON.stringify(wrong))
    }
    const reply = validAttachments({
      'cni.dev/attachments': [one, { containerID: '-', ifname: 'a' }],
    })
    assert.is(!reply.ok && reply.error.msg.startsWith('cni.dev/attachments[1] must be'), true)
    assert.equal(validAttachments({ 'cni.dev/attachments': [one] }), { ok: true, value: [one] })
  })
})
