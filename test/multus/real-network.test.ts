import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { findPlugins } from '../plugins.js'
import { describe, type It } from '../suite.js'
import { type Held, hold, noNamespaces } from './namespaces.js'
import { failureOf, type Node, onNode as onBareNode, type RequestChanges } from './node.js'

// Everything happens in two kinds of namespaces made here: one stands for the node's, one for each pod's. What is made
// in them goes with them, whatever the test says.
const plugins = findPlugins()
const reason = noNamespaces ?? (plugins.ok ? undefined : plugins.reason)

/** A node whose network is a namespace of its own, and what the tests ask it. */
interface RealNode extends Node {
  readonly host: Held
  /** Where host-local keeps its leases. */
  readonly leases: string
  /** Makes the namespace of a pod. */
  pod(): Promise<Held>
  /** How a runtime asks for a pod: in the node's namespace, with the pod's in CNI_NETNS. */
  of(pod: Held, changes?: RequestChanges): RequestChanges
  /** The addresses that are leased, in order. */
  leased(network: string): readonly string[]
}

const onNode = (it: It, title: string, body: (node: RealNode) => Promise<void>): void => {
  if (reason !== undefined || !plugins.ok) {
    it.skip(title, reason ?? '')
    return
  }
  onBareNode(it, title, async (node) => {
    const holds: Held[] = []
    const holding = async (): Promise<Held> => {
      const held = await hold(['net'], 'ip link set lo up')
      holds.push(held)
      return held
    }
    const leases = join(node.directory, 'leases')
    const path = `${node.bin}:${plugins.directory}`
    try {
      const host = await holding()
      await body({
        ...node,
        host,
        leases,
        pod: holding,
        of: (pod, changes) => ({ prefix: host.enter, netns: pod.netns, path, ...changes }),
        leased: (network) => {
          const folder = join(leases, network)
          return existsSync(folder)
            ? readdirSync(folder)
                .filter((name) => /^\d/.test(name))
                .sort()
            : []
        },
      })
    } finally {
      for (const held of holds) held.release()
    }
  })
}

interface Link {
  readonly ifname: string
  readonly mtu: number
  readonly master?: string
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[]
}
const links = (held: Held): readonly Link[] => JSON.parse(held.run('ip', '-j', 'addr'))
const names = (held: Held): readonly string[] => links(held).map(({ ifname }) => ifname)
const addresses = (held: Held, name: string): readonly string[] =>
  (links(held).find(({ ifname }) => ifname === name)?.addr_info ?? [])
    .filter(({ local }) => local.includes('.'))
    .map(({ local, prefixlen }) => `${local}/${prefixlen}`)
const veths = (held: Held): readonly string[] => names(held).filter((name) => /^veth/.test(name))
/** The rules of single pods; portmap leaves its empty chains for the next one. */
const natRules = (held: Held): string =>
  held
    .run('iptables', '-w', '-t', 'nat', '-S')
    .split('\n')
    .filter((line) => /CNI-DN-|--to-destination/.test(line))
    .join('\n')
const noTables =
  reason === undefined && spawnSync('iptables', ['--version']).status !== 0 ? 'no iptables' : reason

const bridge = (node: RealNode, name: string, subnet: string) => ({
  type: 'bridge',
  bridge: name,
  isGateway: true,
  ipam: {
    type: 'host-local',
    dataDir: node.leases,
    ranges: [[{ subnet }]],
    routes: [{ dst: '0.0.0.0/0' }],
  },
})
const tuning = { type: 'tuning', sysctl: { 'net.core.somaxconn': '517' } }
const portmap = { type: 'portmap', capabilities: { portMappings: true } }

/** Two networks: `pods` with a bridge, sysctls and host ports, and `storage` with a bridge alone. */
const defineNetworks = (node: RealNode): { readonly defaultDelegates: string } => {
  const chain = noTables === undefined ? [tuning, portmap] : [tuning]
  node.network('pods', [bridge(node, 'metacni0', '10.77.0.0/24'), ...chain])
  node.network('storage', [bridge(node, 'metacni1', '10.78.0.0/24')])
  return { defaultDelegates: 'pods,storage' }
}

const nothingLeft = (node: RealNode, pods: readonly Held[]): void => {
  for (const pod of pods) assert.equal(names(pod), ['lo'])
  assert.equal(veths(node.host), [])
  assert.equal([node.leased('pods'), node.leased('storage')], [[], []])
  assert.equal(node.stateFiles(), ['.metacni/'])
  if (noTables === undefined) assert.is(natRules(node.host), '')
}

describe('multus with bridge, host-local, tuning and portmap in a real namespace', (it) => {
  onNode(
    it,
    'ADD makes what the result says; CHECK agrees; DEL leaves nothing, twice',
    async (node) => {
      const config = defineNetworks(node)
      const pod = await node.pod()
      const result = await node.succeed('ADD', node.of(pod, { config }))
      assert.equal(result?.ips, [{ interface: 2, address: '10.77.0.2/24', gateway: '10.77.0.1' }])
      const interfaces = result?.interfaces as readonly { name: string; sandbox?: string }[]
      assert.equal([interfaces[0]?.name, interfaces[2]?.name], ['metacni0', 'eth0'])
      assert.is(interfaces[2]?.sandbox, pod.netns)

      assert.equal(names(pod), ['lo', 'eth0', 'eth1'])
      assert.equal(addresses(pod, 'eth0'), ['10.77.0.2/24'])
      assert.equal(addresses(pod, 'eth1'), ['10.78.0.2/24'])
      assert.equal(addresses(node.host, 'metacni0'), ['10.77.0.1/24'])
      assert.is(pod.run('cat', '/proc/sys/net/core/somaxconn'), '517\n')
      assert.equal([node.leased('pods'), node.leased('storage')], [['10.77.0.2'], ['10.78.0.2']])
      assert.is(veths(node.host).length, 2)
      const lease = readFileSync(join(node.leases, 'pods', '10.77.0.2'), 'utf8')
      assert.equal(lease.split(/\s+/), ['c1', 'eth0'])

      await node.succeed('CHECK', node.of(pod, { config }))
      await node.succeed('DEL', node.of(pod, { config }))
      nothingLeft(node, [pod])
      await node.succeed('DEL', node.of(pod, { config }))
      nothingLeft(node, [pod])
    },
  )

  const hostPorts = 'host ports go with DEL, also when the runtime does not tell them again (TB28)'
  if (noTables !== undefined) it.skip(hostPorts, noTables)
  else {
    onNode(it, hostPorts, async (node) => {
      const config = defineNetworks(node)
      const pod = await node.pod()
      const portMappings = [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }]
      const runtimeConfig = { portMappings }
      await node.succeed('ADD', node.of(pod, { config: { ...config, runtimeConfig } }))
      assert.match(natRules(node.host), '10.77.0.2:80')
      await node.succeed('DEL', node.of(pod, { config }))
      nothingLeft(node, [pod])
    })
  }

  onNode(
    it,
    'CHECK tells when an interface is gone, with the network and the interface',
    async (node) => {
      const config = defineNetworks(node)
      const pod = await node.pod()
      await node.succeed('ADD', node.of(pod, { config }))
      pod.run('ip', 'link', 'del', 'eth1')
      const { msg } = await node.fail('CHECK', node.of(pod, { config }))
      assert.match(msg, 'network "storage" interface "eth1": plugin bridge failed (check): ')
      await node.succeed('DEL', node.of(pod, { config }))
      nothingLeft(node, [pod])
    },
  )

  onNode(
    it,
    'DEL without the namespace, which is gone, gives the addresses back (S-037)',
    async (node) => {
      const config = defineNetworks(node)
      const pod = await node.pod()
      await node.succeed('ADD', node.of(pod, { config }))
      pod.release()
      // The kernel takes a namespace down when it comes to it, and only then its links with it.
      while (veths(node.host).length > 0) await pause(20)
      await node.succeed('DEL', node.of(pod, { config, netns: '' }))
      nothingLeft(node, [])
    },
  )

  onNode(
    it,
    'DEL and GC without a namespace touch nobody who lies at the recorded path by now (promise 4)',
    async (node) => {
      const config = defineNetworks(node)
      const path = join(node.directory, 'netns')
      const pods = [await node.pod(), await node.pod()]
      const become = (target: string): void => {
        rmSync(path, { force: true })
        symlinkSync(target, path)
      }
      for (const [index, pod] of pods.entries()) {
        become(pod.netns)
        const changes = { config, netns: path, containerId: `c${index}` }
        await node.succeed('ADD', node.of(pod, changes))
      }
      const [, living] = pods as [Held, Held]
      // Both bear the path of the second.
      await node.succeed('DEL', node.of(living, { config, netns: '', containerId: 'c0' }))
      assert.equal(names(living), ['lo', 'eth0', 'eth1'])
      assert.equal([node.leased('pods'), node.leased('storage')], [['10.77.0.3'], ['10.78.0.3']])

      node.host.run('ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth0peer')
      become(node.host.netns)
      const valid = { cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] }
      const none = { netns: '', containerId: '', ifname: '' }
      await node.succeed('GC', node.of(living, { config: { ...config, ...valid }, ...none }))
      assert.ok(names(node.host).includes('eth0'))
      assert.equal([node.leased('pods'), node.leased('storage')], [[], []])
    },
  )

  onNode(it, 'a plugin that refuses: what came before it is undone', async (node) => {
    const config = { defaultDelegates: 'pods,broken' }
    defineNetworks(node)
    node.network('broken', [bridge(node, 'metacni2', '10.79.0.0/30'), { type: 'refusing' }])
    node.install('refusing')
    node.script('refusing.ADD', `echo '{"code":1234,"msg":"no luck","details":"100%"}'; exit 1`)
    const pod = await node.pod()
    const failure = await node.fail('ADD', node.of(pod, { config }))
    assert.equal([failure.code, failure.details], [1234, '100%'])
    assert.is(
      failure.msg,
      'network "broken" interface "eth1": plugin refusing failed (add): no luck',
    )
    nothingLeft(node, [pod])
    assert.equal(node.leased('broken'), [])
  })

  onNode(
    it,
    'an interface that is there already: the error names network, interface and plugin (TB24, S-030)',
    async (node) => {
      const config = defineNetworks(node)
      const pod = await node.pod()
      pod.run('ip', 'link', 'add', 'eth1', 'type', 'veth', 'peer', 'name', 'other')
      const { msg } = await node.fail('ADD', node.of(pod, { config }))
      assert.match(msg, 'network "storage" interface "eth1": plugin bridge failed (add): ')
      assert.equal([node.leased('pods'), node.leased('storage')], [[], []])
      assert.not.ok(names(pod).includes('eth0'))
      assert.equal(node.stateFiles(), ['.metacni/'])
    },
  )

  onNode(it, 'SIGTERM during ADD undoes it', async (node) => {
    defineNetworks(node)
    const [began, gate] = [node.pipe('began'), node.pipe('gate')]
    node.install('slow')
    node.script('slow.ADD', `echo > '${began.path}'\ncat '${gate.path}'`)
    node.network('slow', [bridge(node, 'metacni3', '10.80.0.0/24'), { type: 'slow' }])
    const config = { defaultDelegates: 'pods,slow' }
    const pod = await node.pod()
    const { child, ended } = node.start('ADD', node.of(pod, { config }))
    await began.told()
    assert.equal(names(pod), ['lo', 'eth0', 'eth1'])
    child.kill('SIGTERM')
    assert.is(failureOf(await ended).code, 11)
    nothingLeft(node, [pod])
    assert.equal(node.leased('slow'), [])
  })

  onNode(it, 'kill -9 during ADD, then DEL leaves nothing', async (node) => {
    defineNetworks(node)
    node.install('killing')
    node.script('killing.ADD', 'kill -9 $PPID; exit 0')
    node.network('killing', [bridge(node, 'metacni3', '10.80.0.0/24'), { type: 'killing' }])
    const config = { defaultDelegates: 'pods,killing,storage' }
    const pod = await node.pod()
    assert.is((await node.run('ADD', node.of(pod, { config }))).signal, 'SIGKILL')
    assert.equal(names(pod), ['lo', 'eth0', 'eth1'])
    assert.equal([node.leased('pods'), node.leased('killing')], [['10.77.0.2'], ['10.80.0.2']])
    await node.succeed('DEL', node.of(pod, { config }))
    nothingLeft(node, [pod])
    assert.equal(node.leased('killing'), [])
  })

  onNode(it, 'two ADDs of one container at once: one wins, the other is refused', async (node) => {
    const config = defineNetworks(node)
    const pod = await node.pod()
    const both = [
      node.run('ADD', node.of(pod, { config })),
      node.run('ADD', node.of(pod, { config })),
    ]
    const codes = (await Promise.all(both)).map(({ code }) => code)
    assert.equal(codes.sort(), [0, 1])
    assert.equal(names(pod), ['lo', 'eth0', 'eth1'])
    assert.equal(node.leased('pods').length, 1)
    await node.succeed('CHECK', node.of(pod, { config }))
    await node.succeed('DEL', node.of(pod, { config }))
    nothingLeft(node, [pod])
  })

  onNode(it, '20 containers at once: 20 addresses; and nothing is left of them', async (node) => {
    const config = defineNetworks(node)
    const pods = await Promise.all(Array.from({ length: 20 }, () => node.pod()))
    const together = (verb: string) =>
      Promise.all(
        pods.map((pod, index) =>
          node.succeed(verb, node.of(pod, { config, containerId: `c${index}` })),
        ),
      )
    const results = await together('ADD')
    const given = new Set(results.map((result) => JSON.stringify(result?.ips)))
    assert.equal(
      [given.size, node.leased('pods').length, node.leased('storage').length],
      [20, 20, 20],
    )
    await together('CHECK')
    await together('DEL')
    nothingLeft(node, pods)
  })
})
