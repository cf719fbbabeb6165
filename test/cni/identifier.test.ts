import fc from 'fast-check'
import * as assert from 'uvu/assert'
import {
  ifnameFault,
  isContainerId,
  isNetworkName,
  maximumIfnameBytes,
} from '../../lib/cni/identifier.js'
import { describe } from '../suite.js'

const spelled = (text: string): string => JSON.stringify(text)

describe('container ids and network names (reference/cni.md 1.1; S-003, S-021)', (it) => {
  const table: readonly (readonly [text: string, allowed: boolean])[] = [
    ['a', true],
    ['0', true],
    ['Z', true],
    ['a.b-c_d', true],
    ['a..', true],
    ['4d1cf0e1b2', true],
    ['a'.repeat(10_000), true],
    ['', false],
    ['.', false],
    ['..', false],
    ['../x', false],
    ['-a', false],
    ['_a', false],
    ['.hidden', false],
    ['a/b', false],
    ['a\\b', false],
    ['a b', false],
    ['a\n', false],
    ['\na', false],
    ['a\0', false],
    ['a%', false],
    ['é', false],
    ['aé', false],
    ['a:b', false],
  ]
  for (const [text, allowed] of table) {
    it(`${allowed ? 'takes' : 'refuses'} ${spelled(text).slice(0, 30)}`, () => {
      assert.is(isContainerId(text), allowed)
      assert.is(isNetworkName(text), allowed)
    })
  }
})

describe('interface names (reference/cni.md 1.2)', (it) => {
  it('has at most 15 bytes of UTF-8', () => {
    assert.is(maximumIfnameBytes, 15)
    const tooLong = 'interface name is longer than 15 bytes'
    const table: readonly (readonly [text: string, fault: string | undefined])[] = [
      ['a'.repeat(15), undefined],
      ['a'.repeat(16), tooLong],
      ['é'.repeat(7), undefined],
      [`${'é'.repeat(7)}a`, undefined],
      ['é'.repeat(8), tooLong],
      ['€'.repeat(5), undefined],
      ['€'.repeat(6), tooLong],
      ['🐧'.repeat(3), undefined],
      ['🐧'.repeat(4), tooLong],
      ['a'.repeat(100_000), tooLong],
    ]
    for (const [text, fault] of table) assert.is(ifnameFault(text), fault, spelled(text))
  })

  it('is not empty, not . and not ..', () => {
    assert.is(ifnameFault(''), 'interface name is empty')
    assert.is(ifnameFault('.'), 'interface name is . or ..')
    assert.is(ifnameFault('..'), 'interface name is . or ..')
    for (const text of ['...', '.a', '..a', 'a.']) assert.is(ifnameFault(text), undefined, text)
  })

  it('has no / and no :', () => {
    for (const text of ['/', 'a/b', '../a', ':', 'eth0:1']) {
      assert.is(ifnameFault(text), 'interface name contains / or :', text)
    }
  })

  it("has none of Unicode's white space, which is not JavaScript's", () => {
    const white = [
      0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0x85, 0xa0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003,
      0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f,
      0x3000,
    ]
    for (let unit = 0; unit <= 0xffff; unit++) {
      const name = `a${String.fromCharCode(unit)}`
      const fault = ifnameFault(name)
      if (white.includes(unit)) {
        assert.is(fault, 'interface name contains whitespace characters', spelled(name))
      } else if (unit !== 0x2f && unit !== 0x3a) assert.is(fault, undefined, spelled(name))
    }
  })

  it('takes what Go takes: NUL, %, U+200B, U+FEFF, control characters', () => {
    for (const text of ['a\0', '%s', 'a\u200b', '\ufeff', '\u0001', '-', '_', 'a@b']) {
      assert.is(ifnameFault(text), undefined, spelled(text))
    }
  })

  it('tells of length before anything else', () => {
    assert.is(ifnameFault(`a/b:c ${'x'.repeat(20)}`), 'interface name is longer than 15 bytes')
  })

  it('says the same for the simple names that it has a short way for', () => {
    const unit = fc.constantFrom(...'abcXYZ019_.-/: ')
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 17 }), (text) => {
        const wrong =
          text === '' || text === '.' || text === '..' || text.length > 15 || /[/: ]/.test(text)
        assert.is(ifnameFault(text) !== undefined, wrong, spelled(text))
      }),
      { numRuns: 2000 },
    )
  })
})
