import * as assert from 'uvu/assert'
import type { JsonObject } from '../../lib/cni/json.js'
import { ptp } from '../../lib/native/ptp.js'
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
const four = { address: '10.1.0.2/16', gateway: '10.1.0.1' }
const six = { address: 'fd00::2/64', gateway: 'fd00::1' }
const kernel = (more: Kernel = {}): Kernel => ({ ipam: { ips: [four] }, ...more })
const add = (config: JsonObject, node = kernel(), more: Partial<NativeCall> = {}) =>
  play(ptp.add(callOf({ type: 'ptp', ipam, ...config }, more)), node)

describe('native ptp: ADD (reference/plugins-and-ip.md 7.3)', (it) => {
  it('sends everything through the gateway by three routes, and the host knows the way back', () => {
    const played = add({ mtu: 1400 })
    assert.equal(played.host, [
      `ip link add name eth0 netns ${netns} txqueuelen 0 mtu 1400 type veth peer name ${veth} txqueuelen 0 mtu 1400`,
      `ip link set dev ${veth} up`,
      `sysctl -w net/ipv6/conf/${veth}/accept_ra=0`,
      'sysctl -w net/ipv4/ip_forward=1',
      `ip address add 10.1.0.1/32 dev ${veth}`,
      `ip route add 10.1.0.2/32 dev ${veth} scope host`,
    ])
    assert.equal(played.container, [
      'ip address add 10.1.0.2/16 broadcast + dev eth0',
      'ip link set dev eth0 up',
      'ip route del 10.1.0.0/16 dev eth0',
      'ip route add 10.1.0.1/32 scope link dev eth0 src 10.1.0.2',
      'ip route add 10.1.0.0/16 via 10.1.0.1 scope global dev eth0 src 10.1.0.2',
    ])
    assert.equal(rightOf(played), {
      cniVersion: '1.1.0',
      interfaces: [
        { name: veth, mac },
        { name: 'eth0', mac, sandbox: netns },
      ],
      ips: [{ ...four, interface: 1 }],
      routes: [],
    })
  })

  it('waits for IPv6 addresses before any route of theirs (P-12)', () => {
    const tentative = (look: number) => [
      link('eth0', { addr_info: [address('fd00::2/64', { tentative: look < 3 })] }),
    ]
    const routes = [{ dst: '::/0' }]
    const played = add({}, { ipam: { ips: [six], routes }, container: tentative })
    assert.equal(played.pauses, [50, 50])
    assert.equal(played.container.slice(-5), [
      'ip link set dev eth0 up',
      'ip route prepend ::/0 via fd00::1 dev eth0 scope global',
      'ip route del fd00::/64 dev eth0',
      'ip route add fd00::1/128 scope link dev eth0 src fd00::2',
      'ip route add fd00::/64 via fd00::1 scope global dev eth0 src fd00::2',
    ])
    assert.ok(played.host.includes(`ip route add fd00::2/128 dev ${veth} scope host`))
    assert.ok(played.host.includes('sysctl -w net/ipv6/conf/all/forwarding=1'))
  })

  it('refuses an IPv6 address that somebody else has, and waits ten seconds at most where there is a carrier (P-12)', () => {
    const state = (more: JsonObject): Kernel => ({
      ipam: { ips: [six] },
      container: [link('eth0', { operstate: 'UP', addr_info: [address('fd00::2/64', more)] })],
    })
    const failed = add({}, state({ tentative: true, dadfailed: true }))
    assert.is(refusalOf(failed), '999 "eth0": IPv6 address fd00::2/64 is in use elsewhere')
    assert.equal(failed.pauses, [])
    const late = add({}, state({ tentative: true }))
    assert.is(refusalOf(late), '999 "eth0" still has tentative addresses after 10000 ms')
    assert.is(
      late.pauses.reduce((sum, one) => sum + one, 0),
      10_000,
    )
  })

  it('takes dns of the configuration before that of the addresses', () => {
    const node = kernel({ ipam: { ips: [four], dns: { domain: 'a' } } })
    assert.equal(rightOf(add({}, node)).dns, { domain: 'a' })
    assert.equal(rightOf(add({ dns: { domain: 'b' } }, node)).dns, { domain: 'b' })
  })

  it('masquerades with ipMasq, reading rules of a family that nobody foresaw', () => {
    const played = add({ ipMasq: true }, { ipam: { ips: [four, six] } })
    assert.equal(played.read, [4, 6])
    assert.is(played.rules.length, 8)
    assert.is(add({}).rules.length, 0)
  })

  it('refuses addresses without a gateway, no address plugin, no addresses, no namespace', () => {
    const open = add({}, { ipam: { ips: [{ address: '10.1.0.2/16' }] } })
    assert.is(refusalOf(open), '999 failed to add IP addr: ptp needs a gateway for 10.1.0.2/16')
    assert.is(refusalOf(add({ ipam: undefined })), '999 no plugin name provided')
    assert.is(refusalOf(add({}, {})), '999 IPAM plugin returned missing IP config')
    assert.match(refusalOf(add({}, kernel(), { hasNamespace: false })), /failed to open netns/)
    assert.match(refusalOf(add({ mtu: 1.5 })), /failed to load netconf: /)
    assert.match(refusalOf(add({}, kernel({ host: [] }))), /"eth0" is gone/)
    assert.match(refusalOf(add({}, kernel({ container: [] }))), /"eth0" is gone/)
  })
})

const result = {
  cniVersion: '1.0.0',
  interfaces: [
    { name: veth, mac },
    { name: 'eth0', mac, sandbox: netns },
  ],
  ips: [{ ...four, interface: 1 }],
}
const sound: Kernel = {
  container: [link('eth0', { addr_info: [address('10.1.0.2/16')] })],
  routes: [{ dst: '10.1.0.0/16', gateway: '10.1.0.1', dev: 'eth0' }],
}
const check = (config: JsonObject, node: Kernel = sound, more: Partial<NativeCall> = {}) =>
  play(ptp.check(callOf({ ipam, prevResult: result, ...config }, more)), node)

describe('native ptp: CHECK, DEL, STATUS (reference/plugins-and-ip.md 7.3, P-13)', (it) => {
  it('finds what ADD made, and says what it does not find', () => {
    assert.is(rightOf(check({})), undefined)
    assert.equal(check({}).ipam, ['CHECK'])
    assert.match(refusalOf(check({}, { ...sound, container: [] })), /"eth0" does not exist/)
    assert.match(refusalOf(check({ prevResult: null })), /Required prevResult missing/)
    assert.match(refusalOf(check({}, sound, { hasNamespace: false })), /failed to open netns/)
    assert.match(refusalOf(check({ mtu: 'x' })), /failed to load netconf/)
  })

  it('deletes the interface, gives addresses back, and forgives a namespace that is gone', () => {
    const del = (config: JsonObject, more: Partial<NativeCall> = {}, node: Kernel = {}) =>
      play(ptp.del(callOf({ ipam, ...config }, more)), node)
    assert.equal(del({}).container, ['ip link del dev eth0'])
    assert.equal(del({}, { hasNamespace: false }).container, [])
    assert.equal(del({}, { hasNamespace: false }).ipam, ['DEL'])
    const rules = { 4: savedOf(add({ ipMasq: true }).rules) }
    assert.is(del({ ipMasq: true }, {}, { rules }).rules.length, 3)
    assert.is(del({ ipMasq: true }).rules.length, 0)
    assert.match(refusalOf(del({ ipMasq: 'yes' })), /failed to load netconf/)
  })

  it('asks the address plugin whether it is ready', () => {
    const script = ptp.status?.(callOf({ ipam }))
    assert.ok(script !== undefined && play(script).ipam[0] === 'STATUS')
  })
})
