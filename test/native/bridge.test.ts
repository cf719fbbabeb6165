import { isRight } from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import type { JsonObject } from '../../lib/cni/json.js'
import { bridge } from '../../lib/native/bridge.js'
import type { NativeCall } from '../../lib/native/script.js'
import { describe } from '../suite.js'
import {
  address,
  callOf,
  type Kernel,
  link,
  mac,
  netns,
  play,
  refusalOf,
  rightOf,
  savedOf,
  veth,
} from './play.js'

const ipam = { type: 'host-local', subnet: '10.1.0.0/16' }
const device = (more: JsonObject = {}) =>
  link('cni0', { address: '0a:00:00:00:00:0b', ...more }, 'bridge')
const kernel = (more: Kernel = {}): Kernel => ({
  host: [device(), link(veth)],
  ipam: { ips: [{ address: '10.1.0.2/16', gateway: '10.1.0.1' }] },
  ...more,
})
const add = (config: JsonObject, more: Partial<NativeCall> = {}, node = kernel()) =>
  play(bridge.add(callOf({ type: 'bridge', ...config }, more)), node)
const pair = `ip link add name eth0 netns ${netns} txqueuelen 0 type veth peer name ${veth} txqueuelen 0`
const makes = ['ip link add name cni0 type bridge', 'ip link set dev cni0 up']
const joins = [
  pair,
  `ip link set dev ${veth} master cni0 up`,
  'sysctl -w net/ipv6/conf/cni0/accept_ra=0',
  `sysctl -w net/ipv6/conf/${veth}/accept_ra=0`,
]
const settings = [
  'sysctl -w net/ipv6/conf/eth0/accept_dad=0',
  'sysctl -w net/ipv4/conf/eth0/arp_notify=1',
]

describe('native bridge: ADD (reference/plugins-and-ip.md 7.2)', (it) => {
  it('makes bridge and pair, and only sets the interface up without an address plugin (step 14)', () => {
    const played = add({})
    assert.equal(played.host, [...makes, ...joins])
    assert.equal(played.container, ['ip link set dev eth0 up'])
    assert.equal(played.ipam, [])
    assert.equal(rightOf(played), {
      cniVersion: '1.1.0',
      interfaces: [
        { name: 'cni0', mac: '0a:00:00:00:00:0b' },
        { name: veth, mac },
        { name: 'eth0', mac, sandbox: netns },
      ],
    })
  })

  it('gives addresses and routes as the address plugin says (step 11, P-04, P-05)', () => {
    const dns = { nameservers: ['10.0.0.53'] }
    const node = kernel({
      ipam: {
        ips: [{ address: '10.1.0.2/16', gateway: '10.1.0.1' }],
        routes: [{ dst: '10.9.0.0/16' }, { dst: '10.8.0.0/16', gw: '10.1.0.9' }],
        dns,
      },
    })
    const played = add({ ipam }, {}, node)
    assert.equal(played.ipam, ['ADD'])
    assert.equal(played.container, [
      ...settings,
      'ip address add 10.1.0.2/16 broadcast + dev eth0',
      'ip link set dev eth0 up',
      'ip route prepend 10.9.0.0/16 via 10.1.0.1 dev eth0 scope global',
      'ip route prepend 10.8.0.0/16 via 10.1.0.9 dev eth0 scope global',
    ])
    assert.equal(played.host, [...makes, ...joins])
    const { ips, routes, dns: told } = rightOf(played)
    assert.equal(ips, [{ address: '10.1.0.2/16', gateway: '10.1.0.1', interface: 2 }])
    assert.equal(routes, node.ipam?.routes)
    assert.is(told, undefined, 'dns of the addresses is dropped, as 1.1.1 drops it')
  })

  it('tells dns of the configuration, when it says anything (step 16)', () => {
    const node = kernel({ ipam: { ips: [{ address: '10.1.0.2/16' }], dns: { domain: 'a' } } })
    assert.equal(rightOf(add({ ipam, dns: { domain: 'b' } }, {}, node)).dns, { domain: 'b' })
    assert.is(rightOf(add({ ipam, dns: { search: [], domain: '' } }, {}, node)).dns, undefined)
    assert.equal(rightOf(add({ dns: { domain: 'b' } })).dns, { domain: 'b' })
  })

  it('bears the gateways, with its own address said aloud, and forwards (step 12)', () => {
    const played = add({ ipam, isGateway: true })
    assert.equal(played.host.slice(6), [
      'ip address add 10.1.0.1/16 broadcast + dev cni0',
      'ip link set dev cni0 address 0a:00:00:00:00:0b',
      'sysctl -w net/ipv4/ip_forward=1',
    ])
  })

  it('takes the first address of the network for a gateway that nobody named (step 11)', () => {
    const node = kernel({ ipam: { ips: [{ address: '10.1.7.2/16' }, { address: 'fd00::5/64' }] } })
    const played = add({ ipam, isGateway: true }, {}, node)
    assert.equal(
      rightOf(played).ips?.map(({ gateway }) => gateway),
      ['10.1.0.1', 'fd00::1'],
    )
    assert.ok(played.host.includes('ip address add fd00::1/64 dev cni0'))
    assert.ok(played.host.includes('sysctl -w net/ipv6/conf/all/forwarding=1'))
    assert.equal(rightOf(add({ ipam }, {}, node)).ips?.[0], {
      address: '10.1.7.2/16',
      interface: 2,
    })
  })

  it('appends a default route of each family with isDefaultGateway, once (step 11)', () => {
    const ips = [{ address: '10.1.0.2/16' }, { address: 'fd00::2/64' }]
    const both = add({ ipam, isDefaultGateway: true }, {}, kernel({ ipam: { ips } }))
    const first = { dst: '0.0.0.0/0', gw: '10.1.0.1' }
    assert.equal(rightOf(both).routes, [first, { dst: '::/0', gw: 'fd00::1' }])
    const routes = [{ dst: '0.0.0.0/0', gw: '10.1.0.9' }]
    const there = add({ ipam, isDefaultGateway: true }, {}, kernel({ ipam: { ips, routes } }))
    assert.equal(rightOf(there).routes, [...routes, { dst: '::/0', gw: 'fd00::1' }])
  })

  it('enables IPv6 for an IPv6 address, and waits for addresses before routes (P-12)', () => {
    const ipam6 = {
      ips: [{ address: 'fd00::2/64', gateway: 'fd00::1' }],
      routes: [{ dst: '::/0' }],
    }
    const played = add({ ipam }, {}, kernel({ ipam: ipam6 }))
    assert.equal(played.container, [
      ...settings,
      'sysctl -w net/ipv6/conf/lo/disable_ipv6=0',
      'sysctl -w net/ipv6/conf/eth0/disable_ipv6=0',
      'ip address add fd00::2/64 dev eth0',
      'ip link set dev eth0 up',
      'ip route prepend ::/0 via fd00::1 dev eth0 scope global',
    ])
    assert.equal(played.pauses, [])
  })

  it('detects duplicate addresses with enabledad alone', () => {
    const { container } = add({ ipam, enabledad: true })
    assert.equal(container.slice(0, 3), [
      'sysctl -w net/ipv6/conf/eth0/enhanced_dad=1',
      'sysctl -w net/ipv6/conf/eth0/accept_dad=1',
      'sysctl -w net/ipv4/conf/eth0/arp_notify=1',
    ])
  })

  it('gives mtu to bridge and both ends, and none that is not positive (P-07)', () => {
    const { host } = add({ mtu: 1400 })
    assert.is(host[0], 'ip link add name cni0 mtu 1400 type bridge')
    const ends = `netns ${netns} txqueuelen 0 mtu 1400 type veth peer name ${veth} txqueuelen 0 mtu 1400`
    assert.ok(host.includes(`ip link add name eth0 ${ends}`), host.join('\n'))
    assert.equal(add({ mtu: -5 }).host, add({}).host)
  })

  it('sets promiscuous mode of the bridge, hairpin of the port', () => {
    assert.ok(add({ promiscMode: true }).host.includes('ip link set dev cni0 promisc on'))
    const { host } = add(
      { hairpinMode: true, bridge: 'br7' },
      {},
      { host: [link('br7', {}, 'bridge'), link(veth)] },
    )
    assert.ok(host.includes(`ip link set dev ${veth} type bridge_slave hairpin on`))
    assert.ok(host.includes(`ip link set dev ${veth} master br7 up`))
  })

  it('takes the hardware address of CNI_ARGS, then args.cni, then runtimeConfig', () => {
    const macs = (config: JsonObject, args = '') =>
      add(config, { args })
        .host.find((text) => text.includes(' address '))
        ?.split(' ')[10]
    const [a, b, c] = ['0a:00:00:00:00:aa', '0a:00:00:00:00:bb', '0a:00:00:00:00:cc']
    assert.is(macs({}, `MAC=${a}`), a)
    assert.is(macs({ args: { cni: { mac: b } } }, `MAC=${a}`), b)
    assert.is(macs({ args: { cni: { mac: b } }, runtimeConfig: { mac: c } }, `MAC=${a}`), c)
    assert.is(macs({ mac: c }), undefined, 'bridge has no key mac')
  })

  it('leaves an existing bridge as it is made, and refuses what is none (step 1)', () => {
    const there = { hostHas: (name: string) => name === 'cni0' }
    const { host, outcome } = add({ mtu: 1400 }, there)
    assert.ok(isRight(outcome))
    assert.not.ok(host.some((text) => text.startsWith('ip link add name cni0')))
    const words = '999 failed to create bridge "cni0": "cni0" already exists but is not a bridge'
    const dummy = kernel({ host: [link('cni0', {}, 'dummy'), link(veth)] })
    assert.is(refusalOf(add({}, there, dummy)), words)
    const failure = { code: 999, msg: 'failed to make veth pair: no', details: '' }
    assert.is(refusalOf(add({}, there, { ...dummy, failure })), words)
    assert.is(refusalOf(add({}, there, kernel({ failure }))), '999 failed to make veth pair: no')
    assert.is(refusalOf(add({}, {}, kernel({ failure }))), '999 failed to make veth pair: no')
  })

  it('refuses another address of the bridge, and replaces it with forceAddress (step 12)', () => {
    const node = (...texts: readonly string[]) =>
      kernel({ host: [device({ addr_info: texts.map((text) => address(text)) }), link(veth)] })
    const refusal =
      '999 failed to set bridge addr: "cni0" already has an IP address different from 10.1.0.1/16'
    assert.is(refusalOf(add({ ipam, isGateway: true }, {}, node('10.2.0.1/16'))), refusal)
    const forced = add({ ipam, isGateway: true, forceAddress: true }, {}, node('10.2.0.1/16'))
    assert.equal(forced.host.slice(6, 8), [
      'ip address del 10.2.0.1/16 dev cni0',
      'ip address add 10.1.0.1/16 broadcast + dev cni0',
    ])
    const same = add({ ipam, isGateway: true }, {}, node('10.1.0.1/16'))
    assert.equal(same.host.slice(6), ['sysctl -w net/ipv4/ip_forward=1'])
    const elsewhere = add({ ipam, isGateway: true }, {}, node('fd00::1/64', 'fe80::1/64'))
    assert.ok(isRight(elsewhere.outcome), 'an IPv6 address of another network is no rival')
  })

  it('refuses before anything is made what contradicts itself, in the words of the binary', () => {
    const cases: readonly (readonly [JsonObject, string])[] = [
      [
        { hairpinMode: true, promiscMode: true },
        '999 cannot set hairpin mode and promiscuous mode at the same time.',
      ],
      [{ vlan: 5000 }, '999 invalid VLAN ID 5000 (must be between 0 and 4094)'],
      [{ vlan: -1 }, '999 invalid VLAN ID -1 (must be between 0 and 4094)'],
      [{ runtimeConfig: { mac: 'zz' } }, '999 hardware address in runtimeConfig is none: "zz"'],
      [{ args: { cni: { mac: 7 } } }, '999 hardware address in args is none: 7'],
    ]
    for (const [config, words] of cases) {
      const played = add(config)
      assert.is(refusalOf(played), words)
      assert.is(played.stages.length, 0)
    }
    assert.match(refusalOf(add({ mtu: '1500' })), /^999 failed to load netconf: /)
    assert.match(refusalOf(add({}, { args: 'MAC=zz' })), /^999 hardware address in CNI_ARGS/)
    assert.match(refusalOf(add({}, { args: 'FOO=1' })), /^999 /)
  })

  it('refuses a namespace that is gone, and addresses that did not come (7.2)', () => {
    assert.is(
      refusalOf(add({}, { hasNamespace: false })),
      `999 failed to open netns "${netns}": no such file or directory`,
    )
    const none = add({ ipam }, {}, kernel({ ipam: { ips: [] } }))
    assert.is(refusalOf(none), '999 IPAM plugin returned missing IP config')
  })

  it('waits for the port to come up, five looks in all (step 15)', () => {
    const down = kernel({ host: [device(), link(veth, { operstate: 'LOWERLAYERDOWN' })] })
    const played = add({ ipam }, {}, down)
    assert.is(refusalOf(played), '999 bridge port in error state: lowerlayerdown')
    assert.equal(played.pauses, [50, 500, 1000, 1000])
  })

  it('refuses when what it made is gone', () => {
    assert.match(refusalOf(add({}, {}, kernel({ host: [] }))), /bridge "cni0" is gone/)
    assert.match(refusalOf(add({}, {}, kernel({ host: [device()] }))), /bridge "cni0" is gone/)
    assert.match(refusalOf(add({}, {}, kernel({ container: [] }))), /interface "eth0" is gone/)
    assert.match(
      refusalOf(add({ ipam }, {}, kernel({ container: [] }))),
      /interface "eth0" is gone/,
    )
  })

  it('isolates ports and leaves interfaces down where later releases are asked for', () => {
    const later = { later: true }
    const isolated = `ip link set dev ${veth} type bridge_slave isolated on`
    assert.ok(add({ portIsolation: true }, later).host.includes(isolated))
    assert.not.ok(add({ portIsolation: true }).host.includes(isolated))
    assert.equal(add({ disableContainerInterface: true }, later).container, [])
    assert.equal(add({ disableContainerInterface: true }).container, ['ip link set dev eth0 up'])
    const both = add({ disableContainerInterface: true, ipam }, later)
    assert.is(refusalOf(both), '999 cannot use IPAM when DisableContainerInterface flag is set')
  })

  it('gives routes their metric, table and scope where later releases are asked for', () => {
    const routes = [{ dst: '10.9.0.0/16', priority: 50, table: 7, scope: 253 }]
    const node = kernel({ ipam: { ips: [{ address: '10.1.0.2/16' }], routes } })
    const last = (later: boolean) => add({ ipam }, { later }, node).container.at(-1)
    assert.is(last(true), 'ip route prepend 10.9.0.0/16 dev eth0 metric 50 table 7 scope 253')
    assert.is(last(false), 'ip route prepend 10.9.0.0/16 dev eth0 scope global')
  })

  it('keeps IPv6 addresses of an interface that goes down where later releases are asked for', () => {
    const node = kernel({ ipam: { ips: [{ address: 'fd00::2/64' }] } })
    const keeps = 'sysctl -w net/ipv6/conf/eth0/keep_addr_on_down=1'
    assert.ok(add({ ipam }, { later: true }, node).container.includes(keeps))
    assert.not.ok(add({ ipam }, {}, node).container.includes(keeps))
  })
})

describe('native bridge: masquerade (reference/plugins-and-ip.md P-14)', (it) => {
  it('reads the rules early, and adds a chain of the container', () => {
    const played = add({ ipam, ipMasq: true })
    assert.equal(played.read, [4])
    const [, chain = ''] = (played.rules[0] ?? '').split(' ')
    assert.match(chain, /^CNI-[0-9a-f]{24}$/)
    const comment = '-m comment --comment "name: \\"net\\" id: \\"c1\\""'
    assert.equal(played.rules, [
      `-N ${chain}`,
      `-A ${chain} -d 10.1.0.0/16 ${comment} -j ACCEPT`,
      `-A ${chain} ! -d 224.0.0.0/4 ${comment} -j MASQUERADE`,
      `-A POSTROUTING -s 10.1.0.2/32 ${comment} -j ${chain}`,
    ])
  })

  it('neither reads nor adds rules without addresses', () => {
    const played = add({ ipMasq: true })
    assert.equal(played.read, [])
    assert.equal(played.rules, [])
  })
})

const result = {
  cniVersion: '1.0.0',
  interfaces: [
    { name: 'cni0', mac: '0a:00:00:00:00:0b' },
    { name: veth, mac },
    { name: 'eth0', mac, sandbox: netns },
  ],
  ips: [{ address: '10.1.0.2/16', interface: 2 }],
  routes: [{ dst: '0.0.0.0/0', gw: '10.1.0.1' }],
}
const sound: Kernel = {
  host: [device({ flags: ['UP', 'PROMISC'] }), link(veth, { ifindex: 9, master: 'cni0' })],
  container: [link('eth0', { link_index: 9, addr_info: [address('10.1.0.2/16')] })],
  routes: [
    { dst: 'default', gateway: '10.1.0.1', dev: 'eth0' },
    { dst: '10.1.0.0/16', dev: 'eth0' },
  ],
}
const check = (config: JsonObject, node: Kernel = sound, more: Partial<NativeCall> = {}) =>
  play(
    bridge.check(
      callOf(
        { type: 'bridge', ipam, prevResult: result, ...config },
        { hostHas: () => true, ...more },
      ),
    ),
    node,
  )

describe('native bridge: CHECK (reference/plugins-and-ip.md 7.2, P-13)', (it) => {
  it('finds what ADD made, and asks the address plugin', () => {
    const played = check({ promiscMode: true })
    assert.is(rightOf(played), undefined)
    assert.equal(played.ipam, ['CHECK'])
    assert.equal(check({ ipam: {} }).ipam, [])
    assert.equal([...played.host, ...played.container], [])
  })

  it('refuses each thing that is not as it was', () => {
    const inside = (more: JsonObject): Kernel => ({
      ...sound,
      container: [link('eth0', { link_index: 9, addr_info: [address('10.1.0.2/16')], ...more })],
    })
    const cases: readonly (readonly [Kernel, RegExp])[] = [
      [{ ...sound, container: [] }, /"eth0" does not exist/],
      [inside({ address: '0a:00:00:00:00:ff' }), /eth0 has mac/],
      [inside({ addr_info: [] }), /does not have the address 10\.1\.0\.2\/16/],
      [inside({ link_index: 8 }), /no port of bridge "cni0" is the peer of eth0/],
      [
        { ...sound, routes: [{ dst: 'default', gateway: '10.1.0.1', dev: 'eth0' }] },
        /no route to 10\.1\.0\.2\/16/,
      ],
      [
        { ...sound, routes: [{ dst: '10.1.0.0/16', dev: 'eth0' }] },
        /no route to 0\.0\.0\.0\/0 via 10\.1\.0\.1/,
      ],
      [{ ...sound, host: [link('cni0', {}, 'dummy')] }, /cni0 is no bridge/],
      [{ ...sound, host: [device({ address: '0a:00:00:00:00:ee' })] }, /cni0 has mac/],
      [
        { ...sound, host: [device(), link(veth, { ifindex: 9, master: 'br7' })] },
        /no port of bridge/,
      ],
    ]
    for (const [node, words] of cases) assert.match(refusalOf(check({}, node)), words)
    const dull: Kernel = { ...sound, host: [device(), link(veth, { ifindex: 9, master: 'cni0' })] }
    assert.match(refusalOf(check({ promiscMode: true }, dull)), /cni0 is not in promiscuous mode/)
  })

  it('needs a result, a namespace, a bridge and a configuration that can be read', () => {
    assert.is(refusalOf(check({ prevResult: undefined })), '999 Required prevResult missing')
    assert.match(
      refusalOf(check({ prevResult: { cniVersion: '1.0.0', ips: 7 } })),
      /could not parse prevResult/,
    )
    assert.match(refusalOf(check({}, sound, { hasNamespace: false })), /failed to open netns/)
    assert.match(refusalOf(check({}, sound, { hostHas: () => false })), /cni0 not found/)
    assert.match(refusalOf(check({ mtu: 'x' })), /failed to load netconf/)
    const { interfaces: _, ...nameless } = result
    assert.match(
      refusalOf(check({ prevResult: nameless })),
      /prevResult does not name interface "eth0"/,
    )
  })

  it('takes any default route for one, and another gateway for another route (P-13)', () => {
    const routes = [
      { dst: 'default', gateway: '10.1.0.77', dev: 'eth0' },
      { dst: '10.1.0.0/16', dev: 'eth0' },
    ]
    assert.is(rightOf(check({}, { ...sound, routes })), undefined)
    const prevResult = { ...result, routes: [{ dst: '10.7.0.0/16', gw: '10.1.0.1' }] }
    const other = [...routes, { dst: '10.7.0.0/16', gateway: '10.1.0.9', dev: 'eth0' }]
    assert.match(
      refusalOf(check({ prevResult }, { ...sound, routes: other })),
      /no route to 10\.7\.0\.0\/16/,
    )
  })
})

const del = (config: JsonObject, more: Partial<NativeCall> = {}, node: Kernel = {}) =>
  play(bridge.del(callOf({ type: 'bridge', ipam, ...config }, more)), node)

describe('native bridge: DEL and STATUS (reference/plugins-and-ip.md 7.2)', (it) => {
  it('deletes the interface and gives the address back', () => {
    const played = del({})
    assert.equal(played.container, ['ip link del dev eth0'])
    assert.equal(played.ipam, ['DEL'])
    assert.equal(del({ ipam: undefined }).ipam, [])
  })

  it('gives the address back when the namespace is gone, whatever the mode says (DEL forgives)', () => {
    const played = del(
      { hairpinMode: true, promiscMode: true, vlan: 5000 },
      { hasNamespace: false },
    )
    assert.is(rightOf(played), undefined)
    assert.equal(played.container, [])
    assert.equal(played.ipam, ['DEL'])
    assert.match(refusalOf(del({ mtu: 'x' })), /failed to load netconf/)
  })

  it('takes its chain along, with what leads there', () => {
    const added = add({ ipam, ipMasq: true }).rules
    const rules = { 4: savedOf(added) }
    const [, chain = ''] = (added[0] ?? '').split(' ')
    const played = del({ ipMasq: true }, {}, { rules })
    assert.equal(played.rules, [`-D ${added[3]?.slice(3)}`, `-F ${chain}`, `-X ${chain}`])
    assert.equal(del({ ipMasq: true }, { hasNamespace: false }, { rules }).rules, played.rules)
    assert.equal(del({ ipMasq: true }).rules, [], 'nothing is there')
    assert.equal(del({ ipMasq: false }, {}, { rules }).rules, [])
    assert.equal(del({ ipMasq: true, ipam: undefined }, {}, { rules }).read, [])
  })

  it('leaves the chain to another attachment of the container', () => {
    const one = add({ ipam, ipMasq: true }).rules
    const node = kernel({ ipam: { ips: [{ address: '10.1.0.3/16' }] }, rules: { 4: savedOf(one) } })
    const two = add(
      { ipam, ipMasq: true },
      { ifname: 'net1' },
      {
        ...node,
        host: [device(), link(veth), link('vethother')],
      },
    )
    assert.match(refusalOf(two), /is gone/, 'the host end has another name')
    const second = `-A POSTROUTING -s 10.1.0.3/32 ${one[3]?.split(' ').slice(4).join(' ')}`
    const both = [...one, second]
    const container = [
      link('eth0', { addr_info: [address('10.1.0.2/16')] }),
      link('net1', { addr_info: [address('10.1.0.3/16')] }),
    ]
    assert.equal(del({ ipMasq: true }, {}, { rules: { 4: savedOf(both) }, container }).rules, [
      `-D ${one[3]?.slice(3)}`,
    ])
  })

  it('asks the address plugin whether it is ready', () => {
    const status = (config: JsonObject) => bridge.status?.(callOf(config)) ?? assert.unreachable()
    assert.equal(play(status({ ipam }) as never).ipam, ['STATUS'])
    assert.equal(play(status({}) as never).ipam, [])
  })
})
