import { type ChildProcess, spawn } from 'node:child_process'
import { openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import metadata from '../../package.json' with { type: 'json' }
import { describe } from '../suite.js'
import { createMark, type Folder, network, stubs, withFolder } from './command.js'

const project = fileURLToPath(new URL('../..', import.meta.url))
const loader = import.meta.resolve('tsx')
const entry = join(project, 'examples/metacni/index.ts')

interface Started {
  readonly child: ChildProcess
  readonly ended: Promise<{
    readonly exitCode: number | null
    readonly stdout: string
    readonly stderr: string
  }>
}

/** Starts the program itself. */
const start = (
  args: readonly string[],
  options: {
    readonly env?: NodeJS.ProcessEnv
    readonly stdin?: string
    readonly stdout?: number
    readonly preload?: string
  } = {},
): Started => {
  const { stdin, stdout: output = 'pipe', preload } = options
  const more = preload === undefined ? [] : ['--import', preload]
  const child = spawn(process.execPath, ['--import', loader, ...more, entry, ...args], {
    env: { PATH: process.env.PATH, ...options.env },
    stdio: ['pipe', output, 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr?.setEncoding('utf8').on('data', (chunk) => {
    stderr += chunk
  })
  child.stdin?.on('error', () => {})
  child.stdin?.end(stdin ?? '')
  const ended = new Promise<Awaited<Started['ended']>>((resolve) => {
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }))
  })
  return { child, ended }
}

const run = (...parameters: Parameters<typeof start>) => start(...parameters).ended

const files = {
  'net.d/good.conf': network({ name: 'good', type: 'stub' }),
  'net.d/stuck.conf': network({ name: 'stuck', type: 'stub', wait: 'ADD' }),
  'net.d/ports.conf': network({ name: 'ports', type: 'ptp' }),
}
const inNode = (body: (folder: Folder) => Promise<void>) => withFolder(files, body)

describe('the program metacni', (it) => {
  it('prints its version, and its help with every command and option', async () => {
    const version = await run(['--version'])
    assert.equal(version, { exitCode: 0, stdout: `${metadata.version}\n`, stderr: '' })
    const help = await run(['--help'])
    assert.is(help.exitCode, 0)
    assert.is(help.stderr, '')
    for (const command of ['plan', 'explain', 'add', 'check', 'del']) {
      assert.match(help.stdout, new RegExp(`^  ${command} `, 'm'))
      const own = await run([command, '--help'])
      assert.is(own.exitCode, 0)
      assert.match(own.stdout, `Usage: metacni ${command} [options]`)
      assert.match(own.stdout, '--output <format>')
    }
  })

  const wrong: readonly (readonly [string, readonly string[], string])[] = [
    ['no command', [], 'Usage: metacni'],
    ['an unknown command', ['frob'], "unknown command 'frob'"],
    ['an unknown option', ['plan', '--frob'], "unknown option '--frob'"],
    ['an argument too many', ['plan', 'x'], 'too many arguments'],
    ['a missing option', ['add', '--netns', '/x'], '--container-id'],
    ['an option without its value', ['plan', '--pod'], 'argument missing'],
    ['an unknown form', ['plan', '-o', 'xml'], 'Allowed choices are table, json, yaml'],
    ['an unknown runner', ['del', '--container-id', 'x', '--runner', 'x'], 'exec, ip, memory'],
    ['an empty directory', ['del', '--container-id', 'x', '--state-dir', ''], 'a directory'],
    ['no number of seconds', ['del', '--container-id', 'x', '--timeout', '1e9'], 'seconds'],
  ]
  for (const [title, args, message] of wrong) {
    it(`exits 2 for wrong usage: ${title}`, async () => {
      const { exitCode, stdout, stderr } = await run(args)
      assert.is(exitCode, 2)
      assert.is(stdout, '')
      assert.match(stderr, message)
    })
  }

  it('plans and refuses, with the exit codes 0 and 1', () =>
    inNode(async ({ at }) => {
      const args = ['plan', '--conf-dir', at('net.d'), '-o', 'json', '--networks']
      const planned = await run([...args, 'good'])
      assert.is(planned.exitCode, 0)
      assert.is(planned.stderr, '')
      assert.is(JSON.parse(planned.stdout).attachments[0].network.name, 'good')
      const refused = await run([...args, 'nope'])
      assert.is(refused.exitCode, 1)
      assert.is(refused.stderr, '')
      assert.is(JSON.parse(refused.stdout).problems[0].code, 'unknown-network')
    }))

  it('reads a manifest from its stdin', () =>
    inNode(async ({ at }) => {
      const stdin =
        'kind: Pod\napiVersion: v1\nmetadata: {annotations: {tke.cloud.tencent.com/networks: good}}\n'
      for (const pod of ['-', '/dev/stdin']) {
        const args = ['plan', '--pod', pod, '--conf-dir', at('net.d')]
        const { exitCode, stdout, stderr } = await run(args, { stdin })
        assert.is(exitCode, 0, stderr)
        assert.match(stdout, 'eth0')
      }
    }))

  it('never colours off a terminal', () =>
    inNode(async ({ at }) => {
      const args = ['plan', '--networks', 'good', '--conf-dir', at('net.d')]
      const env = { FORCE_COLOR: '1', TERM: 'xterm-256color' }
      const { stdout } = await run(args, { env })
      assert.not.match(stdout, '\u001b')
    }))

  it('is silent when its reader goes', () =>
    inNode(async ({ at }) => {
      const args = ['plan', '--networks', 'good', '--conf-dir', at('net.d'), '-o', 'json']
      const { child, ended } = start(args)
      child.stdout?.destroy()
      assert.equal(await ended, { exitCode: 0, stdout: '', stderr: '' })
    }))

  it('says that stdout is full, and exits 1, without a stack trace', () =>
    inNode(async ({ at }) => {
      const args = ['plan', '--networks', 'good', '--conf-dir', at('net.d'), '-o', 'json']
      const { exitCode, stderr } = await run(args, { stdout: openSync('/dev/full', 'w') })
      assert.is(exitCode, 1)
      assert.match(stderr, 'error: stdout cannot be written: ENOSPC')
      assert.is(stderr.split('\n').length, 2)
    }))

  for (const [words, output] of [
    ['is full', () => openSync('/dev/full', 'w')],
    ['has no reader', () => undefined],
  ] as const) {
    it(`says that what was attached stays, and how to undo it, where stdout ${words}`, () =>
      inNode(async ({ at, read }) => {
        const env = {
          ...{ CALLS: at('calls'), CNI_PATH: stubs, NETCONFPATH: at('net.d') },
          METACNI_CACHE_DIR: at('cache'),
        }
        const stdout = output()
        const call = async (args: readonly string[]) => {
          const { child, ended } = start(args, { env, ...(stdout !== undefined && { stdout }) })
          child.stdout?.destroy()
          return ended
        }
        const state = ['--state-dir', at('state')]
        const plan = ['--networks', 'good', '--conf-dir', at('net.d')]
        const sandbox = ['--netns', '/run/netns/blue', '--container-id', 'blue']
        const undone = [
          ['metacni net del good /run/netns/blue', ['net', 'add', 'good', '/run/netns/blue']],
          [
            `metacni del --container-id blue --ifname eth0 --state-dir ${at('state')}`,
            ['add', ...sandbox, ...plan, ...state],
          ],
        ] as const
        for (const [del, add] of undone) {
          const { exitCode, stderr } = await call(add)
          assert.is(exitCode, 1)
          assert.match(stderr, /^error: stdout cannot be written: .*(ENOSPC|EPIPE)/)
          assert.match(stderr, `\n  hint the attachment exists; to undo it: ${del}\n`)
          assert.is(stderr.split('\n').length, 3)
          assert.is((await run(del.split(' ').slice(1), { env })).exitCode, 0)
        }
        const verbs = read('calls').match(/^(ADD|DEL) /gm)
        assert.equal(verbs, ['ADD ', 'DEL ', 'ADD ', 'DEL '])
        // What was not attached is nothing to undo.
        const nothing = await call(['net', 'add', 'nope', '/run/netns/blue', '-o', 'json'])
        assert.not.match(nothing.stderr, 'undo')
      }))
  }

  it('shows no stack trace whatever happens', async () => {
    const preload =
      'data:text/javascript,process.on("newListener", (name) => { if (name === "uncaughtException")' +
      ' setImmediate(() => { throw new Error("boom") }) })'
    const { exitCode, stderr } = await run(['plan', '--pod', '-'], { preload })
    assert.is(exitCode, 1)
    assert.match(stderr, 'error: metacni failed: boom')
    assert.not.match(stderr, /^ +at .*:\d+/m)
  })

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`undoes an add on ${signal} and exits ${code}`, () =>
      inNode(async ({ at, read }) => {
        const started = createMark(at('mark'))
        const args = [
          ...['add', '--netns', '/run/netns/blue', '--container-id', 'blue'],
          ...['--networks', 'good,stuck', '--conf-dir', at('net.d')],
          ...['--bin-dir', stubs, '--state-dir', at('state')],
        ]
        const { child, ended } = start(args, { env: { CALLS: at('calls'), MARK: at('mark') } })
        await started()
        child.kill(signal)
        const { exitCode, stdout, stderr } = await ended
        assert.is(exitCode, code)
        assert.is(JSON.parse(stdout).code, 11)
        assert.match(stderr, `${signal}: undoing what was attached\n`)
        assert.match(stderr, 'undone: stuck@eth1, good@eth0\n')
        assert.match(read('calls'), /DEL eth1[\s\S]*DEL eth0/)
        assert.equal(readdirSync(at('state/.metacni')), [])
      }))
  }

  it('loads no YAML, no table and no runner for plan -o json', () =>
    inNode(async ({ at }) => {
      const loaded =
        'process.on("exit", () => { const { createRequire } = process.getBuiltinModule("module");' +
        `console.error(Object.keys(createRequire(${JSON.stringify(entry)}).cache).join("\\n")) })`
      const args = ['plan', '--networks', 'good', '--conf-dir', at('net.d'), '-o']
      const preload = `data:text/javascript,${encodeURIComponent(loaded)}`
      const json = await run([...args, 'json'], { preload })
      assert.match(json.stderr, '/commander/')
      assert.not.match(json.stderr, /node_modules\/(?:yaml|cli-table3|execa|debug)\//)
      const table = await run([...args, 'table'], { preload })
      assert.match(table.stderr, '/cli-table3/')
    }))
})
