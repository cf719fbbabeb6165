import * as assert from 'uvu/assert'
import { createMemoryNode, parseNodeState } from '../../runners/memory/index.js'
import { describe } from '../suite.js'
import { netnsOf, printed, run, wordsOf } from './harness.js'

const hostLocal = { type: 'host-local', subnet: '10.22.0.0/24' }
const bridge = { type: 'bridge', isGateway: true, ipMasq: true, ipam: hostLocal }
const sriov = { type: 'sriov', if0: 'enp2s0', vlan: 210, l2enable: true }

const busyNode = async (seed = 7) => {
  const node = createMemoryNode({ seed })
  await run(node, 'ADD', bridge)
  await run(node, 'ADD', { type: 'flannel', name: 'f' }, { ifname: 'eth1' })
  await run(node, 'ADD', sriov, { ifname: 'eth2' })
  const prevResult = printed(await run(node, 'ADD', bridge, { id: 'c2' }))
  await run(
    node,
    'ADD',
    { type: 'tuning', mtu: 1300, sysctl: { 'net.x': '1' }, prevResult },
    { id: 'c2' },
  )
  node.addNamespace(netnsOf('gone'))
  node.removeNamespace(netnsOf('gone'))
  return node
}

describe('the state of a simulated node', (it) => {
  it('comes back from its text as the same node, which goes on', async () => {
    const node = await busyNode()
    const text = JSON.stringify(node)
    const parsed = parseNodeState(text)
    assert.ok(parsed.ok)
    const again = createMemoryNode({ state: parsed.state })
    assert.is(JSON.stringify(again), text)
    assert.equal(again.interfacesOf(netnsOf('c1')), node.interfacesOf(netnsOf('c1')))
    assert.is(again.showDevice('enp2s0'), node.showDevice('enp2s0'))
    for (const one of [node, again]) await run(one, 'ADD', bridge, { id: 'c3' })
    assert.is(JSON.stringify(again), JSON.stringify(node))
    await run(again, 'DEL', bridge)
    await run(again, 'DEL', { type: 'flannel', name: 'f' }, { ifname: 'eth1' })
    await run(again, 'DEL', sriov, { ifname: 'eth2' })
    await run(again, 'DEL', { type: 'tuning' }, { id: 'c2' })
    for (const id of ['c2', 'c3']) await run(again, 'DEL', bridge, { id })
    assert.equal(again.leftovers(), [])
    assert.match(wordsOf(await run(again, 'ADD', bridge, { id: 'gone' })), /no such file/)
  })

  it('is equal for equal seeds and calls, and not for other seeds', async () => {
    assert.is(JSON.stringify(await busyNode()), JSON.stringify(await busyNode()))
    assert.is.not(JSON.stringify(await busyNode()), JSON.stringify(await busyNode(8)))
  })

  it('does not change when the node does', async () => {
    const node = await busyNode()
    const { state } = node
    const text = JSON.stringify(state)
    await run(node, 'DEL', bridge)
    node.removeNamespace(netnsOf('c1'))
    assert.is(JSON.stringify(state), text)
  })

  it('keeps names that are also names of objects’ own members', async () => {
    const node = createMemoryNode()
    for (const name of ['__proto__', 'constructor', 'toString']) {
      await run(node, 'ADD', { ...sriov, if0: name }, { netns: name, ifname: name })
    }
    const parsed = parseNodeState(JSON.stringify(node))
    assert.ok(parsed.ok)
    const again = createMemoryNode({ state: parsed.state })
    assert.is(JSON.stringify(again), JSON.stringify(node))
    assert.is(again.virtualFunctions('__proto__')[0]?.vlan, 210)
    assert.ok(again.interfacesOf('__proto__').some(({ name }) => name === '__proto__'))
    assert.is(({} as Record<string, unknown>).polluted, undefined)
  })

  it('is refused when it is none, naming the first wrong place', async () => {
    const good = JSON.parse(JSON.stringify(await busyNode()))
    const words = (value: unknown): string => {
      const parsed = parseNodeState(typeof value === 'string' ? value : JSON.stringify(value))
      return parsed.ok ? 'accepted' : parsed.message
    }
    assert.is(words('{'), 'the state of the simulated node is no JSON')
    assert.is(words('"x"').startsWith('state#'), true)
    assert.match(words({ ...good, version: 2 }), /^state#\/version: /)
    assert.match(words({ ...good, serial: '1' }), /^state#\/serial: /)
    const pools = [['x', { reservations: { nonsense: {} }, last: {} }]]
    assert.match(words({ ...good, pools }), /^state#\/pools\/0\/1: /)
    const links = [{ ...good.host.links[0], addresses: 'x' }]
    assert.match(
      words({ ...good, host: { ...good.host, links } }),
      /^state#\/host\/links\/0\/addresses: /,
    )
    assert.is(words(good), 'accepted')
  })

  it('drops what it does not know, however deep', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const text = JSON.stringify(createMemoryNode()).replace('{', `{"extra":${deep},`)
    const parsed = parseNodeState(text)
    assert.ok(parsed.ok)
    assert.not.ok('extra' in parsed.state)
    assert.ok(JSON.stringify(createMemoryNode({ state: parsed.state })))
  })
})
