import * as assert from 'uvu/assert'
import { createMemoryNode } from '../../../runners/memory/index.js'
import { describe } from '../../suite.js'
import { netnsOf, printed, run, wordsOf } from '../harness.js'

const ipam = {
  type: 'static',
  addresses: [{ address: '192.168.1.9/24', gateway: '192.168.1.1' }],
  dns: { nameservers: ['192.168.1.1'] },
}
const config = { type: 'macvlan', master: 'eno1', ipam }

describe('macvlan on a simulated node (plugins-and-ip.md 7.4)', (it) => {
  it('prints its one interface, and drops the dns of the addresses', async () => {
    const node = createMemoryNode()
    const result = printed(await run(node, 'ADD', config))
    const [inside] = node.interfacesOf(netnsOf('c1')).filter(({ name }) => name === 'eth0')
    assert.equal(result, {
      cniVersion: '1.1.0',
      interfaces: [{ name: 'eth0', mac: inside?.mac, sandbox: netnsOf('c1') }],
      ips: [{ address: '192.168.1.9/24', gateway: '192.168.1.1', interface: 0 }],
    })
    assert.is(inside?.description, 'macvlan of eno1 in mode bridge')
    assert.is(node.world.namespaces.get(netnsOf('c1'))?.links.get('eth0')?.parent, 'eno1')
  })

  it('takes the hardware address of the last source: configuration, CNI_ARGS, runtimeConfig', async () => {
    const node = createMemoryNode()
    const macIn = async (id: string, changes: object, args = '') => {
      const result = printed(await run(node, 'ADD', { ...config, ...changes }, { id, args }))
      return (result.interfaces as readonly { mac: string }[])[0]?.mac
    }
    const own = { mac: '0a:00:00:00:00:01' }
    assert.is(await macIn('a', own), '0a:00:00:00:00:01')
    assert.is(await macIn('b', own, 'IgnoreUnknown=1;MAC=0a:00:00:00:00:02'), '0a:00:00:00:00:02')
    const runtime = { ...own, runtimeConfig: { mac: '0a:00:00:00:00:03' } }
    assert.is(
      await macIn('c', runtime, 'IgnoreUnknown=1;MAC=0a:00:00:00:00:02'),
      '0a:00:00:00:00:03',
    )
  })

  it('uses the device of the default route when the configuration names no master', async () => {
    const node = createMemoryNode()
    await run(node, 'ADD', { type: 'macvlan' })
    assert.is(node.world.namespaces.get(netnsOf('c1'))?.links.get('eth0')?.parent, 'eth0')
  })

  for (const [title, changes, words] of [
    ['an unknown mode', { mode: 'loud' }, '7 unknown macvlan mode: "loud"'],
    ['an MTU above the master', { mtu: 9000 }, '7 invalid MTU 9000, must be [0, master MTU(1500)]'],
    ['a master that is no text', { master: {} }, '7 "master" must be a text, not {}'],
  ] as const) {
    it(`refuses ${title}`, async () => {
      const node = createMemoryNode()
      assert.is(wordsOf(await run(node, 'ADD', { ...config, ...changes })), words)
      assert.equal(node.leftovers(), [])
    })
  }

  it('leaves its link when the address plugin refuses, as the Go plugin does, and DEL takes it away', async () => {
    const node = createMemoryNode()
    const broken = { ...config, ipam: { type: 'static', addresses: [{ address: 'x' }] } }
    assert.match(wordsOf(await run(node, 'ADD', broken)), /^7 the 'address' field/)
    assert.is(node.leftovers().length, 1)
    assert.is(wordsOf(await run(node, 'DEL', broken)), '')
    assert.equal(node.leftovers(), [])
  })

  it('passes CHECK while the link is a macvlan with its addresses', async () => {
    const node = createMemoryNode()
    const prevResult = printed(await run(node, 'ADD', config))
    const check = async () => wordsOf(await run(node, 'CHECK', { ...config, prevResult }))
    assert.is(await check(), '')
    await run(node, 'DEL', config)
    assert.is(await check(), '999 interface "eth0" does not exist in "/run/netns/c1"')
    assert.equal(node.leftovers(), [])
  })
})
