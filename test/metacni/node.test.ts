import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { findPlugins } from '../plugins.js'
import { describe } from '../suite.js'
import { type Folder, metacni, network, withFolder } from './command.js'

/** The pod is a namespace of its own, the node is the machine: it has one bridge more while a test runs. */
const names = { pod: `mc-pod-${process.pid}`, bridge: `mcb${process.pid}`.slice(0, 15) }
const netns = `/run/netns/${names.pod}`

/** Why these tests cannot run here; undefined: they can. */
const obstacle = (): string | undefined => {
  if (process.getuid?.() !== 0) return 'not root'
  if (spawnSync('ip', ['-V']).error !== undefined) return 'no ip'
  const { status, stderr } = spawnSync('ip', ['netns', 'add', names.pod], { encoding: 'utf8' })
  if (status !== 0) return `no network namespaces: ${stderr.trim()}`
  execFileSync('ip', ['netns', 'del', names.pod])
  return undefined
}

const ip = (...args: readonly string[]): readonly Record<string, unknown>[] =>
  JSON.parse(execFileSync('ip', ['-j', ...args], { encoding: 'utf8' }) || '[]')

/** The addresses of an interface in the pod; undefined: it is not there. */
const addressesOf = (ifname: string): readonly string[] | undefined => {
  const link = ip('-n', names.pod, 'address', 'show').find((one) => one.ifname === ifname)
  const found = link?.addr_info as readonly { family: string; local: string }[] | undefined
  return found?.filter(({ family }) => family === 'inet').map(({ local }) => local)
}

const inNode = (
  directory: string,
  body: (folder: Folder, path: readonly string[]) => Promise<void>,
) =>
  withFolder({}, async (outer) => {
    const ipam = { type: 'host-local', subnet: '10.213.98.0/24', dataDir: outer.at('ipam') }
    const files = {
      'net.d/chain.conflist': network({
        name: 'chain',
        plugins: [
          { type: 'bridge', bridge: names.bridge, ipam },
          { type: 'tuning', mtu: 1400, dataDir: outer.at('tuning') },
        ],
      }),
      'net.d/mac.conf': network({
        name: 'mac',
        type: 'macvlan',
        master: names.bridge,
        ipam: { type: 'static', addresses: [{ address: '10.213.97.2/24' }] },
      }),
      'net.d/broken.conf': network({ name: 'broken', type: 'mc-not-there' }),
    }
    execFileSync('ip', ['netns', 'add', names.pod])
    try {
      await withFolder(files, (folder) => body(folder, ['--bin-dir', directory]))
    } finally {
      spawnSync('ip', ['netns', 'del', names.pod])
      spawnSync('ip', ['link', 'del', names.bridge])
    }
  })

// The ip runner names the machine's end of a link after the container.
const containerId = `blue-${process.pid}`
const container = ['--container-id', containerId]
const addOf = ({ at }: Folder, path: readonly string[], networks: string) => [
  ...['add', '--netns', netns, ...container, '--state-dir', at('state')],
  ...['--networks', networks, '--conf-dir', at('net.d'), ...path],
]

describe('metacni on this machine with the reference plugins', (it) => {
  const plugins = findPlugins()
  const reason = plugins.ok ? obstacle() : plugins.reason
  const test = (title: string, body: (folder: Folder, path: readonly string[]) => Promise<void>) =>
    reason !== undefined || !plugins.ok
      ? it.skip(title, reason ?? 'no plugins')
      : it(title, () => inNode(plugins.directory, body))

  test('attaches two networks, checks them, and undoes them without a trace', async (folder, path) => {
    const added = await metacni(addOf(folder, path, 'chain,mac@north'))
    assert.is(added.exitCode, 0, added.stdout)
    assert.is(added.stderr, '')
    const result = JSON.parse(added.stdout)
    assert.is(result.ips[0].address, '10.213.98.2/24')
    assert.equal(addressesOf('eth0'), ['10.213.98.2'])
    assert.equal(addressesOf('north'), ['10.213.97.2'])
    const [link] = ip('-n', names.pod, 'link', 'show', 'eth0')
    assert.is(link?.mtu, 1400)
    assert.is(link?.address, result.interfaces.at(-1).mac)

    const record = ['--state-dir', folder.at('state')]
    const silent = { exitCode: 0, stdout: '', stderr: '' }
    assert.equal(await metacni(['check', ...container, ...record]), silent)
    execFileSync('ip', ['-n', names.pod, 'address', 'flush', 'dev', 'eth0'])
    assert.is((await metacni(['check', ...container, ...record])).exitCode, 1)

    assert.equal(await metacni(['del', ...container, ...record]), silent)
    assert.is(addressesOf('eth0'), undefined)
    assert.is(addressesOf('north'), undefined)
    assert.equal(await metacni(['del', ...container, ...record]), silent)
    assert.equal(readdirSync(folder.at('state/.metacni')), [])
  })

  test('attaches without binaries what these check and delete, and the other way round', async (folder, path) => {
    const networks = 'chain,mac@north'
    const record = ['--state-dir', folder.at('state')]
    const ways = [
      { add: ['--runner', 'ip', '--bin-dir', '/nowhere'], undo: path },
      { add: path, undo: ['--runner', 'ip', '--bin-dir', '/nowhere'] },
    ]
    const silent = { exitCode: 0, stdout: '', stderr: '' }
    for (const { add, undo } of ways) {
      const added = await metacni(addOf(folder, add, networks))
      assert.is(added.exitCode, 0, added.stdout)
      assert.equal(addressesOf('north'), ['10.213.97.2'])
      const [link] = ip('-n', names.pod, 'link', 'show', 'eth0')
      assert.is(link?.mtu, 1400)
      assert.equal(await metacni(['check', ...container, ...record, ...undo]), silent)
      assert.equal(await metacni(['del', ...container, ...record, ...undo]), silent)
      assert.equal([addressesOf('eth0'), addressesOf('north')], [undefined, undefined])
    }
  })

  test('undoes a network when the next one fails', async (folder, path) => {
    const { exitCode, stdout, stderr } = await metacni(addOf(folder, path, 'chain,broken'))
    assert.is(exitCode, 1)
    assert.match(
      JSON.parse(stdout).msg,
      'network "broken" interface "eth1": plugin mc-not-there failed',
    )
    assert.is(stderr, 'undone: chain@eth0\n')
    assert.is(addressesOf('eth0'), undefined)
    assert.not.ok(existsSync(folder.at(`state/.metacni/${containerId}/eth0.json`)))
  })

  test('prints the interfaces as a table', async (folder, path) => {
    const { exitCode, stdout } = await metacni([...addOf(folder, path, 'chain'), '-o', 'table'])
    assert.is(exitCode, 0)
    assert.match(
      stdout,
      /│ eth0 +│ 10\.213\.98\.2\/24 │ [0-9a-f:]{17} │ chain +│ veth pair on bridge/,
    )
    await metacni(['del', ...container, '--state-dir', folder.at('state')])
  })

  test('refuses the machine’s own namespace before a plugin runs', async (folder, path) => {
    const own = [...addOf(folder, path, 'chain'), '--netns', '/proc/self/ns/net']
    const { exitCode, stdout } = await metacni(own)
    assert.is(exitCode, 1)
    assert.is(JSON.parse(stdout).code, 8)
    assert.not.ok(ip('link', 'show').some(({ ifname }) => ifname === names.bridge))
  })
})
