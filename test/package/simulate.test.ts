import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { describe } from '../suite.js'
import { inFolder, node, project } from './sandbox.js'

const script = 'scripts/simulate.mjs'
const run = (env: Readonly<Record<string, string>>) => node(project, [script], env)

/** The script with a worker of the test's own, which sees `seed` and `process`. */
const withWorker = (perSeed: string, env: Readonly<Record<string, string>>) =>
  inFolder(
    {
      'package.json': '{"type":"module"}',
      [script]: readFileSync(join(project, script), 'utf8'),
      'test/simulation/worker.ts': `process.on('message', ({ kind, seed: only, from, to }) => {
        const finding = (seed) => ({ seed, message: 'it leaks', trace: ['ADD c1', 'death'] })
        if (kind === 'trace') return process.send({ kind, finding: finding(only), trace: [] })
        for (let seed = from; seed < to; seed++) { ${perSeed} }
        process.send({ kind: 'done', count: to - from })
      })
      process.on('disconnect', () => process.exit(0))`,
    },
    (folder) => node(folder, [script], env),
  )

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? ''

describe('make simulate', (it) => {
  it('runs as many schedules as it is told, from the seed that it is told, and says how fast', () => {
    const { status, stdout } = run({ COUNT: '40', FROM: '1000' })
    assert.match(lastLine(stdout), /^40 of 40 schedules, \d+ a second, 0 found$/)
    assert.is(status, 0)
  })

  it('replays a seed with all that happened, twice alike', () => {
    // The names of temporary files bear the number of the process.
    const of = (stdout: string) => stdout.replaceAll(/\d+-\d+\.tmp/g, 'tmp')
    const [first, second] = [run({ SEED: '44' }), run({ SEED: '44' })]
    assert.match(first.stdout, /^seed 44: nothing\n {2}records: .+\n/)
    assert.is(of(second.stdout), of(first.stdout))
    assert.is(first.status, 0)
  })

  it('prints a finding with its seed, its trace and how to see it again, and fails', () => {
    const perSeed = "if (seed === 7) process.send({ kind: 'finding', finding: finding(seed) })"
    const { status, stdout } = withWorker(perSeed, { COUNT: '20' })
    assert.match(stdout, 'seed 7: it leaks\n  ADD c1\n  death\n  replay: make simulate SEED=7\n')
    assert.match(lastLine(stdout), '20 of 20 schedules, ')
    assert.match(lastLine(stdout), ', 1 found')
    assert.is(status, 1)
    const again = withWorker(perSeed, { SEED: '7' })
    assert.match(again.stdout, 'seed 7: it leaks\n  ADD c1')
    assert.is(again.status, 1)
  })

  it('stops when there is enough to look at', () => {
    const perSeed = "process.send({ kind: 'finding', finding: finding(seed) })"
    const { status, stdout } = withWorker(perSeed, { COUNT: '100000' })
    assert.is(stdout.match(/it leaks/g)?.length, 10)
    assert.not.match(lastLine(stdout), '100000 of 100000')
    assert.is(status, 1)
  })

  it('says which seeds a process was at that ended', () => {
    const { status, stdout } = withWorker('if (seed === 260) process.exit(3)', { COUNT: '300' })
    assert.match(stdout, 'seeds 250 to 299: the process ended: 3')
    assert.is(status, 1)
  })

  it('refuses what is no number', () => {
    for (const [name, text] of [
      ['SEED', 'x'],
      ['COUNT', '-1'],
      ['FROM', '1e3'],
    ] as const) {
      const { status, stderr } = run({ [name]: text })
      assert.is(stderr, `${name} must be a natural number, not "${text}"\n`)
      assert.is(status, 2)
    }
  })
})
