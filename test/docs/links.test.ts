/** Every page of the documentation leads where it says. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as assert from 'uvu/assert'
import { describe } from '../suite.js'
import { pages, project, readPage } from './page.js'

/** The targets of a page's links that lie in this project. */
const linksOf = (file: string): readonly string[] => {
  const prose = readPage(file).prose.replaceAll(/`[^`]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
}

/** The anchors that a page offers, as Git hosts make them of its headings. */
const anchorsOf = (file: string): ReadonlySet<string> =>
  new Set(
    readPage(file).headings.map(({ text }) =>
      text
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\- _]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )

describe('documentation: links', (it) => {
  it('lead to files that are there, and to headings that are there', () => {
    let count = 0
    for (const page of pages) {
      for (const link of linksOf(page)) {
        count++
        const [path = '', anchor] = link.split('#')
        const target = path === '' ? page : join(dirname(page), path)
        assert.ok(existsSync(`${project}${target}`), `${page}: ${link} leads nowhere`)
        if (anchor === undefined) continue
        assert.ok(anchorsOf(target).has(anchor), `${page}: ${link}: no such heading`)
      }
    }
    assert.ok(count > 50, `only ${count} links were found`)
  })

  it('reach every page: docs/README.md lists all of docs', () => {
    const listed = new Set(linksOf('docs/README.md'))
    for (const name of readdirSync(`${project}docs`)) {
      if (!name.endsWith('.md') || name === 'README.md') continue
      assert.ok(listed.has(name), `docs/README.md does not list ${name}`)
    }
  })

  it('stay inside: no page names a path of the machine on which it was written', () => {
    for (const page of pages) {
      assert.not.match(readFileSync(`${project}${page}`, 'utf8'), /\/work\/|\/home\/|localhost:/)
    }
  })
})
