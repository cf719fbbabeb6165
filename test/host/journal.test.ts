import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import type { Journal, JournalEntry, Stored } from '../../lib/ports/index.js'
import { createHostJournal } from '../../runners/host/journal.js'
import { diskEventsOf } from '../fixtures/disk-spy.js'
import { makePipe, pidsFrom, withDirectory } from '../fixtures/marks.js'
import { describe } from '../suite.js'

const never = new AbortController().signal
const worker = fileURLToPath(new URL('../fixtures/journal-worker.ts', import.meta.url))
const nodeArguments = ['--import', import.meta.resolve('tsx'), worker]

const unwrap = <A>(stored: Stored<A>): A => {
  if (!stored.ok) throw new Error(stored.message)
  return stored.value
}
const messageOf = (stored: Stored<unknown>): string => (stored.ok ? 'it worked' : stored.message)

const open = async (journal: Journal, id = 'c1', mode: 'create' | 'existing' = 'create') =>
  unwrap(await journal.open(id, mode, never))

/** A journal in a directory that does not exist yet, and the folder of container c1. */
const withJournal = (
  work: (journal: Journal, folder: string, directory: string) => Promise<void>,
): Promise<void> =>
  withDirectory(async (parent) => {
    const directory = join(parent, 'cni', 'networks')
    const journal = createHostJournal({ directory })
    await work(journal, join(directory, '.metacni', 'c1'), directory)
  })

const save = async (entry: JournalEntry, ifname: string, record: unknown): Promise<void> =>
  unwrap(await entry.save(ifname, record))

describe('the journal on disk', (it) => {
  it('keeps records by container and interface, and gives them back', () =>
    withJournal(async (journal, folder) => {
      const first = await open(journal)
      assert.is(first.records.size, 0)
      await save(first, 'eth0', { plan: 1 })
      await save(first, 'net1', { plan: 2, text: 'ü' })
      await first.close()
      assert.equal(readdirSync(folder).sort(), ['eth0.json', 'net1.json'])
      const second = await open(journal, 'c1', 'existing')
      assert.equal(
        [...second.records],
        [
          ['eth0', { plan: 1 }],
          ['net1', { plan: 2, text: 'ü' }],
        ],
      )
      assert.equal(second.corrupt, [])
      await second.close()
      const other = await open(journal, 'c2')
      assert.is(other.records.size, 0)
      await other.close()
    }))

  it('is for root alone: directories 0700, files 0600', () =>
    withJournal(async (journal, folder, directory) => {
      const entry = await open(journal)
      await save(entry, 'eth0', {})
      await entry.close()
      for (const path of [directory, join(directory, '.metacni'), folder]) {
        assert.is(statSync(path).mode & 0o777, 0o700)
      }
      assert.is(statSync(join(folder, 'eth0.json')).mode & 0o777, 0o600)
    }))

  it('removes the folder with the last record', () =>
    withJournal(async (journal, folder) => {
      const entry = await open(journal)
      await save(entry, 'eth0', {})
      await save(entry, 'net1', {})
      unwrap(await entry.remove('eth0'))
      await entry.close()
      assert.equal(readdirSync(folder), ['net1.json'])
      const again = await open(journal)
      unwrap(await again.remove('net1'))
      unwrap(await again.remove('net1'))
      unwrap(await again.remove('never-there'))
      await again.close()
      assert.is(existsSync(folder), false)
    }))

  it('leaves nothing behind when nothing was saved', () =>
    withJournal(async (journal, folder) => {
      const entry = await open(journal)
      assert.is(existsSync(folder), true)
      await entry.close()
      assert.is(existsSync(folder), false)
    }))

  it('creates nothing when only what exists is wanted', () =>
    withJournal(async (journal, _folder, directory) => {
      const entry = await open(journal, 'c1', 'existing')
      assert.is(entry.records.size, 0)
      assert.equal(entry.corrupt, [])
      unwrap(await entry.remove('eth0'))
      assert.match(messageOf(await entry.save('eth0', {})), 'without creating')
      await entry.close()
      assert.is(existsSync(directory), false)
    }))

  it('replaces a record as a whole', () =>
    withJournal(async (journal, folder) => {
      const entry = await open(journal)
      await save(entry, 'eth0', { long: 'x'.repeat(10_000) })
      await save(entry, 'eth0', {})
      assert.is(readFileSync(join(folder, 'eth0.json'), 'utf8'), '{}')
      await entry.close()
    }))

  it('has a record on disk, and every folder that leads to it, before a save resolves', () =>
    withJournal(async (journal) => {
      const entry = await open(journal)
      const write = ['sync file', 'rename', 'sync directory']
      const first = await diskEventsOf(() => save(entry, 'eth0', {}))
      assert.equal(first, ['sync directory', 'sync directory', ...write])
      assert.equal(await diskEventsOf(() => save(entry, 'eth0', {})), write)
      assert.equal(await diskEventsOf(() => entry.remove('eth0')), ['sync directory'])
      await entry.close()
    }))

  it('never leaves its directory, whatever the ids are', () =>
    withDirectory(async (parent) => {
      const directory = join(parent, 'journal')
      const journal = createHostJournal({ directory })
      const hostile = ['../x', '..', '.', '', 'a/b', '/etc', 'a\0b', '.metacni', 'x'.repeat(5000)]
      for (const id of hostile) {
        const entry = await open(journal, id)
        assert.is(entry.records.size, 0, id)
        for (const ifname of hostile) {
          const stored = await entry.save(ifname, { id, ifname })
          assert.is(stored.ok, ifname.length < 100)
          assert.is((await entry.remove('x'.repeat(5000))).ok, true)
        }
        await entry.close()
        const again = await open(journal, id, 'existing')
        assert.equal(again.records.get('../x'), { id, ifname: '../x' })
        assert.is(again.records.size, hostile.length - 1)
        await again.close()
      }
      assert.equal(readdirSync(parent), ['journal'])
      assert.equal(readdirSync(directory), ['.metacni'])
      assert.is(readdirSync(join(directory, '.metacni')).length, hostile.length)
      const all = readdirSync(directory, { recursive: true, withFileTypes: true })
      for (const one of all.filter((entry) => entry.isFile())) {
        assert.match(one.name, /^[a-zA-Z0-9_][\w.-]*\.json$/)
      }
    }))

  it('does not follow a symbolic link in the place of a container', () =>
    withJournal(async (journal, folder, directory) => {
      mkdirSync(join(directory, '.metacni'), { recursive: true })
      mkdirSync(join(directory, 'elsewhere'))
      symlinkSync(join(directory, 'elsewhere'), folder)
      for (const mode of ['create', 'existing'] as const) {
        assert.is((await journal.open('c1', mode, never)).ok, false)
      }
      assert.equal(readdirSync(join(directory, 'elsewhere')), [])
    }))

  it('refuses a record that is not JSON, or too long to be read again', () =>
    withJournal(async (journal, folder) => {
      const entry = await open(journal)
      const cyclic: Record<string, unknown> = {}
      cyclic.self = cyclic
      for (const record of [undefined, cyclic, 1n, () => 1]) {
        assert.match(messageOf(await entry.save('eth0', record)), 'not JSON')
      }
      const long = await entry.save('eth0', 'x'.repeat(16 * 1024 * 1024))
      assert.match(messageOf(long), 'longer than')
      assert.equal(readdirSync(folder), [])
      await entry.close()
    }))

  it('reads what it saved, however deep and long within the limit', () =>
    withJournal(async (journal) => {
      let deep: unknown = 'bottom'
      for (let i = 0; i < 200; i++) deep = { deep }
      const record = { deep, long: 'x'.repeat(3 * 1024 * 1024) }
      const entry = await open(journal)
      await save(entry, 'eth0', record)
      await entry.close()
      const again = await open(journal)
      assert.equal(again.corrupt, [])
      assert.is(JSON.stringify(again.records.get('eth0')), JSON.stringify(record))
      await again.close()
    }))

  it('is of no use after close, and close can be repeated', () =>
    withJournal(async (journal) => {
      const entry = await open(journal)
      await entry.close()
      await entry.close()
      for (const change of [entry.save('eth0', {}), entry.remove('a'), entry.quarantine('a')]) {
        assert.match(messageOf(await change), 'closed')
      }
    }))

  it('says why it cannot be opened', () =>
    withDirectory(async (parent) => {
      const directory = join(parent, 'file')
      writeFileSync(directory, '')
      const journal = createHostJournal({ directory })
      for (const mode of ['create', 'existing'] as const) {
        assert.match(messageOf(await journal.open('c1', mode, never)), /EEXIST|ENOTDIR/)
      }
      const nul = createHostJournal({ directory: 'a\0b' })
      assert.is((await nul.open('c1', 'create', never)).ok, false)
    }))

  it('says why it cannot save, when its folder was taken away', () =>
    withJournal(async (journal, folder) => {
      const entry = await open(journal)
      rmSync(folder, { recursive: true })
      assert.match(messageOf(await entry.save('eth0', {})), 'ENOENT')
      await entry.close()
    }))
})

describe('the list of a journal', (it) => {
  it('names the containers that have records, hashed ones by what their records say', () =>
    withJournal(async (journal, folder, directory) => {
      assert.equal(unwrap(await journal.list()), [])
      const long = 'x'.repeat(200)
      for (const id of ['c1', 'c2', long]) {
        const entry = await open(journal, id)
        await save(entry, 'eth0', { sandbox: { containerId: id } })
        await entry.close()
      }
      writeFileSync(join(directory, '.metacni', 'file'), '')
      assert.equal([...unwrap(await journal.list())].sort(), ['c1', 'c2', long])
      const entry = await open(journal)
      unwrap(await entry.quarantine('eth0'))
      await entry.close()
      assert.is(existsSync(folder), true)
      assert.equal([...unwrap(await journal.list())].sort(), ['c2', long])
    }))

  it('waits for nobody, and an open container without records is not in it', () =>
    withJournal(async (journal) => {
      const entry = await open(journal)
      assert.equal(unwrap(await journal.list()), [])
      await save(entry, 'eth0', {})
      assert.equal(unwrap(await journal.list()), ['c1'])
      await entry.close()
    }))

  it('leaves out a hashed container whose records nobody understands, and says what it cannot list', () =>
    withJournal(async (journal, _folder, directory) => {
      const entry = await open(journal, '../x')
      await save(entry, 'eth0', { sandbox: { containerId: 7 } })
      await entry.close()
      assert.equal(unwrap(await journal.list()), [])
      rmSync(directory, { recursive: true })
      mkdirSync(directory)
      writeFileSync(join(directory, '.metacni'), '')
      assert.match(messageOf(await journal.list()), 'ENOTDIR')
    }))
})

describe('records that cannot be read', (it) => {
  const spoil = async (journal: Journal, folder: string) => {
    const entry = await open(journal)
    await save(entry, 'net9', { fine: true })
    await entry.close()
    writeFileSync(join(folder, 'eth0.json'), '{"cut')
    writeFileSync(join(folder, 'net1.json'), '')
    mkdirSync(join(folder, 'net2.json'))
    writeFileSync(join(folder, 'odd name.json'), '{}')
    writeFileSync(join(folder, 'notes.txt'), 'not ours')
  }

  it('are listed, each with the reason, beside those that can', () =>
    withJournal(async (journal, folder) => {
      await spoil(journal, folder)
      const entry = await open(journal)
      assert.equal([...entry.records.keys()], ['net9'])
      const messages = new Map(entry.corrupt.map(({ ifname, message }) => [ifname, message]))
      assert.equal([...messages.keys()].sort(), ['eth0', 'net1', 'net2', 'odd name.json'])
      assert.match(messages.get('eth0') ?? '', 'is not JSON')
      assert.match(messages.get('net2') ?? '', 'EISDIR')
      assert.match(messages.get('odd name.json') ?? '', 'no interface')
      await entry.close()
      assert.is(readFileSync(join(folder, 'eth0.json'), 'utf8'), '{"cut')
    }))

  it('can be set aside: records no more, but there for a person to look at', () =>
    withJournal(async (journal, folder) => {
      await spoil(journal, folder)
      const entry = await open(journal)
      for (const { ifname } of entry.corrupt) unwrap(await entry.quarantine(ifname))
      unwrap(await entry.quarantine('never-there'))
      unwrap(await entry.remove('net9'))
      await entry.close()
      const again = await open(journal)
      assert.equal([again.records.size, again.corrupt.length], [0, 0])
      await again.close()
      assert.is(readFileSync(join(folder, 'eth0.json.corrupt'), 'utf8'), '{"cut')
    }))

  it('can be set aside again and again without loss', () =>
    withJournal(async (journal, folder) => {
      for (const text of ['first', 'second', 'third']) {
        mkdirSync(folder, { recursive: true })
        writeFileSync(join(folder, 'eth0.json'), text)
        const entry = await open(journal)
        unwrap(await entry.quarantine('eth0'))
        await entry.close()
      }
      const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
      assert.equal(texts.sort(), ['first', 'second', 'third'])
    }))

  it('are not what a crash leaves: temporary files are removed', () =>
    withJournal(async (journal, folder) => {
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, '.eth0.json.4711-0.tmp'), '{"cut')
      const entry = await open(journal, 'c1', 'existing')
      assert.equal(entry.corrupt, [])
      await entry.close()
      assert.is(existsSync(folder), false)
    }))
})

describe('the lock of a container', (it) => {
  it('lets one in at a time, and others into other containers', () =>
    withJournal(async (journal) => {
      const first = await open(journal)
      const events: string[] = []
      const waiting = open(journal).then(async (entry) => {
        events.push('second')
        await entry.close()
      })
      await (await open(journal, 'c2')).close()
      events.push('first')
      await first.close()
      await waiting
      assert.equal(events, ['first', 'second'])
    }))

  it('is not fooled when its former holder removed the folder', () =>
    withJournal(async (journal, folder) => {
      const first = await open(journal)
      // Five wait for the lock of a folder that will be gone, each of them removing it again.
      const inside: number[] = []
      let holders = 0
      const others = Array.from({ length: 5 }, async () => {
        const entry = await open(journal)
        inside.push(++holders)
        await save(entry, 'eth0', {})
        unwrap(await entry.remove('eth0'))
        holders--
        await entry.close()
      })
      await first.close()
      await Promise.all(others)
      assert.equal(inside, [1, 1, 1, 1, 1])
      assert.is(existsSync(folder), false)
    }))

  it('of a folder that is gone by then is an empty entry when only what exists is wanted', () =>
    withJournal(async (journal, folder) => {
      const first = await open(journal)
      await save(first, 'eth0', {})
      const waiting = open(journal, 'c1', 'existing')
      unwrap(await first.remove('eth0'))
      await first.close()
      const second = await waiting
      assert.is(second.records.size, 0)
      await second.close()
      assert.is(existsSync(folder), false)
    }))

  it('is waited for no longer than the signal allows', () =>
    withJournal(async (journal) => {
      const first = await open(journal)
      const controller = new AbortController()
      const waiting = journal.open('c1', 'create', controller.signal)
      controller.abort()
      assert.match(messageOf(await waiting), 'waiting was given up')
      await first.close()
      await (await open(journal)).close()
    }))

  it('keeps apart two real processes that count together', () =>
    withJournal(async (journal, _folder, directory) => {
      const times = 25
      const count = () => {
        const stdio = ['ignore', 'inherit', 'inherit'] as const
        const args = [...nodeArguments, 'count', directory, String(times)]
        return once(spawn(process.execPath, args, { stdio: [...stdio] }), 'exit')
      }
      const exits = await Promise.all([count(), count()])
      assert.equal(exits, [
        [0, null],
        [0, null],
      ])
      const entry = await open(journal)
      assert.equal(entry.records.get('eth0'), { count: 2 * times })
      await entry.close()
    }))

  it('ends with a process that was killed, and its record is there', () =>
    withJournal(async (journal, _folder, directory) => {
      mkdirSync(directory, { recursive: true })
      const pipe = makePipe(join(directory, 'pipe'))
      const args = [...nodeArguments, 'hold', directory, '0', pipe]
      const holder = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] })
      await pidsFrom(pipe)
      let opened = false
      const waiting = open(journal).then((entry) => {
        opened = true
        return entry
      })
      await (await open(journal, 'c2')).close()
      assert.is(opened, false)
      holder.kill('SIGKILL')
      const entry = await waiting
      assert.equal(entry.records.get('eth0'), { held: true })
      await entry.close()
    }))

  it('that a machine without flock(1) lacks is told to the log, and all goes on', () =>
    withDirectory(async (directory) => {
      const told: unknown[] = []
      const journal = createHostJournal({
        directory,
        log: { write: (...line) => told.push(line) },
        lock: async () => ({ kind: 'unavailable', message: 'no flock' }),
      })
      const entry = await open(journal)
      await save(entry, 'eth0', {})
      await entry.close()
      const fields = { containerId: 'c1', reason: 'no flock' }
      assert.equal(told, [['error', 'containers are not locked', fields]])
    }))

  it('that fails, or a lock that throws, is a reason not to open', () =>
    withDirectory(async (directory) => {
      const failing = createHostJournal({
        directory,
        lock: async () => ({ kind: 'failed', message: 'no locks on this file system' }),
      })
      assert.match(messageOf(await failing.open('c1', 'create', never)), 'no locks on this')
      const throwing = createHostJournal({
        directory,
        lock: () => Promise.reject(new Error('boom')),
      })
      assert.match(messageOf(await throwing.open('c1', 'create', never)), 'boom')
    }))
})

describe('a journal on a disk that cannot be written', (it) => {
  const script = fileURLToPath(new URL('../fixtures/read-only-journal.ts', import.meta.url))
  const title = 'gives its records, and says why they cannot be changed'
  const shell = [
    'mount -t tmpfs tmpfs "$1" && "$2" --import "$3" "$4" write "$1" &&',
    'mount -o remount,ro tmpfs "$1" && "$2" --import "$3" "$4" read "$1"',
  ].join('\n')
  const canMount = spawnSync('unshare', ['-rm', 'true']).status === 0
  if (!canMount) it.skip(title, 'this machine gives no mount namespace')
  else
    it(title, () =>
      withDirectory((directory) => {
        const tsx = import.meta.resolve('tsx')
        const args = ['-rm', 'sh', '-c', shell, 'sh', directory, process.execPath, tsx, script]
        const { stdout, stderr, status } = spawnSync('unshare', args, { encoding: 'utf8' })
        assert.is(status, 0, stderr)
        const report = JSON.parse(stdout)
        assert.equal(report.records, [['eth0', { a: 1 }]])
        for (const message of [report.saved, report.removed, report.quarantined, report.created]) {
          assert.match(message, 'EROFS')
        }
        assert.is(report.missing, 0)
      }),
    )
})
