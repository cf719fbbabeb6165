import * as assert from 'uvu/assert'
import {
  at,
  failure,
  hasErrors,
  type ProblemCode,
  problemCniCodes,
  quote,
  warning,
} from '../../lib/cni/problem.js'
import { describe } from '../suite.js'

describe('a Problem (design section 2)', (it) => {
  it('has the CNI code of its kind and its severity', () => {
    assert.equal(failure('bad-ifname', 'a#', 'no', 'do'), {
      code: 'bad-ifname',
      severity: 'error',
      cniCode: 4,
      message: 'no',
      path: 'a#',
      hint: 'do',
    })
    assert.equal(warning('broken-network-file', 'a#', 'no'), {
      code: 'broken-network-file',
      severity: 'warning',
      cniCode: 7,
      message: 'no',
      path: 'a#',
    })
  })

  it('has no hint where there is none, not an undefined one', () => {
    assert.not.ok('hint' in failure('bad-json', 'a#', 'no'))
    assert.not.ok('hint' in warning('bad-json', 'a#', 'no'))
  })

  it('has a kebab-case code and a code that CNI reserves or knows (reference/cni.md 1.6)', () => {
    const known = [1, 2, 4, 5, 6, 7, 8, 999]
    for (const [code, cniCode] of Object.entries(problemCniCodes)) {
      assert.match(code, /^[a-z]+(-[a-z]+)*$/)
      assert.ok(known.includes(cniCode), code)
    }
  })

  it('is 4 for what the environment says, 6 for what is no JSON, 2 for an unsupported field', () => {
    const table: readonly (readonly [ProblemCode, number])[] = [
      ['bad-ifname', 4],
      ['bad-json', 6],
      ['too-large', 6],
      ['too-deep', 6],
      ['pod-source-unavailable', 2],
      ['unsupported-version', 1],
      ['bad-strategy', 999],
    ]
    for (const [code, cniCode] of table) assert.is(failure(code, 'a#', '').cniCode, cniCode)
  })
})

describe('a path: source, #, JSON Pointer (RFC 6901)', (it) => {
  const table: readonly (readonly [path: string, keys: readonly (string | number)[]])[] = [
    ['stdin#', []],
    ['stdin#/name', ['name']],
    ['stdin#/plugins/0/type', ['plugins', 0, 'type']],
    ['stdin#/a~1b', ['a/b']],
    ['stdin#/a~0b', ['a~b']],
    ['stdin#/~01', ['~1']],
    ['stdin#/~1~1~0~0', ['//~~']],
    ['stdin#/', ['']],
    ['stdin#/__proto__', ['__proto__']],
    ['stdin#/a#b', ['a#b']],
  ]
  for (const [path, keys] of table) {
    it(`${path} is ${JSON.stringify(keys)}`, () => assert.is(at('stdin', ...keys), path))
  }
})

describe('hasErrors', (it) => {
  it('looks at severities alone', () => {
    const error = failure('bad-json', 'a#', '')
    const mere = warning('bad-json', 'a#', '')
    assert.is(hasErrors([]), false)
    assert.is(hasErrors([mere, mere]), false)
    assert.is(hasErrors([mere, error]), true)
  })
})

describe('quote: a value from a stranger in a message', (it) => {
  it('shows JSON as JSON', () => {
    const table: readonly (readonly [unknown, string])[] = [
      ['a', '"a"'],
      ['', '""'],
      ['a"b\n\u0000', '"a\\"b\\n\\u0000"'],
      [1, '1'],
      [null, 'null'],
      [true, 'true'],
      [[1, { a: 'b' }], '[1,{"a":"b"}]'],
    ]
    for (const [value, text] of table) assert.is(quote(value), text)
  })

  it('escapes also what JSON leaves as it is: it turns a line around, or begins one', () => {
    assert.is(quote('a\u202eb\u2028\u0085\u001b'), '"a\\u202eb\\u2028\\u0085\\u001b"')
  })

  it('cuts what is longer than 80 characters, and closes a text again', () => {
    assert.is(quote('a'.repeat(78)), `"${'a'.repeat(78)}"`)
    assert.is(quote('a'.repeat(79)), `"${'a'.repeat(75)}..."`)
    assert.is(quote('a'.repeat(1_000_000)).length, 80)
    assert.is(quote(Array(100).fill(1)), `[${'1,'.repeat(37)}1...`)
  })

  it('names the type of what is no JSON, and never throws', () => {
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    const table: readonly (readonly [unknown, string])[] = [
      [undefined, 'undefined'],
      [() => 1, 'function'],
      [Symbol('a'), 'symbol'],
      [1n, 'bigint'],
      [cycle, 'object'],
      [
        {
          toJSON: () => {
            throw new Error('no')
          },
        },
        'object',
      ],
      [Object.create(null), '{}'],
    ]
    for (const [value, text] of table) assert.is(quote(value), text)
  })
})
