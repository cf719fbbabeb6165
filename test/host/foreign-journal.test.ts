import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { createEngine } from '../../lib/create-engine.js'
import type { EngineRecord } from '../../lib/engine/record.js'
import type { Journal, JournalEntry, Runner, Stored } from '../../lib/ports/index.js'
import { createHostJournal } from '../../runners/host/journal.js'
import { createDriverProcess, createMemoryNode, faults } from '../../runners/memory/index.js'
import { planOf, play, recordedCommand } from '../engine/harness.js'
import { withDirectory } from '../fixtures/marks.js'
import { createSimulatedDisk } from '../simulation/disk.js'
import { randomFrom } from '../simulation/random.js'
import { describe } from '../suite.js'

const never = new AbortController().signal

const unwrap = <A>(stored: Stored<A>): A => {
  if (!stored.ok) throw new Error(stored.message)
  return stored.value
}
const messageOf = (stored: Stored<unknown>): string => (stored.ok ? 'it worked' : stored.message)

const delegate = (name: string, ifname: string, isMaster = false) => ({
  Conf: { cniVersion: '0.4.0', name, type: 'macvlan', master: 'ens1', ipam: {}, dns: {} },
  ConfList: {},
  ifnameRequest: ifname,
  ...(isMaster && { masterPlugin: true }),
})
const scratch = JSON.stringify([delegate('a', 'eth0', true), delegate('b', 'eth1')])

interface Place {
  readonly journal: Journal
  /** `cniDir`, and the other directory in which scratch files may lie. */
  readonly directory: string
  readonly other: string
  readonly open: (id?: string, mode?: 'create' | 'existing') => Promise<JournalEntry>
}

const withJournal = (work: (place: Place) => Promise<void>): Promise<void> =>
  withDirectory(async (parent) => {
    const [directory, other] = [join(parent, 'multus'), join(parent, 'networks')]
    for (const one of [directory, other]) mkdirSync(one)
    const journal = createHostJournal({ directory, foreign: [other] })
    const open = async (id = 'c1', mode: 'create' | 'existing' = 'existing') =>
      unwrap(await journal.open(id, mode, never))
    await work({ journal, directory, other, open })
  })

describe('a scratch file of a Go plugin', (it) => {
  it('is a record of its container, in cniDir and in the other directories', () =>
    withJournal(async ({ directory, other, open }) => {
      writeFileSync(join(directory, 'c1'), scratch)
      writeFileSync(join(other, 'c2'), scratch)
      for (const id of ['c1', 'c2']) {
        const entry = await open(id)
        assert.equal([...entry.records.keys()], ['eth0'])
        assert.equal(entry.corrupt, [])
        const record = entry.records.get('eth0') as EngineRecord
        assert.is(record.sandbox.containerId, id)
        assert.equal(
          record.plan.attachments.map(({ ifname }) => ifname),
          ['eth0', 'eth1'],
        )
        await entry.close()
      }
      assert.equal(readdirSync(directory).sort(), ['.metacni', 'c1'])
      assert.equal(readdirSync(join(directory, '.metacni')), [])
    }))

  it('of v4 belongs to the interface of its cached result, so that GC knows it for valid (multus-v4.md 2.9)', () =>
    withJournal(async ({ journal, directory, open }) => {
      const file = join(directory, 'c1')
      writeFileSync(file, JSON.stringify([{ ...delegate('a', ''), ifnameRequest: '' }]))
      mkdirSync(join(directory, 'results'))
      writeFileSync(join(directory, 'results', 'a-c1-net0'), '{}')
      const entry = await open()
      assert.equal([...entry.records.keys()], ['net0'])
      await entry.close()
      const node = createMemoryNode()
      const engine = createEngine({ runner: node.runner, journal })
      const valid = [{ containerID: 'c1', ifname: 'net0' }]
      assert.ok((await engine.gc({ valid, networks: [], path: [] })).ok)
      assert.equal([node.invocations.length, existsSync(file)], [0, true])
    }))

  it('is undone by DEL as the Go plugin would have, and gone then', () =>
    withJournal(async ({ journal, directory, open }) => {
      const node = createMemoryNode()
      const sandbox = {
        containerId: 'c1',
        netns: '/run/netns/c1',
        ifname: 'eth0',
        args: '',
        path: [],
      }
      const engine = createEngine({ runner: node.runner, journal })
      const before = createEngine({
        runner: node.runner,
        journal: createHostJournal({ directory: join(directory, 'elsewhere') }),
      })
      assert.ok((await before.add(planOf({ a: ['macvlan'], b: ['macvlan'] }), sandbox)).ok)
      writeFileSync(join(directory, 'c1'), scratch)
      const { netns } = sandbox
      const outcome = await engine.del({ containerId: 'c1', ifname: 'eth0', netns })
      assert.ok(outcome.ok)
      assert.equal(outcome.ok && outcome.value.undone.map(({ ifname }) => ifname), ['eth1', 'eth0'])
      assert.equal(node.leftovers(), [])
      assert.not(existsSync(join(directory, 'c1')))
      assert.is((await open()).records.size, 0)
    }))

  it('gives way to our own record when an attachment could not be undone', () =>
    withJournal(async ({ journal, directory, open }) => {
      const node = createMemoryNode()
      writeFileSync(join(directory, 'c1'), scratch)
      const engine = createEngine({ runner: node.runner, journal })
      const mend = node.script({ verb: 'DEL', ifname: 'eth0' }, faults.refuse())
      assert.not((await engine.del({ containerId: 'c1' })).ok)
      assert.not(existsSync(join(directory, 'c1')))
      const entry = await open()
      const { steps } = entry.records.get('eth0') as EngineRecord
      assert.equal(
        steps.map(({ state }) => state),
        ['failed', 'planned'],
      )
      await entry.close()
      mend()
      assert.ok((await engine.del({ containerId: 'c1' })).ok)
      assert.equal(readdirSync(join(directory, '.metacni')), [])
    }))

  it('stays until our own record of it is on disk', async () => {
    // Of the operations of a save, whichever is the last before the power goes: one of the two is there.
    for (let operation = 0; ; operation++) {
      const driver = createDriverProcess()
      const disk = createSimulatedDisk(driver)
      const directory = '/var/lib/cni/multus'
      disk.put(`${directory}/c1`, scratch)
      const { files, lock } = disk.mount()
      const journal = createHostJournal({ directory, files, lock })
      const entry = unwrap(await journal.open('c1', 'existing', never))
      disk.faultAt(disk.operations + operation, { kind: 'crash', when: 'after' })
      const { saved } = play(recordedCommand('DEL', entry.records.get('eth0')))
      await entry.save('eth0', saved[0])
      if (!driver.isDead) break
      disk.cutPower(randomFrom(operation))
      driver.restart()
      const again = createHostJournal({ directory, ...disk.mount() })
      const after = unwrap(await again.open('c1', 'existing', never))
      assert.ok(after.records.has('eth0'), `after operation ${operation}`)
    }
  })

  it('that our own record replaces is no record any more, and goes with the next change', () =>
    withJournal(async ({ directory, open }) => {
      writeFileSync(join(directory, 'c1'), scratch)
      const first = await open()
      const { saved } = play(recordedCommand('DEL', first.records.get('eth0')))
      unwrap(await first.save('eth0', saved[0]))
      await first.close()
      // As if the process had died between the two.
      writeFileSync(join(directory, 'c1'), scratch)
      const second = await open()
      const { steps } = second.records.get('eth0') as EngineRecord
      assert.equal(
        steps.map(({ state }) => state),
        ['deleting', 'deleting'],
      )
      unwrap(await second.remove('eth0'))
      await second.close()
      assert.not(existsSync(join(directory, 'c1')))
    }))

  it('lies beside our own record of another interface of the container', () =>
    withJournal(async ({ directory, open }) => {
      const first = await open('c1', 'create')
      unwrap(await first.save('net1', { ours: true }))
      await first.close()
      writeFileSync(join(directory, 'c1'), scratch)
      const second = await open()
      assert.equal([...second.records.keys()].sort(), ['eth0', 'net1'])
      unwrap(await second.remove('net1'))
      assert.ok(existsSync(join(directory, 'c1')))
      await second.close()
    }))

  it('stands in for our own record that cannot be read, which is set aside', () =>
    withJournal(async ({ directory, open }) => {
      const folder = join(directory, '.metacni', 'c1')
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'eth0.json'), '{"cut')
      writeFileSync(join(directory, 'c1'), scratch)
      const entry = await open()
      assert.equal(entry.corrupt, [])
      const { saved } = play(recordedCommand('DEL', entry.records.get('eth0')))
      unwrap(await entry.save('eth0', saved[0]))
      await entry.close()
      assert.equal(readdirSync(folder).sort(), ['eth0.json', 'eth0.json.corrupt'])
      assert.is(readFileSync(join(folder, 'eth0.json.corrupt'), 'utf8'), '{"cut')
    }))

  it('of two directories is undone one after the other', () =>
    withJournal(async ({ directory, other, open }) => {
      writeFileSync(join(directory, 'c1'), scratch)
      writeFileSync(join(other, 'c1'), scratch)
      for (const left of [[join(other, 'c1')], []]) {
        const entry = await open()
        unwrap(await entry.remove('eth0'))
        await entry.close()
        const there = [join(directory, 'c1'), join(other, 'c1')].filter(existsSync)
        assert.equal(there, left)
      }
    }))
})

describe('a scratch file that records nothing', (it) => {
  it('is removed when its container is opened: null and the empty list (reference/tke-multus.md 1.9)', () =>
    withJournal(async ({ directory, open }) => {
      for (const text of ['null', '[]']) {
        writeFileSync(join(directory, 'c1'), text)
        const entry = await open()
        assert.equal([entry.records.size, entry.corrupt.length], [0, 0])
        await entry.close()
        assert.equal(readdirSync(directory), ['.metacni'])
      }
    }))
})

describe('a scratch file that nobody understands', (it) => {
  const wrong = ['', '{', '{}', '[null]', '[{}]', '10.1.2.3\r\neth0', scratch.slice(0, -1)]

  it('is corrupt under the name of the first interface, and set aside beside the others (TB6, TB22)', () =>
    withJournal(async ({ directory, open }) => {
      for (const text of wrong) {
        writeFileSync(join(directory, 'c1'), text)
        const entry = await open()
        assert.equal(
          entry.corrupt.map(({ ifname }) => ifname),
          ['eth0'],
          text,
        )
        assert.match(entry.corrupt[0]?.message ?? '', join(directory, 'c1'))
        unwrap(await entry.quarantine('eth0'))
        // It is another record's name again.
        unwrap(await entry.quarantine('eth0'))
        await entry.close()
        assert.is(readFileSync(join(directory, 'c1.corrupt'), 'utf8'), text)
        assert.not(existsSync(join(directory, 'c1')))
        unlinkSync(join(directory, 'c1.corrupt'))
      }
    }))

  it('can be set aside by DEL, which succeeds, and is in nobody else’s way', () =>
    withJournal(async ({ journal, directory }) => {
      const node = createMemoryNode()
      const engine = createEngine({ runner: node.runner, journal })
      writeFileSync(join(directory, 'c1'), '[null]')
      writeFileSync(join(directory, 'c2'), scratch)
      assert.ok((await engine.del({ containerId: 'c2', ifname: 'eth0' })).ok)
      assert.ok((await engine.del({ containerId: 'c1', ifname: 'eth0' })).ok)
      assert.equal(readdirSync(directory).sort(), ['.metacni', 'c1.corrupt'])
    }))

  it('has another name where that one is taken, and DEL of the container sets it aside', () =>
    withJournal(async ({ journal, directory, other, open }) => {
      writeFileSync(join(directory, 'c1'), scratch)
      writeFileSync(join(other, 'c1'), '{')
      const entry = await open()
      assert.equal([...entry.records.keys()], ['eth0'])
      assert.equal(
        entry.corrupt.map(({ ifname }) => ifname),
        [join(other, 'c1')],
      )
      await entry.close()
      const engine = createEngine({ runner: createMemoryNode().runner, journal })
      assert.ok((await engine.del({ containerId: 'c1' })).ok)
      assert.equal(readdirSync(other), ['c1.corrupt'])
      assert.equal(readdirSync(directory), ['.metacni'])
    }))

  it('says why it cannot be set aside', async () => {
    const disk = createSimulatedDisk(createDriverProcess())
    disk.put('/multus/c1', '{')
    const journal = createHostJournal({ directory: '/multus', ...disk.mount() })
    const entry = unwrap(await journal.open('c1', 'existing', never))
    disk.faultAt(disk.operations, { kind: 'read-only', operations: 100 })
    assert.match(messageOf(await entry.quarantine('eth0')), 'EROFS')
    assert.match(messageOf(await entry.quarantine('eth0')), 'EROFS')
  })
})

describe('what is no scratch file', (it) => {
  it('is left alone: directories, links, files of other names', () =>
    withJournal(async ({ directory, other, open }) => {
      mkdirSync(join(directory, 'c1'))
      writeFileSync(join(directory, 'file'), scratch)
      symlinkSync(join(directory, 'file'), join(other, 'c1'))
      const entry = await open()
      assert.equal([entry.records.size, entry.corrupt.length], [0, 0])
      await entry.close()
      assert.equal(readdirSync(directory).sort(), ['c1', 'file'])
    }))

  it('has a name that is no container id, and is never looked for', () =>
    withJournal(async ({ directory, open }) => {
      writeFileSync(join(directory, 'c1'), scratch)
      for (const id of ['../multus/c1', './c1', '', 'c1\0']) {
        const entry = await open(id)
        assert.is(entry.records.size, 0)
        await entry.close()
      }
    }))
})

describe('the list of a journal over scratch files', (it) => {
  it('names their containers, each once, beside our own', () =>
    withJournal(async ({ journal, directory, other, open }) => {
      writeFileSync(join(directory, 'c1'), scratch)
      writeFileSync(join(other, 'c1'), scratch)
      writeFileSync(join(other, 'c2'), '[null]')
      const entry = await open('c3', 'create')
      unwrap(await entry.save('eth0', {}))
      await entry.close()
      assert.equal([...unwrap(await journal.list())].sort(), ['c1', 'c2', 'c3'])
    }))

  it('takes no address of host-local for one: the fork lies in its directory (TB15)', () =>
    withJournal(async ({ journal, other }) => {
      writeFileSync(join(other, '10.244.0.5'), 'c9\r\neth0')
      writeFileSync(join(other, 'last_reserved_ip.0'), '10.244.0.5')
      writeFileSync(join(other, 'lock'), '')
      writeFileSync(join(other, 'c1.corrupt'), '[null]')
      writeFileSync(join(other, 'c2.corrupt-2'), '[null]')
      writeFileSync(join(other, 'c3'), '[]')
      writeFileSync(join(other, 'c4'), 'null')
      mkdirSync(join(other, 'c5'))
      assert.equal(unwrap(await journal.list()), [])
    }))

  it('names one that was cut short under any name, and whatever is spoiled under a usual id', () =>
    withJournal(async ({ journal, directory, other }) => {
      const [sandbox, allocation] = ['0a'.repeat(32), '0b9f1c52-5e0a-4d3b-9c44-2f0d6c1e7a10']
      writeFileSync(join(directory, 'c1'), scratch.slice(0, 400))
      writeFileSync(join(directory, 'c2'), '[')
      writeFileSync(join(directory, sandbox), '')
      writeFileSync(join(other, allocation), '\0'.repeat(4096))
      // The empty name of a lock, and what flannel keeps of a container: a configuration.
      writeFileSync(join(directory, 'lock'), '')
      writeFileSync(join(directory, 'zeros'), '\0\0')
      writeFileSync(join(other, 'f'.repeat(64)), '{"type":"bridge","name":"cbr0"}')
      writeFileSync(join(other, 'e'.repeat(64)), 'null')
      const listed = [...unwrap(await journal.list())].sort()
      assert.equal(listed, [sandbox, allocation, 'c1', 'c2'].sort())
    }))

  it('names a usual id also where the disk does not give its file: opening it says why', async () => {
    const disk = createSimulatedDisk(createDriverProcess())
    const id = 'ab'.repeat(32)
    disk.put(`/multus/${id}`, scratch)
    const journal = createHostJournal({ directory: '/multus', ...disk.mount() })
    let named = 0
    for (let operation = 0; operation < 6; operation++) {
      disk.faultAt(disk.operations + operation, { kind: 'error' })
      const listed = await journal.list()
      if (listed.ok) assert.equal(listed.value, [id], `operation ${operation}`)
      if (listed.ok) named++
      disk.disarm()
    }
    assert.ok(named > 2)
  })

  it('does without a directory that is not there, and says which cannot be read', () =>
    withDirectory(async (directory) => {
      const missing = createHostJournal({ directory, foreign: [join(directory, 'missing')] })
      assert.equal(unwrap(await missing.list()), [])
      writeFileSync(join(directory, 'file'), '')
      const wrong = createHostJournal({ directory, foreign: [join(directory, 'file')] })
      assert.match(messageOf(await wrong.list()), 'ENOTDIR')
      const nowhere = createHostJournal({ directory: join(directory, 'file') })
      assert.match(messageOf(await nowhere.list()), 'ENOTDIR')
    }))

  it('is what GC collects', () =>
    withJournal(async ({ journal, directory }) => {
      const calls: string[] = []
      const runner: Runner = {
        run: async ({ verb, env, path }) => {
          calls.push(`${verb} ${env.CNI_IFNAME} ${path}`)
          return { kind: 'success', stdout: '' }
        },
      }
      writeFileSync(join(directory, 'c1'), scratch)
      writeFileSync(join(directory, 'c2'), scratch)
      const valid = [{ containerID: 'c2', ifname: 'eth0' }]
      const engine = createEngine({ runner, journal })
      assert.ok((await engine.gc({ valid, networks: [], path: ['/bin'] })).ok)
      assert.equal(calls, ['DEL eth1 /bin', 'DEL eth0 /bin'])
      assert.equal(readdirSync(directory).sort(), ['.metacni', 'c2'])
    }))

  it('keeps GC from telling plugins a list that lacks one nobody can read, and each is named', () =>
    withJournal(async ({ directory }) => {
      const calls: string[] = []
      const runner: Runner = {
        run: async ({ verb }) => {
          calls.push(verb)
          return { kind: 'success', stdout: '' }
        },
      }
      writeFileSync(join(directory, 'c1'), scratch.slice(0, 100))
      writeFileSync(join(directory, 'c2'), scratch.slice(0, 100))
      const valid = [{ containerID: 'c2', ifname: 'eth0' }]
      const config = { cniVersion: '1.1.0', name: 'a', plugins: [{ type: 'bridge' }] }
      const networks = [{ name: 'a', origin: { kind: 'inline' as const }, config }]
      const told: unknown[] = []
      const log = { write: (...line: readonly unknown[]) => told.push(line[2]) }
      const engine = createEngine({ runner, journal: createHostJournal({ directory, log }) })
      const outcome = await engine.gc({ valid, networks, path: ['/bin'] })
      for (const containerId of ['c1', 'c2']) {
        const reason = told.find((one) => Object(one).containerId === containerId)
        assert.match(JSON.stringify(reason), `${join(directory, containerId)}: it is not JSON`)
      }
      assert.ok(outcome.ok)
      assert.equal(outcome.ok && outcome.value.skipped.map(({ network }) => network), ['a'])
      assert.equal(calls, [])
      // The valid one is left alone; of the other one a person can read what is left.
      assert.equal(readdirSync(directory).sort(), ['.metacni', 'c1.corrupt', 'c2'])
    }))
})

describe('a spoiled scratch file beside a valid record of its container', (it) => {
  it('is left alone by GC, and no plugin is told what is valid: it may hold more of that', () =>
    withJournal(async ({ directory }) => {
      const node = createMemoryNode()
      const journal = createHostJournal({ directory })
      const engine = createEngine({ runner: node.runner, journal })
      const place = { netns: '/run/netns/c1', args: '', path: ['/bin'] }
      const added = await engine.add(planOf({ a: ['macvlan'] }, {}, '1.1.0'), {
        ...{ containerId: 'c1', ifname: 'eth0' },
        ...place,
      })
      assert.ok(added.ok)
      writeFileSync(join(directory, 'c1'), scratch.slice(0, 100))
      const valid = [{ containerID: 'c1', ifname: 'eth0' }]
      const config = { cniVersion: '1.1.0', name: 'a', plugins: [{ type: 'bridge' }] }
      const networks = [{ name: 'a', origin: { kind: 'inline' as const }, config }]
      const outcome = await engine.gc({ valid, networks, path: ['/bin'] })
      assert.equal(outcome.ok && outcome.value.undone, [])
      assert.equal(outcome.ok && outcome.value.collected, [])
      assert.equal(readdirSync(directory).sort(), ['.metacni', 'c1'])
      assert.ok((await engine.gc({ valid: [], networks, path: ['/bin'] })).ok)
      assert.equal(readdirSync(directory).sort(), ['.metacni', 'c1.corrupt'])
      assert.equal(node.leftovers(), [])
    }))
})

describe('two that want one scratch file', (it) => {
  const directory = '/multus'

  it('are kept apart by the folder of the container', () =>
    withJournal(async ({ journal, directory: place, open }) => {
      writeFileSync(join(place, 'c1'), scratch)
      const first = await open()
      const waiting = open('c1')
      unwrap(await first.remove('eth0'))
      await first.close()
      const second = await waiting
      assert.is(second.records.size, 0)
      await second.close()
      assert.equal(unwrap(await journal.list()), [])
    }))

  it('are kept apart by the file itself where the disk takes no folder', async () => {
    for (const kind of ['full', 'read-only'] as const) {
      const disk = createSimulatedDisk(createDriverProcess())
      disk.put(`${directory}/c1`, scratch)
      disk.faultAt(0, { kind, operations: 1_000_000 })
      const journal = createHostJournal({ directory, ...disk.mount() })
      const first = unwrap(await journal.open('c1', 'existing', never))
      assert.is(first.records.size, 1)
      const events: string[] = []
      const waiting = journal.open('c1', 'existing', never).then(async (opened) => {
        events.push('second')
        await unwrap(opened).close()
      })
      const controller = new AbortController()
      const impatient = journal.open('c1', 'existing', controller.signal)
      controller.abort()
      assert.match(messageOf(await impatient), 'given up')
      assert.match(messageOf(await first.save('eth0', {})), 'without creating')
      events.push('first')
      await first.close()
      await waiting
      assert.equal(events, ['first', 'second'])
      // ADD must write before anything runs: it is refused.
      assert.match(messageOf(await journal.open('c1', 'create', never)), /ENOSPC|EROFS/)
    }
  })

  it('wait for a file that is replaced meanwhile, and look again', async () => {
    const disk = createSimulatedDisk(createDriverProcess())
    disk.put(`${directory}/c1`, scratch)
    disk.faultAt(0, { kind: 'read-only', operations: 1_000_000 })
    const { files, lock } = disk.mount()
    const journal = createHostJournal({ directory, files, lock })
    const first = unwrap(await journal.open('c1', 'existing', never))
    const waiting = journal.open('c1', 'existing', never)
    disk.put(`${directory}/c1`, '[]')
    await first.close()
    const second = unwrap(await waiting)
    assert.is(second.records.size, 0)
    await second.close()
    assert.is(disk.locked, 0)
  })

  it('that cannot be locked are told to the log, or refused', async () => {
    const told: unknown[] = []
    const disk = createSimulatedDisk(createDriverProcess())
    disk.put(`${directory}/c1`, scratch)
    const { files } = disk.mount()
    const log = { write: (...line: unknown[]) => told.push(line.slice(1)) }
    const lock = async () => ({ kind: 'unavailable', message: 'no flock' }) as const
    const journal = createHostJournal({ directory, files, log, lock })
    const entry = unwrap(await journal.open('c1', 'existing', never))
    const line = ['containers are not locked', { containerId: 'c1', reason: 'no flock' }]
    assert.equal(told, [line, line])
    await entry.close()
    const failing = createHostJournal({
      directory,
      files,
      lock: async () => ({ kind: 'failed', message: 'no locks here' }),
    })
    assert.match(messageOf(await failing.open('c1', 'existing', never)), 'no locks here')
  })
})

describe('a disk that does not give a scratch file', (it) => {
  it('keeps it from being taken for corrupt, and the locks are let go', async () => {
    const disk = createSimulatedDisk(createDriverProcess())
    disk.put('/multus/c1', scratch)
    const journal = createHostJournal({ directory: '/multus', ...disk.mount() })
    const count = disk.operations
    await (async () => unwrap(await journal.open('c1', 'existing', never)).close())()
    const operations = disk.operations - count
    let refused = 0
    for (let operation = 0; operation < operations; operation++) {
      disk.faultAt(disk.operations + operation, { kind: 'error' })
      const opened = await journal.open('c1', 'existing', never)
      if (opened.ok) {
        assert.equal([...opened.value.records.keys(), ...opened.value.corrupt], ['eth0'])
        await opened.value.close()
      } else {
        refused++
        assert.match(opened.message, 'EIO')
      }
      assert.is(disk.locked, 0)
      disk.disarm()
    }
    assert.ok(refused > 5)
    assert.is(disk.texts().get('/multus/c1'), scratch)
  })
})
