import fc from 'fast-check'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { decodeJson, isObject, maximumDepth, maximumLength } from '../../lib/cni/json.js'
import { describe } from '../suite.js'

/** `value` as JSON, or the code of the Problem. */
const outcome = (text: string, limits?: Parameters<typeof decodeJson>[2]): unknown => {
  const decoded = limits === undefined ? decodeJson(text, 's') : decodeJson(text, 's', limits)
  return isRight(decoded) ? decoded.right : decoded.left.code
}
const nested = (levels: number, open = '[', close = ']'): string =>
  open.repeat(levels) + close.repeat(levels)

describe('decodeJson: size and depth (design section 4)', (it) => {
  it('takes a text of 1 MiB and not one character more', () => {
    const padded = (length: number): string => `"${'a'.repeat(length - 2)}"`
    assert.type(outcome(padded(maximumLength)), 'string')
    assert.is((outcome(padded(maximumLength)) as string).length, maximumLength - 2)
    assert.is(outcome(padded(maximumLength + 1)), 'too-large')
    assert.is(maximumLength, 1_048_576)
  })

  it('takes 64 levels of arrays and objects and not one more', () => {
    assert.is(maximumDepth, 64)
    assert.equal(outcome(nested(64)), JSON.parse(nested(64)))
    assert.is(outcome(nested(65)), 'too-deep')
    const objects = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
    assert.equal(outcome(objects(64)), JSON.parse(objects(64)))
    assert.is(outcome(objects(65)), 'too-deep')
    const mixed = (levels: number): string => `${'[{"a":'.repeat(levels)}1${'}]'.repeat(levels)}`
    assert.equal(outcome(mixed(32)), JSON.parse(mixed(32)))
    assert.is(outcome(mixed(33)), 'too-deep')
  })

  it('refuses a MiB of brackets before JSON.parse sees it, closed or not', () => {
    assert.is(outcome('['.repeat(maximumLength)), 'too-deep')
    assert.is(outcome('{"":'.repeat(maximumLength / 4)), 'too-deep')
    assert.is(outcome(nested(maximumLength / 2)), 'too-deep')
  })

  it('counts levels, not brackets: many values side by side are not deep', () => {
    const wide = `[${Array.from({ length: 1000 }, () => '{"a":[]}').join(',')}]`
    assert.equal(outcome(wide), JSON.parse(wide))
  })

  it('does not count brackets inside texts, whatever is escaped in them', () => {
    const brackets = '[{'.repeat(100)
    for (const text of [
      brackets,
      `\\"${brackets}`,
      `\\\\\\"${brackets}\\\\`,
      `${brackets}\\u0022`,
    ]) {
      const json = `{"a":"${text}","${text}":1}`
      assert.equal(outcome(json), JSON.parse(json), text)
    }
  })

  it('counts brackets again after a text that ends in an escaped backslash', () => {
    assert.is(outcome(`["\\\\",${nested(64)}]`), 'too-deep')
  })

  it('takes other limits where what it wrote itself is read again', () => {
    assert.is(outcome('"abc"', { length: 4, depth: 1 }), 'too-large')
    assert.is(outcome('[[]]', { length: 100, depth: 1 }), 'too-deep')
    assert.equal(outcome(nested(65), { length: 1000, depth: 65 }), JSON.parse(nested(65)))
  })
})

describe('decodeJson: what is no JSON', (it) => {
  it('refuses it at the root of its source, with a short reason', () => {
    for (const text of [
      '',
      ' ',
      '{',
      '{"a":1}x',
      '{"a":1}{"a":1}',
      '\ufeff{}',
      "{'a':1}",
      '{"a":01}',
      '[1,]',
      'NaN',
      '"\n"',
      `"${'\u0001'.repeat(10_000)}"`,
    ]) {
      const decoded = decodeJson(text, 'stdin')
      assert.ok(isLeft(decoded), text)
      if (!isLeft(decoded)) continue
      const { code, severity, cniCode, path, message } = decoded.left
      assert.equal({ code, severity, cniCode, path }, bad('bad-json'), text)
      assert.match(message, /^not valid JSON: ./)
      assert.ok(message.length <= 220)
    }
  })

  it('shows no control character of a text that it could not read', () => {
    for (const text of ['{"a": \u001b[31m}', '{"a"\n: x\u202e}', '"\u0000']) {
      const decoded = decodeJson(text, 'stdin')
      assert.ok(isLeft(decoded))
      assert.not.match(isLeft(decoded) ? decoded.left.message : '', /[\p{Cc}\p{Cf}]/u)
    }
  })

  it('says how long or how deep a text may be', () => {
    const large = decodeJson(' '.repeat(maximumLength + 1), 'stdin')
    assert.is(
      isLeft(large) && large.left.message,
      '1048577 characters of JSON; 1048576 is the limit',
    )
    const deep = decodeJson('['.repeat(200), 'stdin')
    assert.is(isLeft(deep) && deep.left.message, 'JSON is nested deeper than 64 levels')
  })

  it('agrees with JSON.parse on every text that is small and flat', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.json({ maxDepth: 10 }),
          fc.json().map((s) => s.slice(1)),
        ),
        (text) => {
          let expected: unknown = 'bad-json'
          try {
            expected = JSON.parse(text)
          } catch {}
          assert.equal(outcome(text), expected)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('keeps a key named __proto__ as a key like any other', () => {
    const decoded = outcome('{"__proto__":{"polluted":true}}') as object
    assert.ok(Object.hasOwn(decoded, '__proto__'))
    assert.is(Object.getPrototypeOf(decoded), Object.prototype)
    assert.is(({} as { polluted?: boolean }).polluted, undefined)
  })
})

const bad = (code: string) => ({ code, severity: 'error', cniCode: 6, path: 'stdin#' })

describe('isObject', (it) => {
  it('takes objects alone: no null, no list, no scalar', () => {
    for (const value of [{}, { a: 1 }, Object.create(null)]) assert.ok(isObject(value))
    for (const value of [null, [], [{}], 'a', '', 0, 1, true, undefined, () => {}]) {
      assert.not.ok(isObject(value))
    }
  })
})
