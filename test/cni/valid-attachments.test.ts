import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { decodeValidAttachments } from '../../lib/cni/valid-attachments.js'
import { validAttachments } from '../../lib/index.js'
import { validAttachmentsOf } from '../../lib/ipam/valid-attachments.js'
import { describe } from '../suite.js'

const one = { containerID: 'c1', ifname: 'eth0' }

describe('the attachments that a GC request calls valid (SPEC "GC", X-16, X-17)', (it) => {
  it('are those under cni.dev/valid-attachments, else under cni.dev/attachments', () => {
    const other = { containerID: 'c2', ifname: 'net1' }
    const both = { 'cni.dev/valid-attachments': [one], 'cni.dev/attachments': [other] }
    assert.equal(decodeValidAttachments(both), E.right([one]))
    assert.equal(decodeValidAttachments({ 'cni.dev/attachments': [other] }), E.right([other]))
    assert.equal(decodeValidAttachments({ 'cni.dev/attachments': null }), E.right([]))
    const neither = { 'cni.dev/valid-attachments': null, 'cni.dev/attachments': null }
    assert.equal(decodeValidAttachments(neither), E.right([]))
  })

  it('are those under the key that is not null, where the other one is', () => {
    const newer = { 'cni.dev/valid-attachments': [one], 'cni.dev/attachments': null }
    const older = { 'cni.dev/valid-attachments': null, 'cni.dev/attachments': [one] }
    for (const config of [newer, older]) {
      assert.equal(decodeValidAttachments(config), E.right([one]))
      assert.equal(
        validAttachmentsOf(config),
        E.right([{ containerId: one.containerID, ifname: one.ifname }]),
      )
    }
    assert.ok(E.isLeft(decodeValidAttachments({ ...older, 'cni.dev/attachments': 7 })))
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
