import * as assert from 'uvu/assert'
import { linkLocalOf, macFrom } from '../../runners/memory/hardware.js'
import { addLink, createMemoryNode, openNamespace } from '../../runners/memory/index.js'
import { describe } from '../suite.js'
import { netnsOf, run } from './harness.js'

const hostLocal = (subnet: string) => ({ type: 'host-local', subnet })

describe('the namespaces of a simulated node', (it) => {
  it('are made by the first ADD, with lo, which is down', async () => {
    const node = createMemoryNode()
    assert.equal(node.interfacesOf(netnsOf('c1')), [])
    await run(node, 'ADD', { type: 'bridge' })
    const [lo, eth0] = node.interfacesOf(netnsOf('c1'))
    assert.equal([lo?.name, lo?.up, lo?.description], ['lo', false, 'loopback'])
    assert.is(eth0?.name, 'eth0')
  })

  it('take the other ends of their pairs and give virtual functions back when they go', async () => {
    const node = createMemoryNode()
    await run(node, 'ADD', { type: 'bridge' })
    await run(node, 'ADD', { type: 'sriov', if0: 'eno1', l2enable: true }, { ifname: 'eth1' })
    node.removeNamespace(netnsOf('c1'))
    assert.equal(
      node
        .interfacesOf('')
        .map(({ name }) => name)
        .sort(),
      ['cni0', 'eno1', 'lo'],
    )
    node.removeNamespace(netnsOf('c1'))
    node.addNamespace(netnsOf('c1'), { loopback: true })
    assert.equal(
      node.interfacesOf(netnsOf('c1')).map(({ name, up }) => [name, up]),
      [['lo', true]],
    )
  })
})

describe('the hardware addresses of a simulated node', (it) => {
  it('are unicast, locally administered and unlike one another', () => {
    const addresses = new Set<string>()
    for (let number = 0; number < 5000; number++) {
      const mac = macFrom(1, number)
      assert.match(mac, /^[0-9a-f][26ae](:[0-9a-f]{2}){5}$/)
      addresses.add(mac)
    }
    assert.is(addresses.size, 5000)
  })

  it('give link-local addresses as a kernel makes them (RFC 4291, modified EUI-64)', () => {
    assert.is(linkLocalOf('be:f2:48:42:83:12'), 'fe80::bcf2:48ff:fe42:8312/64')
    assert.is(linkLocalOf('06:21:91:2d:74:b9'), 'fe80::421:91ff:fe2d:74b9/64')
    assert.is(linkLocalOf('d2:94:98:82:00:00'), 'fe80::d094:98ff:fe82:0/64')
  })
})

describe('what is left over on a simulated node', (it) => {
  it('is nothing on a new one, nor what belongs to the node', async () => {
    const node = createMemoryNode({ physicalFunctions: { enp2s0: 2 }, files: { '/etc/x': 'y' } })
    node.addNamespace('/run/netns/a', { loopback: true })
    const bridge = { type: 'bridge', isGateway: true, ipam: hostLocal('10.1.0.0/24') }
    await run(node, 'ADD', bridge)
    await run(node, 'DEL', bridge)
    assert.ok(node.interfacesOf('').some(({ name }) => name === 'cni0'))
    assert.equal(node.leftovers(), [])
  })

  it('names everything that an attachment made, and for whom', async () => {
    const node = createMemoryNode()
    await run(node, 'ADD', {
      type: 'sriov',
      name: 's',
      if0: 'enp2s0',
      vlan: 5,
      ipam: hostLocal('10.1.0.0/24'),
    })
    await run(
      node,
      'ADD',
      { type: 'flannel', name: 'f', delegate: { ipMasq: true } },
      { ifname: 'eth1' },
    )
    const owner = (type: string, network: string, ifname: string) => ({
      type,
      network,
      containerId: 'c1',
      ifname,
    })
    const left = node.leftovers()
    const of = (kind: string) => left.filter((one) => one.kind === kind)
    assert.equal(of('virtual-function'), [
      {
        kind: 'virtual-function',
        what: 'VF 0 of enp2s0 with VLAN 5',
        owner: owner('sriov', 's', 'eth0'),
      },
    ])
    assert.equal(of('file'), [
      { kind: 'file', what: '/var/lib/cni/flannel/c1', owner: owner('flannel', 'f', 'eth1') },
    ])
    assert.equal(
      of('reservation').map(({ what }) => what),
      ['10.1.0.2 in /var/lib/cni/networks/s', '10.244.1.2 in /var/lib/cni/networks/f'],
    )
    assert.is(of('chain').length, 2)
    assert.equal(
      of('link')
        .map(({ what }) => what.replace(/veth[0-9a-f]+/, 'vethX'))
        .sort(),
      ['veth eth1 in /run/netns/c1', 'veth vethX in the host', 'vf eth0 in /run/netns/c1'],
    )
    assert.is(left.length, 3 + 1 + 1 + 2 + 2)
  })

  it('finds what a plugin of one’s own forgot, an address on another’s link as well', async () => {
    const node = createMemoryNode({
      plugins: {
        messy: (call, world) => {
          const namespace = openNamespace(world, call.netns)
          if (namespace === undefined) return undefined
          addLink(world, namespace, { name: 'dummy0', kind: 'dummy', description: 'a dummy' })
          const lo = namespace.links.get('lo')
          if (lo !== undefined) namespace.links.set('lo', { ...lo, addresses: ['10.9.9.9/32'] })
          return undefined
        },
      },
    })
    await run(node, 'ADD', { type: 'messy' })
    assert.equal(node.leftovers(), [
      { kind: 'link', what: 'dummy dummy0 in /run/netns/c1' },
      { kind: 'address', what: '10.9.9.9/32 on lo in /run/netns/c1' },
    ])
  })
})

describe('a simulated node, shown', (it) => {
  const makeNode = async () => {
    const node = createMemoryNode({ seed: 3, physicalFunctions: { enp12s0f1: 2, enp2s0: 4 } })
    node.addNamespace(netnsOf('c1'), { loopback: true })
    await run(node, 'ADD', { type: 'flannel', name: 'flannel-conf' })
    const ipam = hostLocal('10.56.217.0/24')
    await run(node, 'ADD', { type: 'sriov', name: 's', if0: 'enp12s0f1', ipam }, { ifname: 'eth1' })
    const layer2 = { type: 'sriov', name: 'v', if0: 'enp2s0', vlan: 210, l2enable: true }
    await run(node, 'ADD', layer2, { ifname: 'north' })
    return node
  }

  it('is a table of what each interface is', async () => {
    const node = await makeNode()
    const rows = node
      .describe(netnsOf('c1'))
      .split('\n')
      .map((row) => row.split('|').map((cell) => cell.trim()))
    assert.equal(
      rows.map((cells) => [cells[1], cells[3]?.replace(/^-+$/, '---')]),
      [
        ['Interface name', 'Description'],
        ['--------------', '---'],
        ['lo', 'loopback'],
        ['eth0', 'Flannel network tap interface'],
        ['eth1', 'VF 0 of enp12s0f1, assigned by sriov'],
        ['north', 'VF 0 of enp2s0 with VLAN 210'],
      ],
    )
  })

  it('prints addresses as `ip address show` does', async () => {
    const node = await makeNode()
    const [, eth0] = node.interfacesOf(netnsOf('c1'))
    const text = node.show(netnsOf('c1'))
    assert.ok(
      text.startsWith(
        '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 state UNKNOWN\n' +
          '    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n' +
          '    inet 127.0.0.1/8 scope host\n' +
          '    inet6 ::1/128 scope host\n' +
          `${eth0?.index}: eth0@${eth0?.peer}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 state UP\n` +
          `    link/ether ${eth0?.mac} brd ff:ff:ff:ff:ff:ff\n` +
          '    inet 10.244.1.2/24 scope global\n' +
          `    inet6 ${eth0?.addresses[1]} scope link\n`,
      ),
      text,
    )
  })

  it('shows nothing of what is not there', () => {
    const node = createMemoryNode()
    assert.is(node.show('/nowhere'), '')
    assert.is(node.showDevice('nothing'), '')
    assert.equal(node.virtualFunctions('nothing'), [])
    assert.equal(node.interfacesOf('/nowhere'), [])
  })
})
