import * as assert from 'uvu/assert'
import type { JsonObject } from '../../lib/cni/json.js'
import { macvlan } from '../../lib/native/macvlan.js'
import type { NativeCall } from '../../lib/native/script.js'
import { describe } from '../suite.js'
import { address, callOf, type Kernel, link, mac, netns, play, refusalOf, rightOf } from './play.js'

const ipam = { type: 'host-local', subnet: '10.1.0.0/16' }
const kernel = (more: Kernel = {}): Kernel => ({
  host: [link('up0', {}, 'dummy'), link('up1', {}, '')],
  hostRoutes: [
    { dst: '10.0.0.0/8', dev: 'up0' },
    { dst: 'default', gateway: '10.0.0.1', dev: 'up1' },
  ],
  ipam: { ips: [{ address: '10.1.0.2/16', gateway: '10.1.0.1' }] },
  ...more,
})
const add = (config: JsonObject, node = kernel(), more: Partial<NativeCall> = {}) =>
  play(
    macvlan.add(
      callOf(
        { type: 'macvlan', master: 'up0', ...config },
        { hostHas: (name) => name.startsWith('up'), ...more },
      ),
    ),
    node,
  )
const made = (more = '', mode = 'bridge', master = 'up0') =>
  `ip link add link ${master} name eth0 netns ${netns} txqueuelen 0${more} type macvlan mode ${mode}`

describe('native macvlan: ADD (reference/plugins-and-ip.md 7.4)', (it) => {
  it('makes the link on its master, in its namespace, and sets it up without an address plugin', () => {
    const played = add({ dns: { domain: 'b' } })
    assert.equal(played.host, [made()])
    assert.equal(played.container, ['ip link set dev eth0 up'])
    assert.equal(rightOf(played), {
      cniVersion: '1.1.0',
      interfaces: [{ name: 'eth0', mac, sandbox: netns }],
      dns: { domain: 'b' },
    })
  })

  it('is undone in the container', () => {
    const command = add({})
      .stages.flatMap(({ host = [] }) => host)
      .find(({ kind }) => kind === 'ip')
    assert.equal(command?.kind === 'ip' && command.containerUndo, ['link', 'del', 'dev', 'eth0'])
  })

  it('gives addresses, interface 0, and drops their dns', () => {
    const routes = [{ dst: '0.0.0.0/0' }]
    const given = {
      ips: [{ address: '10.1.0.2/16', gateway: '10.1.0.1' }],
      routes,
      dns: { domain: 'a' },
    }
    const played = add({ ipam }, kernel({ ipam: given }))
    assert.equal(played.ipam, ['ADD'])
    assert.equal(played.container, [
      'sysctl -w net/ipv4/conf/eth0/arp_notify=1',
      'ip address add 10.1.0.2/16 broadcast + dev eth0',
      'ip link set dev eth0 up',
      'ip route prepend 0.0.0.0/0 via 10.1.0.1 dev eth0 scope global',
    ])
    const { dns, ips } = rightOf(played)
    assert.equal([dns, ips?.[0]?.interface], [undefined, 0])
  })

  it('takes the device of the default route when no master is named', () => {
    assert.equal(add({ master: '' }).host, [made('', 'bridge', 'up1')])
    assert.equal(add({ master: undefined }).host, [made('', 'bridge', 'up1')])
    const none = add({ master: '' }, kernel({ hostRoutes: [] }))
    assert.is(refusalOf(none), '999 no default route interface found')
  })

  it('has four modes, and refuses others before anything is made', () => {
    for (const mode of ['private', 'vepa', 'passthru'])
      assert.equal(add({ mode }).host, [made('', mode)])
    assert.equal(add({ mode: '' }).host, [made()])
    const played = add({ mode: 'nope' })
    assert.is(refusalOf(played), '999 unknown macvlan mode: "nope"')
    assert.is(played.stages.length, 0)
  })

  it('takes an MTU up to that of the master', () => {
    assert.equal(add({ mtu: 1400 }).host, [made(' mtu 1400')])
    for (const mtu of [1600, -1]) {
      const played = add({ mtu })
      assert.is(refusalOf(played), `999 invalid MTU ${mtu}, must be [0, master MTU(1500)]`)
      assert.equal(played.host, [])
    }
  })

  it('takes the hardware address of the configuration, then CNI_ARGS, then runtimeConfig', () => {
    const [a, b, c] = ['0a:00:00:00:00:aa', '0a:00:00:00:00:bb', '0a:00:00:00:00:cc']
    const args = `MAC=${b}`
    assert.equal(add({ mac: a }).host, [made(` address ${a}`)])
    assert.equal(add({ mac: a }, kernel(), { args }).host, [made(` address ${b}`)])
    assert.equal(add({ mac: a, runtimeConfig: { mac: c } }, kernel(), { args }).host, [
      made(` address ${c}`),
    ])
    assert.match(refusalOf(add({ mac: 'zz' })), /^999 hardware address in mac is none/)
  })

  it('refuses a master that is not there, as the binary (facts of 1.1.1)', () => {
    assert.is(refusalOf(add({ master: 'gone' })), '999 Link not found')
    // One that goes between two looks: it is looked at when its MTU counts, else the kernel says it.
    assert.is(refusalOf(add({ master: 'up7', mtu: 1400 })), '999 Link not found')
    assert.match(refusalOf(add({}, kernel(), { hasNamespace: false })), /failed to open netns/)
    assert.match(refusalOf(add({ master: 7 })), /failed to load netconf/)
    assert.is(
      refusalOf(add({ ipam }, kernel({ ipam: {} }))),
      '999 IPAM plugin returned missing IP config',
    )
    assert.match(refusalOf(add({}, kernel({ container: [] }))), /"eth0" is gone/)
  })

  it('waits for IPv6 addresses with a gateway, and refuses one that is taken', () => {
    const ips = [{ address: 'fd00::2/64', gateway: 'fd00::1' }]
    const container = [link('eth0', { addr_info: [address('fd00::2/64', { dadfailed: true })] })]
    assert.match(refusalOf(add({ ipam }, kernel({ ipam: { ips }, container }))), /in use elsewhere/)
  })

  it('sets the broadcast queue and ndisc_notify where later releases are asked for', () => {
    const later = { later: true }
    assert.equal(add({ bcqueuelen: 50 }, kernel(), later).host, [`${made()} bcqueuelen 50`])
    assert.equal(add({ bcqueuelen: 50 }).host, [made()])
    const notifies = 'sysctl -w net/ipv6/conf/eth0/ndisc_notify=1'
    assert.ok(add({ ipam }, kernel(), later).container.includes(notifies))
    assert.not.ok(add({ ipam }).container.includes(notifies))
  })
})

const prevResult = {
  cniVersion: '1.0.0',
  interfaces: [{ name: 'eth0', mac, sandbox: netns }],
  ips: [{ address: '10.1.0.2/16', interface: 0 }],
}
const inside = (mode: string, kind = 'macvlan'): Kernel => ({
  container: [
    link('eth0', {
      linkinfo: { info_kind: kind, info_data: { mode } },
      addr_info: [address('10.1.0.2/16')],
    }),
  ],
  routes: [{ dst: '10.1.0.0/16', dev: 'eth0' }],
})
const check = (config: JsonObject, node = inside('bridge'), more: Partial<NativeCall> = {}) =>
  play(
    macvlan.check(callOf({ ipam, prevResult, ...config }, { hostHas: () => true, ...more })),
    node,
  )

describe('native macvlan: CHECK, DEL, STATUS (reference/plugins-and-ip.md 7.4)', (it) => {
  it('finds the link in its mode', () => {
    assert.is(rightOf(check({ master: 'up0' })), undefined)
    assert.is(rightOf(check({ ipam: {} })), undefined)
    assert.match(refusalOf(check({ mode: 'vepa' })), /in mode bridge, not vepa/)
    assert.match(refusalOf(check({}, inside('', 'veth'))), /is no macvlan/)
    assert.match(
      refusalOf(check({ master: 'up0' }, inside('bridge'), { hostHas: () => false })),
      /master "up0" does not exist/,
    )
    assert.match(refusalOf(check({}, {})), /does not have the address|has no route/)
    assert.match(refusalOf(check({ prevResult: undefined })), /Required prevResult missing/)
    assert.match(
      refusalOf(check({}, inside('bridge'), { hasNamespace: false })),
      /failed to open netns/,
    )
    assert.match(refusalOf(check({ mode: 'nope' })), /unknown macvlan mode/)
  })

  it('DEL forgives a mode that is none, a master and a namespace that are gone', () => {
    const del = (config: JsonObject, more: Partial<NativeCall> = {}) =>
      play(macvlan.del(callOf({ ipam, ...config }, more)))
    assert.equal(del({ mode: 'nope', master: 'gone' }).container, ['ip link del dev eth0'])
    const gone = del({}, { hasNamespace: false })
    assert.equal([gone.container, gone.ipam], [[], ['DEL']])
    assert.equal(del({ ipam: undefined }).ipam, [])
    assert.match(refusalOf(del({ mtu: [] })), /failed to load netconf/)
  })

  it('STATUS asks the address plugin, if there is one', () => {
    const status = (config: JsonObject) => macvlan.status?.(callOf(config)) ?? assert.unreachable()
    assert.equal(play(status({ ipam }) as never).ipam, ['STATUS'])
    assert.equal(play(status({}) as never).ipam, [])
  })
})
