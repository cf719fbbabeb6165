import * as assert from 'uvu/assert'
import type { JsonObject } from '../../lib/cni/json.js'
import {
  createDriverProcess,
  createMemoryJournal,
  createMemoryNode,
  createVirtualTime,
  faults,
  type VirtualTime,
} from '../../runners/memory/index.js'
import { describe } from '../suite.js'
import { invocationOf, netnsOf, run, wordsOf } from './harness.js'

const hostLocal = { type: 'host-local', subnet: '10.22.0.0/24' }
const bridge = { type: 'bridge', isGateway: true, ipMasq: true, ipam: hostLocal }

/** Whether a promise settles before the event loop has nothing left to do for it. */
const settles = async (promise: Promise<unknown>): Promise<boolean> => {
  let settled = false
  const note = (): void => {
    settled = true
  }
  promise.then(note, note)
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve))
  return settled
}

describe('the death of the process that drives a simulated node', (it) => {
  it('leaves its call without an answer for ever, before the effect or after it', async () => {
    for (const when of ['before', 'after'] as const) {
      const node = createMemoryNode()
      node.faultAt(0, faults.crash(when))
      const answer = run(node, 'ADD', bridge)
      assert.is(await node.crashed, `${when} ADD of bridge for c1/eth0`)
      assert.is(await settles(answer), false)
      assert.is(node.leftovers().length > 0, when === 'after')
      assert.is(node.invocations[0]?.answer, undefined)
    }
  })

  it('lets no other call begin until it lives again, and none of before settle then', async () => {
    const node = createMemoryNode()
    node.faultAt(0, faults.crash('before'))
    const first = run(node, 'ADD', bridge)
    await node.crashed
    const second = run(node, 'ADD', bridge, { id: 'c2' })
    assert.is(await settles(second), false)
    node.restart()
    assert.is(node.driver.isDead, false)
    assert.is(wordsOf(await run(node, 'DEL', bridge)), '')
    assert.is(await settles(Promise.race([first, second])), false)
    assert.equal(node.interfacesOf(netnsOf('c2')), [])
  })

  it('ends the calls that run beside it: what they would have done later does not happen', async () => {
    const time = createVirtualTime({ byHand: true })
    const node = createMemoryNode({ time })
    node.script({ containerId: 'slow' }, faults.delay(100))
    node.script({ containerId: 'deadly' }, faults.crash('before'))
    const slow = run(node, 'ADD', bridge, { id: 'slow' })
    void run(node, 'ADD', bridge, { id: 'deadly' })
    await node.crashed
    node.restart()
    await time.advance(1000)
    assert.is(await settles(slow), false)
    assert.equal(node.leftovers(), [])
  })

  it('can come in the middle of a plugin: when its address plugin is called', async () => {
    const node = createMemoryNode()
    node.script({ type: 'host-local' }, faults.crash('after'))
    void run(node, 'ADD', bridge)
    assert.is(await node.crashed, 'after ADD of host-local for c1/eth0')
    assert.equal(
      node.leftovers().map(({ kind }) => kind),
      ['link', 'link', 'reservation'],
    )
  })

  it('is counted in points, the same number for the same calls', async () => {
    const count = async (): Promise<number> => {
      const node = createMemoryNode()
      await run(node, 'ADD', bridge)
      return node.driver.points
    }
    // Before and after bridge, before and after host-local.
    assert.is(await count(), 4)
    assert.is(await count(), 4)
  })

  const configs: Readonly<Record<string, JsonObject & { readonly type: string }>> = {
    bridge,
    ptp: { type: 'ptp', ipMasq: true, ipam: hostLocal },
    macvlan: { type: 'macvlan', ipam: hostLocal },
    sriov: { type: 'sriov', if0: 'enp2s0', vlan: 210, ipam: hostLocal },
    flannel: { type: 'flannel' },
    loopback: { type: 'loopback' },
    'host-local': { type: 'host-local', ipam: hostLocal },
  }
  for (const [type, config] of Object.entries(configs)) {
    it(`leaves nothing that DEL cannot undo, at whatever point of ADD or DEL it comes: ${type}`, async () => {
      const clean = createMemoryNode()
      await run(clean, 'ADD', config)
      await run(clean, 'DEL', config)
      const { points } = clean.driver
      assert.ok(points >= 4)
      for (let point = 0; point < points; point++) {
        for (const gone of [false, true]) {
          const node = createMemoryNode()
          node.driver.crashAt(point)
          void run(node, 'ADD', config).then(() => run(node, 'DEL', config))
          await node.crashed
          node.restart()
          if (gone) node.removeNamespace(netnsOf('c1'))
          assert.is(wordsOf(await run(node, 'DEL', config)), '', `point ${point}`)
          assert.equal(node.leftovers(), [], `point ${point}`)
        }
      }
    })
  }

  it('may spare a plugin, which does its work later; a call that may overlap it waits for that', async () => {
    const node = createMemoryNode()
    node.faultAt(0, faults.outlive(300))
    const answer = run(node, 'ADD', bridge)
    assert.is(await node.crashed, 'during ADD of bridge for c1/eth0')
    assert.is(node.orphans, 1)
    assert.equal(node.leftovers(), [])
    node.restart()
    const del = { ...invocationOf('DEL', bridge), mayOverlap: true as const }
    const { signal } = new AbortController()
    assert.is(wordsOf(await node.runner.run(del, signal)), '')
    assert.ok(node.time.now() >= 300)
    assert.is(node.orphans, 0)
    assert.equal(node.leftovers(), [])
    assert.is(await settles(answer), false)
    assert.is(node.invocations[0]?.answer, undefined)
  })

  it('may spare a plugin, which a call that does not wait comes too early for', async () => {
    const node = createMemoryNode()
    node.faultAt(0, faults.outlive(300))
    void run(node, 'ADD', bridge)
    await node.crashed
    node.restart()
    assert.is(wordsOf(await run(node, 'DEL', bridge)), '')
    await node.time.sleep(1000)
    assert.is(node.leftovers().length > 0, true)
  })

  it('may spare a plugin, which is stopped when the one that waits for it is', async () => {
    const node = createMemoryNode()
    node.faultAt(0, faults.outlive(60_000))
    void run(node, 'ADD', bridge)
    await node.crashed
    node.restart()
    const controller = new AbortController()
    void node.time.sleep(50).then(() => controller.abort())
    const del = { ...invocationOf('DEL', bridge), mayOverlap: true as const }
    const answer = await node.runner.run(del, controller.signal)
    assert.is(wordsOf(answer), 'none aborted')
    assert.is(answer.kind === 'none' && answer.reason.started, false)
    assert.is(node.orphans, 0)
    await node.time.sleep(60_000)
    assert.equal(node.leftovers(), [])
  })

  it('may come while one waits for a plugin that an earlier one spared: neither goes on, nor stops anybody', async () => {
    const node = createMemoryNode({ time: createVirtualTime({ byHand: true }) })
    const time = node.time as VirtualTime
    node.faultAt(0, faults.outlive(300))
    void run(node, 'ADD', bridge)
    await time.advance(0)
    node.restart()
    const controller = new AbortController()
    const del = { ...invocationOf('DEL', bridge), mayOverlap: true as const }
    const waiting = node.runner.run(del, controller.signal)
    await time.advance(100)
    node.driver.crash('while it waits', true)
    node.restart()
    controller.abort()
    await time.advance(1000)
    assert.is(await settles(waiting), false)
    assert.is(node.invocations.length, 1)
    assert.is(node.leftovers().length > 0, true)
  })

  it('reaches no plugin by a signal of the dead, and spares none when the power is cut', async () => {
    const node = createMemoryNode()
    node.faultAt(0, faults.outlive(300))
    const controller = new AbortController()
    void run(node, 'ADD', bridge, {}, controller.signal)
    await node.crashed
    controller.abort()
    node.restart()
    assert.is(node.orphans, 1)
    node.driver.endOrphans()
    assert.is(node.orphans, 0)
    await node.time.sleep(1000)
    assert.equal(node.leftovers(), [])
  })

  it('spares a plugin that calls another one then, and a slow one beside it, when it is made so', async () => {
    const driver = createDriverProcess({ sparesPlugins: () => true })
    const node = createMemoryNode({ driver })
    node.script({ containerId: 'slow' }, faults.delay(100))
    node.script({ type: 'host-local', containerId: 'c1' }, faults.crash('before'))
    void run(node, 'ADD', bridge, { id: 'slow' })
    void run(node, 'ADD', bridge)
    assert.is(await node.crashed, 'before ADD of host-local for c1/eth0')
    node.restart()
    while (node.orphans > 0) await node.time.sleep(100)
    const done = node
      .leftovers()
      .flatMap(({ kind, owner }) => (kind === 'reservation' ? [owner] : []))
    assert.equal(done.map((owner) => owner?.containerId).sort(), ['c1', 'slow'])
  })

  it('is one for the node and the journal that share the process', async () => {
    const driver = createDriverProcess()
    const node = createMemoryNode({ driver })
    const journal = createMemoryJournal({ driver })
    node.faultAt(0, faults.crash('before'))
    void run(node, 'ADD', bridge)
    await driver.crashed
    const { signal } = new AbortController()
    assert.is(await settles(journal.open('c1', 'create', signal)), false)
    driver.restart()
    assert.ok((await journal.open('c1', 'create', signal)).ok)
  })
})
