import * as assert from 'uvu/assert'
import { createMemoryNode } from '../../../runners/memory/index.js'
import { describe } from '../../suite.js'
import { netnsOf, printed, run, wordsOf } from '../harness.js'

const ipam = {
  type: 'host-local',
  subnet: '10.56.217.0/24',
  rangeStart: '10.56.217.171',
  rangeEnd: '10.56.217.181',
  routes: [{ dst: '0.0.0.0/0' }],
  gateway: '10.56.217.1',
}
const plain = { type: 'sriov', name: 'sriov-conf', if0: 'enp12s0f1', ipam }
const layer2 = { type: 'sriov', name: 'sriov-vlan', if0: 'enp2s0', vlan: 210, l2enable: true }

describe('sriov on a simulated node (the manual of the TKE fork)', (it) => {
  it('moves the first free virtual function into the container and gives it an address', async () => {
    const node = createMemoryNode()
    const result = printed(await run(node, 'ADD', plain))
    const [, inside] = node.interfacesOf(netnsOf('c1'))
    assert.equal(result, {
      cniVersion: '1.1.0',
      interfaces: [{ name: 'eth0', mac: inside?.mac, sandbox: netnsOf('c1') }],
      ips: [{ address: '10.56.217.171/24', gateway: '10.56.217.1', interface: 0 }],
      routes: [{ dst: '0.0.0.0/0' }],
    })
    assert.is(inside?.description, 'VF 0 of enp12s0f1, assigned by sriov')
    assert.is(node.virtualFunctions('enp12s0f1')[0]?.owner?.containerId, 'c1')
  })

  it('sets the VLAN on the function; with l2enable the interface has a link-local address alone', async () => {
    const node = createMemoryNode()
    const result = printed(await run(node, 'ADD', layer2, { ifname: 'north' }))
    const [, north] = node.interfacesOf(netnsOf('c1'))
    assert.equal(result, {
      cniVersion: '1.1.0',
      interfaces: [{ name: 'north', mac: north?.mac, sandbox: netnsOf('c1') }],
    })
    assert.is(north?.description, 'VF 0 of enp2s0 with VLAN 210')
    assert.is(north?.addresses.length, 1)
    assert.match(north?.addresses[0] ?? '', /^fe80::[0-9a-f:]+\/64$/)
  })

  it('shows the functions as `ip link show` does: VLAN 4095 for those without one', async () => {
    const node = createMemoryNode()
    await run(node, 'ADD', layer2)
    const lines = node.showDevice('enp2s0').split('\n')
    assert.match(
      lines[0] ?? '',
      /^\d+: enp2s0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP$/,
    )
    assert.match(
      lines[1] ?? '',
      /^ {4}link\/ether ([0-9a-f]{2}:){5}[0-9a-f]{2} brd ff:ff:ff:ff:ff:ff$/,
    )
    assert.equal(lines.slice(2), [
      '    vf 0 MAC 00:00:00:00:00:00, vlan 210, spoof checking off, link-state auto',
      '    vf 1 MAC 00:00:00:00:00:00, vlan 4095, spoof checking off, link-state auto',
      '    vf 2 MAC 00:00:00:00:00:00, vlan 4095, spoof checking off, link-state auto',
      '    vf 3 MAC 00:00:00:00:00:00, vlan 4095, spoof checking off, link-state auto',
    ])
    assert.is(node.showDevice('enp9s9'), '')
  })

  it('sets a requested hardware address on the function and its interface', async () => {
    const node = createMemoryNode()
    await run(node, 'ADD', { ...layer2, runtimeConfig: { mac: '0a:00:00:00:00:05' } })
    assert.is(node.virtualFunctions('enp2s0')[0]?.mac, '0a:00:00:00:00:05')
    assert.is(node.interfacesOf(netnsOf('c1'))[1]?.mac, '0a:00:00:00:00:05')
  })

  it('gives the next function to the next container, and refuses when none is free', async () => {
    const node = createMemoryNode({ physicalFunctions: { enp2s0: 2 } })
    await run(node, 'ADD', layer2, { id: 'a' })
    await run(node, 'ADD', layer2, { id: 'b' })
    assert.equal(
      node.virtualFunctions('enp2s0').map(({ owner }) => owner?.containerId),
      ['a', 'b'],
    )
    const words = wordsOf(await run(node, 'ADD', layer2, { id: 'c' }))
    assert.is(words, '999 no free virtual function on "enp2s0": all 2 are in use')
    await run(node, 'DEL', layer2, { id: 'a' })
    await run(node, 'ADD', layer2, { id: 'c' })
    assert.is(node.virtualFunctions('enp2s0')[0]?.owner?.containerId, 'c')
  })

  it('gives the function back on DEL, VLAN and address too, and once more does nothing', async () => {
    const node = createMemoryNode()
    for (const config of [plain, layer2]) {
      const where = { ifname: config === plain ? 'eth1' : 'eth2' }
      await run(node, 'ADD', config, where)
      assert.is(wordsOf(await run(node, 'DEL', config, where)), '')
      assert.is(wordsOf(await run(node, 'DEL', config, where)), '')
    }
    assert.equal(node.leftovers(), [])
    assert.is(node.virtualFunctions('enp2s0')[0]?.vlan, 4095)
  })

  it('gives the function back although the namespace is gone', async () => {
    const node = createMemoryNode()
    await run(node, 'ADD', layer2)
    node.removeNamespace(netnsOf('c1'))
    assert.equal(
      node.leftovers().map(({ what }) => what),
      ['VF 0 of enp2s0 with VLAN 210'],
    )
    assert.is(wordsOf(await run(node, 'DEL', layer2, { netns: '' })), '')
    assert.equal(node.leftovers(), [])
  })

  it('keeps the functions of other networks and interfaces on DEL', async () => {
    const node = createMemoryNode()
    await run(node, 'ADD', layer2, { ifname: 'eth1' })
    await run(node, 'DEL', layer2, { ifname: 'eth2' })
    await run(node, 'DEL', { ...layer2, name: 'other' }, { ifname: 'eth1', netns: '' })
    assert.is(node.virtualFunctions('enp2s0')[0]?.owner?.ifname, 'eth1')
  })

  it('takes `master` where `if0` is missing', async () => {
    const node = createMemoryNode()
    await run(node, 'ADD', { type: 'sriov', master: 'eth7', l2enable: true })
    assert.is(node.virtualFunctions('eth7').length, 4)
  })

  it('prints an empty result in the versions before 0.3.0 when there is no address', async () => {
    const node = createMemoryNode()
    const result = printed(await run(node, 'ADD', { ...layer2, cniVersion: '' }))
    assert.equal(result, { cniVersion: '0.1.0', dns: {} })
  })

  for (const [title, config, words] of [
    [
      'no physical function',
      { type: 'sriov', l2enable: true },
      '7 "if0" (or "master") names no physical function',
    ],
    [
      'neither addresses nor l2enable',
      { type: 'sriov', if0: 'a' },
      '7 "ipam" is missing, and "l2enable" is not true',
    ],
    [
      'a VLAN above 4094',
      { ...layer2, vlan: 4095 },
      '7 "vlan" must be between 0 and 4094, not 4095',
    ],
    [
      'a VLAN that is no number',
      { ...layer2, vlan: '210' },
      '7 "vlan" must be a natural number, not "210"',
    ],
  ] as const) {
    it(`refuses ${title}`, async () => {
      const node = createMemoryNode()
      assert.is(wordsOf(await run(node, 'ADD', config)), words)
      assert.equal(node.leftovers(), [])
    })
  }

  it('passes CHECK while function, VLAN and interface are there', async () => {
    const node = createMemoryNode()
    const prevResult = printed(await run(node, 'ADD', layer2))
    const check = async () => wordsOf(await run(node, 'CHECK', { ...layer2, prevResult }))
    assert.is(await check(), '')
    const [first, ...others] = node.virtualFunctions('enp2s0')
    assert.ok(first)
    node.world.functions.set('enp2s0', [{ ...first, vlan: 7 }, ...others])
    assert.is(await check(), '999 VF 0 of enp2s0 has VLAN 7, not 210')
    await run(node, 'DEL', layer2)
    assert.is(await check(), '999 interface "eth0" does not exist in "/run/netns/c1"')
  })

  it('takes stale functions away on GC, also where the namespace is gone', async () => {
    const node = createMemoryNode()
    await run(node, 'ADD', layer2, { id: 'a' })
    await run(node, 'ADD', layer2, { id: 'b' })
    node.removeNamespace(netnsOf('a'))
    assert.is(wordsOf(await run(node, 'GC', { ...layer2, 'cni.dev/valid-attachments': [] })), '')
    assert.equal(node.leftovers(), [])
  })
})
