import { readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { problemCniCodes } from '../../lib/cni/problem.js'
import { describe } from '../suite.js'

const text = readFileSync('docs/problems.md', 'utf8')
const sections = text.split(/^## /m).slice(1)
const rows = [...text.matchAll(/^\| \[`([a-z-]+)`\]\(#([a-z-]+)\) \| (\d+) \| ([a-z, ]+) \|$/gm)]

describe('docs/problems.md', (it) => {
  it('has a section for every code of the registry, in its order, and no other', () => {
    const titles = sections.map((section) => section.slice(0, section.indexOf('\n')))
    assert.equal(titles, Object.keys(problemCniCodes))
  })

  it('says of each code what it means, an example message and what to do', () => {
    for (const section of sections) {
      const [title, meaning, example, advice, ...others] = section.trim().split('\n\n')
      assert.ok(meaning && advice, title)
      assert.match(example ?? '', /^> ./, title)
      assert.equal(others, [], title)
    }
  })

  it('lists every code with the CNI error code that a runtime sees', () => {
    assert.equal(
      rows.map(([, code, , number]) => [code, Number(number)]),
      Object.entries(problemCniCodes),
    )
    for (const [, code, anchor, , severities] of rows) {
      assert.is(anchor, code)
      assert.match(severities ?? '', /^(error|warning)(, (error|warning))?$/)
    }
  })
})
