import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { CachedAttachment } from '../../lib/cni/cache.js'
import { createEngine } from '../../lib/create-engine.js'
import type { EngineRecord } from '../../lib/engine/record.js'
import type { JournalEntry, ResultCache, Stored } from '../../lib/ports/index.js'
import { type CachedJournalOptions, withResultCache } from '../../runners/host/cached-journal.js'
import { createHostJournal } from '../../runners/host/journal.js'
import { createResultCache } from '../../runners/host/result-cache.js'
import {
  createDriverProcess,
  createMemoryJournal,
  createMemoryNode,
  faults,
} from '../../runners/memory/index.js'
import { planOf } from '../engine/harness.js'
import { withDirectory } from '../fixtures/marks.js'
import { createSimulatedDisk } from '../simulation/disk.js'
import { describe } from '../suite.js'

const never = new AbortController().signal
const plan = planOf({ a: ['macvlan'], b: ['macvlan'] })
const other = {
  ...planOf({ c: ['macvlan'] }),
  attachments: planOf({ c: ['macvlan'] }).attachments.map((one) => ({ ...one, ifname: 'eth5' })),
}
const sandboxOf = (ifname: string, containerId = 'c1') => ({
  containerId,
  netns: `/run/netns/${containerId}`,
  ifname,
  args: '',
  path: [],
})

const unwrap = <A>(stored: Stored<A>): A => {
  if (!stored.ok) throw new Error(stored.message)
  return stored.value
}
const messageOf = (stored: Stored<unknown>): string => (stored.ok ? 'it worked' : stored.message)

/** A node whose engine keeps records and results in a directory; every call is of a new process. */
const withNode = (work: (place: Place) => Promise<void>): Promise<void> =>
  withDirectory(async (directory) => {
    const node = createMemoryNode()
    const told: string[] = []
    const log = { write: (_: string, message: string) => told.push(message) }
    const cache = createResultCache({ directory })
    const journalOf = (options: Partial<CachedJournalOptions> = {}) =>
      withResultCache(createHostJournal({ directory: join(directory, 'cni') }), {
        cache,
        log,
        ...options,
      })
    const engine = (options?: Partial<CachedJournalOptions>) =>
      createEngine({ runner: node.runner, journal: journalOf(options) })
    const folder = join(directory, 'cni', '.metacni', 'c1')
    const results = () => readdirSync(join(directory, 'results')).sort()
    await work({ directory, node, told, cache, engine, journalOf, folder, results })
  })

interface Place {
  readonly directory: string
  readonly node: ReturnType<typeof createMemoryNode>
  readonly told: readonly string[]
  readonly cache: ResultCache
  readonly engine: (options?: Partial<CachedJournalOptions>) => ReturnType<typeof createEngine>
  readonly journalOf: (
    options?: Partial<CachedJournalOptions>,
  ) => ReturnType<typeof withResultCache>
  /** The folder of container c1. */
  readonly folder: string
  readonly results: () => readonly string[]
}

const foreign = (networkName: string, ifname: string): CachedAttachment => ({
  containerId: 'c1',
  ifname,
  networkName,
  netns: '/run/netns/c1',
  config: JSON.stringify({ cniVersion: '1.0.0', name: networkName, type: 'macvlan' }),
  result: { cniVersion: '1.0.0' },
})

describe('a journal with a result cache beside it', (it) => {
  it('tells the cache of every attachment once it is complete, and of its end', () =>
    withNode(async ({ engine, results, cache }) => {
      assert.ok((await engine().add(plan, sandboxOf('eth0'))).ok)
      assert.equal(results(), ['a-c1-eth0', 'b-c1-eth1'])
      const listed = unwrap(await cache.list('c1'))
      assert.equal(
        listed.map(({ request }) => request),
        [
          { ifname: 'eth0', position: 0 },
          { ifname: 'eth0', position: 1 },
        ],
      )
      assert.ok((await engine().del({ containerId: 'c1' })).ok)
      assert.equal(results(), [])
    }))

  it('keeps the cached results of what could not be undone, and of nothing else', () =>
    withNode(async ({ engine, results, node }) => {
      await engine().add(plan, sandboxOf('eth0'))
      const mend = node.script({ verb: 'DEL', ifname: 'eth1' }, faults.refuse())
      assert.not((await engine().del({ containerId: 'c1' })).ok)
      assert.equal(results(), ['b-c1-eth1'])
      mend()
      assert.ok((await engine().del({ containerId: 'c1' })).ok)
      assert.equal(results(), [])
    }))

  it('fails an ADD whose results cannot be cached, and undoes it (reference/cni.md 2.7)', () =>
    withNode(async ({ engine, directory, node }) => {
      writeFileSync(join(directory, 'results'), '')
      const outcome = await engine().add(plan, sandboxOf('eth0'))
      assert.is(outcome.ok ? '' : outcome.error.kind, 'journal')
      assert.equal(node.leftovers(), [])
    }))

  it('writes results once, however often the record is saved', () =>
    withNode(async ({ engine, journalOf, directory }) => {
      await engine().add(plan, sandboxOf('eth0'))
      const file = join(directory, 'results', 'a-c1-eth0')
      writeFileSync(file, readFileSync(file, 'utf8').replace('{', '{ '))
      const entry = unwrap(await journalOf().open('c1', 'existing', never))
      unwrap(await entry.save('eth0', entry.records.get('eth0')))
      await entry.close()
      assert.match(readFileSync(file, 'utf8'), '{ ')
    }))
})

describe('a cached result that cannot be removed', (it) => {
  it('is tried again later, and written over by the next attachment of its name', async () => {
    const driver = createDriverProcess()
    const disk = createSimulatedDisk(driver)
    const node = createMemoryNode({ driver })
    const { files, lock } = disk.mount()
    const cache = createResultCache({ directory: '/var/lib/cni', files })
    let isBroken = false
    const remove: ResultCache['remove'] = async (key) =>
      isBroken ? { ok: false, message: 'EROFS' } : cache.remove(key)
    const journal = withResultCache(createHostJournal({ directory: '/cni', files, lock }), {
      cache: { ...cache, remove },
    })
    const engine = createEngine({ runner: node.runner, journal })
    // An ADD that cannot be undone at once; the next one undoes it, and cannot clear the cache.
    const mend = [
      node.script({ verb: 'ADD', ifname: 'eth1' }, faults.refuse()),
      node.script({ verb: 'DEL', ifname: 'eth0' }, faults.refuse()),
    ]
    assert.not((await engine.add(plan, sandboxOf('eth0'))).ok)
    for (const take of mend) take()
    isBroken = true
    const newer = planOf({ a: ['tuning'] }, { resultVersion: '1.1.0' })
    const [first] = newer.attachments
    const bridge = {
      ...first,
      config: { name: 'a', cniVersion: '1.1.0', plugins: [{ type: 'bridge' }] },
    }
    assert.ok(
      (await engine.add({ ...newer, attachments: [bridge] } as never, sandboxOf('eth0'))).ok,
    )
    const [cached] = unwrap(await cache.list('c1'))
    assert.match(cached?.config ?? '', 'bridge')
    isBroken = false
    assert.ok((await engine.del({ containerId: 'c1' })).ok)
    assert.equal(unwrap(await cache.list('c1')), [])
    assert.is(disk.texts().size, 0)
  })
})

describe('a process that dies while it forgets', (it) => {
  it('leaves no cached result without the record that explains it', async () => {
    for (let operation = 0; ; operation++) {
      const driver = createDriverProcess()
      const disk = createSimulatedDisk(driver)
      const { files, lock } = disk.mount()
      const journal = withResultCache(createHostJournal({ directory: '/cni', files, lock }), {
        cache: createResultCache({ directory: '/var/lib/cni', files }),
      })
      const engine = createEngine({ runner: createMemoryNode().runner, journal })
      assert.ok((await engine.add(plan, sandboxOf('eth0'))).ok)
      const entry = unwrap(await journal.open('c1', 'existing', never))
      disk.faultAt(disk.operations + operation, { kind: 'crash', when: 'after' })
      await entry.remove('eth0')
      if (!driver.isDead) break
      const paths = [...disk.texts().keys()]
      const isCached = paths.some((path) => path.startsWith('/var/lib/cni/results/'))
      assert.ok(!isCached || paths.includes('/cni/.metacni/c1/eth0.json'), `${operation}`)
    }
  })
})

describe('a record that is lost or cannot be read', (it) => {
  const spoils: Readonly<Record<string, (folder: string) => void>> = {
    'is gone': (folder) => rmSync(join(folder, 'eth0.json')),
    'is gone with its folder': (folder) => rmSync(folder, { recursive: true }),
    'is empty': (folder) => writeFileSync(join(folder, 'eth0.json'), ''),
    'is no record': (folder) => writeFileSync(join(folder, 'eth0.json'), '[null]'),
    'is of another container': (folder) => {
      const file = join(folder, 'eth0.json')
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll('"c1"', '"c2"'))
    },
  }
  for (const [words, spoil] of Object.entries(spoils)) {
    it(`is undone by what the cache knows: it ${words}`, () =>
      withNode(async ({ engine, node, results, told, folder }) => {
        assert.ok((await engine().add(plan, sandboxOf('eth0'))).ok)
        spoil(folder)
        const outcome = await engine().del({ containerId: 'c1', ifname: 'eth0' })
        assert.ok(outcome.ok)
        assert.equal(outcome.ok && outcome.value.undone.map(({ ifname }) => ifname), [
          'eth1',
          'eth0',
        ])
        assert.equal(node.leftovers(), [])
        assert.equal(results(), [])
        const state = /gone/.test(words) ? 'is lost' : 'cannot be read and is to be set aside'
        assert.equal(told.slice(0, 1), [
          `a record ${state}: what the result cache knows stands in for it`,
        ])
      }))
  }

  it('is set aside when something is written in its place, and not before', () =>
    withNode(async ({ engine, folder }) => {
      await engine().add(plan, sandboxOf('eth0'))
      writeFileSync(join(folder, 'eth0.json'), '{"cut')
      assert.ok((await engine().check({ containerId: 'c1' })).ok)
      assert.equal(readdirSync(folder), ['eth0.json'])
      assert.ok((await engine().del({ containerId: 'c1' })).ok)
      assert.equal(readdirSync(folder), ['eth0.json.corrupt'])
      assert.is(readFileSync(join(folder, 'eth0.json.corrupt'), 'utf8'), '{"cut')
    }))

  it('keeps its container attached: ADD is refused until it is undone', () =>
    withNode(async ({ engine, folder }) => {
      await engine().add(plan, sandboxOf('eth0'))
      rmSync(folder, { recursive: true })
      const outcome = await engine().add(plan, sandboxOf('eth0'))
      assert.is(outcome.ok ? '' : outcome.error.kind, 'already-attached')
    }))

  it('is collected by GC, and left alone while it is valid', () =>
    withNode(async ({ engine, folder, node }) => {
      await engine().add(plan, sandboxOf('eth0'))
      rmSync(folder, { recursive: true })
      const valid = [{ containerID: 'c1', ifname: 'eth0' }]
      assert.ok((await engine().gc({ valid, networks: [], path: [] })).ok)
      assert.ok((await engine().check({ containerId: 'c1', ifname: 'eth0' })).ok)
      assert.ok((await engine().gc({ valid: [], networks: [], path: [] })).ok)
      assert.equal(node.leftovers(), [])
    }))

  it('of one request does not touch another: each is restored under its own name', () =>
    withNode(async ({ engine, folder, node }) => {
      await engine().add(plan, sandboxOf('eth0'))
      await engine().add(other, sandboxOf('eth5'))
      for (const name of ['eth0', 'eth5']) writeFileSync(join(folder, `${name}.json`), '')
      assert.ok((await engine().del({ containerId: 'c1', ifname: 'eth5' })).ok)
      assert.ok((await engine().check({ containerId: 'c1', ifname: 'eth0' })).ok)
      assert.equal([...new Set(node.leftovers().map(({ owner }) => owner?.ifname))].sort(), [
        'eth0',
        'eth1',
      ])
      rmSync(join(folder, 'eth0.json'))
      assert.ok((await engine().del({ containerId: 'c1', ifname: 'eth0' })).ok)
      assert.equal(node.leftovers(), [])
    }))

  it('that nothing knows of is left to the engine: refused by ADD, set aside by DEL', () =>
    withNode(async ({ engine, folder }) => {
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'eth0.json'), '{"cut')
      const added = await engine().add(plan, sandboxOf('eth0'))
      assert.is(added.ok ? '' : added.error.kind, 'bad-record')
      assert.ok((await engine().del({ containerId: 'c1', ifname: 'eth0' })).ok)
      assert.equal(readdirSync(folder), ['eth0.json.corrupt'])
    }))

  it('that cannot be set aside stays, and DEL goes on (promise 4)', async () => {
    const driver = createDriverProcess()
    const disk = createSimulatedDisk(driver)
    const node = createMemoryNode({ driver })
    const { files, lock } = disk.mount()
    const journal = withResultCache(createHostJournal({ directory: '/cni', files, lock }), {
      cache: createResultCache({ directory: '/var/lib/cni', files }),
    })
    const engine = createEngine({ runner: node.runner, journal })
    assert.ok((await engine.add(plan, sandboxOf('eth0'))).ok)
    disk.put('/cni/.metacni/c1/eth0.json', '')
    disk.faultAt(disk.operations, { kind: 'read-only', operations: 1_000_000 })
    assert.ok((await engine.del({ containerId: 'c1' })).ok)
    assert.equal(node.leftovers(), [])
    assert.is(disk.texts().get('/cni/.metacni/c1/eth0.json'), '')
    disk.disarm()
    assert.ok((await engine.del({ containerId: 'c1' })).ok)
    assert.equal([...disk.texts().keys()], ['/cni/.metacni/c1/eth0.json.corrupt'])
  })
})

describe('what is in the cache and not ours', (it) => {
  it('is left alone: a runtime keeps its own there, its call of us among them', () =>
    withNode(async ({ engine, node, cache, results }) => {
      unwrap(await cache.write(foreign('podman', 'eth0')))
      assert.ok((await engine().del({ containerId: 'c1', ifname: 'eth0' })).ok)
      assert.ok((await engine().gc({ valid: [], networks: [], path: [] })).ok)
      assert.equal(node.invocations, [])
      assert.ok((await engine().add(plan, sandboxOf('eth0'))).ok)
      assert.ok((await engine().del({ containerId: 'c1' })).ok)
      assert.equal(results(), ['podman-c1-eth0'])
    }))

  it('can be declared ours: then it is undone under the interface name that is given', () =>
    withNode(async ({ engine, node, cache, results }) => {
      for (const [name, ifname] of [
        ['a', 'net1'],
        ['b', 'my0'],
      ] as const) {
        unwrap(await cache.write(foreign(name, ifname)))
      }
      const options = { isOurs: () => true, ifname: 'my0' }
      assert.ok((await engine(options).del({ containerId: 'c1', ifname: 'eth0' })).ok)
      assert.equal(node.invocations, [])
      assert.ok((await engine(options).del({ containerId: 'c1', ifname: 'my0' })).ok)
      assert.equal(
        node.invocations.map(({ invocation }) => invocation.env.CNI_IFNAME),
        ['net1', 'my0'],
      )
      assert.equal(results(), [])
    }))

  it('has a configuration that cannot be read: nothing can be undone, and it stays', () =>
    withNode(async ({ engine, cache, results }) => {
      unwrap(await cache.write({ ...foreign('a', 'eth0'), config: '{"cut' }))
      const ours = { isOurs: () => true }
      assert.ok((await engine(ours).del({ containerId: 'c1', ifname: 'eth0' })).ok)
      assert.equal(results(), ['a-c1-eth0'])
    }))
})

describe('what the cache holds beside a record that can be read', (it) => {
  const stale = (networkName: string, ifname: string): CachedAttachment => ({
    ...foreign(networkName, ifname),
    request: { ifname: 'eth0', position: 7 },
  })

  it('for an interface of the record is stale: never undone, and gone with the record', () =>
    withNode(async ({ engine, node, cache, results }) => {
      await engine().add(plan, sandboxOf('eth0'))
      unwrap(await cache.write(stale('old', 'eth1')))
      assert.ok((await engine().check({ containerId: 'c1' })).ok)
      const before = node.invocations.length
      assert.ok((await engine().del({ containerId: 'c1' })).ok)
      assert.equal(
        node.invocations.slice(before).map(({ invocation }) => invocation.stdin.name),
        ['b', 'a'],
      )
      assert.equal(results(), [])
    }))

  it('for an interface of its own is another attachment, which DEL of the container undoes', () =>
    withNode(async ({ engine, node, cache, results }) => {
      await engine().add(plan, sandboxOf('eth0'))
      unwrap(await cache.write(stale('old', 'eth7')))
      assert.ok((await engine().del({ containerId: 'c1' })).ok)
      const names = node.invocations.map(({ invocation }) => invocation.stdin.name)
      assert.ok(names.includes('old'))
      assert.equal(results(), [])
    }))

  it('is not believed under the name of another record', () =>
    withNode(async ({ engine, node, cache }) => {
      await engine().add(other, sandboxOf('eth0'))
      // The record of eth0 holds eth5 alone; whose interface eth0 is, nobody here can say.
      unwrap(await cache.write(stale('old', 'eth0')))
      assert.ok((await engine().check({ containerId: 'c1' })).ok)
      assert.is(node.invocations.length, 2)
    }))
})

describe('records of Go plugins', (it) => {
  it('have the results, the arguments and the namespace that libcni kept (multus-v4.md 2.6)', () =>
    withNode(async ({ directory, cache, journalOf, results }) => {
      const conf = { cniVersion: '1.0.0', name: 'a', type: 'portmap' }
      mkdirSync(join(directory, 'cni'))
      writeFileSync(join(directory, 'cni', 'c1'), JSON.stringify([{ Conf: conf, ConfList: {} }]))
      const capabilityArgs = { portMappings: [{ hostPort: 80 }] }
      unwrap(await cache.write({ ...foreign('a', 'eth0'), capabilityArgs }))
      const entry = unwrap(await journalOf().open('c1', 'existing', never))
      const record = entry.records.get('eth0') as EngineRecord
      assert.equal(record.steps[0]?.result, { cniVersion: '1.0.0' })
      assert.equal(record.plan.attachments[0]?.capabilityArgs, capabilityArgs)
      assert.is(record.sandbox.netns, '/run/netns/c1')
      unwrap(await entry.remove('eth0'))
      await entry.close()
      assert.equal(results(), [])
      assert.equal(readdirSync(join(directory, 'cni')), ['.metacni'])
    }))
})

describe('a cache that cannot be read', (it) => {
  const broken = (directory: string): void => writeFileSync(join(directory, 'results'), '')

  it('keeps no DEL from a record that is whole, and is told to the log', () =>
    withNode(async ({ journalOf, directory, told }) => {
      const own = createHostJournal({ directory: join(directory, 'cni') })
      const node = createMemoryNode()
      await createEngine({ runner: node.runner, journal: own }).add(plan, sandboxOf('eth0'))
      broken(directory)
      const engine = createEngine({ runner: node.runner, journal: journalOf() })
      assert.ok((await engine.del({ containerId: 'c1' })).ok)
      assert.ok(told.includes('the result cache cannot be read'))
      assert.equal(node.leftovers(), [])
    }))

  it('is a reason not to open a container whose records are not whole', () =>
    withNode(async ({ journalOf, directory, folder }) => {
      broken(directory)
      assert.match(messageOf(await journalOf().open('c1', 'existing', never)), 'ENOTDIR')
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'eth0.json'), '')
      assert.match(messageOf(await journalOf().open('c1', 'existing', never)), 'ENOTDIR')
      writeFileSync(join(folder, 'eth0.json'), '{}')
      assert.match(messageOf(await journalOf().open('c1', 'existing', never)), 'ENOTDIR')
      // The lock was let go each time.
      rmSync(join(directory, 'results'))
      await unwrap(await journalOf().open('c1', 'existing', never)).close()
    }))

  it('hides nobody of the journal from its list, and is told to the log', () =>
    withNode(async ({ engine, journalOf, directory, told }) => {
      await engine().add(plan, sandboxOf('eth0'))
      rmSync(join(directory, 'results'), { recursive: true })
      broken(directory)
      assert.equal(unwrap(await journalOf().list()), ['c1'])
      assert.equal(told.slice(-1), ['the result cache cannot be read'])
    }))
})

describe('the list of a journal with a result cache', (it) => {
  it('names the containers of both, each once, and none that is not ours', () =>
    withNode(async ({ engine, journalOf, cache, directory }) => {
      await engine().add(plan, sandboxOf('eth0'))
      await engine().add(plan, sandboxOf('eth0', 'c2'))
      rmSync(join(directory, 'cni', '.metacni', 'c2'), { recursive: true })
      unwrap(await cache.write({ ...foreign('a', 'eth0'), containerId: 'c3' }))
      assert.equal([...unwrap(await journalOf().list())].sort(), ['c1', 'c2'])
      assert.is(unwrap(await journalOf({ isOurs: () => true }).list()).length, 3)
    }))

  it('fails as the journal does', async () => {
    const memory = createMemoryJournal()
    memory.refuseOpens('EIO')
    const list = async () => ({ ok: false, message: 'no list' }) as const
    const cache = createResultCache({ directory: '/nowhere/at/all' })
    const journal = withResultCache({ ...memory, list }, { cache })
    assert.is(messageOf(await journal.list()), 'no list')
    assert.is(messageOf(await journal.open('c1', 'existing', never)), 'EIO')
  })
})

describe('a container that the cache alone knows of', (it) => {
  const world = async () => {
    const driver = createDriverProcess()
    const disk = createSimulatedDisk(driver)
    const { files, lock } = disk.mount()
    const told: string[] = []
    const cache = createResultCache({ directory: '/var/lib/cni', files })
    const journal = withResultCache(createHostJournal({ directory: '/cni', files, lock }), {
      cache,
      log: { write: (_, message) => told.push(message) },
    })
    const node = createMemoryNode({ driver })
    const engine = createEngine({ runner: node.runner, journal })
    unwrap(await cache.write({ ...foreign('a', 'eth0'), request: { ifname: 'eth0', position: 0 } }))
    return { disk, engine, node, journal, told, cache }
  }

  it('is locked like any other: of two DELs the second finds nothing', async () => {
    const { engine, node, journal } = await world()
    let open = 0
    const events: number[] = []
    const watch = async (): Promise<JournalEntry> => {
      const entry = unwrap(await journal.open('c1', 'existing', never))
      events.push(++open)
      return entry
    }
    const [first, second] = [watch(), watch()]
    const entry = await Promise.race([first, second])
    assert.equal(events, [1])
    open--
    await entry.close()
    await Promise.all([first, second])
    assert.equal(events, [1, 1])
    await (await second).close()
    await (await first).close()
    await Promise.all([engine.del({ containerId: 'c1' }), engine.del({ containerId: 'c1' })])
    assert.is(node.invocations.length, 1)
  })

  it('is undone without a lock on a disk that takes none, and the log is told', async () => {
    const { disk, engine, told, node } = await world()
    disk.faultAt(disk.operations, { kind: 'full', operations: 1_000_000 })
    assert.ok((await engine.del({ containerId: 'c1' })).ok)
    assert.is(node.invocations.length, 1)
    assert.ok(told.includes('containers are not locked'))
  })

  it('says why it cannot be opened', async () => {
    const { disk, journal } = await world()
    const before = disk.operations
    await unwrap(await journal.open('c1', 'existing', never)).close()
    const operations = disk.operations - before
    let refused = 0
    for (let operation = 0; operation < operations; operation++) {
      disk.faultAt(disk.operations + operation, { kind: 'error' })
      const opened = await journal.open('c1', 'existing', never)
      if (opened.ok) {
        assert.is(opened.value.records.size, 1)
        await opened.value.close()
      } else {
        refused++
        assert.match(opened.message, 'EIO')
      }
      disk.disarm()
      assert.is(disk.locked, 0)
    }
    assert.ok(refused > 5)
  })
})
