import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { NamespaceAt } from '../../lib/engine/namespace.js'
import { createEngine, type Journal, plan, toCniError } from '../../lib/index.js'
import { withResultCache } from '../../runners/host/cached-journal.js'
import { createHostJournal } from '../../runners/host/journal.js'
import { createResultCache } from '../../runners/host/result-cache.js'
import { createMemoryNode, faults, type MemoryNode } from '../../runners/memory/index.js'
import { withDirectory } from '../fixtures/marks.js'
import { describe } from '../suite.js'

const files = [
  {
    source: 'a.conflist',
    text: JSON.stringify({
      cniVersion: '1.0.0',
      name: 'a',
      plugins: [{ type: 'macvlan', master: 'ens1' }],
    }),
  },
]
const sandbox = (containerId: string, netnsId?: string) => ({
  ...{
    containerId,
    netns: `/run/netns/${containerId}`,
    ifname: 'eth0',
    args: '',
    path: ['/opt/cni/bin'],
  },
  ...(netnsId && { netnsId }),
})

interface Setup {
  readonly node: MemoryNode
  readonly journal: Journal
  readonly directory: string
  /** What lies at the path from now on. */
  become(view: NamespaceAt): void
  readonly log: string[]
}

const withNode = (hasCache: boolean, work: (setup: Setup) => Promise<void>): Promise<void> =>
  withDirectory(async (directory) => {
    const node = createMemoryNode()
    let now: NamespaceAt = { kind: 'other', id: 'one/1' }
    const log: string[] = []
    const options = {
      view: () => now,
      log: {
        write: (_: string, message: string, fields: object = {}) => {
          log.push(`${message}: ${Object.values(fields).join(' ')}`)
        },
      },
    }
    const records = createHostJournal({ directory: join(directory, 'multus'), ...options })
    const cache = createResultCache({ directory })
    const journal = hasCache ? withResultCache(records, { cache, ...options }) : records
    const become = (view: NamespaceAt): void => {
      now = view
    }
    await work({ node, journal, directory, become, log })
  })

const planned = plan({ networks: 'a', files })
if (!planned.ok) throw new Error('no plan')
const netnsOfDels = (node: MemoryNode): readonly string[] =>
  node.invocations
    .filter(({ invocation }) => invocation.verb === 'DEL')
    .map(({ invocation }) => invocation.env.CNI_NETNS)

describe('a journal whose records lie in namespaces that may be others by now', (it) => {
  for (const hasCache of [false, true]) {
    const where = hasCache ? ' (with a result cache)' : ''

    it(`gives a DEL the path of the namespace that it was${where}`, () =>
      withNode(hasCache, async ({ node, journal }) => {
        const engine = createEngine({ runner: node.runner, journal })
        assert.ok((await engine.add(planned.plan, sandbox('c1', 'one/1'))).ok)
        assert.ok((await engine.del({ containerId: 'c1' })).ok)
        assert.equal(netnsOfDels(node), ['/run/netns/c1'])
      }))

    for (const view of [
      { kind: 'same' },
      { kind: 'none', mounts: '1' },
      { kind: 'other', id: 'two/1' },
    ] as const) {
      it(`gives DEL and GC no path where that is ${JSON.stringify(view)}${where}`, () =>
        withNode(hasCache, async ({ node, journal, become, log }) => {
          const engine = createEngine({ runner: node.runner, journal })
          assert.ok((await engine.add(planned.plan, sandbox('c1', 'one/1'))).ok)
          assert.ok((await engine.add(planned.plan, sandbox('c2', 'one/1'))).ok)
          become(view)
          assert.ok((await engine.del({ containerId: 'c1' })).ok)
          assert.ok((await engine.gc({ valid: [], networks: [], path: [] })).ok)
          assert.equal(netnsOfDels(node), ['', ''])
          assert.match(log[0] ?? '', /record is gone: c1 eth0 \/run\/netns\/c1 it is/)
        }))
    }

    it(`refuses a CHECK without a namespace then, which a plugin might pass over${where}`, () =>
      withNode(hasCache, async ({ node, journal, become }) => {
        const engine = createEngine({ runner: node.runner, journal })
        assert.ok((await engine.add(planned.plan, sandbox('c1', 'one/1'))).ok)
        become({ kind: 'other', id: 'two/1' })
        const checked = await engine.check({ containerId: 'c1', ifname: 'eth0' })
        assert.is(checked.ok ? '' : toCniError(checked.error).code, 8)
        assert.is(node.invocations.filter(({ invocation: { verb } }) => verb === 'CHECK').length, 0)
        become({ kind: 'other', id: 'one/1' })
        assert.ok((await engine.check({ containerId: 'c1', ifname: 'eth0' })).ok)
      }))

    it(`takes the path of the request before its own${where}`, () =>
      withNode(hasCache, async ({ node, journal, become }) => {
        const engine = createEngine({ runner: node.runner, journal })
        assert.ok((await engine.add(planned.plan, sandbox('c1', 'one/1'))).ok)
        become({ kind: 'other', id: 'two/1' })
        assert.ok((await engine.del({ containerId: 'c1', netns: '/run/netns/q' })).ok)
        assert.equal(netnsOfDels(node), ['/run/netns/q'])
      }))

    it(`keeps the path in a record of which something is left${where}`, () =>
      withNode(hasCache, async ({ node, journal, directory, become }) => {
        const engine = createEngine({ runner: node.runner, journal })
        assert.ok((await engine.add(planned.plan, sandbox('c1', 'one/1'))).ok)
        become({ kind: 'other', id: 'two/1' })
        node.script({ verb: 'DEL' }, faults.refuse())
        assert.is((await engine.del({ containerId: 'c1' })).ok, false)
        const file = join(directory, 'multus', '.metacni', 'c1', 'eth0.json')
        const kept = JSON.parse(readFileSync(file, 'utf8')).sandbox
        assert.equal([kept.netns, kept.netnsId], ['/run/netns/c1', 'one/1'])
      }))
  }

  it('knows it from the cache where the record is lost', () =>
    withNode(true, async ({ node, journal, directory, become }) => {
      const engine = createEngine({ runner: node.runner, journal })
      assert.ok((await engine.add(planned.plan, sandbox('c1', 'one/1'))).ok)
      const folder = join(directory, 'multus', '.metacni', 'c1')
      rmSync(folder, { recursive: true })
      const [name = ''] = readdirSync(join(directory, 'results'))
      assert.is(JSON.parse(readFileSync(join(directory, 'results', name), 'utf8')).netnsId, 'one/1')
      become({ kind: 'other', id: 'two/1' })
      assert.ok((await engine.del({ containerId: 'c1' })).ok)
      assert.equal(netnsOfDels(node), [''])
    }))

  it('believes the path of a record of an earlier version, unless it is no other namespace', () =>
    withNode(false, async ({ node, journal, become }) => {
      const engine = createEngine({ runner: node.runner, journal })
      for (const id of ['c1', 'c2']) assert.ok((await engine.add(planned.plan, sandbox(id))).ok)
      become({ kind: 'other', id: 'two/1' })
      assert.ok((await engine.del({ containerId: 'c1' })).ok)
      become({ kind: 'same' })
      assert.ok((await engine.del({ containerId: 'c2' })).ok)
      assert.equal(netnsOfDels(node), ['/run/netns/c1', ''])
    }))
})
