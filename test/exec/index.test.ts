import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { createExecRunner } from '../../runners/exec/index.js'
import { unstarted } from '../../runners/node/start.js'
import { describe } from '../suite.js'
import { base, invocationOf, never } from './fixtures.js'

const runners = fileURLToPath(new URL('../../runners', import.meta.url))

describe('createExecRunner', (it) => {
  it('runs plugins with execa when nothing else is given', async () => {
    const runner = createExecRunner({ env: base })
    assert.equal(await runner.run(invocationOf('succeed'), never), {
      kind: 'success',
      stdout: '{"cniVersion":"1.0.0"}\n',
    })
    assert.is((await runner.run(invocationOf('refuse'), never)).kind, 'refused')
  })

  it('leaks nothing of its own environment into a plugin', async () => {
    process.env.METACNI_TEST_LEAK = '1'
    const answer = await createExecRunner({ env: base }).run(invocationOf('report'), never)
    delete process.env.METACNI_TEST_LEAK
    assert.not.match(answer.kind === 'success' ? answer.stdout : 'LEAK', 'LEAK')
  })

  it('uses the starter that it is given', async () => {
    let count = 0
    const start = async () => {
      count++
      return { ...unstarted, started: true, exitCode: 0, stdout: '{}' }
    }
    const answer = await createExecRunner({ env: base, start }).run(invocationOf('succeed'), never)
    assert.equal(answer, { kind: 'success', stdout: '{}' })
    assert.is(count, 1)
  })

  it('is traced through debug under metacni:exec, without a value of the configuration', () => {
    const stdin = { name: 'n', token: 'hunter2' }
    const invocation = JSON.stringify(invocationOf('succeed', { stdin }))
    const script = `
      import { createExecRunner } from ${JSON.stringify(join(runners, 'exec/index.ts'))}
      const runner = createExecRunner({ env: process.env })
      await runner.run(${invocation}, new AbortController().signal)`
    const run = (DEBUG: string) =>
      spawnSync(
        process.execPath,
        ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', script],
        { encoding: 'utf8', env: { ...base, DEBUG } },
      )
    const traced = run('metacni:exec')
    assert.is(traced.status, 0, traced.stderr)
    assert.match(traced.stderr, 'metacni:exec ADD succeed eth0')
    assert.match(traced.stderr, 'ADD succeed eth0: success')
    assert.match(traced.stderr, 'token')
    assert.not.match(traced.stderr, 'hunter2')
    assert.is(run('other').stderr, '')
  })
})

describe('the core of the exec runner', (it) => {
  it('needs neither execa nor debug, nor what imports them', () => {
    const seen = new Set<string>()
    const packages = new Set<string>()
    const visit = (file: string): void => {
      if (seen.has(file)) return
      seen.add(file)
      for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/from '([^']+)'/g)) {
        if (name.startsWith('.')) visit(join(dirname(file), name.replace(/\.js$/, '.ts')))
        else if (!name.startsWith('node:')) packages.add(name)
      }
    }
    visit(join(runners, 'exec/core.ts'))
    visit(join(runners, 'node/start.ts'))
    assert.ok(seen.size > 5)
    assert.equal(
      [...packages].filter((name) => !/^(fp-ts|io-ts)/.test(name)),
      [],
    )
  })
})
