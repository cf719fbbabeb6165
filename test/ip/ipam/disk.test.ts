import { spawnSync } from 'node:child_process'
import {
  closeSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { JsonObject } from '../../../lib/cni/json.js'
import {
  createIpamRunner,
  type IpamOptions,
  machinePoolFiles,
  type PoolFiles,
} from '../../../runners/ip/ipam/index.js'
import { makePipe, withDirectory } from '../../fixtures/marks.js'
import { findPlugins } from '../../plugins.js'
import { describe } from '../../suite.js'
import { binaries, type Call, native, treeOf } from './engines.js'

const plugins = findPlugins()
const two: JsonObject = { ranges: [[{ subnet: '10.0.0.0/24' }], [{ subnet: '2001:db8::/64' }]] }

const callOf = (dataDir: string, verb: Call['verb'], id: string, more: JsonObject = {}): Call => ({
  verb,
  owner: { containerId: id, ifname: 'eth0' },
  stdin: {
    cniVersion: '1.1.0',
    name: 'net',
    ipam: { type: 'host-local', dataDir, ...two },
    ...more,
  },
})

// What is tested here is the disk: nobody else is there.
const alone = (options: IpamOptions = {}) =>
  native(createIpamRunner({ lock: async () => ({ kind: 'locked' }), ...options }))

type Operation = keyof PoolFiles

/** The machine's disk, on which `before` may throw before each operation. */
const diskWith = (before: (operation: Operation, path: unknown) => void): PoolFiles =>
  Object.fromEntries(
    Object.entries({ ...machinePoolFiles })
      .filter(([, value]) => typeof value === 'function')
      .map(([name, value]) => [
        name,
        (...args: readonly unknown[]) => {
          before(name as Operation, args[0])
          return (value as (...given: readonly unknown[]) => unknown)(...args)
        },
      ]),
  ) as unknown as PoolFiles

const errno = (code: string): Error => Object.assign(new Error(`${code}: a fault`), { code })

/** The files of the pool whose text names a container. */
const filesOf = (dataDir: string, id: string): readonly string[] => {
  const pool = join(dataDir, 'net')
  return readdirSync(pool)
    .filter((name) => readFileSync(join(pool, name), 'utf8').includes(id))
    .sort()
}

describe('a process that takes addresses', (it) => {
  it('may die before any operation on the disk: DEL finds everything, by ours and by the binary', () =>
    withDirectory(async (directory) => {
      let instants = 0
      for (let last = false; !last; instants++) {
        for (const by of ['ours', 'binary'] as const) {
          if (by === 'binary' && !plugins.ok) continue
          const dataDir = join(directory, by, `${instants}`)
          await alone()(callOf(dataDir, 'ADD', 'earlier'))
          let left = instants
          const files = diskWith(() => {
            if (left-- <= 0) throw errno('DEAD')
          })
          const { error } = await alone({ files })(callOf(dataDir, 'ADD', 'victim'))
          last = error === undefined
          const undo = by === 'binary' && plugins.ok ? binaries(plugins.directory) : alone()
          const stdin = { cniVersion: '1.0.0' }
          assert.equal(await undo(callOf(dataDir, 'DEL', 'victim', stdin)), {}, `${instants}`)
          assert.equal(filesOf(dataDir, 'victim'), [], `${by} after ${instants} operations`)
          const { result } = await alone()(callOf(dataDir, 'ADD', 'next'))
          assert.is((result as { ips: readonly unknown[] }).ips.length, 2)
          assert.equal(filesOf(dataDir, 'earlier'), ['10.0.0.2', '2001:db8::2'])
          assert.not(readdirSync(join(dataDir, 'net')).some((name) => name.startsWith('.')))
        }
      }
      assert.ok(instants > 15, `only ${instants} instants`)
    }))

  it('dies with a lock that it never gave back: the descriptor alone holds it', () =>
    withDirectory(async (dataDir) => {
      let descriptor = -1
      const runner = createIpamRunner({
        lock: async (given) => {
          descriptor = given
          return { kind: 'locked' }
        },
      })
      await native(runner)(callOf(dataDir, 'ADD', 'a'))
      assert.throws(() => closeSync(descriptor), /EBADF/)
    }))

  it('keeps nothing when the disk is full or fails at the n-th change, and says so', () =>
    withDirectory(async (directory) => {
      for (const [operation, count] of [
        ['writeFileSync', 4],
        ['linkSync', 2],
        ['renameSync', 2],
      ] as const) {
        for (let n = 1; n <= count; n++) {
          const dataDir = join(directory, operation, `${n}`)
          let seen = 0
          const files = diskWith((name) => {
            if (name === operation && ++seen === n) throw errno('ENOSPC')
          })
          const { error } = await alone({ files })(callOf(dataDir, 'ADD', 'a'))
          assert.is(error?.code, 999)
          assert.match(error?.msg ?? '', /ENOSPC/)
          assert.equal(filesOf(dataDir, 'a'), [], `${operation} ${n}`)
          assert.equal(
            readdirSync(join(dataDir, 'net')).filter((name) => name.startsWith('.')),
            [],
          )
        }
      }
    }))

  it('goes without hard links where there are none', () =>
    withDirectory(async (directory) => {
      const [without, withLinks] = [join(directory, 'without'), join(directory, 'with')]
      const files = diskWith((name) => {
        if (name === 'linkSync') throw errno('EPERM')
      })
      assert.is((await alone({ files })(callOf(without, 'ADD', 'a'))).error, undefined)
      await alone()(callOf(withLinks, 'ADD', 'a'))
      assert.equal(treeOf(without), treeOf(withLinks))
    }))

  it('refuses when somebody takes an address without the lock, and takes none from him', () =>
    withDirectory(async (dataDir) => {
      const lease = join(dataDir, 'net', '2001:db8::2')
      const files = diskWith((name, path) => {
        if (name === 'linkSync' && String(path).includes('.metacni')) {
          mkdirSync(join(dataDir, 'net'), { recursive: true })
          writeFileSync(lease, 'thief\r\neth0')
        }
      })
      const { error } = await alone({ files })(callOf(dataDir, 'ADD', 'a'))
      assert.match(error?.msg ?? '', /2001:db8::2: somebody made it without the lock/)
      assert.equal(filesOf(dataDir, 'a'), [])
      assert.is(readFileSync(lease, 'utf8'), 'thief\r\neth0')
    }))

  it('waits for the disk before a lease has its name, if it is told to', () =>
    withDirectory(async (directory) => {
      for (const sync of [false, true]) {
        const order: string[] = []
        const files = diskWith((name) => {
          if (name === 'fdatasyncSync' || name === 'linkSync') order.push(name)
        })
        await alone({ files, sync })(callOf(join(directory, `${sync}`), 'ADD', 'a'))
        const each = sync ? ['fdatasyncSync', 'linkSync'] : ['linkSync']
        assert.equal(order, [...each, ...each])
      }
    }))

  it('writes leases as host-local 1.1.1 does, or for root alone as later ones do', () =>
    withDirectory(async (directory) => {
      await alone({ mode: 0o600 })(callOf(directory, 'ADD', 'a'))
      assert.equal(treeOf(directory), [
        'net/ 755',
        'net/10.0.0.2 600 "a\\r\\neth0"',
        'net/2001:db8::2 600 "a\\r\\neth0"',
        'net/last_reserved_ip.0 600 "10.0.0.2"',
        'net/last_reserved_ip.1 600 "2001:db8::2"',
        'net/lock 750 ""',
      ])
    }))
})

describe('the address last reserved', (it) => {
  it('is written in place, shorter over longer too, and leaves links alone', () =>
    withDirectory(async (dataDir) => {
      const pool = join(dataDir, 'net')
      mkdirSync(pool)
      const outside = join(dataDir, 'outside')
      writeFileSync(outside, '10.0.0.253')
      writeFileSync(join(pool, 'last_reserved_ip.0'), '10.0.0.254', { mode: 0o600 })
      symlinkSync('../outside', join(pool, 'last_reserved_ip.1'))
      await alone()(callOf(dataDir, 'ADD', 'a'))
      assert.equal(
        treeOf(dataDir).filter((line) => /last|outside/.test(line)),
        [
          'net/last_reserved_ip.0 600 "10.0.0.2"',
          'net/last_reserved_ip.1 644 "2001:db8::2"',
          'outside 644 "10.0.0.253"',
        ],
      )
    }))
})

describe('a DEL on the disk', (it) => {
  it('tries every lease, and says which one it could not remove', () =>
    withDirectory(async (dataDir) => {
      await alone()(callOf(dataDir, 'ADD', 'a'))
      const files = diskWith((name, path) => {
        if (name === 'unlinkSync' && String(path).endsWith('10.0.0.2')) throw errno('EROFS')
      })
      const { error } = await alone({ files })(callOf(dataDir, 'DEL', 'a'))
      assert.is(error?.code, 999)
      assert.match(error?.msg ?? '', /cannot release: EROFS/)
      assert.equal(filesOf(dataDir, 'a'), ['10.0.0.2'])
    }))

  it('does not succeed when this process can open no file: its lease would stay', () =>
    withDirectory(async (dataDir) => {
      await alone()(callOf(dataDir, 'ADD', 'a'))
      const files = diskWith((name, path) => {
        if (name === 'openSync' && String(path).endsWith('10.0.0.2')) throw errno('EMFILE')
      })
      assert.match((await alone({ files })(callOf(dataDir, 'DEL', 'a'))).error?.msg ?? '', /EMFILE/)
    }))

  it('takes a lease that is gone already for released', () =>
    withDirectory(async (dataDir) => {
      await alone()(callOf(dataDir, 'ADD', 'a'))
      const files = diskWith((name, path) => {
        if (name === 'unlinkSync' && String(path).endsWith('10.0.0.2')) throw errno('ENOENT')
      })
      assert.equal(await alone({ files })(callOf(dataDir, 'DEL', 'a')), {})
    }))
})

describe('strange entries of a pool', (it) => {
  it('make nobody wait: a pipe is a taken address, and no lock', () =>
    withDirectory(async (dataDir) => {
      const pool = join(dataDir, 'net')
      mkdirSync(pool)
      for (const name of ['10.0.0.2', 'last_reserved_ip.0']) makePipe(join(pool, name))
      const { result } = await alone()(callOf(dataDir, 'ADD', 'a'))
      assert.is((result as { ips: readonly { address: string }[] }).ips[0]?.address, '10.0.0.3/24')
      assert.equal(await alone()(callOf(dataDir, 'DEL', 'a')), {})
      spawnSync('rm', [join(pool, 'lock')])
      makePipe(join(pool, 'lock'))
      for (const verb of ['ADD', 'DEL'] as const) {
        assert.match((await alone()(callOf(dataDir, verb, 'a'))).error?.msg ?? '', /not a regular/)
      }
    }))

  it('are read no further than a lease can be long', () =>
    withDirectory(async (dataDir) => {
      const pool = join(dataDir, 'net')
      mkdirSync(pool)
      writeFileSync(join(pool, '10.0.0.2'), `a\r\neth0${' '.repeat(2 * 1024 * 1024)}`)
      assert.is((await alone()(callOf(dataDir, 'CHECK', 'a'))).error?.code, 999)
      const id = 'x'.repeat(100_000)
      await alone()(callOf(dataDir, 'ADD', id))
      assert.equal(await alone()(callOf(dataDir, 'CHECK', id)), {})
      await alone()(callOf(dataDir, 'DEL', id))
      assert.equal(
        readdirSync(pool).filter((name) => /^[0-9]/.test(name)),
        ['10.0.0.2'],
      )
    }))
})
