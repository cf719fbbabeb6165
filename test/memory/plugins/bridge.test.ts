import * as assert from 'uvu/assert'
import { createMemoryNode, type InterfaceView } from '../../../runners/memory/index.js'
import { describe } from '../../suite.js'
import { addressesIn, netnsOf, printed, run, wordsOf } from '../harness.js'

const ipam = { type: 'host-local', subnet: '10.22.0.0/24', routes: [{ dst: '0.0.0.0/0' }] }
const config = { type: 'bridge', bridge: 'br0', isGateway: true, ipMasq: true, ipam }
const find = (list: readonly InterfaceView[], name: string) => list.find((one) => one.name === name)

describe('bridge on a simulated node (plugins-and-ip.md 7.2)', (it) => {
  it('prints bridge, host end and container end, and gives the address to the third', async () => {
    const node = createMemoryNode()
    const result = printed(await run(node, 'ADD', config))
    const inside = find(node.interfacesOf(netnsOf('c1')), 'eth0')
    const [bridge, host] = result.interfaces as readonly { name: string; mac: string }[]
    assert.equal(result, {
      cniVersion: '1.1.0',
      interfaces: [
        { name: 'br0', mac: bridge?.mac },
        { name: host?.name, mac: host?.mac },
        { name: 'eth0', mac: inside?.mac, sandbox: netnsOf('c1') },
      ],
      ips: [{ address: '10.22.0.2/24', gateway: '10.22.0.1', interface: 2 }],
      routes: [{ dst: '0.0.0.0/0' }],
    })
    assert.match(host?.name ?? '', /^veth[0-9a-f]{8}$/)
    assert.is(find(node.interfacesOf(''), 'br0')?.mac, bridge?.mac)
    assert.is(find(node.interfacesOf(''), host?.name ?? '')?.mac, host?.mac)
  })

  it('leaves an interface that is up, has the address and is a port of the bridge', async () => {
    const node = createMemoryNode()
    await run(node, 'ADD', config)
    const inside = find(node.interfacesOf(netnsOf('c1')), 'eth0')
    assert.is(inside?.up, true)
    assert.is(inside?.addresses[0], '10.22.0.2/24')
    assert.is(inside?.description, 'port of bridge br0')
    assert.is(node.world.host.links.get(inside?.peer ?? '')?.master, 'br0')
    assert.equal(node.world.namespaces.get(netnsOf('c1'))?.routes, [
      { dst: '10.22.0.0/24', dev: 'eth0' },
      { dst: '0.0.0.0/0', gw: '10.22.0.1', dev: 'eth0' },
    ])
    assert.ok(find(node.interfacesOf(''), 'br0')?.addresses.includes('10.22.0.1/24'))
  })

  it('refuses an interface name that exists, in the words of the Go plugin', async () => {
    const node = createMemoryNode()
    await run(node, 'ADD', config)
    const before = JSON.stringify(node.state.pools)
    const words = wordsOf(await run(node, 'ADD', config))
    assert.match(
      words,
      /^999 container veth name \("eth0"\) peer provided \("veth[0-9a-f]{8}"\) already exists$/,
    )
    assert.is(JSON.stringify(node.state.pools), before)
  })

  it('adds default routes through the gateway with isDefaultGateway, once a family', async () => {
    const node = createMemoryNode()
    const dual = {
      ...config,
      isGateway: false,
      isDefaultGateway: true,
      ipam: {
        type: 'host-local',
        ranges: [[{ subnet: '10.22.0.0/24' }], [{ subnet: '2001:db8::/64' }]],
      },
    }
    assert.equal(printed(await run(node, 'ADD', dual)).routes, [
      { dst: '0.0.0.0/0', gw: '10.22.0.1' },
      { dst: '::/0', gw: '2001:db8::1' },
    ])
  })

  it('leaves its pair behind when the address plugin refuses, and DEL takes it away', async () => {
    const node = createMemoryNode()
    const broken = { ...config, ipam: { type: 'host-local' } }
    assert.match(wordsOf(await run(node, 'ADD', broken)), /^7 no IP ranges specified/)
    assert.equal(
      node.leftovers().map(({ kind }) => kind),
      ['link', 'link'],
    )
    assert.is(wordsOf(await run(node, 'DEL', broken)), '')
    assert.equal(node.leftovers(), [])
  })

  it('sets up an interface without addresses when there is no address plugin', async () => {
    const node = createMemoryNode()
    const result = printed(await run(node, 'ADD', { type: 'bridge' }))
    assert.is(result.ips, undefined)
    const inside = find(node.interfacesOf(netnsOf('c1')), 'eth0')
    assert.is(inside?.up, true)
    assert.is(inside?.addresses.length, 1)
    assert.match(inside?.addresses[0] ?? '', /^fe80::/)
    assert.ok(find(node.interfacesOf(''), 'cni0'))
  })

  for (const [title, changes, words] of [
    [
      'hairpin and promiscuous mode together',
      { hairpinMode: true, promiscMode: true },
      '7 cannot set hairpin mode and promiscuous mode at the same time',
    ],
    ['a VLAN above 4094', { vlan: 4095 }, '7 invalid VLAN ID 4095 (must be between 0 and 4094)'],
    ['an MTU that is no number', { mtu: '1500' }, '7 "mtu" must be a natural number, not "1500"'],
    ['a bridge name that is no text', { bridge: 7 }, '7 "bridge" must be a text, not 7'],
    [
      'a hardware address that is none',
      { runtimeConfig: { mac: 'x' } },
      '7 hardware address in runtimeConfig is none: "x"',
    ],
  ] as const) {
    it(`refuses ${title} before it changes anything`, async () => {
      const node = createMemoryNode()
      assert.is(wordsOf(await run(node, 'ADD', { ...config, ...changes })), words)
      assert.equal(node.leftovers(), [])
    })
  }

  it('refuses to take another device for its bridge', async () => {
    const node = createMemoryNode()
    await run(node, 'ADD', { type: 'macvlan', master: 'eno1' })
    const words = wordsOf(await run(node, 'ADD', { ...config, bridge: 'eno1' }, { ifname: 'eth1' }))
    assert.is(words, '999 "eno1" already exists but is not a bridge')
  })

  it('takes the hardware address of the last source that names one', async () => {
    const node = createMemoryNode()
    const macIn = async (id: string, changes: object, args = '') => {
      const result = printed(await run(node, 'ADD', { ...config, ...changes }, { id, args }))
      return (result.interfaces as readonly { mac: string }[])[2]?.mac
    }
    const args = 'IgnoreUnknown=1;MAC=0a:00:00:00:00:01'
    const inArgs = { args: { cni: { mac: '0A:00:00:00:00:02' } } }
    assert.is(await macIn('a', {}, args), '0a:00:00:00:00:01')
    assert.is(await macIn('b', inArgs, args), '0a:00:00:00:00:02')
    const both = { ...inArgs, runtimeConfig: { mac: '0a-00-00-00-00-03' } }
    assert.is(await macIn('c', both, args), '0a:00:00:00:00:03')
  })

  it('undoes everything on DEL, and DEL again does nothing', async () => {
    const node = createMemoryNode()
    await run(node, 'ADD', config)
    assert.equal(
      [...new Set(node.leftovers().map(({ kind }) => kind))],
      ['link', 'reservation', 'chain'],
    )
    assert.is(wordsOf(await run(node, 'DEL', config)), '')
    assert.equal(node.leftovers(), [])
    const state = JSON.stringify(node)
    assert.is(wordsOf(await run(node, 'DEL', config)), '')
    assert.is(JSON.stringify(node), state)
  })

  it('forgives DEL a namespace that is gone or not named', async () => {
    const node = createMemoryNode()
    await run(node, 'ADD', config)
    node.removeNamespace(netnsOf('c1'))
    assert.is(wordsOf(await run(node, 'DEL', config)), '')
    assert.equal(node.leftovers(), [])
    assert.is(wordsOf(await run(node, 'DEL', config, { id: 'never-added' })), '')
    assert.is(wordsOf(await run(node, 'DEL', config, { netns: '' })), '')
    assert.equal(node.interfacesOf(netnsOf('never-added')), [])
  })

  it('refuses ADD in a namespace that was removed', async () => {
    const node = createMemoryNode()
    node.addNamespace(netnsOf('c1'))
    node.removeNamespace(netnsOf('c1'))
    const words = wordsOf(await run(node, 'ADD', config))
    assert.is(words, '999 failed to open netns "/run/netns/c1": no such file or directory')
  })

  it('passes CHECK while everything is there, and names what is missing', async () => {
    const node = createMemoryNode()
    const prevResult = printed(await run(node, 'ADD', config))
    const check = async (changes = {}) =>
      wordsOf(await run(node, 'CHECK', { ...config, prevResult, ...changes }))
    assert.is(await check(), '')
    assert.is(await check({ prevResult: undefined }), '999 Required prevResult missing')
    const namespace = node.world.namespaces.get(netnsOf('c1'))
    const link = namespace?.links.get('eth0')
    assert.ok(namespace && link)
    namespace.links.set('eth0', { ...link, addresses: [] })
    assert.is(await check(), '999 eth0 does not have the address 10.22.0.2/24')
    namespace.links.set('eth0', { ...link, mac: '02:00:00:00:00:00' })
    assert.match(await check(), /^999 interface eth0 has mac 02:00:00:00:00:00, not /)
    namespace.links.set('eth0', link)
    const { routes } = namespace
    namespace.routes = []
    assert.is(await check(), '999 there is no route to 0.0.0.0/0 in /run/netns/c1')
    namespace.routes = routes
    node.world.host.links.delete('br0')
    assert.is(await check(), '999 bridge "br0" does not exist')
    await run(node, 'DEL', config)
    assert.is(await check(), '999 no address of container "c1" interface eth0 found')
  })

  it('answers STATUS with code 50 when its address plugin has none left', async () => {
    const node = createMemoryNode()
    const tiny = { ...config, ipam: { type: 'host-local', subnet: '10.22.0.0/30' } }
    assert.is(wordsOf(await run(node, 'STATUS', tiny)), '')
    await run(node, 'ADD', tiny)
    const words = wordsOf(await run(node, 'STATUS', tiny))
    assert.is(words, '50 no IP addresses available in range set: 10.22.0.1-10.22.0.2')
  })

  it('takes away on GC what the list does not name, links and addresses, on its own network alone', async () => {
    const node = createMemoryNode()
    for (const id of ['c1', 'c2', 'c3']) await run(node, 'ADD', config, { id })
    await run(node, 'ADD', { ...config, name: 'other' }, { id: 'c2', ifname: 'eth1' })
    const valid = [{ containerID: 'c1', ifname: 'eth0' }]
    assert.is(wordsOf(await run(node, 'GC', { ...config, 'cni.dev/valid-attachments': valid })), '')
    assert.ok(find(node.interfacesOf(netnsOf('c1')), 'eth0'))
    assert.not.ok(find(node.interfacesOf(netnsOf('c2')), 'eth0'))
    assert.ok(find(node.interfacesOf(netnsOf('c2')), 'eth1'))
    const reserved = node.leftovers().filter(({ kind }) => kind === 'reservation')
    assert.equal(
      reserved.map(({ what }) => what),
      ['10.22.0.2 in /var/lib/cni/networks/net', '10.22.0.2 in /var/lib/cni/networks/other'],
    )
  })

  it('reads the older spelling of the list on GC, takes null for an empty list, and none for nothing to do', async () => {
    const node = createMemoryNode()
    await run(node, 'ADD', config)
    assert.is(wordsOf(await run(node, 'GC', config)), '')
    assert.is.not(node.leftovers().length, 0)
    assert.is(wordsOf(await run(node, 'GC', { ...config, 'cni.dev/attachments': null })), '')
    assert.equal(node.leftovers(), [])
  })

  it('prints the result in the version of its configuration', async () => {
    const node = createMemoryNode()
    const old = printed(await run(node, 'ADD', { ...config, cniVersion: '0.2.0' }))
    assert.equal(old, {
      cniVersion: '0.2.0',
      ip4: { ip: '10.22.0.2/24', gateway: '10.22.0.1', routes: [{ dst: '0.0.0.0/0' }] },
      dns: {},
    })
    const middle = printed(await run(node, 'ADD', { ...config, cniVersion: '0.3.1' }, { id: 'c2' }))
    assert.is(middle.cniVersion, '0.3.1')
    assert.equal(addressesIn(middle), ['10.22.0.3/24'])
    assert.is((middle.ips as readonly { version: string }[])[0]?.version, '4')
  })

  it('lets the dns of its configuration win over that of the addresses', async () => {
    const node = createMemoryNode({ files: { '/etc/resolv.conf': 'nameserver 10.0.0.9\n' } })
    const withFile = { ...config, ipam: { ...ipam, resolvConf: '/etc/resolv.conf' } }
    assert.equal(printed(await run(node, 'ADD', withFile)).dns, { nameservers: ['10.0.0.9'] })
    const own = { ...withFile, dns: { nameservers: ['10.0.0.8'] } }
    assert.equal(printed(await run(node, 'ADD', own, { id: 'c2' })).dns, {
      nameservers: ['10.0.0.8'],
    })
  })
})
