import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { printable } from '../../lib/cni/printable.js'
import { align, enumerate, maximumColumns, wrap } from '../../lib/plan/text.js'
import { describe } from '../suite.js'

describe('wrap', (it) => {
  it('breaks lines between words and keeps the indent', () => {
    const words = Array(30).fill('word').join(' ')
    const lines = wrap(words, '- ')
    assert.is(lines.length, 2)
    assert.is(lines[0], `- ${Array(19).fill('word').join(' ')}`)
    assert.is(lines[1], `  ${Array(11).fill('word').join(' ')}`)
  })

  it('cuts a word that is longer than a line', () => {
    const lines = wrap(`a ${'x'.repeat(250)} b`, '')
    assert.equal(
      lines.map(({ length }) => length),
      [1, 100, 100, 52],
    )
  })

  it('never writes a longer line, and loses no character but blanks', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 500 }), fc.nat(10), (text, indent) => {
        const lines = wrap(text, ' '.repeat(indent))
        assert.ok(lines.every(({ length }) => length <= maximumColumns))
        assert.is(lines.join('').replaceAll(' ', ''), printable(text).replaceAll(' ', ''))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('align', (it) => {
  it('makes every column as wide as its widest cell and ends no line with blanks', () => {
    assert.equal(
      align([
        ['a', 'b'],
        ['ccc', ''],
        ['', 'd'],
      ]),
      ['a    b', 'ccc', '     d'],
    )
    assert.equal(align([]), [])
  })
})

describe('enumerate', (it) => {
  it('joins words as a sentence does', () => {
    assert.equal([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(enumerate), [
      '',
      'a',
      'a and b',
      'a, b and c',
    ])
  })
})
