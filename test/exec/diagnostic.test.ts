import * as assert from 'uvu/assert'
import { decodeDiagnostic } from '../../runners/exec/diagnostic.js'
import { describe } from '../suite.js'

const nothing = { code: 0, msg: '', details: '' }

describe('what a failed plugin printed (2.5)', (it) => {
  const readable: readonly [string, object][] = [
    ['{"code":1234,"msg":"m","details":"d"}', { code: 1234, msg: 'm', details: 'd' }],
    [' \n{"msg":"m"}\n\t', { ...nothing, msg: 'm' }],
    ['{}', nothing],
    ['null', nothing],
    ['{"code":null,"msg":null}', nothing],
    ['{"Code":7,"MSG":"exact case alone counts (X-25)"}', nothing],
    ['{"__proto__":{"msg":"inherited"}}', nothing],
    ['{"cniVersion":"1.0.0","msg":"m","unknown":[]}', { ...nothing, msg: 'm' }],
  ]
  for (const [text, expected] of readable) {
    it(`${text} says ${JSON.stringify(expected)}`, () => {
      assert.equal(decodeDiagnostic(text), { ok: true, ...expected })
    })
  }

  const unreadable: readonly [string, string][] = [
    ['{"code":1}{"code":2}', 'not valid JSON'],
    ['[]', 'it is not an object'],
    ['"text"', 'it is not an object'],
    ['7', 'it is not an object'],
    ['{"code":"7","msg":"m"}', 'its code is not an unsigned integer'],
    ['{"code":-1}', 'its code is not an unsigned integer'],
    ['{"code":1.5}', 'its code is not an unsigned integer'],
    ['{"msg":7}', 'its msg is not a string'],
    ['{"msg":"m","details":{}}', 'its details are not a string'],
    [`${'['.repeat(100_000)}`, 'JSON is nested deeper than 64 levels'],
  ]
  for (const [text, fault] of unreadable) {
    it(`${text.slice(0, 30)} is unreadable: ${fault}`, () => {
      const diagnostic = decodeDiagnostic(text)
      assert.is(diagnostic.ok, false)
      assert.match(diagnostic.ok ? '' : diagnostic.fault, fault)
    })
  }
})
