import * as assert from 'uvu/assert'
import type { JsonObject } from '../../lib/cni/json.js'
import { loopback } from '../../lib/native/loopback.js'
import { describe } from '../suite.js'
import { address, callOf, type Kernel, link, netns, play, refusalOf, rightOf } from './play.js'

const lo = (...texts: readonly string[]): Kernel => ({
  container: [
    link('lo', { address: '00:00:00:00:00:00', addr_info: texts.map((text) => address(text)) }),
  ],
})
const add = (config: JsonObject, node: Kernel, hasNamespace = true) =>
  play(loopback.add(callOf({ type: 'loopback', ...config }, { hasNamespace })), node)

describe('native loopback (reference/plugins-and-ip.md 7.1)', (it) => {
  it('sets lo up, whatever CNI_IFNAME says, and tells its first address of each family', () => {
    const played = add({}, lo('127.0.0.1/8', '127.0.0.2/8', '::1/128'))
    assert.equal(played.container, ['ip link set dev lo up'])
    assert.equal(rightOf(played), {
      cniVersion: '1.1.0',
      interfaces: [{ name: 'lo', mac: '00:00:00:00:00:00', sandbox: netns }],
      ips: [
        { address: '127.0.0.1/8', interface: 0 },
        { address: '::1/128', interface: 0 },
      ],
    })
    assert.equal(rightOf(add({}, lo('127.0.0.1/8'))).ips?.length, 1)
  })

  it('hands a previous result on', () => {
    const prevResult = { cniVersion: '1.0.0', interfaces: [{ name: 'eth0' }] }
    const { interfaces } = rightOf(add({ prevResult }, lo('127.0.0.1/8')))
    assert.equal(interfaces, [{ name: 'eth0' }])
  })

  it('refuses an address of lo that is none of loopback, and a namespace without lo', () => {
    const words = '999 loopback interface found with non-loopback address "10.0.0.1/8"'
    assert.is(refusalOf(add({}, lo('127.0.0.1/8', '10.0.0.1/8'))), words)
    assert.is(refusalOf(add({}, { container: [] })), '999 there is no lo')
    assert.match(refusalOf(add({}, lo(), false)), /failed to open netns/)
    assert.match(refusalOf(add({ prevResult: 'x' }, lo())), /could not parse prevResult/)
  })

  it('CHECK wants lo up, DEL sets it down and forgives a namespace that is gone', () => {
    const check = (node: Kernel, hasNamespace = true) =>
      play(loopback.check(callOf({}, { hasNamespace })), node)
    assert.is(rightOf(check(lo())), undefined)
    assert.match(
      refusalOf(check({ container: [link('lo', { flags: [] })] })),
      /loopback interface is down/,
    )
    assert.match(refusalOf(check({ container: [] })), /loopback interface is down/)
    assert.match(refusalOf(check(lo(), false)), /failed to open netns/)
    assert.equal(play(loopback.del(callOf({}))).container, ['ip link set dev lo down'])
    assert.equal(play(loopback.del(callOf({}, { hasNamespace: false }))).stages, [])
  })
})
