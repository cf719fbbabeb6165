import * as assert from 'uvu/assert'
import { decodeYaml } from '../../runners/host/yaml-text.js'
import { describe } from '../suite.js'

const messagesOf = (text: string): string => {
  const decoded = decodeYaml(text)
  return decoded.ok ? 'it was decoded' : decoded.messages.join('\n')
}

describe('YAML text', (it) => {
  it('is decoded document by document, and JSON is YAML', () => {
    assert.equal(decodeYaml('a: 1\n---\n- x\n'), { ok: true, values: [{ a: 1 }, ['x']] })
    assert.equal(decodeYaml('{"a":[null,true,"ü"]}'), {
      ok: true,
      values: [{ a: [null, true, 'ü'] }],
    })
    assert.equal(decodeYaml(''), { ok: true, values: [] })
  })

  it('reads yes, no and on as the texts that they are (YAML 1.2)', () => {
    assert.equal(decodeYaml('a: yes\nb: on'), { ok: true, values: [{ a: 'yes', b: 'on' }] })
  })

  it('says where it is wrong, ten times at most', () => {
    assert.match(messagesOf('a: 1\nb: [x'), /^line 2, column \d+: /)
    assert.is(messagesOf('a: 1\na: 2'), 'line 2, column 1: keys must be unique: "a" is there twice')
    assert.match(messagesOf('x: [{1: a, b: c, 1: d}]'), 'unique: 1 is there twice')
    const decoded = decodeYaml('a: 1\n'.repeat(100))
    assert.is(decoded.ok ? 0 : decoded.messages.length, 10)
  })

  it('keeps a key named __proto__ a key', () => {
    const decoded = decodeYaml('a: {__proto__: {polluted: true}}')
    assert.is(
      JSON.stringify(decoded),
      '{"ok":true,"values":[{"a":{"__proto__":{"polluted":true}}}]}',
    )
    assert.is(({} as { polluted?: boolean }).polluted, undefined)
  })

  it('does not resolve aliases for ever', () => {
    const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    for (let i = 1; i < 12; i++) {
      bomb.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      )
    }
    assert.match(messagesOf(bomb.join('\n')), 'alias')
    assert.is(decodeYaml('a: &a [x]\nb: *a').ok, true)
  })

  it('gives a value that holds itself when an alias does: no tree may be assumed', () => {
    const decoded = decodeYaml('a: &a\n  b: *a\n')
    const [value] = (decoded.ok ? decoded.values : []) as { a: { b: unknown } }[]
    assert.ok(value !== undefined && value.a.b === value.a)
  })

  const hostile: readonly [string, string][] = [
    ['lists in lists', '['.repeat(500_000)],
    ['lists in lists, closed', '['.repeat(3_000) + ']'.repeat(3_000)],
    ['lists in lists, hidden by comments', '[ #]\n'.repeat(100_000)],
    ['maps in maps', '{a: '.repeat(200_000)],
    ['lists of lists in a line', '- '.repeat(500_000)],
    ['keys of keys', '? '.repeat(500_000)],
    ['indentation', Array.from({ length: 1400 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    ['tags', '!a '.repeat(300_000)],
    ['anchors', '&a '.repeat(300_000)],
    ['commas', `[${','.repeat(1_000_000)}`],
    ['many keys', Array.from({ length: 60_000 }, (_, i) => `k${i}: 1`).join('\n')],
    ['many documents', '---\n'.repeat(200_000)],
    ['length', 'x'.repeat(1024 * 1024 + 1)],
  ]
  for (const [what, text] of hostile) {
    it(`is refused before it is composed: ${what}`, () => {
      assert.match(messagesOf(text), /deeper than 64 levels|more than 100000 words|is the limit/)
    })
  }

  it('may be 64 levels deep', () => {
    assert.is(decodeYaml('['.repeat(60) + ']'.repeat(60)).ok, true)
  })
})
