import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { findPlugins } from '../plugins.js'
import { describe } from '../suite.js'
import { inFolder, node, project } from './sandbox.js'

describe('scripts/plugins.mjs', (it) => {
  it('names a directory with the standard plugins, or says why there is none', () => {
    const plugins = findPlugins()
    if (plugins.ok) assert.ok(existsSync(join(plugins.directory, 'bridge')))
    else assert.match(plugins.reason, 'containernetworking-plugins')
  })
})

describe('scripts/node-lts.mjs', (it) => {
  it('names a Node of the line it promises, or says why there is none', () => {
    const { status, stdout, stderr } = node(project, ['scripts/node-lts.mjs'])
    if (status !== 0) return assert.match(stderr, /Node|npm/)
    const { stdout: version } = spawnSync(stdout.trim(), ['-p', 'process.version'], {
      encoding: 'utf8',
    })
    return assert.match(version, /^v24\./)
  })
})

describe('scripts/coverage.mjs', (it) => {
  const head =
    "import { suite } from 'uvu'\nimport { f } from '../lib/a.js'\nconst test = suite('a')\n"
  const branches = 'export const f = (a: boolean) => {\n  if (a) return 1\n  return 2\n}\n'
  const files = {
    'package.json': '{"type":"module"}',
    'lib/a.ts': branches,
    'lib/types.ts': 'export interface A {\n  readonly a: string\n}\n',
    'test/run.mjs': `import ${JSON.stringify(join(project, 'test/run.mjs'))}\n`,
  }
  const outcome = (more: Readonly<Record<string, string>>) =>
    inFolder({ ...files, ...more }, (folder) => {
      const { status, stdout, stderr } = node(folder, [join(project, 'scripts/coverage.mjs')])
      const lines = stdout.trimEnd().split('\n')
      return { status, text: `${stdout}${stderr}`, last: lines[lines.length - 1] ?? '' }
    })
  const whole = `${head}test('one', () => { f(true); f(false) })\ntest.run()\n`

  it('succeeds when every branch is reached; a file of types has none', () => {
    const { status, text, last } = outcome({ 'test/a.test.ts': whole })
    assert.is(last, '1 passed, 0 failed', text)
    assert.is(status, 0)
  })

  it('fails below the bar', () => {
    const half = `${head}test('one', () => { f(true) })\ntest.run()\n`
    const { status, text, last } = outcome({ 'test/a.test.ts': half })
    assert.is(last, '1 passed, 1 failed', text)
    assert.match(text, 'does not meet global threshold (95%)')
    assert.is(status, 1)
  })

  it('fails when no test reaches a file', () => {
    const { status, text } = outcome({ 'test/a.test.ts': whole, 'lib/b.ts': branches })
    assert.match(text, 'no test reaches lib/b.ts')
    assert.is(status, 1)
  })
})
