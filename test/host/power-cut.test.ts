import * as assert from 'uvu/assert'
import { createEngine, type Engine } from '../../lib/create-engine.js'
import { withResultCache } from '../../runners/host/cached-journal.js'
import { createHostJournal } from '../../runners/host/journal.js'
import { createResultCache } from '../../runners/host/result-cache.js'
import { createDriverProcess, createMemoryNode } from '../../runners/memory/index.js'
import { planOf } from '../engine/harness.js'
import { createSimulatedDisk, type DiskFault } from '../simulation/disk.js'
import { randomFrom } from '../simulation/random.js'
import { describe } from '../suite.js'

const plan = planOf({ a: ['macvlan', 'tuning'], b: ['macvlan'] })
const sandbox = { containerId: 'c1', netns: '/run/netns/c1', ifname: 'eth0', args: '', path: [] }
const { containerId } = sandbox

/** A node with records on a simulated disk; `begin` gives the engine of a new process. */
const worldOf = () => {
  const driver = createDriverProcess()
  const disk = createSimulatedDisk(driver)
  const node = createMemoryNode({ driver })
  const begin = (): Engine => {
    const { files, lock } = disk.mount()
    const own = createHostJournal({ directory: '/var/lib/cni/multus', files, lock })
    const cache = createResultCache({ directory: '/var/lib/cni', files })
    return createEngine({ runner: node.runner, journal: withResultCache(own, { cache }) })
  }
  return { driver, disk, node, begin }
}
type World = ReturnType<typeof worldOf>

/** How many operations of the disk a clean run takes. */
const operationsOf = async (work: (engine: Engine) => Promise<unknown>): Promise<number> => {
  const { disk, begin } = worldOf()
  await work(begin())
  return disk.operations
}

const whole = async (engine: Engine): Promise<void> => {
  await engine.add(plan, sandbox)
  await engine.del({ containerId })
}

/** The last word: DEL or GC by a new process on a disk without faults undoes everything, and all is forgotten. */
const assertUndone = async ({ disk, node, begin }: World, words: string): Promise<void> => {
  disk.disarm()
  for (const last of [
    () => begin().del({ containerId }),
    () => begin().gc({ valid: [], networks: [], path: [] }),
  ]) {
    const outcome = await last()
    assert.ok(outcome.ok, words)
    assert.equal(node.leftovers(), [], words)
  }
  const left = [...disk.texts().keys()].filter((path) => !path.endsWith('.tmp'))
  assert.equal(left, [], words)
}

describe('the power, at every operation of an ADD and a DEL', (it) => {
  for (const when of ['before', 'after'] as const) {
    it(`takes nothing with it that the next DEL or GC needs: it goes ${when} (promises 2 and 5)`, async () => {
      const operations = await operationsOf(whole)
      assert.ok(operations > 50, String(operations))
      for (let operation = 0; operation < operations; operation++) {
        for (let chance = 0; chance < 6; chance++) {
          const world = worldOf()
          world.disk.faultAt(operation, { kind: 'crash', when })
          await Promise.race([whole(world.begin()), world.driver.crashed])
          if (!world.driver.isDead) continue
          // One of the six is the death of the process alone.
          if (chance > 0) world.disk.cutPower(randomFrom(operation * 6 + chance))
          world.driver.restart()
          await assertUndone(world, `operation ${operation}, chance ${chance}`)
        }
      }
    })
  }

  it('may go again while the next process cleans up', async () => {
    const operations = await operationsOf(whole)
    for (let operation = 0; operation < operations; operation += 5) {
      for (let second = 3; second < 60; second += 7) {
        const world = worldOf()
        world.disk.faultAt(operation, { kind: 'crash', when: 'after' })
        await Promise.race([whole(world.begin()), world.driver.crashed])
        if (!world.driver.isDead) continue
        world.disk.cutPower(randomFrom(operation + second))
        world.driver.restart()
        world.disk.faultAt(world.disk.operations + second, { kind: 'crash', when: 'before' })
        await Promise.race([world.begin().del({ containerId }), world.driver.crashed])
        if (world.driver.isDead) {
          world.disk.cutPower(randomFrom(second))
          world.driver.restart()
        }
        await assertUndone(world, `operations ${operation} and ${second}`)
      }
    }
  })
})

describe('a disk that fails at any operation of an ADD and a DEL', (it) => {
  const faults: Readonly<Record<string, DiskFault>> = {
    'with EIO, once': { kind: 'error' },
    'with ENOSPC, for a while': { kind: 'full', operations: 15 },
    'with ENOSPC, from then on': { kind: 'full', operations: 1_000_000 },
    'with EROFS, for a while': { kind: 'read-only', operations: 15 },
    'with EROFS, from then on': { kind: 'read-only', operations: 1_000_000 },
  }
  for (const [words, fault] of Object.entries(faults)) {
    it(`leaves nothing that DEL or GC does not undo: it fails ${words}`, async () => {
      const operations = await operationsOf(whole)
      for (let operation = 0; operation < operations; operation++) {
        const world = worldOf()
        world.disk.faultAt(operation, fault)
        const engine = world.begin()
        const added = await engine.add(plan, sandbox)
        if (!added.ok && added.left.length === 0)
          assert.equal(world.node.leftovers(), [], `ADD, operation ${operation}`)
        const deleted = await engine.del({ containerId })
        if (deleted.ok) assert.equal(world.node.leftovers(), [], `DEL, operation ${operation}`)
        await assertUndone(world, `operation ${operation}`)
      }
    })
  }

  it('keeps nobody from a DEL, which works on a full and on a read-only disk (promise 4)', async () => {
    for (const kind of ['full', 'read-only'] as const) {
      const world = worldOf()
      const engine = world.begin()
      assert.ok((await engine.add(plan, sandbox)).ok)
      world.disk.faultAt(world.disk.operations, { kind, operations: 1_000_000 })
      const refused = await engine.add(plan, { ...sandbox, containerId: 'c2' })
      assert.is(refused.ok ? '' : refused.error.kind, 'journal')
      assert.ok((await engine.del({ containerId })).ok)
      assert.equal(world.node.leftovers(), [])
      await assertUndone(world, kind)
    }
  })
})
