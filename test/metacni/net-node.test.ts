import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { containerIdOf } from '../../examples/metacni/net-request.js'
import { findPlugins } from '../plugins.js'
import { describe } from '../suite.js'
import { type Folder, metacni, network, withFolder } from './command.js'

const names = { pod: `mc-net-${process.pid}`, bridge: `mcn${process.pid}`.slice(0, 15) }
const netns = `/run/netns/${names.pod}`
const id = containerIdOf(netns)

/** Why these tests cannot run here; undefined: they can. */
const obstacle = (): string | undefined => {
  if (process.getuid?.() !== 0) return 'not root'
  if (spawnSync('ip', ['-V']).error !== undefined) return 'no ip'
  const { status, stderr } = spawnSync('ip', ['netns', 'add', names.pod], { encoding: 'utf8' })
  if (status !== 0) return `no network namespaces: ${stderr.trim()}`
  execFileSync('ip', ['netns', 'del', names.pod])
  return undefined
}

const addressesOf = (ifname: string): readonly string[] | undefined => {
  const links: readonly Record<string, unknown>[] = JSON.parse(
    execFileSync('ip', ['-j', '-n', names.pod, 'address', 'show'], { encoding: 'utf8' }),
  )
  const link = links.find((one) => one.ifname === ifname)
  const found = link?.addr_info as readonly { family: string; local: string }[] | undefined
  return found?.filter(({ family }) => family === 'inet').map(({ local }) => local)
}

type Call = (...args: readonly string[]) => ReturnType<typeof metacni>

const inNode = (directory: string, body: (call: Call, folder: Folder) => Promise<void>) =>
  withFolder({}, async (folder) => {
    const ipam = { type: 'host-local', subnet: '10.213.96.0/24', dataDir: folder.at('ipam') }
    const plugins = [
      { type: 'bridge', bridge: names.bridge, ipam },
      { type: 'tuning', mtu: 1400, dataDir: folder.at('tuning') },
    ]
    mkdirSync(folder.at('net.d'))
    const config = network({ cniVersion: '0.4.0', name: 'chain', plugins })
    writeFileSync(folder.at('net.d/chain.conflist'), config)
    const env = {
      CNI_PATH: directory,
      NETCONFPATH: folder.at('net.d'),
      METACNI_CACHE_DIR: folder.at('cache'),
    }
    execFileSync('ip', ['netns', 'add', names.pod])
    try {
      await body((...args) => metacni(['net', ...args], { env }), folder)
    } finally {
      spawnSync('ip', ['netns', 'del', names.pod])
      spawnSync('ip', ['link', 'del', names.bridge])
    }
  })

const silent = { exitCode: 0, stdout: '', stderr: '' }

/** What libcni would have done: the plugins by hand, one after the other, and the cache file. */
const addAsLibcni = (directory: string, { at, read }: Folder): void => {
  const list = read('net.d/chain.conflist')
  const { name, cniVersion, plugins } = JSON.parse(list)
  let result: unknown
  for (const plugin of plugins) {
    const env = {
      ...{ PATH: process.env.PATH, CNI_COMMAND: 'ADD', CNI_CONTAINERID: id, CNI_NETNS: netns },
      ...{ CNI_IFNAME: 'eth0', CNI_ARGS: '', CNI_PATH: directory },
    }
    const input = JSON.stringify({
      ...plugin,
      name,
      cniVersion,
      ...(result ? { prevResult: result } : {}),
    })
    result = JSON.parse(
      execFileSync(`${directory}/${plugin.type}`, { env, input, encoding: 'utf8' }),
    )
  }
  mkdirSync(at('cache/results'), { recursive: true, mode: 0o700 })
  const config = Buffer.from(list).toString('base64')
  const names = { containerId: id, config, ifName: 'eth0', networkName: name, netns }
  const file = { kind: 'cniCacheV1', ...names, result }
  writeFileSync(at(`cache/results/${name}-${id}-eth0`), JSON.stringify(file), { mode: 0o600 })
}

describe('metacni net on this machine with the reference plugins', (it) => {
  const found = findPlugins()
  const reason = found.ok ? obstacle() : found.reason
  const test = (
    title: string,
    body: (call: Call, folder: Folder, directory: string) => Promise<void>,
  ) =>
    reason !== undefined || !found.ok
      ? it.skip(title, reason ?? 'no plugins')
      : it(title, () =>
          inNode(found.directory, (call, folder) => body(call, folder, found.directory)),
        )

  test('adds, checks and deletes without a trace', async (call, folder) => {
    const added = await call('add', 'chain', netns)
    assert.equal([added.exitCode, added.stderr], [0, ''])
    const { cniVersion, ips } = JSON.parse(added.stdout)
    assert.equal([cniVersion, ips[0].address], ['0.4.0', '10.213.96.2/24'])
    assert.equal(addressesOf('eth0'), ['10.213.96.2'])
    assert.equal(await call('check', 'chain', netns), silent)

    assert.is((await call('add', 'chain', netns)).exitCode, 1)
    assert.equal(addressesOf('eth0'), ['10.213.96.2'], 'a second ADD leaves the first alone')

    execFileSync('ip', ['-n', names.pod, 'address', 'flush', 'dev', 'eth0'])
    assert.is((await call('check', 'chain', netns)).exitCode, 1)
    assert.equal(await call('del', 'chain', netns), silent)
    assert.is(addressesOf('eth0'), undefined)
    assert.equal(readdirSync(folder.at('cache/results')), [])
    assert.not.ok(existsSync(folder.at('ipam/chain/10.213.96.2')))
    assert.equal(await call('del', 'chain', netns), silent)
  })

  test('adds, checks and deletes with a plugin beside the list (cni.md 2.3)', async (call, folder) => {
    const { plugins, ...list } = JSON.parse(folder.read('net.d/chain.conflist'))
    const [bridge, tuning] = plugins
    mkdirSync(folder.at('net.d/chain'))
    writeFileSync(folder.at('net.d/chain/10-tuning.conf'), JSON.stringify(tuning))
    const inlined = JSON.stringify({ ...list, plugins: [bridge] })
    writeFileSync(folder.at('net.d/chain.conflist'), inlined)
    assert.is((await call('add', 'chain', netns)).exitCode, 0)
    assert.match(
      execFileSync('ip', ['-n', names.pod, 'link', 'show', 'eth0'], { encoding: 'utf8' }),
      'mtu 1400',
    )
    assert.equal(await call('check', 'chain', netns), silent)
    execFileSync('ip', ['-n', names.pod, 'link', 'set', 'eth0', 'mtu', '1300'])
    const changed = await call('check', 'chain', netns)
    assert.match(changed.stderr, 'plugin tuning failed (check)')
    assert.equal(await call('del', 'chain', netns), silent)
    assert.is(addressesOf('eth0'), undefined)
  })

  test('checks and deletes what libcni has added', async (call, folder, directory) => {
    addAsLibcni(directory, folder)
    assert.equal(addressesOf('eth0'), ['10.213.96.2'])
    assert.equal(await call('check', 'chain', netns), silent)
    writeFileSync(folder.at('net.d/chain.conflist'), '{')
    assert.equal(await call('del', 'chain', netns), silent)
    assert.is(addressesOf('eth0'), undefined)
    assert.equal(readdirSync(folder.at('cache/results')), [])
    assert.not.ok(existsSync(folder.at('ipam/chain/10.213.96.2')))
  })

  test('collects what libcni has added when it is not valid', async (call, folder, directory) => {
    addAsLibcni(directory, folder)
    writeFileSync(folder.at('valid'), JSON.stringify([{ containerID: id, ifname: 'eth0' }]))
    const gc = ['gc', 'chain', '--valid-attachments', folder.at('valid')]
    assert.is((await call(...gc)).exitCode, 0)
    assert.equal(addressesOf('eth0'), ['10.213.96.2'])
    writeFileSync(folder.at('valid'), '[]')
    const { exitCode, stdout } = await call(...gc)
    assert.is(exitCode, 0)
    assert.match(stdout, `│ ${id} │ chain   │ eth0      │ undone  │`)
    assert.is(addressesOf('eth0'), undefined)
  })

  test('deletes without a cache what the configuration finds', async (call, folder, directory) => {
    addAsLibcni(directory, folder)
    execFileSync('rm', ['-r', folder.at('cache')])
    assert.equal(await call('del', 'chain', netns), silent)
    assert.is(addressesOf('eth0'), undefined)
    assert.not.ok(existsSync(folder.at('ipam/chain/10.213.96.2')))
  })

  test('runs nothing where the interface is there already, and takes nothing away', async (call, folder, directory) => {
    addAsLibcni(directory, folder)
    execFileSync('rm', ['-r', folder.at('cache')])
    const other = `/run/../run/netns/${names.pod}`
    for (const path of [netns, other]) {
      const { exitCode, stderr } = await call('add', 'chain', path)
      assert.is(exitCode, 1)
      assert.match(stderr, 'error[interface-exists]: "eth0" of "chain" is in /run/netns/')
    }
    const config = ['--config', folder.at('meta'), '--state-dir', folder.at('state')]
    const meta = { defaultDelegates: 'chain', confDir: folder.at('net.d') }
    writeFileSync(folder.at('meta'), JSON.stringify(meta))
    const container = ['--netns', netns, '--container-id', 'blue', '--bin-dir', directory]
    const ended = await metacni(['add', ...config, ...container, '-o', 'json'])
    assert.is(JSON.parse(ended.stdout).problems[0].code, 'interface-exists')
    assert.is(JSON.parse(ended.stdout).code, 4)
    assert.equal(addressesOf('eth0'), ['10.213.96.2'])
    assert.equal(readdirSync(folder.at('ipam/chain')).includes('10.213.96.3'), false)
    // Also where the container has another attachment.
    const second = ['--ifname', 'eth1', ...config, ...container]
    assert.is((await metacni(['add', ...second])).exitCode, 0)
    const third = await metacni(['add', '--ifname', 'eth0', ...config, ...container, '-o', 'json'])
    assert.is(JSON.parse(third.stdout).problems[0].code, 'interface-exists')
    assert.equal(addressesOf('eth0'), ['10.213.96.2'])
    assert.is((await metacni(['del', '--container-id', 'blue', ...config])).exitCode, 0)
    assert.equal(await call('del', 'chain', netns), silent)
  })

  test('remembers which namespace it was: another one under the path is not touched by gc', async (call, folder) => {
    assert.is((await call('add', 'chain', netns)).exitCode, 0)
    execFileSync('ip', ['netns', 'del', names.pod])
    execFileSync('ip', ['netns', 'add', names.pod])
    execFileSync('ip', ['-n', names.pod, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'p'])
    writeFileSync(folder.at('valid'), '[]')
    assert.is((await call('gc', 'chain', '--valid-attachments', folder.at('valid'))).exitCode, 0)
    assert.equal(addressesOf('eth0'), [])
    assert.equal(readdirSync(folder.at('cache/results')), [])
    assert.not.ok(existsSync(folder.at('ipam/chain/10.213.96.2')))
  })

  test('asks the plugins for their versions', async (call, { at }) => {
    const { exitCode, stdout } = await call('version', 'chain', '-o', 'json')
    assert.is(exitCode, 0)
    const { plugins } = JSON.parse(stdout)
    assert.equal(
      plugins.map(({ type, supported }: { type: string; supported: boolean }) => [type, supported]),
      [
        ['bridge', true],
        ['tuning', true],
      ],
    )
    const config = network({ cniVersion: '0.3.9', name: 'odd', type: 'bridge' })
    writeFileSync(at('net.d/odd.conf'), config)
    assert.is((await call('version', 'odd')).exitCode, 1)
  })
})
