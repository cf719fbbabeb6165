/** Decides what every Starter promises; each starter's own test runs it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, closeSync, copyFileSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import type { Program, Starter } from '../../runners/node/start.js'
import { isAlive, makePipe, pidsFrom, withDirectory } from '../fixtures/marks.js'
import { describe } from '../suite.js'

const plugins = fileURLToPath(new URL('../fixtures/plugins/', import.meta.url))
const never = new AbortController().signal
const path = { PATH: process.env.PATH ?? '/usr/bin:/bin' }

const program = (name: string, changes: Partial<Program> = {}): Program => ({
  file: name.startsWith('/') ? name : join(plugins, name),
  env: path,
  stdin: '{}',
  limitBytes: 1024 * 1024,
  signal: never,
  ...changes,
})

/** Runs a fixture that says its pids, and aborts it then. */
const startAndAbort = (start: Starter, name: string) =>
  withDirectory(async (directory) => {
    const MARK = makePipe(join(directory, 'mark'))
    const controller = new AbortController()
    const call = program(name, { env: { ...path, MARK }, signal: controller.signal })
    const finishing = start(call)
    const pids = await pidsFrom(MARK)
    controller.abort()
    return { pids, finished: await finishing }
  })

/** The suite. `create`, of that module, takes the patience after SIGKILL, in milliseconds. */
export const starterSuite = (
  name: string,
  create: (patience?: number) => Starter,
  module: string,
): void =>
  describe(name, (it) => {
    const start = create()

    it('gives exit code 0 and the whole stdout, final newline included', async () => {
      const finished = await start(program('succeed'))
      assert.equal(finished, {
        started: true,
        exitCode: 0,
        signal: undefined,
        stdout: '{"cniVersion":"1.0.0"}\n',
        stderr: '',
        startError: undefined,
        overflow: false,
        aborted: false,
        unkillable: false,
      })
    })

    it('gives stdin, environment and working directory, and nothing else (2.5)', async () => {
      const env = { ...path, CNI_ARGS: '', CNI_IFNAME: 'eth0' }
      const finished = await start(program('report', { env, stdin: '{"a":"ü"}' }))
      const report = JSON.parse(finished.stdout)
      assert.equal(report.stdin, { a: 'ü' })
      assert.equal(report.env, { CNI_ARGS: '', CNI_IFNAME: 'eth0' })
      // The shell and the coverage of these tests add these.
      const own = ['PWD', 'OLDPWD', 'SHLVL', '_', 'NODE_V8_COVERAGE']
      assert.equal(
        report.others.filter((one: string) => !own.includes(one)),
        ['PATH'],
      )
      assert.equal(report.args, [])
      assert.is(report.cwd, process.cwd())
    })

    it('hands arguments on', async () => {
      const finished = await start(program('/bin/echo', { args: ['a b', '$HOME', ''] }))
      assert.is(finished.stdout, 'a b $HOME \n')
    })

    it('gives exit code, stdout and stderr of a failure', async () => {
      const { exitCode, stdout, stderr } = await start(program('refuse'))
      assert.is(exitCode, 1)
      assert.is(stdout, '  {"code": 7, "msg": "no such bridge", "details": "br0"}\n')
      assert.is(stderr, 'looking for br0\n')
    })

    it('gives the name of the signal that killed the program', async () => {
      const { exitCode, signal, aborted } = await start(program('killed'))
      assert.is(exitCode, undefined)
      assert.is(signal, 'SIGKILL')
      assert.is(aborted, false)
    })

    it('survives ten mebibytes of stdin that nobody reads (EPIPE, 2.5)', async () => {
      const stdin = 'x'.repeat(10 * 1024 * 1024)
      for (const name of ['ignore-stdin', 'silent']) {
        const finished = await start(program(name, { stdin }))
        assert.is(finished.started, true)
        assert.is(finished.exitCode, name === 'silent' ? 1 : 0)
        assert.is(finished.stdout, name === 'silent' ? '' : '{"unread":true}')
      }
    })

    it('keeps characters whole that arrive in pieces', async () => {
      const args = ['-c', 'printf x; yes ü | tr -d "\\n" | head -c 200000']
      const finished = await start(program('/bin/sh', { args }))
      assert.ok(finished.stdout === `x${'ü'.repeat(100_000)}`, 'a character was torn')
    })

    it('ends a program that prints more than the limit', async () => {
      const finished = await start(program('flood', { limitBytes: 100_000 }))
      assert.is(finished.overflow, true)
      assert.is(finished.started, true)
      assert.is(finished.aborted, false)
      assert.is(finished.unkillable, false)
      assert.ok(finished.stdout.length <= 100_000)
    })

    it('allows exactly the limit', async () => {
      const args = ['-c', 'printf 0123456789']
      const exact = await start(program('/bin/sh', { args, limitBytes: 10 }))
      assert.is(exact.overflow, false)
      assert.is(exact.stdout, '0123456789')
      const over = await start(program('/bin/sh', { args, limitBytes: 9 }))
      assert.is(over.overflow, true)
    })

    it('cuts a long stderr and lets the program go on', async () => {
      const finished = await start(program('chatty'))
      assert.is(finished.exitCode, 0)
      assert.is(finished.stderr.length, 64 * 1024)
      assert.is(finished.stdout, '{}')
    })

    it('starts nothing when the signal has fired already', async () => {
      const signal = AbortSignal.abort()
      const finished = await start(program('succeed', { signal }))
      assert.is(finished.started, false)
      assert.is(finished.aborted, true)
      assert.is(finished.stdout, '')
    })

    for (const name of ['hang', 'trap', 'quiet-child']) {
      it(`kills ${name} and its group before it answers`, async () => {
        const { pids, finished } = await startAndAbort(start, name)
        assert.is(finished.aborted, true)
        assert.is(finished.unkillable, false)
        assert.is(finished.signal, 'SIGKILL')
        assert.equal(
          pids.map(isAlive),
          pids.map(() => false),
        )
      })
    }

    it('kills a grandchild that holds the pipes of a program that has ended', async () => {
      const { pids, finished } = await startAndAbort(start, 'hang-with-child')
      assert.is(finished.aborted, true)
      assert.is(finished.unkillable, false)
      assert.equal(pids.map(isAlive), [false])
    })

    it('is unkillable, within its patience, when something out of reach holds the pipes', async () => {
      const { pids, finished } = await startAndAbort(create(50), 'escape')
      try {
        assert.is(finished.unkillable, true)
        assert.is(finished.started, true)
        assert.equal(pids.map(isAlive), [true])
      } finally {
        for (const pid of pids) process.kill(pid, 'SIGKILL')
      }
    })

    it('is not kept alive itself by what is unkillable', () =>
      withDirectory(async (directory) => {
        const pipe = makePipe(join(directory, 'mark'))
        const script = fileURLToPath(new URL('../fixtures/unkillable-call.ts', import.meta.url))
        const tsx = import.meta.resolve('tsx')
        const args = ['--import', tsx, script, module, create.name, join(plugins, 'escape'), pipe]
        const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
        const [line] = await once(child.stdout, 'data')
        const { pid, unkillable } = JSON.parse(String(line))
        try {
          assert.is(unkillable, true)
          // It would end with the one that holds the pipes, and that lives.
          assert.equal(await once(child, 'exit'), [0, null])
          assert.is(isAlive(pid), true)
        } finally {
          child.kill('SIGKILL')
          process.kill(pid, 'SIGKILL')
        }
      }))

    it('forgets the signal when the program has ended', async () => {
      const controller = new AbortController()
      const finished = await start(program('succeed', { signal: controller.signal }))
      controller.abort()
      assert.is(finished.aborted, false)
      assert.is((await start(program('succeed'))).exitCode, 0)
    })

    const startErrors: readonly [string, string, Partial<Program>][] = [
      ['a file without execute bit', 'EACCES', { file: join(plugins, 'not-executable') }],
      ['a file that is not there', 'ENOENT', { file: join(plugins, 'nothing') }],
      ['a missing interpreter', 'ENOENT', { file: join(plugins, 'no-interpreter') }],
      ['a directory', 'EACCES', { file: plugins }],
      ['an environment that is too large', 'E2BIG', { env: { A: 'x'.repeat(3_000_000) } }],
      ['a NUL in the environment', 'ERR_INVALID_ARG_VALUE', { env: { A: 'a\0b' } }],
      ['a NUL in the path', 'ERR_INVALID_ARG_VALUE', { file: '/bin/a\0b' }],
    ]
    for (const [what, code, changes] of startErrors) {
      it(`says ${code} for ${what}`, async () => {
        const { started, startError, exitCode } = await start(program('succeed', changes))
        assert.is(startError?.code, code)
        assert.is(started, false)
        assert.is(exitCode, undefined)
        assert.ok((startError?.message ?? '').length > 0)
      })
    }

    const busy = 'says ETXTBSY for a file that is open for writing'
    const run = () =>
      withDirectory(async (directory) => {
        const file = join(directory, 'busy')
        copyFileSync(join(plugins, 'succeed'), file)
        chmodSync(file, 0o755)
        const writer = openSync(file, 'r+')
        const first = await start(program(file))
        closeSync(writer)
        assert.is(first.startError?.code, 'ETXTBSY')
        assert.is(first.started, false)
        assert.is((await start(program(file))).exitCode, 0)
      })
    if (allowsWriting) it.skip(busy, 'this kernel lets programs be written while they run')
    else it(busy, run)
  })

/** Linux 6.11 and 6.12 have no ETXTBSY. */
export const allowsWriting = /^6\.1[12]\./.test(readFileSync('/proc/sys/kernel/osrelease', 'utf8'))
