import * as assert from 'uvu/assert'
import { createMemoryNode } from '../../../runners/memory/index.js'
import { describe } from '../../suite.js'
import { netnsOf, printed, run, wordsOf } from '../harness.js'

const ipam = { type: 'host-local', subnet: '10.23.0.0/24', routes: [{ dst: '0.0.0.0/0' }] }
const config = { type: 'ptp', ipMasq: true, ipam }

describe('ptp on a simulated node (plugins-and-ip.md 7.3)', (it) => {
  it('prints host end and container end, and gives the address to the second', async () => {
    const node = createMemoryNode()
    const result = printed(await run(node, 'ADD', config))
    const [host, inside] = result.interfaces as readonly { name: string; sandbox?: string }[]
    assert.match(host?.name ?? '', /^veth/)
    assert.is(inside?.sandbox, netnsOf('c1'))
    assert.equal(result.ips, [{ address: '10.23.0.2/24', gateway: '10.23.0.1', interface: 1 }])
    assert.equal(result.routes, [{ dst: '0.0.0.0/0' }])
  })

  it('gives the gateway to the host end, and routes the address to it', async () => {
    const node = createMemoryNode()
    await run(node, 'ADD', config)
    const host = node.interfacesOf('').find(({ kind }) => kind === 'veth')
    assert.equal(host?.addresses, ['10.23.0.1/32'])
    assert.equal(node.world.host.routes, [{ dst: '10.23.0.2/32', dev: host?.name }])
  })

  it('undoes everything on DEL, in a namespace that is gone as well', async () => {
    const node = createMemoryNode()
    await run(node, 'ADD', config)
    await run(node, 'ADD', config, { id: 'c2' })
    node.removeNamespace(netnsOf('c2'))
    assert.is(wordsOf(await run(node, 'DEL', config)), '')
    assert.is(wordsOf(await run(node, 'DEL', config, { id: 'c2', netns: '' })), '')
    assert.equal(node.leftovers(), [])
    assert.equal(node.world.host.routes, [])
  })

  it('refuses without an address plugin, and addresses without a gateway', async () => {
    const node = createMemoryNode()
    assert.is(wordsOf(await run(node, 'ADD', { type: 'ptp' })), '999 no plugin name provided')
    const open = { type: 'ptp', ipam: { type: 'static', addresses: [{ address: '10.0.0.5/24' }] } }
    assert.is(wordsOf(await run(node, 'ADD', open)), '999 ptp needs a gateway for 10.0.0.5/24')
  })

  it('gives its addresses back when the interface name is taken', async () => {
    const node = createMemoryNode()
    await run(node, 'ADD', { type: 'bridge' })
    assert.is(wordsOf(await run(node, 'ADD', config)), '999 interface "eth0" already exists')
    assert.equal(
      node.leftovers().filter(({ kind }) => kind === 'reservation'),
      [],
    )
  })

  it('passes CHECK while both ends are there', async () => {
    const node = createMemoryNode()
    const prevResult = printed(await run(node, 'ADD', config))
    const check = async () => wordsOf(await run(node, 'CHECK', { ...config, prevResult }))
    assert.is(await check(), '')
    const host = node.interfacesOf('').find(({ kind }) => kind === 'veth')
    node.world.host.links.delete(host?.name ?? '')
    assert.is(await check(), '999 the host end of "eth0" does not exist')
  })
})
