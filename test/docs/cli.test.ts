/** docs/cli.md speaks of everything that the command line offers. */
import { readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { runProgram } from '../examples/program.js'
import { describe } from '../suite.js'
import { project } from './page.js'

const page = readFileSync(`${project}docs/cli.md`, 'utf8')
const helpOf = async (...args: readonly string[]): Promise<string> =>
  (await runProgram('examples/metacni/index.ts', { args: [...args, '--help'] })).stdout

/** The commands that a help lists. */
const commandsIn = (help: string): readonly string[] => {
  const start = help.indexOf('\nCommands:')
  if (start < 0) return []
  const [list = ''] = help.slice(start).split('\n\n')
  return [...list.matchAll(/^ {2}(\w+)(?: \[options\])? /gm)].map(([, name = '']) => name)
}

describe('docs/cli.md', (it) => {
  it('has every command and every option of it, and no other', async () => {
    const commands = commandsIn(await helpOf())
    assert.ok(commands.length >= 5, commands.join(' '))
    const offered = new Set(['--help', '--version'])
    for (const command of commands) {
      assert.match(page, new RegExp(`^### metacni ${command}$`, 'm'))
      const help = await helpOf(command)
      const inner = commandsIn(help)
      for (const one of inner) assert.match(page, `\`metacni ${command} ${one} `)
      const helps = [help, ...(await Promise.all(inner.map((one) => helpOf(command, one))))]
      for (const [option] of helps.join('\n').matchAll(/^ {2}(?:-\w, )?--[a-z-]+/gm)) {
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
