import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import type { JsonObject } from '../../../lib/cni/json.js'
import { createIpamRunner } from '../../../runners/ip/ipam/index.js'
import { isAlive, makePipe, pidsFrom, withDirectory } from '../../fixtures/marks.js'
import { findPlugins } from '../../plugins.js'
import { describe } from '../../suite.js'
import { binaries, type Call, type Engine, native, treeOf } from './engines.js'

const plugins = findPlugins()
const four: JsonObject = { subnet: '10.0.0.0/24' }
const worker = fileURLToPath(new URL('../../fixtures/ipam-worker.ts', import.meta.url))
const nodeArguments = ['--import', import.meta.resolve('tsx'), worker]

const callOf = (
  dataDir: string,
  verb: Call['verb'],
  id: string,
  ipam: JsonObject = four,
  more: Partial<Call> = {},
): Call => ({
  verb,
  owner: { containerId: id, ifname: 'eth0' },
  stdin: { cniVersion: '1.0.0', name: 'net', ipam: { type: 'host-local', dataDir, ...ipam } },
  ...more,
})

/** ADD of two containers by one engine, CHECK and DEL of one by the other; what is left. */
const cross = async (
  first: Engine,
  second: Engine,
  dataDir: string,
  ipam: JsonObject,
  args = '',
) => {
  const said = [
    await first(callOf(dataDir, 'ADD', 'a', ipam, { args })),
    await second(callOf(dataDir, 'ADD', 'b', ipam)),
    await second(callOf(dataDir, 'CHECK', 'a', ipam, { args })),
    await second(callOf(dataDir, 'DEL', 'a', ipam, { args })),
    await first(callOf(dataDir, 'CHECK', 'b', ipam)),
    await first(callOf(dataDir, 'ADD', 'c', ipam)),
    await first(callOf(dataDir, 'DEL', 'b', ipam)),
    await second(callOf(dataDir, 'DEL', 'c', ipam)),
  ]
  for (const { error } of said) assert.is(error, undefined, error?.msg)
  return { said, tree: treeOf(dataDir) }
}

describe('the binary and ours on one pool (plugins-and-ip.md 7.6)', (it) => {
  const rows: readonly (readonly [string, JsonObject, string?])[] = [
    ['one subnet', four],
    ['both families', { ranges: [[four], [{ subnet: '2001:db8::/64' }]] }],
    ['a requested address', four, 'IP=10.0.0.77'],
    ['a set of two ranges', { ranges: [[{ subnet: '10.0.0.0/30' }, { subnet: '10.0.1.0/29' }]] }],
  ]
  for (const [title, ipam, args] of rows) {
    const sentence = `ADD by one, CHECK and DEL by the other, both ways, gives and leaves the same: ${title}`
    if (!plugins.ok) {
      it.skip(sentence, plugins.reason)
      continue
    }
    const binary = binaries(plugins.directory)
    it(sentence, () =>
      withDirectory(async (directory) => {
        const [left, ...others] = await Promise.all(
          (
            [
              [binary, binary],
              [binary, native()],
              [native(), binary],
            ] as const
          ).map(([first, second], index) =>
            cross(first, second, join(directory, `${index}`), ipam, args),
          ),
        )
        for (const other of others) assert.equal(other, left)
        assert.is(
          left?.tree.some((line) => line.includes('eth0')),
          false,
        )
      }),
    )
  }

  const many = '200 allocations at once, half by the binary, give 200 addresses'
  if (!plugins.ok) it.skip(many, plugins.reason)
  else {
    const binary = binaries(plugins.directory)
    it(many, () =>
      withDirectory(async (dataDir) => {
        const workers = ['x', 'y'].map(
          (name) =>
            new Promise<readonly string[]>((resolve, reject) => {
              const child = spawn(process.execPath, [...nodeArguments, 'add', dataDir, name, '25'])
              let stdout = ''
              child.stdout.on('data', (data) => {
                stdout += data
              })
              child.stderr.pipe(process.stderr)
              child.on('error', reject)
              child.on('close', () => resolve(stdout.trim().split('\n')))
            }),
        )
        const calls = (engine: Engine, name: string, count: number) =>
          Array.from({ length: count }, async (_, index) => {
            const { result, error } = await engine(callOf(dataDir, 'ADD', `${name}${index}`))
            assert.is(error, undefined, error?.msg)
            const { ips } = result as { ips: readonly { address: string }[] }
            return ips[0]?.address ?? ''
          })
        const given = await Promise.all([
          ...calls(binary, 'binary', 100),
          ...calls(native(), 'ours', 50),
        ])
        const all = [...given, ...(await Promise.all(workers)).flat()]
        assert.is(all.length, 200)
        assert.is(new Set(all).size, 200)
        const leases = readdirSync(join(dataDir, 'net')).filter((name) => name.startsWith('10.'))
        assert.equal(leases.sort(), all.map((address) => address.replace('/24', '')).sort())
      }),
    )
  }
})

describe('the lock of a pool', (it) => {
  it('is waited for until the signal fires, and nothing is taken then', () =>
    withDirectory(async (directory) => {
      const dataDir = join(directory, 'd')
      const pipe = makePipe(join(directory, 'mark'))
      const holder = spawn(process.execPath, [...nodeArguments, 'hold', dataDir, pipe], {
        stdio: 'inherit',
      })
      const [pid = 0] = await pidsFrom(pipe)
      const lock = join(dataDir, 'net', 'lock')
      assert.is(spawnSync('flock', ['-n', lock, 'true']).status, 1)

      const controller = new AbortController()
      const { stdin } = callOf(dataDir, 'ADD', 'a')
      const env = {
        CNI_COMMAND: 'ADD',
        CNI_CONTAINERID: 'a',
        CNI_NETNS: '/n',
        CNI_IFNAME: 'eth0',
      } as const
      const waiting = createIpamRunner().run(
        {
          type: 'host-local',
          verb: 'ADD',
          stdin,
          env: { ...env, CNI_ARGS: '', CNI_PATH: '' },
          path: [],
        },
        controller.signal,
      )
      controller.abort()
      const answer = await waiting
      assert.ok(answer.kind === 'none')
      assert.is(answer.reason.kind, 'aborted')
      assert.is(answer.reason.started, false)

      const next = native()(callOf(dataDir, 'ADD', 'b'))
      holder.kill('SIGKILL')
      assert.is((await next).error, undefined)
      assert.is(isAlive(pid), false)
      assert.equal(readdirSync(join(dataDir, 'net')).sort(), [
        '10.0.0.2',
        'last_reserved_ip.0',
        'lock',
      ])
      if (plugins.ok) {
        const { error } = await binaries(plugins.directory)(callOf(dataDir, 'ADD', 'c'))
        assert.is(error, undefined)
      }
    }))

  it('is on the file that the others will find, also when the folder was removed meanwhile', () =>
    withDirectory(async (directory) => {
      const dataDir = join(directory, 'd')
      let attempts = 0
      const runner = createIpamRunner({
        lock: async () => {
          attempts++
          if (attempts === 1) {
            spawnSync('rm', ['-r', join(dataDir, 'net')])
            mkdirSync(join(dataDir, 'net'))
          }
          return { kind: 'locked' }
        },
      })
      assert.is((await native(runner)(callOf(dataDir, 'ADD', 'a'))).error, undefined)
      assert.is(attempts, 2)
    }))

  it('is needed for ADD and GC, and not for DEL, which is told to the log, CHECK and STATUS', () =>
    withDirectory(async (dataDir) => {
      await native()(callOf(dataDir, 'ADD', 'a'))
      const lines: string[] = []
      const unlocked = native(
        createIpamRunner({
          lock: async () => ({ kind: 'unavailable', message: 'flock(1) is not on this machine' }),
          log: { write: (_, message) => lines.push(message) },
        }),
      )
      const { error } = await unlocked(callOf(dataDir, 'ADD', 'b'))
      assert.is(error?.code, 999)
      assert.match(error?.msg ?? '', /flock\(1\) is not on this machine; without it two containers/)
      assert.equal(await unlocked(callOf(dataDir, 'CHECK', 'a')), {})
      const newest = { ...callOf(dataDir, 'GC', 'a').stdin, cniVersion: '1.1.0' }
      assert.equal(await unlocked(callOf(dataDir, 'STATUS', 'a', four, { stdin: newest })), {})
      const stdin = { ...newest, 'cni.dev/valid-attachments': [] }
      assert.match(
        (await unlocked(callOf(dataDir, 'GC', 'a', four, { stdin }))).error?.msg ?? '',
        /flock/,
      )
      assert.equal(lines, [])
      assert.equal(await unlocked(callOf(dataDir, 'DEL', 'a')), {})
      assert.is(lines.length, 1)
      assert.equal(readdirSync(join(dataDir, 'net')).sort(), ['last_reserved_ip.0', 'lock'])
    }))
})
