import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { CachedAttachment } from '../../lib/cni/cache.js'
import type { ResultCache, Stored } from '../../lib/ports/index.js'
import { createResultCache } from '../../runners/host/result-cache.js'
import { createDriverProcess } from '../../runners/memory/index.js'
import { diskEventsOf } from '../fixtures/disk-spy.js'
import { makePipe, withDirectory } from '../fixtures/marks.js'
import { createSimulatedDisk } from '../simulation/disk.js'
import { describe } from '../suite.js'

const attachment = (changes: Partial<CachedAttachment> = {}): CachedAttachment => ({
  containerId: 'c1',
  ifname: 'eth0',
  networkName: 'a',
  config: '{"name":"a","type":"bridge"}',
  result: { cniVersion: '1.0.0' },
  ...changes,
})
const key = { containerId: 'c1', ifname: 'eth0', networkName: 'a' }

const unwrap = <A>(stored: Stored<A>): A => {
  if (!stored.ok) throw new Error(stored.message)
  return stored.value
}
const messageOf = (stored: Stored<unknown>): string => (stored.ok ? 'it worked' : stored.message)

/** A cache in a directory that does not exist yet, and the folder of its files. */
const withCache = (work: (cache: ResultCache, folder: string) => Promise<void>): Promise<void> =>
  withDirectory(async (parent) => {
    const directory = join(parent, 'lib', 'cni')
    await work(createResultCache({ directory }), join(directory, 'results'))
  })

describe('the result cache on disk (reference/cni.md 2.8)', (it) => {
  it('keeps a file for each attachment where libcni looks for it, for root alone', () =>
    withCache(async (cache, folder) => {
      unwrap(await cache.write(attachment()))
      unwrap(await cache.write(attachment({ ifname: 'net1', networkName: 'b-c' })))
      assert.equal(readdirSync(folder).sort(), ['a-c1-eth0', 'b-c-c1-net1'])
      assert.is(statSync(folder).mode & 0o777, 0o700)
      assert.is(statSync(join(folder, 'a-c1-eth0')).mode & 0o777, 0o600)
      assert.equal(JSON.parse(readFileSync(join(folder, 'a-c1-eth0'), 'utf8')), {
        kind: 'cniCacheV1',
        containerId: 'c1',
        config: 'eyJuYW1lIjoiYSIsInR5cGUiOiJicmlkZ2UifQ==',
        ifName: 'eth0',
        networkName: 'a',
        result: { cniVersion: '1.0.0' },
      })
    }))

  it('writes atomically, and the folder that it makes is on disk (X-19)', () =>
    withCache(async (cache) => {
      const write = ['sync file', 'rename', 'sync directory']
      const first = await diskEventsOf(() => cache.write(attachment()))
      assert.equal(first.slice(-4), ['sync directory', ...write])
      assert.equal(await diskEventsOf(() => cache.write(attachment())), write)
    }))

  it('lists the attachments of a container, or all, by their fields and not by names (X-20)', () =>
    withCache(async (cache, folder) => {
      assert.equal(unwrap(await cache.list()), [])
      unwrap(await cache.write(attachment()))
      unwrap(await cache.write(attachment({ containerId: 'c2' })))
      // A network of this name makes the file of c2 look like one of c1.
      unwrap(await cache.write(attachment({ containerId: 'c2', networkName: 'x-c1-y' })))
      const idsOf = async (id?: string) =>
        unwrap(await cache.list(id)).map(({ containerId, networkName }) => [
          containerId,
          networkName,
        ])
      assert.equal(await idsOf('c1'), [['c1', 'a']])
      assert.equal(await idsOf('c2'), [
        ['c2', 'a'],
        ['c2', 'x-c1-y'],
      ])
      assert.is((await idsOf()).length, 3)
      assert.equal(await idsOf('c'), [])
      assert.ok(existsSync(join(folder, 'x-c1-y-c2-eth0')))
    }))

  it('passes over what is no such file, as libcni does, and what a crash has left unfinished', () =>
    withCache(async (cache, folder) => {
      unwrap(await cache.write(attachment()))
      const whole = readFileSync(join(folder, 'a-c1-eth0'), 'utf8')
      writeFileSync(join(folder, 'b-c1-eth1'), '{"cut')
      writeFileSync(join(folder, 'c-c1-eth2'), '')
      writeFileSync(join(folder, 'd-c1-eth3'), '{"cniVersion":"0.2.0"}')
      writeFileSync(join(folder, '.e-c1-eth4.123-0.tmp'), whole)
      mkdirSync(join(folder, 'f-c1-eth5'))
      symlinkSync('nowhere', join(folder, 'g-c1-eth6'))
      makePipe(join(folder, 'h-c1-eth7'))
      writeFileSync(join(folder, 'i-c1-eth8'), ' '.repeat(16 * 1024 * 1024 + 1))
      assert.equal(unwrap(await cache.list('c1')), [attachment()])
    }))

  it('reads one file by its name, also a bare result, which it does not list, as libcni', () =>
    withDirectory(async (directory) => {
      const cache = createResultCache({ directory })
      assert.is(unwrap(await cache.read(key)), undefined)
      unwrap(await cache.write(attachment()))
      assert.equal(unwrap(await cache.read(key)), attachment())
      const file = join(directory, 'results', 'a-c1-eth0')
      writeFileSync(file, '{"cniVersion":"0.4.0"}')
      const result = { cniVersion: '0.4.0' }
      assert.equal(unwrap(await cache.read(key)), { ...key, config: '', result })
      assert.equal(unwrap(await cache.list('c1')), [])
      for (const text of ['', '{', 'null', '{"kind":"x"}']) {
        writeFileSync(file, text)
        assert.is(unwrap(await cache.read(key)), undefined, text)
      }
      assert.match(messageOf(await cache.read({ ...key, networkName: '../a' })), 'no cache file')
    }))

  it('forgets an attachment; forgetting what is not there succeeds', () =>
    withCache(async (cache, folder) => {
      unwrap(await cache.remove(key))
      unwrap(await cache.write(attachment()))
      unwrap(await cache.remove(key))
      assert.equal(readdirSync(folder), [])
      unwrap(await cache.remove(key))
    }))

  it('never leaves its folder', () =>
    withCache(async (cache, folder) => {
      for (const wrong of [{ networkName: '../x' }, { containerId: 'a/b' }, { ifname: '..' }]) {
        const message = 'no cache file can be named after'
        assert.match(messageOf(await cache.write(attachment(wrong))), message)
        assert.match(messageOf(await cache.remove({ ...key, ...wrong })), message)
      }
      assert.not(existsSync(folder))
    }))

  it('says why it cannot be read, written or cleared', () =>
    withDirectory(async (directory) => {
      writeFileSync(join(directory, 'results'), '')
      const cache = createResultCache({ directory })
      assert.match(messageOf(await cache.list()), 'ENOTDIR')
      assert.match(messageOf(await cache.write(attachment())), 'ENOTDIR')
      assert.match(messageOf(await cache.remove(key)), 'ENOTDIR')
      const nowhere = createResultCache({ directory: 'a\0b' })
      assert.is((await nowhere.write(attachment())).ok, false)
      assert.is((await nowhere.list()).ok, false)
    }))

  it('does not take a file that the disk does not give for one that is not there', async () => {
    const disk = createSimulatedDisk(createDriverProcess())
    const cache = createResultCache({ directory: '/var/lib/cni', files: disk.mount().files })
    unwrap(await cache.write(attachment()))
    // Of the operations of `list`: the names, open, read.
    for (const operation of [0, 1, 2]) {
      disk.faultAt(disk.operations + operation, { kind: 'error' })
      assert.match(messageOf(await cache.list('c1')), 'EIO')
    }
    assert.equal(unwrap(await cache.list('c1')), [attachment()])
  })
})

describe('a temporary file that a killed writer has left among the cached results', (it) => {
  it('goes when its container is looked at, and no other does', () =>
    withDirectory(async (directory) => {
      const folder = join(directory, 'results')
      mkdirSync(folder)
      // A number that no process bears: beyond the kernel's largest.
      const dead = 4_194_305
      const mine = `.net-c1-eth0.${dead}-1.tmp`
      const others = [
        `.net-c2-eth0.${dead}-1.tmp`,
        `.net-c1-eth0.${process.pid}-1.tmp`,
        'net-c1-eth0.tmp',
      ]
      for (const name of [mine, ...others]) writeFileSync(join(folder, name), '{')
      const cache = createResultCache({ directory })
      assert.ok((await cache.list()).ok)
      assert.equal(readdirSync(folder).length, 4)
      assert.ok((await cache.list('c1')).ok)
      assert.equal(readdirSync(folder).sort(), others.sort())
    }))
})
