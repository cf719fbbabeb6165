import * as assert from 'uvu/assert'
import { chooseEngine, type Tool } from '../../lib/native/choose-engine.js'
import { nativePlugins } from '../../lib/native/plugins.js'
import { describe } from '../suite.js'

const native = { engine: 'native' } as const
const reasonsOf = (config: object, options: Parameters<typeof chooseEngine>[1] = {}) => {
  const choice = chooseEngine({ cniVersion: '1.0.0', name: 'net', ...config }, options)
  return choice.engine === 'exec' ? choice.because : []
}
const hostLocal = {
  type: 'host-local',
  ranges: [[{ subnet: '10.1.0.0/16', gateway: '10.1.0.1' }]],
  routes: [{ dst: '0.0.0.0/0' }],
}
const tools = (...names: readonly Tool[]): ReadonlySet<Tool> => new Set(names)
const all: readonly Tool[] = ['ip', 'nsenter', 'flock', 'iptables', 'ip6tables']

describe('chooseEngine: native only where everything is understood (plugins-and-ip.md 7.12)', (it) => {
  it('is native for every native type with its own keys', () => {
    for (const type of nativePlugins.keys()) assert.equal(chooseEngine({ type }), native, type)
    const full = {
      cniVersion: '1.0.0',
      name: 'net',
      type: 'bridge',
      bridge: 'br0',
      isGateway: true,
      isDefaultGateway: true,
      forceAddress: false,
      ipMasq: true,
      mtu: 1400,
      hairpinMode: true,
      promiscMode: false,
      enabledad: true,
      vlan: 0,
      macspoofchk: false,
      ipMasqBackend: 'iptables',
      ipam: hostLocal,
      dns: {},
      args: { cni: { mac: 'x' } },
      runtimeConfig: { mac: 'x' },
      capabilities: { mac: true },
      prevResult: {},
    }
    assert.equal(
      chooseEngine(full, { tools: tools(...all), ifname: 'eth0', netns: '/run/netns/a' }),
      native,
    )
    const fixed = {
      type: 'static',
      addresses: [{ address: '10.0.0.1/8', gateway: '10.0.0.2' }],
      dns: {},
    }
    assert.equal(chooseEngine({ type: 'ptp', ipam: fixed }), native)
  })

  it('names a type that is not native', () => {
    assert.match(
      reasonsOf({ type: 'flannel' })[0] ?? '',
      /^the type "flannel" is not native: bridge, /,
    )
    for (const type of [undefined, null, 7, '__proto__', 'constructor', '', {}]) {
      assert.is(reasonsOf({ type }).length, 1)
    }
  })

  it('names every key that it does not understand, and passes null over', () => {
    assert.equal(reasonsOf({ type: 'bridge', vlanTrunk: [], IsGateway: true, foo: null }), [
      'the key "vlanTrunk" is not known',
      'the key "IsGateway" is not known',
    ])
    const hostile = JSON.parse('{"type":"ptp","__proto__":{"mtu":1},"constructor":1}')
    assert.equal(chooseEngine(hostile), {
      engine: 'exec',
      because: ['the key "__proto__" is not known', 'the key "constructor" is not known'],
    })
    assert.equal(reasonsOf({ type: 'macvlan', ipMasqBackend: 'iptables' }), [
      'the key "ipMasqBackend" is not known',
    ])
  })

  it('leaves values to the binary that only it carries out', () => {
    assert.equal(
      reasonsOf({ type: 'bridge', vlan: 5, macspoofchk: true, ipMasqBackend: 'nftables' }),
      ['"vlan" is 5', '"macspoofchk" is true', '"ipMasqBackend" is "nftables", not "iptables"'],
    )
  })

  it('leaves keys of later releases to the binary, unless those are asked for', () => {
    const cases = [
      { type: 'bridge', portIsolation: true },
      { type: 'bridge', disableContainerInterface: true },
      { type: 'macvlan', bcqueuelen: 5 },
      { type: 'tuning', txQLen: 5 },
    ]
    for (const config of cases) {
      const key = Object.keys(config)[1]
      assert.equal(reasonsOf(config), [
        `the key "${key}" means something to releases after 1.1.1 alone`,
      ])
      assert.equal(reasonsOf(config, { later: true }), [])
    }
    const ipam = { ...hostLocal, routes: [{ dst: '0.0.0.0/0', priority: 5, mtu: 9 }] }
    assert.equal(reasonsOf({ type: 'ptp', ipam }), [
      'the key "ipam.routes.priority" is not known',
      'the key "ipam.routes.mtu" is not known',
    ])
    assert.equal(reasonsOf({ type: 'ptp', ipam }, { later: true }), [
      'the key "ipam.routes.mtu" is not known',
    ])
  })

  it('names words that are none', () => {
    assert.equal(
      reasonsOf({ type: 'bridge', bridge: 'a b' }, { ifname: 'eth$0', netns: '/run/netns/a b' }),
      [
        '"CNI_IFNAME" is no plain word: "eth$0"',
        '"CNI_NETNS" is no plain word: "/run/netns/a b"',
        '"bridge" is no plain word: "a b"',
      ],
    )
    assert.is(reasonsOf({ type: 'macvlan', master: '$(x)', name: 'a\nb' }).length, 2)
    assert.equal(reasonsOf({ type: 'tuning', sysctl: { 'net.a b': '1' } }), [
      'a key of "sysctl" is no plain word: "net.a b"',
    ])
    assert.equal(reasonsOf({ type: 'bridge' }, { netns: '' }), [], 'a DEL may have none')
  })

  it('names what the address plugins do not understand', () => {
    const ipam = { ...hostLocal, foo: 1, ranges: [[{ subnet: '10.1.0.0/16', bar: 1 }, { bar: 2 }]] }
    assert.equal(reasonsOf({ type: 'bridge', ipam }), [
      'the key "ipam.foo" is not known',
      'the key "ipam.ranges.bar" is not known',
    ])
    const fixed = {
      type: 'static',
      addresses: [{ address: '10.0.0.1/8', version: '4' }],
      subnet: 'x',
    }
    assert.equal(reasonsOf({ type: 'ptp', ipam: fixed }), [
      'the key "ipam.subnet" is not known',
      'the key "ipam.addresses.version" is not known',
    ])
    assert.equal(reasonsOf({ type: 'bridge', ipam: { type: 'dhcp', x: 1 } }), [
      'the address plugin "dhcp" is not native',
    ])
    assert.equal(reasonsOf({ type: 'bridge', ipam: { type: 'dhcp', x: 1 } }, { ipam: true }), [])
    assert.equal(reasonsOf({ type: 'tuning', ipam: { type: 'dhcp' } }), [], 'tuning asks none')
    for (const odd of [{}, 7, [], 'x']) assert.equal(reasonsOf({ type: 'bridge', ipam: odd }), [])
  })

  it('names tools that are missing, and what for', () => {
    const config = { type: 'bridge', ipMasq: true, ipam: hostLocal }
    assert.equal(reasonsOf(config, { tools: tools() }), [
      'the machine has no ip',
      'the machine has no nsenter',
      'the machine has no flock, which host-local needs',
      'the machine has no iptables, which "ipMasq" needs',
    ])
    assert.equal(
      reasonsOf({ type: 'bridge', ipam: { type: 'static' } }, { tools: tools('ip', 'nsenter') }),
      [],
    )
    const six = { type: 'ptp', ipMasq: true, ipam: { type: 'host-local', subnet: 'fd00::/64' } }
    assert.equal(reasonsOf(six, { tools: tools('ip', 'nsenter', 'flock', 'iptables') }), [
      'the machine has no ip6tables, which "ipMasq" needs',
    ])
  })
})
