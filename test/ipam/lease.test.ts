import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import {
  isLeaseName,
  lastReservedName,
  leaseText,
  ownerIn,
  rangeSetIn,
} from '../../lib/ipam/lease.js'
import { nobody } from '../../lib/ipam/pool.js'
import { describe } from '../suite.js'

describe('a lease of host-local (plugins-and-ip.md 7.6)', (it) => {
  it('holds container id, CR, LF and interface name, without a newline at the end', () => {
    const owner = { containerId: 'abc', ifname: 'eth0' }
    assert.is(leaseText(owner), 'abc\r\neth0')
    assert.equal(ownerIn('abc\r\neth0'), owner)
    assert.equal(ownerIn(' abc\r\neth0\r\n'), owner)
  })

  it('of before 0.8 holds the container id alone', () => {
    assert.equal(ownerIn('abc\n'), { containerId: 'abc', ifname: '' })
  })

  it("is nobody's when it holds anything else", () => {
    for (const text of ['', ' ', 'a b', 'a\neth0', 'a\r\nb\r\nc', 'a\r\n..', '../a\r\neth0']) {
      assert.equal(ownerIn(text), nobody, JSON.stringify(text))
    }
  })

  it('is named by its address as Go prints it, and by nothing else', () => {
    for (const name of ['10.0.0.2', '2001:db8::2', '::']) assert.ok(isLeaseName(name), name)
    for (const name of [
      '',
      'lock',
      '10.0.0.02',
      '2001:DB8::2',
      '::ffff:10.0.0.2',
      '10.0.0.2/24',
      '__proto__',
    ]) {
      assert.not(isLeaseName(name), name)
    }
  })

  it('is no file of what was last reserved, and those have the index of their set', () => {
    assert.is(rangeSetIn(lastReservedName(12)), '12')
    for (const name of ['last_reserved_ip.', 'last_reserved_ip.01', 'last_reserved_ip.x', 'lock']) {
      assert.is(rangeSetIn(name), undefined, name)
    }
  })

  it('never throws, whatever the texts (property)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        ownerIn(text)
        isLeaseName(text)
        rangeSetIn(text)
      }),
      { seed: 20261, numRuns: 500 },
    )
  })
})
