import * as assert from 'uvu/assert'
import { createEngine } from '../../lib/create-engine.js'
import { withResultCache } from '../../runners/host/cached-journal.js'
import { noJournal } from '../../runners/host/no-journal.js'
import { createResultCache } from '../../runners/host/result-cache.js'
import { createMemoryNode } from '../../runners/memory/index.js'
import { planOf } from '../engine/harness.js'
import { withDirectory } from '../fixtures/marks.js'
import { describe } from '../suite.js'

describe('an engine without records of its own', (it) => {
  it('does everything, and remembers nothing', async () => {
    const { signal } = new AbortController()
    const opened = await noJournal.open('c1', 'create', signal)
    assert.ok(opened.ok)
    if (!opened.ok) return
    for (const change of [opened.value.save('eth0', {}), opened.value.quarantine('eth0')]) {
      assert.ok((await change).ok)
    }
    assert.ok((await opened.value.remove('eth0')).ok)
    await opened.value.close()
    assert.is(opened.value.records.size, 0)
    assert.equal(await noJournal.list(), { ok: true, value: [] })
  })

  it('works from the result cache beside it, as cnitool does', () =>
    withDirectory(async (directory) => {
      const node = createMemoryNode()
      const cache = createResultCache({ directory })
      const isOurs = () => true
      // A new engine for every call, as for every call of a program.
      const engine = () =>
        createEngine({
          runner: node.runner,
          journal: withResultCache(noJournal, { cache, isOurs }),
        })
      const sandbox = {
        containerId: 'c1',
        netns: '/run/netns/c1',
        ifname: 'eth0',
        args: '',
        path: [],
      }
      const plan = planOf({ a: ['macvlan'] })
      assert.ok((await engine().add(plan, sandbox)).ok)
      assert.ok((await engine().check({ containerId: 'c1' })).ok)
      const again = await engine().add(plan, sandbox)
      assert.is(again.ok ? '' : again.error.kind, 'already-attached')
      assert.ok((await engine().gc({ valid: [], networks: [], path: [] })).ok)
      assert.equal(node.leftovers(), [])
      assert.equal(await cache.list(), { ok: true, value: [] })
      assert.ok((await engine().del({ containerId: 'c1' })).ok)
    }))
})
