/** The README shows the examples as they are, and says the same in both languages. */
import * as assert from 'uvu/assert'
import { textOf } from '../examples/program.js'
import { describe } from '../suite.js'
import { readPage } from './page.js'

const english = readPage('README.md')
const chinese = readPage('README.zh-CN.md')

describe('README', (it) => {
  it('leads with examples/own-meta-cni, as it is', () => {
    const [first] = english.blocks.filter(({ info }) => info === 'ts')
    assert.is(first?.text, textOf('examples/own-meta-cni/index.ts'))
  })

  it('shows examples/plan-from-strings as it is', () => {
    const shown = english.blocks.map(({ text }) => text)
    assert.ok(shown.includes(textOf('examples/plan-from-strings/index.ts')))
  })

  it('has the same blocks of code in English and in Chinese', () => {
    const codeOf = ({ blocks }: typeof english) => blocks.map(({ info, text }) => [info, text])
    assert.equal(codeOf(chinese), codeOf(english))
  })

  it('has the same headings, links and tables in English and in Chinese', () => {
    const levelsOf = ({ headings }: typeof english) => headings.map(({ level }) => level)
    assert.equal(levelsOf(chinese), levelsOf(english))
    const linksOf = ({ prose }: typeof english) =>
      [...prose.matchAll(/\]\(([^)]+)\)/g)]
        .map(([, target]) => target)
        .filter((target) => !/^README(\.zh-CN)?\.md$/.test(target ?? ''))
    assert.equal(linksOf(chinese), linksOf(english))
    const rowsOf = ({ prose }: typeof english) => prose.match(/^\|/gm)?.length ?? 0
    assert.is(rowsOf(chinese), rowsOf(english))
  })
})
