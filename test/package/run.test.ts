import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { describe } from '../suite.js'
import { type Files, inFolder, node, project } from './sandbox.js'

/** What the test run says of a folder with these files. */
const outcome = (files: Files, ...args: readonly string[]) =>
  inFolder({ 'package.json': '{"type":"module"}', ...files }, (folder) => {
    const { status, stdout } = node(folder, [join(project, 'test/run.mjs'), ...args])
    const lines = stdout.trimEnd().split('\n')
    return { status, stdout, last: lines[lines.length - 1] ?? '' }
  })

const head = "import { suite } from 'uvu'\nconst test = suite('a')\n"
const one = "test('one', () => {})\n"
const passing = `${head}${one}test.run()\n`

describe('the test run', (it) => {
  it('closes on the counts alone and succeeds when every test passed', () => {
    const { status, last } = outcome({ 'test/a.test.ts': passing, 'test/b/c.test.ts': passing })
    assert.is(last, '2 passed, 0 failed')
    assert.is(status, 0)
  })

  it('counts and shows a failed test, and goes on with the others', () => {
    const failing = `${head}${one}test('two', () => { throw new Error('the reason') })\ntest.run()\n`
    const { status, stdout, last } = outcome({
      'test/a.test.ts': failing,
      'test/b.test.ts': passing,
    })
    assert.is(last, '2 passed, 1 failed')
    assert.is(status, 1)
    assert.match(stdout, 'the reason')
  })

  it('repeats the reasons of skipped tests before the last line', () => {
    const skipping = `${head}${one}test.skip('two')\nconsole.log('skipped: a: two: no root')\ntest.run()\n`
    const { status, stdout, last } = outcome({ 'test/a.test.ts': skipping })
    assert.is(last, '1 passed, 0 failed, 1 skipped')
    assert.match(stdout, 'skipped: a: two: no root\n1 passed')
    assert.is(status, 0)
  })

  it('accepts a file in which every test is skipped with a reason', () => {
    const skipping = `${head}test.skip('two')\nconsole.log('skipped: a: two: no root')\ntest.run()\n`
    const { status, last } = outcome({ 'test/a.test.ts': skipping, 'test/b.test.ts': passing })
    assert.is(last, '1 passed, 0 failed, 1 skipped')
    assert.is(status, 0)
  })

  it('runs the files whose path contains an argument, and no other', () => {
    const files = { 'test/a.test.ts': passing, 'test/b.test.ts': 'process.exit(1)\n' }
    assert.is(outcome(files, './test/a').last, '1 passed, 0 failed')
    assert.is(outcome(files, 'a.test').last, '1 passed, 0 failed')
  })
})

describe('the test run refuses', (it) => {
  /** Each passes for uvu, or says too little: the files, the words in which the refusal says why. */
  const cases: readonly (readonly [title: string, text: string, fault: string])[] = [
    [
      'a `before` that throws',
      `${head}test.before(() => { throw new Error('x') })\n${one}test.run()\n`,
      '1 of 1 tests did not pass',
    ],
    [
      'an `after.each` that throws',
      `${head}test.after.each(() => { throw new Error('x') })\n${one}test.run()\n`,
      '1 of 1 tests did not pass',
    ],
    ['a suite whose run was forgotten', `${head}${one}`, 'no totals'],
    ['a file without a suite', 'export {}\n', 'no totals'],
    ['a suite without a test', `${head}test.run()\n`, 'no test in it'],
    [
      'a test that never settles and leaves nothing to wait for',
      `${head}test('one', () => new Promise(() => {}))\ntest.run()\n`,
      'no totals',
    ],
    ['a skip without a reason', `${head}${one}test.skip('two')\ntest.run()\n`, '1 skipped without'],
    [
      'a test that shuts out the others',
      `${head}test.only('one', () => {})\ntest('two', () => {})\ntest.run()\n`,
      'skipped without a reason',
    ],
    [
      'a suite that is added when the run has begun',
      `${passing}await new Promise((f) => setTimeout(f, 50))\nconst later = suite('b')\nlater('two', () => {})\nlater.run()\n`,
      'more than one run',
    ],
    [
      'an exit code behind passed tests',
      `${passing}process.on('exit', () => { process.exitCode = 3 })\n`,
      'exit code 3',
    ],
    ['a file that cannot be loaded', "import './missing.js'\n", 'exit code 1'],
  ]
  for (const [title, text, fault] of cases) {
    it(title, () => {
      const { status, stdout, last } = outcome({ 'test/a.test.ts': text })
      assert.match(stdout, `failed: test/a.test.ts: `)
      assert.match(stdout, fault)
      assert.match(last, / passed, [1-9]\d* failed/)
      assert.is(status, 1)
    })
  }

  it('a test that never settles and keeps its process alive, at the limit', () => {
    const hanging = `${head}setInterval(() => {}, 1000)\ntest('one', () => new Promise(() => {}))\ntest.run()\n`
    const { status, stdout } = outcome({ 'test/a.test.ts': hanging }, '--limit-seconds', '2')
    assert.match(stdout, 'still running after 2 s')
    assert.is(status, 1)
  })

  it('a folder without tests and an argument that names none', () => {
    assert.is(outcome({ 'test/a.ts': passing }).last, '0 passed, 1 failed')
    assert.is(outcome({ 'test/a.test.ts': passing }, 'b.test').last, '0 passed, 1 failed')
  })
})

describe('a test', (it) => {
  it('sees a clean environment: no extra certificates, one language, one time zone, one umask', () => {
    const text = `${head}import * as assert from 'uvu/assert'
      test('one', () => {
        assert.is(process.env.NODE_EXTRA_CA_CERTS, undefined)
        assert.is(process.env.KUBECONFIG, undefined)
        assert.is(process.env.TZ, 'UTC')
        assert.is(process.env.METACNI_PLUGINS, '/x')
        assert.is(process.umask(), 0o022)
      })
      test.run()\n`
    inFolder({ 'package.json': '{"type":"module"}', 'test/a.test.ts': text }, (folder) => {
      const env = { NODE_EXTRA_CA_CERTS: '/x', KUBECONFIG: '/x', METACNI_PLUGINS: '/x' }
      const umask = process.umask(0o077)
      const { stdout } = node(folder, [join(project, 'test/run.mjs')], env)
      process.umask(umask)
      assert.match(stdout, '1 passed, 0 failed')
    })
  })
})
