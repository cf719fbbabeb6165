/**
 * Every command that the documentation shows works. `sh run`: is carried out by bash in a copy of examples/tke, where
 * `metacni` is the command line from its source; the block below it is what it prints, on both outputs.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { describe } from '../suite.js'
import { outputOf, pages, project, readPage } from './page.js'

const prelude = `
metacni() { "$METACNI_NODE" --import "$METACNI_TSX" "$METACNI_PROJECT/examples/metacni/index.ts" "$@"; }
export -f metacni
`

interface Result {
  readonly exitCode: number | null
  readonly output: string
}

const runShell = (script: string, cwd: string): Promise<Result> =>
  new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', `exec 2>&1\n${prelude}\n${script}`], {
      cwd,
      env: {
        ...process.env,
        CNI_PATH: '',
        NO_COLOR: '1',
        METACNI_NODE: process.execPath,
        METACNI_TSX: import.meta.resolve('tsx'),
        METACNI_PROJECT: project,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.on('error', reject)
    child.on('close', (exitCode) => resolve({ exitCode, output }))
  })

describe('documentation: commands', (it) => {
  it('are marked with words that this test knows', () => {
    for (const file of pages) {
      for (const { info, place } of readPage(file).blocks) {
        if (/^(sh|bash|console)\b/.test(info)) assert.match(info, /^sh( run)?$/, place)
      }
    }
  })

  for (const file of pages) {
    const page = readPage(file)
    const blocks = page.blocks.filter(({ info }) => info === 'sh run')
    if (blocks.length === 0) continue
    // In one place, one after the other: a page may go on with what it has attached.
    it(`${file}: every one does what is shown`, async () => {
      const place = mkdtempSync(join(tmpdir(), 'metacni-docs-'))
      try {
        cpSync(`${project}examples/tke`, place, { recursive: true })
        for (const block of blocks) {
          const { exitCode, output } = await runShell(block.text, place)
          const expected = outputOf(page, block)?.text
          assert.is(output, expected ?? '', block.place)
          assert.is(exitCode, 0, `${block.place}: exit code ${exitCode}`)
        }
      } finally {
        rmSync(place, { recursive: true, force: true })
      }
    }, 900_000)
  }
})
