import * as assert from 'uvu/assert'
import type { JsonObject } from '../../lib/cni/json.js'
import type { NativeCall } from '../../lib/native/script.js'
import { tuning } from '../../lib/native/tuning.js'
import { describe } from '../suite.js'
import { callOf, type Kernel, link, mac, netns, play, refusalOf, rightOf } from './play.js'

const prevResult = {
  cniVersion: '1.0.0',
  interfaces: [{ name: 'br0' }, { name: 'eth0', mac, sandbox: netns }],
}
const add = (config: JsonObject, more: Partial<NativeCall> = {}, node: Kernel = {}) =>
  play(tuning.add(callOf({ type: 'tuning', prevResult, ...config }, more)), node)
const backup = '/run/cni/tuning/c1_eth0.json'
const other = '0a:00:00:00:00:ff'

describe('native tuning: ADD (reference/plugins-and-ip.md 7.7)', (it) => {
  it('keeps what it will change, then changes it in one command, and tells the new address', () => {
    const config = {
      mac: other,
      promisc: true,
      mtu: 1400,
      allmulti: false,
      sysctl: { 'net.ipv4.conf.IFNAME.arp_notify': '1' },
    }
    const played = add(config, {}, { container: [link('eth0', { flags: ['UP', 'ALLMULTI'] })] })
    assert.equal(played.container, [
      'sysctl -w net/ipv4/conf/eth0/arp_notify=1',
      `ip link set dev eth0 address ${other} promisc on mtu 1400 allmulticast off`,
    ])
    const text = JSON.stringify({ mac, promisc: false, mtu: 1500, allmulti: true }, null, 1)
    assert.equal(played.kept, [{ path: backup, text }])
    const kept = played.stages.findIndex(({ keep }) => keep !== undefined)
    assert.ok(
      played.stages[kept]?.container?.some(({ kind }) => kind === 'ip'),
      'written before',
    )
    assert.equal(rightOf(played).interfaces, [
      { name: 'br0' },
      { ...prevResult.interfaces[1], mac: other },
    ])
  })

  it('can be undone by the same words with the values before', () => {
    const command = add({ mtu: 1400, promisc: true }).stages.at(-1)?.container?.[0]
    assert.equal(command?.kind === 'ip' && command.undo, [
      ...['link', 'set', 'dev', 'eth0', 'promisc', 'off', 'mtu', '1500'],
    ])
  })

  it('keeps no file and hands the result on when it changes nothing but sysctls', () => {
    const played = add({ sysctl: { 'net/core/somaxconn': '512' }, promisc: false, mtu: 0, mac: '' })
    assert.equal([played.container, played.kept], [['sysctl -w net/core/somaxconn=512'], []])
    assert.equal(rightOf(played).interfaces, prevResult.interfaces)
    assert.equal(rightOf(add({ mtu: 1400 })).interfaces, prevResult.interfaces)
  })

  it('lets args.cni override the configuration, key by key', () => {
    const config = { promisc: true, mtu: 1300, allmulti: true, sysctl: { 'net.a': '1' } }
    const cni = { promisc: false, mtu: 1200, sysctl: { 'net.b': '2' } }
    assert.equal(add({ ...config, args: { cni } }).container, [
      'sysctl -w net/a=1',
      'sysctl -w net/b=2',
      'ip link set dev eth0 mtu 1200 allmulticast on',
    ])
    assert.match(refusalOf(add({ args: { cni: { mtu: 'x' } } })), /^999 failed to load netconf/)
  })

  it('takes the address of the configuration, CNI_ARGS, runtimeConfig, args.cni: the last wins', () => {
    const macs = ['a', 'b', 'c', 'd'].map((digit) => `0a:00:00:00:00:0${digit}`)
    const [a, b, c, d] = macs
    const words = (config: JsonObject, args = '') =>
      add(config, { args }).container[0]?.split(' ').at(-1)
    assert.is(words({ mac: a }), a)
    assert.is(words({ mac: a }, `MAC=${b}`), b)
    assert.is(words({ mac: a, runtimeConfig: { mac: c } }, `MAC=${b}`), c)
    assert.is(
      words({ mac: a, runtimeConfig: { mac: c }, args: { cni: { mac: d } } }, `MAC=${b}`),
      d,
    )
  })

  it('refuses sysctls outside of net and words that are none', () => {
    const sysctl = (key: string) => add(JSON.parse(`{"sysctl":{${JSON.stringify(key)}:"1"}}`))
    for (const key of ['kernel.panic', 'net', 'net.ipv4.a b', 'net.$(x)', '__proto__', '']) {
      assert.is(refusalOf(sysctl(key)), `999 invalid net sysctl key: ${JSON.stringify(key)}`)
    }
    assert.equal(sysctl('../net/ipv4').container, ['sysctl -w net/ipv4=1'], 'dots are slashes')
    assert.equal(sysctl('net/../../kernel/x').container, ['sysctl -w net/kernel/x=1'])
  })

  it('puts the interface name into a sysctl as it is, signs and dots included', () => {
    const container = [link('eth0.1')]
    const dotted = add(
      { sysctl: { 'net.ipv4.conf.IFNAME.x': '1' } },
      { ifname: 'eth0.1' },
      { container },
    )
    assert.equal(dotted.container, ['sysctl -w net/ipv4/conf/eth0.1/x=1'])
    assert.match(
      refusalOf(add({ sysctl: { 'net.IFNAME': '1' } }, { ifname: '$&' })),
      /invalid net sysctl/,
    )
  })

  it('refuses to be first, an interface and a namespace that are gone, a wrong type', () => {
    assert.is(refusalOf(add({ prevResult: undefined })), '999 Required prevResult missing')
    assert.match(refusalOf(add({ mtu: 1400 }, {}, { container: [] })), /"eth0" does not exist/)
    assert.match(refusalOf(add({}, { hasNamespace: false })), /failed to open netns/)
    assert.match(refusalOf(add({ sysctl: { 'net.a': 1 } })), /failed to load netconf/)
    assert.match(refusalOf(add({ mac: 'zz' })), /hardware address in mac is none/)
    assert.match(refusalOf(add({ dataDir: 'relative' })), /"dataDir" must be an absolute path/)
  })

  it('sets the length of the queue where later releases are asked for', () => {
    const container = [link('eth0', { txqlen: 7 })]
    const played = add({ txQLen: 100 }, { later: true }, { container })
    assert.equal(played.container, ['ip link set dev eth0 txqueuelen 100'])
    assert.equal(played.kept[0]?.text, JSON.stringify({ txQLen: 7 }, null, 1))
    assert.equal(add({ txQLen: 100 }).container, [])
  })
})

const check = (config: JsonObject, node: Kernel = {}, more: Partial<NativeCall> = {}) =>
  play(tuning.check(callOf({ prevResult, ...config }, more)), node)

describe('native tuning: CHECK (reference/plugins-and-ip.md 7.7)', (it) => {
  it('compares every value that is configured, and promiscuous mode also when it is not', () => {
    assert.is(rightOf(check({ mac, mtu: 1500 })), undefined)
    assert.match(refusalOf(check({ mtu: 1400 })), /mtu of eth0 is 1500, not 1400/)
    assert.match(refusalOf(check({ mac: other })), /mac of eth0 is/)
    assert.match(refusalOf(check({ allmulti: true })), /allmulti of eth0 is false, not true/)
    const promisc = { container: [link('eth0', { flags: ['PROMISC'] })] }
    assert.match(refusalOf(check({}, promisc)), /promisc of eth0 is true, not false/)
    assert.is(rightOf(check({ promisc: true }, promisc)), undefined)
  })

  it('compares sysctls', () => {
    const sysctl = { 'net.ipv4.a': '1', 'net.ipv4.b': '2' }
    const sysctls = { 'net/ipv4/a': '1', 'net/ipv4/b': '2' }
    assert.is(rightOf(check({ sysctl }, { sysctls })), undefined)
    const wrong = { sysctls: { ...sysctls, 'net/ipv4/b': '3' } }
    assert.is(refusalOf(check({ sysctl }, wrong)), '999 sysctl net/ipv4/b is "3", not "2"')
  })

  it('needs a result, an interface, a namespace, a configuration', () => {
    assert.is(refusalOf(check({ prevResult: undefined })), '999 Required prevResult missing')
    assert.match(refusalOf(check({}, { container: [] })), /"eth0" does not exist/)
    assert.match(refusalOf(check({}, {}, { hasNamespace: false })), /failed to open netns/)
    assert.match(refusalOf(check({ mtu: 'x' })), /failed to load netconf/)
  })
})

const del = (text: string | undefined, config: JsonObject = {}, more: Partial<NativeCall> = {}) =>
  play(
    tuning.del(callOf(config, { kept: (path) => (path === backup ? text : undefined), ...more })),
  )

describe('native tuning: DEL (reference/plugins-and-ip.md 7.7)', (it) => {
  it('puts back what was kept, whatever comes of it, and removes the file', () => {
    const text = JSON.stringify({ mac, promisc: false, mtu: 1500, allmulti: true, txQLen: 0 })
    const played = del(text)
    const words = `address ${mac} promisc off mtu 1500 allmulticast on txqueuelen 0`
    assert.equal(played.container, [`ip link set dev eth0 ${words}`])
    assert.equal(played.kept, [{ path: backup, text: undefined }])
    const command = played.stages[0]?.container?.[0]
    assert.is(command?.kind === 'ip' && command.tolerates, 'any')
  })

  it('succeeds without a file, without a namespace, with a configuration that cannot be read', () => {
    assert.equal(del(undefined).stages, [])
    const gone = del('{"mtu":1500}', {}, { hasNamespace: false })
    assert.equal([gone.container, gone.kept.length], [[], 1])
    assert.equal(del('{"mtu":1500}', { mtu: 'x' }).kept.length, 1)
    assert.equal(del('{"mtu":1500}', { dataDir: 'relative' }).stages, [])
  })

  it('puts nothing back that a stranger wrote', () => {
    for (const text of [
      '',
      '[]',
      'null',
      '{"mac":"a b","mtu":"1;x","promisc":1,"txQLen":-1}',
      '{"mtu":-1}',
    ]) {
      const played = del(text)
      assert.equal(played.container, [], text)
      assert.equal(played.kept, [{ path: backup, text: undefined }])
    }
  })

  it('keeps its files where dataDir says', () => {
    const played = add({ mtu: 1400, dataDir: '/tmp/tuning' })
    assert.is(played.kept[0]?.path, '/tmp/tuning/c1_eth0.json')
  })
})
