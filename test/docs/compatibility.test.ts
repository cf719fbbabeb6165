import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { describe } from '../suite.js'

const rows = [
  ...readFileSync('docs/compatibility.md', 'utf8').matchAll(/^\| (X-\d\d) \|(.+)\|$/gm),
].map(([, id = '', rest = '']) => ({ id, cells: rest.split('|').map((cell) => cell.trim()) }))

/** What the tests say that they check: their titles, on one line or begun on the next. */
const titles = readdirSync('test', { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.test.ts'))
  .flatMap((name) => readFileSync(join('test', name), 'utf8').split('\n'))
  .filter((line) => /^\s*(?:(?:it|describe)\(|onNode\(|['"`])/.test(line))

describe('docs/compatibility.md', (it) => {
  it('has a row for every divergence, X-01 to X-27, in order', () => {
    const expected = Array.from({ length: 27 }, (_, i) => `X-${String(i + 1).padStart(2, '0')}`)
    assert.equal(
      rows.map(({ id }) => id),
      expected,
    )
  })

  it('says of each what Go does, what metacni does and why', () => {
    for (const { id, cells } of rows) {
      assert.is(cells.length, 4, id)
      for (const cell of cells) assert.ok(cell, id)
    }
  })

  it('says nothing that no test checks: each row is named by one', () => {
    for (const { id } of rows)
      assert.ok(
        titles.some((title) => title.includes(id)),
        id,
      )
  })
})
