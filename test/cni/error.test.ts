import fc from 'fast-check'
import * as assert from 'uvu/assert'
import {
  CniError,
  cniError,
  cniErrorCodes,
  decodeCniError,
  errorObject,
  textOf,
} from '../../lib/cni/error.js'
import { describe } from '../suite.js'

describe('errors (SPEC "Error"; reference/cni.md 1.6)', (it) => {
  it('leave empty details out, and join them to the message with a semicolon', () => {
    assert.equal(cniError(7, 'a', ''), { code: 7, msg: 'a' })
    assert.is(textOf(cniError(7, 'a')), 'a')
    assert.is(textOf(cniError(7, 'a', 'b')), 'a; b')
    assert.ok(CniError.is({ code: 7, msg: 'a', details: 'b', cniVersion: '1.0.0', more: 1 }))
    assert.not.ok(CniError.is({ code: '7', msg: 'a' }))
  })

  it('1.6: have the codes of the table', () => {
    assert.equal(cniErrorCodes, {
      unknown: 0,
      incompatibleVersion: 1,
      unsupportedField: 2,
      unknownContainer: 3,
      invalidEnvironment: 4,
      ioFailure: 5,
      decodingFailure: 6,
      invalidNetworkConfig: 7,
      invalidNetns: 8,
      tryAgainLater: 11,
      notAvailable: 50,
      limitedConnectivity: 51,
      internal: 999,
    })
  })

  it('are printed with the version of the request (X-06)', () => {
    assert.equal(errorObject(cniError(7, 'a', 'b'), '1.0.0'), {
      cniVersion: '1.0.0',
      code: 7,
      msg: 'a',
      details: 'b',
    })
    assert.equal(errorObject({ code: 0, msg: 'a', details: '' }, ''), {
      cniVersion: '0.1.0',
      code: 0,
      msg: 'a',
    })
  })
})

describe('decodeCniError (reference/cni.md 2.5)', (it) => {
  it('takes the code, the message and the details that a plugin printed', () => {
    const printed = { cniVersion: '1.0.0', code: 1234, msg: 'a', details: 'b', more: 1 }
    assert.equal(decodeCniError(printed), { code: 1234, msg: 'a', details: 'b' })
  })

  it('takes any object: {} is code 0 and no words, a result of an ADD too (X-12)', () => {
    assert.equal(decodeCniError({}), { code: 0, msg: '' })
    assert.equal(decodeCniError({ cniVersion: '1.0.0', ips: [] }), { code: 0, msg: '' })
  })

  it('takes a code that is no natural number for 0, and what is no text for none', () => {
    for (const code of [-1, 1.5, '7', null, 1e300, [7]]) {
      assert.equal(decodeCniError({ code, msg: null, details: {} }), { code: 0, msg: '' })
    }
  })

  it('knows that texts, lists and null are no errors', () => {
    for (const value of [undefined, null, [], 'panic', 7, true]) {
      assert.is(decodeCniError(value), undefined)
    }
  })

  it('never throws, and prints what it read', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const error = decodeCniError(value)
        if (error !== undefined) assert.equal(decodeCniError(errorObject(error, '1.1.0')), error)
      }),
      { numRuns: 2000 },
    )
  })
})
