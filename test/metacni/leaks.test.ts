import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { type Held, hold, noNamespaces } from '../multus/namespaces.js'
import { describe } from '../suite.js'
import { type Folder, metacni, network, stubs, withFolder } from './command.js'

// A namespace that is there: this process's own, by two paths. Nothing is done in it.
// Namespaces that anybody can look at; the network namespace of this process would be nobody's.
const living = { red: `/proc/${process.pid}/ns/uts`, blue: '/proc/self/ns/ipc' }
/** A container of which no call goes on anywhere on the machine: other tests attach some, too. */
const gone = 'leaks-gone'
const ipam = (at: Folder['at']) => ({ type: 'host-local', dataDir: at('own') })

/** A node in a folder: containers red and blue attached, with leases as host-local writes them. */
const onNode = (body: (folder: Folder, leaks: Leaks) => Promise<void>) =>
  withFolder({}, async (folder) => {
    const { at } = folder
    for (const name of ['net.d', 'own', 'own/good', 'usual', 'others', 'bin']) mkdirSync(at(name))
    const good = network({ name: 'good', type: 'stub', ipam: ipam(at) })
    writeFileSync(at('net.d/good.conf'), good)
    for (const [id, netns] of Object.entries(living)) {
      const args = ['add', '--container-id', id, '--netns', netns, '--state-dir', at('state')]
      const plan = ['--networks', 'good', '--conf-dir', at('net.d'), '--bin-dir', stubs]
      const env = { CALLS: at('calls'), CNI_NETNS_OVERRIDE: '1' }
      const added = await metacni([...args, ...plan], { env })
      assert.is(added.exitCode, 0, added.stdout)
    }
    // What the stub says that it has given.
    writeFileSync(at('own/good/10.9.8.7'), 'red\r\neth0')
    const args = ['--state-dir', at('state'), '--conf-dir', at('net.d')]
    const places = ['--data-dir', at('usual'), '--cache-dir', at('others')]
    // The machine's own links come and go, with other programs and other tests.
    command(at('bin/ip'), "echo '[]'")
    const env = { PATH: `${at('bin')}:${process.env.PATH}` }
    const leaks: Leaks = (...more) => metacni(['leaks', ...args, ...places, ...more], { env })
    await body(folder, leaks)
  })

/** Makes a command that runs a line of shell. */
const command = (path: string, line: string): void => {
  writeFileSync(path, `#!/bin/sh\n${line}\n`)
  chmodSync(path, 0o755)
}

type Leaks = (...more: readonly string[]) => ReturnType<typeof metacni>

const found = async (leaks: Leaks): Promise<readonly Readonly<Record<string, string>>[]> =>
  JSON.parse((await leaks('-o', 'json')).stdout).leaks

/** Everything below a folder that a change would change. */
const photograph = (folder: string): readonly string[] =>
  [folder, ...readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)))]
    .sort()
    .map((path) => {
      const { ino, mode, size, mtimeNs, ctimeNs } = lstatSync(path, { bigint: true })
      return [path, ino, mode, size, mtimeNs, ctimeNs].join(' ')
    })

describe('metacni leaks', (it) => {
  it('finds nothing where everything explains everything: exit code 0', () =>
    onNode(async (_, leaks) => {
      const { exitCode, stdout, stderr } = await leaks()
      assert.equal([exitCode, stdout, stderr], [0, '', 'nothing belongs to nobody\n'])
      assert.equal(JSON.parse((await leaks('-o', 'json')).stdout), { leaks: [], unread: [] })
    }))

  it('names leases, records and cached results that belong to nobody, in three forms', () =>
    onNode(async ({ at, read }, leaks) => {
      writeFileSync(at('own/good/10.0.0.9'), `${gone}\r\neth0`)
      mkdirSync(at('usual/other'))
      writeFileSync(at('usual/other/fd00::5'), 'older')
      writeFileSync(at('usual/other/last_reserved_ip.0'), '10.0.0.9')
      rmSync(at('state/.metacni/red'), { recursive: true })
      const record = read('state/.metacni/blue/eth0.json')
      const moved = record.replaceAll(living.blue, at('no-namespace'))
      writeFileSync(at('no-namespace'), '')
      writeFileSync(at('state/.metacni/blue/eth0.json'), moved)
      const { exitCode, stdout } = await leaks('-o', 'json')
      assert.is(exitCode, 1)
      const { leaks: all, unread } = JSON.parse(stdout)
      assert.equal(unread, [])
      assert.equal(
        all.map((one: Record<string, unknown>) => [one.severity, one.what, one.where]),
        [
          ['leaked', 'record', at('state/.metacni/blue/eth0.json')],
          ['leaked', 'cached result', at('state/results/good-red-eth0')],
          ['unknown', 'lease', at('usual/other/fd00::5')],
          ['leaked', 'lease', at('own/good/10.0.0.9')],
        ],
      )
      assert.equal(all[3].belongsTo, { containerId: gone, ifname: 'eth0' })
      assert.equal(parse((await leaks('-o', 'yaml')).stdout), JSON.parse(stdout))
      const table = await leaks()
      assert.is(table.exitCode, 1)
      assert.match(
        table.stdout,
        /│ lease +│ .*10\.0\.0\.9 +│ leaked +│ leaks-gone eth0 +│ no record/,
      )
    }))

  it('asks the caches of others, and the scratch files of Go plugins, too', () =>
    onNode(async ({ at }, leaks) => {
      writeFileSync(at('own/good/10.0.0.8'), 'runtimes\r\neth0')
      writeFileSync(at('own/good/10.0.0.9'), 'gopod\r\nnet1')
      assert.is((await found(leaks)).length, 2)
      const entry = {
        ...{ kind: 'cniCacheV1', containerId: 'runtimes', ifName: 'eth0', networkName: 'good' },
        ...{ config: Buffer.from('{"name":"good","type":"stub"}').toString('base64') },
      }
      mkdirSync(at('others/results'))
      writeFileSync(at('others/results/good-runtimes-eth0'), JSON.stringify(entry))
      const Conf = { name: 'good', type: 'stub' }
      writeFileSync(at('state/gopod'), JSON.stringify([{ Conf, ifnameRequest: 'net1' }]))
      assert.equal(await found(leaks), [])
      // A runtime whose libcni caches no namespace, and that has forgotten the container since.
      const interfaces = [{ name: 'eth0', sandbox: at('no-namespace') }]
      const result = { cniVersion: '1.0.0', interfaces }
      const file = at('others/results/good-runtimes-eth0')
      writeFileSync(file, JSON.stringify({ ...entry, result }))
      const [leak, ...more] = await found(leaks)
      assert.equal([leak?.severity, leak?.where, more], ['leaked', file, []])
      assert.match(leak?.why ?? '', `its network namespace "${at('no-namespace')}" is gone`)
    }))

  it('names scratch files that were cut short, and what may be of their pods, as unknown', () =>
    onNode(async ({ at }, leaks) => {
      writeFileSync(at('own/good/10.0.0.9'), 'gopod\r\neth0')
      writeFileSync(at('state/gopod'), '[{"Conf": {"na')
      const all = await found(leaks)
      assert.equal(
        all.map(({ severity, what, where }) => [severity, what, where]),
        [
          ['unknown', 'record', at('state/gopod')],
          ['unknown', 'lease', at('own/good/10.0.0.9')],
        ],
      )
      assert.match(all[0]?.why ?? '', /^it cannot be read: it is not JSON/)
      assert.match(all[1]?.why ?? '', `but "${at('state/gopod')}" cannot be read`)
    }))

  it('says which cached results it could not read, or not whole (reference/cni.md 2.8)', () =>
    onNode(async ({ at }, leaks) => {
      mkdirSync(at('others/results'))
      writeFileSync(at('others/results/good-cut-eth0'), '{"kind":"cniCache')
      writeFileSync(at('others/results/good-other-eth0'), '{"kind":"cniCacheV9"}')
      writeFileSync(at('others/results/good-old'), '{"cniVersion":"0.2.0"}')
      writeFileSync(at('others/results/README'), 'no file of a cache')
      for (const [index, id] of ['cut', 'other', 'old'].entries()) {
        writeFileSync(at(`own/good/10.0.0.${index + 2}`), `${id}\r\neth0`)
      }
      const { leaks: all, unread } = JSON.parse((await leaks('-o', 'json')).stdout)
      assert.equal(
        unread.map(({ what, where }: Record<string, string>) => [what, where]),
        ['good-cut-eth0', 'good-old', 'good-other-eth0'].map((name) => [
          'cached results',
          at(`others/results/${name}`),
        ]),
      )
      const whys = all.map(({ severity, why }: Record<string, string>) => `${severity}: ${why}`)
      assert.is(whys.length, 3)
      assert.match(whys[0], /^unknown: .*good-cut-eth0", which cannot be read, may be its/)
      assert.match(whys[1], /^unknown: .*good-other-eth0", which cannot be read, may be its/)
      assert.match(whys[2], /^unknown: .*good-old", in an old form, may be its/)
    }))

  it('changes nothing: no file, no time, no left-over, and makes nothing', () =>
    onNode(async ({ at }, leaks) => {
      writeFileSync(at('own/good/10.0.0.9'), `${gone}\r\neth0`)
      writeFileSync(at('state/.metacni/red/.eth0.json.1-0.tmp'), '')
      writeFileSync(at('state/.metacni/blue/eth0.json'), '{')
      const before = photograph(at('.'))
      assert.is((await leaks()).exitCode, 1)
      await leaks('-o', 'json')
      assert.equal(photograph(at('.')), before)
    }))

  it('waits for nobody: a container that somebody holds is looked at', () =>
    onNode(async ({ at }, leaks) => {
      const folder = at('state/.metacni/red')
      const holder = spawnSync('flock', ['-n', folder, 'true'])
      assert.is(holder.status, 0)
      const { openSync, closeSync } = await import('node:fs')
      const { lockDescriptor } = await import('../../runners/node/flock.js')
      const descriptor = openSync(folder, 'r')
      try {
        assert.is((await lockDescriptor(descriptor, new AbortController().signal)).kind, 'locked')
        assert.equal(await found(leaks), [])
      } finally {
        closeSync(descriptor)
      }
    }))

  it('says what it could not read, and then only suspects', () =>
    onNode(async ({ at }, leaks) => {
      writeFileSync(at('own/good/10.0.0.9'), `${gone}\r\neth0`)
      rmSync(at('state/results'), { recursive: true })
      writeFileSync(at('state/results'), 'no folder')
      const { exitCode, stdout } = await leaks('-o', 'json')
      const { leaks: all, unread } = JSON.parse(stdout)
      assert.equal([exitCode, all[0].severity], [1, 'unknown'])
      assert.equal([unread[0].what, unread[0].where], ['records', at('state/results')])
      const { stderr } = await leaks()
      assert.match(stderr, `warning: not read: ${at('state/results')}: ENOTDIR`)
    }))

  it('says which namespaces it could not enter, and nothing of those that went meanwhile', () =>
    onNode(async ({ at, read }, leaks) => {
      // Nobody explains this veth, so it may end in a pod.
      const veth = { ifname: 'veth0', ifindex: 9, link_index: 2, linkinfo: { info_kind: 'veth' } }
      command(at('bin/ip'), `echo '${JSON.stringify([veth])}'`)
      command(at('bin/nsenter'), `rm -f '${at('ns')}'; echo refused >&2; exit 1`)
      const record = read('state/.metacni/blue/eth0.json')
      symlinkSync(living.blue, at('ns'))
      const moved = record.replaceAll(living.blue, at('ns'))
      writeFileSync(at('state/.metacni/blue/eth0.json'), moved)
      rmSync(at('state/results/good-blue-eth0'))
      const { unread } = JSON.parse((await leaks('-o', 'json')).stdout)
      assert.equal(unread, [{ what: 'namespaces', where: living.red, why: 'nsenter: refused' }])
    }))

  it('refuses a directory of networks that cannot be read, and wrong usage', () =>
    onNode(async ({ at }, leaks) => {
      assert.is((await leaks('--conf-dir', at('absent'))).exitCode, 1)
      writeFileSync(at('state/node.json'), '{}')
      assert.match((await leaks()).stderr, 'holds a simulated node')
      assert.is((await leaks('--fix')).exitCode, 2)
      assert.is((await leaks('--data-dir', '')).exitCode, 2)
    }))

  const title = 'names a port of a bridge that no record names, and none whose pod is recorded'
  if (noNamespaces !== undefined) it.skip(title, noNamespaces)
  else {
    it(title, () =>
      onNode(async ({ at }) => {
        const bridge = network({ name: 'pods', type: 'bridge', bridge: 'lk0' })
        writeFileSync(at('net.d/pods.conf'), bridge)
        const host = await hold(
          ['net'],
          'ip link add lk0 type bridge; ip link add dock0 type bridge',
        )
        const pod = await hold(['net'])
        const others = { red: await hold(['net']), blue: await hold(['net']) }
        // As if it had been attached there.
        const moveTo = (id: 'red' | 'blue', { netns }: Held): void => {
          const file = at(`state/.metacni/${id}/eth0.json`)
          const record = JSON.parse(readFileSync(file, 'utf8'))
          const { netnsId: _, ...sandbox } = { ...record.sandbox, netns }
          writeFileSync(file, JSON.stringify({ ...record, sandbox }))
          rmSync(at('state/results'), { recursive: true, force: true })
        }
        try {
          for (const id of ['red', 'blue'] as const) moveTo(id, others[id])
          const veth = (name: string, master: string, peer: string): void => {
            host.run('ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', peer)
            host.run('ip', 'link', 'set', name, 'master', master)
            host.run('ip', 'link', 'set', peer, 'netns', String(/\d+/.exec(pod.netns)?.[0]))
          }
          veth('veth0000000a', 'lk0', 'eth0')
          veth('veth0000000b', 'dock0', 'eth1')
          const source = new URL('../../examples/metacni/index.ts', import.meta.url).pathname
          const look = () => {
            const command = [process.execPath, '--import', import.meta.resolve('tsx'), source]
            const places = ['--state-dir', at('state'), '--conf-dir', at('net.d')]
            const more = ['--data-dir', at('usual'), '--cache-dir', at('others'), '-o', 'json']
            const [file = '', ...args] = [...host.enter, ...command, 'leaks', ...places, ...more]
            const { stdout, stderr } = spawnSync(file, args, { encoding: 'utf8' })
            assert.is(stderr, '')
            return JSON.parse(stdout)
          }
          const { leaks, unread } = look()
          assert.equal(unread, [])
          assert.equal(
            leaks.map(({ severity, where }: Record<string, string>) => [severity, where]),
            [['leaked', 'veth0000000a']],
          )
          // A Go plugin's scratch file says what is attached, and neither where nor as what.
          const Conf = { name: 'pods', type: 'bridge', bridge: 'lk0' }
          writeFileSync(at('state/gopod'), JSON.stringify([{ Conf, ifnameRequest: 'eth0' }]))
          assert.equal([look().leaks[0].severity, look().leaks.length], ['unknown', 1])
          rmSync(at('state/gopod'))
          // A plugin that somebody else has called, and that takes its time.
          const call = ['CNI_COMMAND=ADD', 'CNI_CONTAINERID=slow', `CNI_NETNS=${pod.netns}`]
          const [program = '', ...words] = [...host.enter, 'env', ...call, 'sleep', '100']
          const plugin = spawn(program, words)
          try {
            const why = `an ADD of "slow" goes on: process ${plugin.pid} (sleep)`
            // Until env(1) has become it.
            for (let tries = 0; tries < 50 && !look().leaks[0].why.includes(why); tries++);
            assert.match(look().leaks[0].why, why)
          } finally {
            plugin.kill('SIGKILL')
          }
          // A record of an ADD that goes on names the pod's namespace, and no link yet.
          moveTo('red', pod)
          assert.equal(look().leaks, [])
        } finally {
          pod.release()
          for (const one of Object.values(others)) one.release()
          host.release()
        }
      }),
    )
  }
})
