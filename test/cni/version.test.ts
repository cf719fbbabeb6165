import fc from 'fast-check'
import * as assert from 'uvu/assert'
import {
  currentVersion,
  highestVersion,
  isAtLeast,
  isKnownVersion,
  knownVersions,
  parseVersion,
  versionOrDefault,
} from '../../lib/cni/version.js'
import { describe } from '../suite.js'

describe('the versions of the specification (reference/cni.md 1.5)', (it) => {
  it('are the seven released ones, oldest first; the last is the current one', () => {
    assert.equal(knownVersions, ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'])
    assert.is(currentVersion, '1.1.0')
  })

  it('are known by their very text', () => {
    for (const version of knownVersions) assert.ok(isKnownVersion(version))
    for (const text of ['', '1.0', '01.0.0', '1.0.0 ', '2.0.0', '0.9.0', 'junk', '__proto__']) {
      assert.not.ok(isKnownVersion(text), text)
    }
  })

  it('count as 0.1.0 where there is none (reference/cni.md 1.4)', () => {
    assert.is(versionOrDefault(undefined), '0.1.0')
    assert.is(versionOrDefault(''), '0.1.0')
    assert.is(versionOrDefault('junk'), 'junk')
  })
})

describe('the grammar of versions (reference/cni.md 1.4, ParseVersion)', (it) => {
  const table: readonly (readonly [text: string, parsed: readonly number[] | undefined])[] = [
    ['', [0, 1, 0]],
    ['1', [1, 0, 0]],
    ['1.2', [1, 2, 0]],
    ['1.2.3', [1, 2, 3]],
    ['01.002.3', [1, 2, 3]],
    ['+1.-2.3', [1, -2, 3]],
    ['999999999999999', [999999999999999, 0, 0]],
    ['1.2.3.4', undefined],
    ['1..3', undefined],
    ['1.', undefined],
    ['.1', undefined],
    ['.', undefined],
    ['1.0.0-rc1', undefined],
    [' 1', undefined],
    ['1 ', undefined],
    ['1.0.0\n', undefined],
    ['v1', undefined],
    ['0x1', undefined],
    ['1e3', undefined],
    ['++1', undefined],
    ['١', undefined],
    ['9'.repeat(30), undefined],
    ['junk', undefined],
  ]
  for (const [text, parsed] of table) {
    it(`reads ${JSON.stringify(text).slice(0, 30)} as ${parsed?.join('.') ?? 'no version'}`, () => {
      assert.equal(parseVersion(text), parsed)
    })
  }
})

describe('isAtLeast', (it) => {
  it('compares number by number, not text by text', () => {
    const table: readonly (readonly [a: string, b: string, expected: boolean])[] = [
      ['1.0.0', '1.0.0', true],
      ['1.0', '1.0.0', true],
      ['1.1.0', '1.0.0', true],
      ['1.0.0', '1.1.0', false],
      ['0.10.0', '0.9.0', true],
      ['0.4.0', '0.3.1', true],
      ['0.3.0', '0.3.1', false],
      ['2', '1.9.9', true],
      ['', '0.1.0', true],
      ['0.0.9', '', false],
    ]
    for (const [a, b, expected] of table) assert.is(isAtLeast(a, b), expected, `${a} >= ${b}`)
  })

  it('is false for what is no version, on either side', () => {
    assert.is(isAtLeast('junk', '0.1.0'), false)
    assert.is(isAtLeast('1.0.0', 'junk'), false)
    assert.is(isAtLeast('junk', 'junk'), false)
  })

  it('is a total order of the versions that there are', () => {
    const version = fc
      .tuple(fc.nat(3), fc.nat(3), fc.nat(3))
      .map(([major, minor, patch]) => `${major}.${minor}.${patch}`)
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        assert.ok(isAtLeast(a, b) || isAtLeast(b, a))
        if (isAtLeast(a, b) && isAtLeast(b, a)) assert.equal(parseVersion(a), parseVersion(b))
        if (isAtLeast(a, b) && isAtLeast(b, c)) assert.ok(isAtLeast(a, c))
      }),
    )
  })

  it('never throws, whatever the texts', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => void isAtLeast(a, b)))
  })
})

describe('highestVersion (S-016)', (it) => {
  it('is the highest that is known, by numbers, in the spelling that was found', () => {
    const table: readonly (readonly [texts: readonly string[], highest: string | undefined])[] = [
      [[], undefined],
      [['0.4.0'], '0.4.0'],
      [['0.3.1', '1.0.0', '0.4.0'], '1.0.0'],
      [['1.0', '1.0.0'], '1.0'],
      [['1.1.0', '1.2.0', '2.0.0'], '1.1.0'],
      [['1.2.0'], undefined],
      [['junk', '0.2.0', ''], '0.2.0'],
    ]
    for (const [texts, highest] of table) assert.is(highestVersion(texts), highest, texts.join())
  })
})
