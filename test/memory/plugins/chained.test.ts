import * as assert from 'uvu/assert'
import type { JsonObject } from '../../../lib/cni/json.js'
import { createMemoryNode, type MemoryNode } from '../../../runners/memory/index.js'
import { describe } from '../../suite.js'
import { netnsOf, printed, run, wordsOf } from '../harness.js'

const bridge = { type: 'bridge', ipam: { type: 'host-local', subnet: '10.22.0.0/24' } }
const inside = (node: MemoryNode) => node.world.namespaces.get(netnsOf('c1'))?.links.get('eth0')

const added = async (node: MemoryNode): Promise<JsonObject> =>
  printed(await run(node, 'ADD', bridge))

describe('tuning on a simulated node (plugins-and-ip.md 7.7)', (it) => {
  const config = {
    type: 'tuning',
    mac: '0a:00:00:00:00:07',
    mtu: 1400,
    promisc: true,
    txQLen: 5,
    allmulti: true,
  }

  it('changes the attributes, and prints the previous result with the hardware address alone changed', async () => {
    const node = createMemoryNode()
    const prevResult = await added(node)
    const result = printed(await run(node, 'ADD', { ...config, prevResult }))
    const { mac, mtu, promisc, txqlen, allmulti } = inside(node) ?? {}
    assert.equal([mac, mtu, promisc, txqlen, allmulti], [config.mac, 1400, true, 5, true])
    const interfaces = prevResult.interfaces as readonly JsonObject[]
    const expected = interfaces.map((one) =>
      one.name === 'eth0' ? { ...one, mac: config.mac } : one,
    )
    assert.equal(result, { ...prevResult, interfaces: expected })
  })

  it('puts everything back on DEL and removes its file; DEL again succeeds', async () => {
    const node = createMemoryNode()
    const prevResult = await added(node)
    const before = inside(node)
    await run(node, 'ADD', { ...config, prevResult })
    assert.ok(node.leftovers().some(({ what }) => what === '/run/cni/tuning/c1_eth0.json'))
    assert.is(wordsOf(await run(node, 'DEL', { ...config, prevResult })), '')
    assert.equal(inside(node), before)
    assert.is(wordsOf(await run(node, 'DEL', config)), '')
  })

  it('forgives DEL an interface that is gone', async () => {
    const node = createMemoryNode()
    await run(node, 'ADD', { ...config, prevResult: await added(node) })
    await run(node, 'DEL', bridge)
    assert.is(wordsOf(await run(node, 'DEL', config)), '')
    assert.equal(node.leftovers(), [])
  })

  it('writes sysctls of the interface, dots for slashes', async () => {
    const node = createMemoryNode()
    const sysctl = { 'net.ipv4.conf.IFNAME.arp_filter': '1', 'net/core/somaxconn': '512' }
    await run(node, 'ADD', { type: 'tuning', sysctl, prevResult: await added(node) })
    const { sysctls } = node.world.namespaces.get(netnsOf('c1')) ?? (assert.unreachable() as never)
    assert.equal(
      [...sysctls],
      [
        ['net/ipv4/conf/eth0/arp_filter', '1'],
        ['net/core/somaxconn', '512'],
      ],
    )
  })

  it('refuses sysctls outside of net, and to be the first of a list', async () => {
    const node = createMemoryNode()
    const prevResult = await added(node)
    const refusal = async (changes: JsonObject) =>
      wordsOf(await run(node, 'ADD', { type: 'tuning', prevResult, ...changes }))
    assert.is(
      await refusal({ sysctl: { 'kernel.panic': '1' } }),
      '999 invalid net sysctl key: "kernel/panic"',
    )
    assert.is(
      await refusal({ sysctl: { '../kernel/net.x': '1' } }),
      '999 invalid net sysctl key: "kernel/net/x"',
    )
    assert.is(await refusal({ sysctl: { 'net.core.x': 1 } }), '7 sysctl "net.core.x" is no text: 1')
    assert.is(await refusal({ prevResult: null }), '999 Required prevResult missing')
  })

  it('takes a previous result of another version', async () => {
    const node = createMemoryNode()
    const prevResult = printed(await run(node, 'ADD', { ...bridge, cniVersion: '0.4.0' }))
    const result = printed(await run(node, 'ADD', { type: 'tuning', prevResult }))
    assert.is(result.cniVersion, '1.1.0')
    assert.is((result.ips as readonly JsonObject[])[0]?.version, undefined)
  })

  it('passes CHECK while the values are there, and wants promiscuous mode off where it is not configured', async () => {
    const node = createMemoryNode()
    const prevResult = await added(node)
    await run(node, 'ADD', { ...config, prevResult })
    assert.is(wordsOf(await run(node, 'CHECK', { ...config, prevResult })), '')
    const { promisc: _, ...without } = config
    assert.is(
      wordsOf(await run(node, 'CHECK', { ...without, prevResult })),
      '999 promisc of eth0 is true, not false',
    )
    assert.is(
      wordsOf(await run(node, 'CHECK', { ...config, mtu: 1300, prevResult })),
      '999 mtu of eth0 is 1400, not 1300',
    )
  })
})

describe('portmap on a simulated node (plugins-and-ip.md 7.9)', (it) => {
  const portMappings = [
    { hostPort: 8080, containerPort: 80, protocol: 'TCP' },
    { hostPort: 53, containerPort: 53, protocol: 'udp', hostIP: '192.0.2.1' },
  ]
  const config = { type: 'portmap', runtimeConfig: { portMappings } }

  it('hands the previous result on and keeps a rule for every port', async () => {
    const node = createMemoryNode()
    const prevResult = await added(node)
    assert.equal(printed(await run(node, 'ADD', { ...config, prevResult })), prevResult)
    const [[name, chain] = ['', undefined]] = node.state.chains
    assert.match(name, /^CNI-DN-[0-9a-f]{21}$/)
    assert.equal(
      chain?.rules.map(({ text }) => text),
      [
        '-p tcp --dport 8080 -j DNAT --to 10.22.0.2:80',
        '-p udp -d 192.0.2.1 --dport 53 -j DNAT --to 10.22.0.2:53',
      ],
    )
  })

  it('removes its rules on DEL, with or without a previous result', async () => {
    const node = createMemoryNode()
    await run(node, 'ADD', { ...config, prevResult: await added(node) })
    assert.is(wordsOf(await run(node, 'DEL', config)), '')
    assert.equal(node.state.chains, [])
    assert.is(wordsOf(await run(node, 'DEL', config)), '')
  })

  it('does nothing but hand on without ports', async () => {
    const node = createMemoryNode()
    const prevResult = await added(node)
    assert.equal(printed(await run(node, 'ADD', { type: 'portmap', prevResult })), prevResult)
    assert.equal(node.state.chains, [])
  })

  it('refuses to be the first of a list, and ports that are none', async () => {
    const node = createMemoryNode()
    const prevResult = await added(node)
    assert.is(wordsOf(await run(node, 'ADD', config)), '999 must be called as chained plugin')
    for (const [mapping, words] of [
      [{ hostPort: 0, containerPort: 80 }, '7 Invalid host port number: 0'],
      [{ hostPort: 80, containerPort: 70000 }, '7 Invalid container port number: 70000'],
      [{ hostPort: '80', containerPort: 80 }, '7 Invalid host port number: "80"'],
    ] as const) {
      const runtimeConfig = { portMappings: [mapping] }
      assert.is(wordsOf(await run(node, 'ADD', { ...config, runtimeConfig, prevResult })), words)
    }
    assert.equal(node.state.chains, [])
  })

  it('passes CHECK while its rules are there', async () => {
    const node = createMemoryNode()
    const prevResult = await added(node)
    await run(node, 'ADD', { ...config, prevResult })
    assert.is(wordsOf(await run(node, 'CHECK', { ...config, prevResult })), '')
    await run(node, 'DEL', config)
    assert.match(
      wordsOf(await run(node, 'CHECK', { ...config, prevResult })),
      /^999 chain CNI-DN-.* has no rules for eth0$/,
    )
  })
})
