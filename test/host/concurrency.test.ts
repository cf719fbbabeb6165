import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { createEngine, type Engine, type Runner } from '../../lib/index.js'
import { withResultCache } from '../../runners/host/cached-journal.js'
import { createHostJournal } from '../../runners/host/journal.js'
import { createResultCache } from '../../runners/host/result-cache.js'
import { createMemoryNode } from '../../runners/memory/index.js'
import { planOf } from '../engine/harness.js'
import { withDirectory } from '../fixtures/marks.js'
import { describe } from '../suite.js'

const plan = planOf({ a: ['bridge', 'tuning'], b: ['macvlan'] })
const ids = Array.from({ length: 100 }, (_, index) => `c${index}`)
const sandboxOf = (containerId: string) => ({
  ...{ containerId, netns: `/run/netns/${containerId}`, ifname: 'eth0', args: '', path: [] },
})

/** A node whose records and results are on a real disk, under real locks; each engine stands for a process. */
const onNode = (
  body: (place: {
    readonly directory: string
    readonly node: ReturnType<typeof createMemoryNode>
    readonly engine: (runner?: Runner) => Engine
  }) => Promise<void>,
): Promise<void> =>
  withDirectory(async (directory) => {
    const node = createMemoryNode()
    const engine = (runner: Runner = node.runner): Engine => {
      const cache = createResultCache({ directory })
      const journal = withResultCache(createHostJournal({ directory }), { cache })
      return createEngine({ runner, journal })
    }
    await body({ directory, node, engine })
  })

/** Nothing is left but the two folders: no record, no result, no lock, no temporary file, nothing on the node. */
const assertNothingLeft = (directory: string, node: ReturnType<typeof createMemoryNode>): void => {
  assert.equal(readdirSync(directory, { recursive: true }).sort(), ['.metacni', 'results'])
  assert.equal(node.leftovers(), [])
}

describe('one hundred at once (promise 6, S-068, S-070)', (it) => {
  it(
    'ADD and DEL of different containers leave nothing behind',
    () =>
      onNode(async ({ directory, node, engine }) => {
        const added = await Promise.all(ids.map((id) => engine().add(plan, sandboxOf(id))))
        assert.ok(added.every(({ ok }) => ok))
        assert.is(readdirSync(join(directory, '.metacni')).length, 100)
        assert.is(readdirSync(join(directory, 'results')).length, 200)
        const deleted = await Promise.all(ids.map((containerId) => engine().del({ containerId })))
        assert.ok(deleted.every(({ ok }) => ok))
        assertNothingLeft(directory, node)
      }),
    900_000,
  )

  it(
    'ADD and DEL of one container go one by one, and leave nothing behind',
    () =>
      onNode(async ({ directory, node, engine }) => {
        let running = 0
        let most = 0
        const counting: Runner = {
          run: async (invocation, signal) => {
            most = Math.max(most, ++running)
            await new Promise(setImmediate)
            const answer = await node.runner.run(invocation, signal)
            running--
            return answer
          },
        }
        const outcomes = await Promise.all(
          ids.map((_, index) =>
            index % 2 === 0
              ? engine(counting).add(plan, sandboxOf('c1'))
              : engine(counting).del({ containerId: 'c1', ifname: 'eth0' }),
          ),
        )
        for (const outcome of outcomes) {
          if (!outcome.ok) assert.is(outcome.error.kind, 'already-attached')
        }
        assert.is(most, 1)
        assert.ok((await engine().del({ containerId: 'c1' })).ok)
        assertNothingLeft(directory, node)
      }),
    900_000,
  )

  it(
    'one container that hangs keeps no other waiting, and the next call of its own alone',
    () =>
      onNode(async ({ directory, node, engine }) => {
        let go = (): void => {}
        const gate = new Promise<void>((resolve) => {
          go = resolve
        })
        let isHanging = (): void => {}
        const hanging = new Promise<void>((resolve) => {
          isHanging = resolve
        })
        const stuck: Runner = {
          run: async (invocation, signal) => {
            isHanging()
            await gate
            return node.runner.run(invocation, signal)
          },
        }
        const first = engine(stuck).add(plan, sandboxOf('c0'))
        await hanging
        let isDeleted = false
        const second = engine().del({ containerId: 'c0' })
        void second.then(() => {
          isDeleted = true
        })
        const others = ids.slice(1, 21)
        for (const outcome of await Promise.all(
          others.map(async (id) => {
            const added = await engine().add(plan, sandboxOf(id))
            return added.ok ? engine().del({ containerId: id }) : added
          }),
        )) {
          assert.ok(outcome.ok)
        }
        assert.not.ok(isDeleted)
        go()
        assert.ok((await first).ok)
        assert.ok((await second).ok)
        assertNothingLeft(directory, node)
      }),
    900_000,
  )
})
