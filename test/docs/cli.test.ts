/** docs/cli.md speaks of everything that the command line offers. */
import { readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { runProgram } from '../examples/program.js'
import { describe } from '../suite.js'
import { project } from './page.js'

const page = readFileSync(`${project}docs/cli.md`, 'utf8')
const helpOf = async (...args: readonly string[]): Promise<string> =>
  (await runProgram('examples/metacni/index.ts', { args: [...args, '--help'] })).stdout

describe('docs/cli.md', (it) => {
  it('has every command and every option of it, and no other', async () => {
    const overview = await helpOf()
    const [list = ''] = overview.slice(overview.indexOf('\nCommands:')).split('\n\n')
    const commands = [...list.matchAll(/^ {2}(\w+)(?: \[options\])? /gm)].map(
      ([, name = '']) => name,
    )
    assert.ok(commands.length >= 5, commands.join(' '))
    const offered = new Set(['--help', '--version'])
    for (const command of commands) {
      assert.match(page, new RegExp(`^### metacni ${command}$`, 'm'))
      const help = await helpOf(command)
      for (const [option] of help.matchAll(/^ {2}(?:-\w, )?--[a-z-]+/gm)) {
        const name = option.slice(option.indexOf('--'))
        offered.add(name)
        assert.match(page, new RegExp(`\`(-\\w, )?${name}\\b`), `${command} ${name}`)
      }
    }
    for (const [, option = ''] of page.matchAll(/^\| `(--[a-z-]+)/gm)) {
      assert.ok(offered.has(option), `${option} is not offered`)
    }
  })
})
