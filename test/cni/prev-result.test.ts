import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { prevResultOf } from '../../lib/cni/prev-result.js'
import { knownVersions } from '../../lib/cni/version.js'
import { describe } from '../suite.js'

const previous = (prevResult: unknown, version: string): unknown => {
  const read = prevResultOf({ prevResult }, version)
  return E.isRight(read) ? read.right : read.left
}
describe('prevResult as a plugin reads it (reference/cni.md 3.2; S-029, S-040)', (it) => {
  it('3.2: null and absent are none', () => {
    assert.is(previous(null, '1.1.0'), undefined)
    assert.equal(prevResultOf({}, '1.1.0'), E.right(undefined))
  })

  it('3.2: of every released version it is converted to that of the configuration, "" to 0.1.0', () => {
    for (const from of knownVersions) {
      const written = from < '0.3.0' ? { ip4: { ip: '10.0.0.5/8' } } : { ips: [labelled(from)] }
      for (const to of [...knownVersions, '']) {
        const read = previous({ cniVersion: from, ...written }, to) as { cniVersion: string }
        assert.is(read.cniVersion, to || '0.1.0')
        assert.is(JSON.stringify(read).match(/10\.0\.0\.5\/8/g)?.length, 1, `${from} to ${to}`)
      }
    }
  })

  it("3.2: without a version it is of the configuration's, also where it is spelled out as empty", () => {
    for (const written of [{}, { cniVersion: '' }, { cniVersion: null }]) {
      const read = previous({ ...written, ips: [{ address: '10.0.0.5/8' }] }, '1.0.0')
      assert.equal(read, { cniVersion: '1.0.0', ips: [{ address: '10.0.0.5/8' }] })
    }
  })

  it('3.2: what is none is code 999, with what was wrong and where', () => {
    assert.equal(previous({ cniVersion: '0.9.0' }, '1.0.0'), {
      code: 999,
      msg: 'could not parse prevResult: unsupported CNI result version "0.9.0"',
    })
    assert.equal(previous({ cniVersion: '1.0.0', ips: [{ address: 'x' }] }, '1.0.0'), {
      code: 999,
      msg: 'could not parse prevResult: invalid CIDR address: x',
      details: 'result#/ips/0/address',
    })
    for (const wrong of ['text', 7, [], true]) {
      assert.is((previous(wrong, '1.0.0') as { code: number }).code, 999)
    }
  })

  it('3.2: one that the version cannot express is code 999', () => {
    assert.equal(previous({ cniVersion: '1.0.0' }, '0.2.0'), {
      code: 999,
      msg: 'could not parse prevResult: cannot convert: no valid IP addresses',
    })
  })

  it('S-089: unknown keys come through, so that they can be passed on (X-14)', () => {
    const result = { cniVersion: '1.0.0', x: 1, interfaces: [{ name: 'e', y: 2 }] }
    assert.equal(previous(result, '1.0.0'), result)
  })

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom(...knownVersions, '', 'junk'),
        (value, version) => {
          prevResultOf({ prevResult: value }, version)
        },
      ),
      { numRuns: 2000 },
    )
  })
})

const labelled = (version: string) => ({
  ...(version < '1.0.0' && { version: '4' }),
  address: '10.0.0.5/8',
})
