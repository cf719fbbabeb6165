import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { Verb } from '../../../lib/cni/invocation.js'
import type { JsonObject } from '../../../lib/cni/json.js'
import { withDirectory } from '../../fixtures/marks.js'
import { findPlugins } from '../../plugins.js'
import { describe } from '../../suite.js'
import { binaries, native, type Said, treeOf } from './engines.js'

const plugins = findPlugins()

/** One engine with a data directory of its own. */
interface Side {
  /** What the engine says to a verb: its addresses, `done`, or code and words of its refusal. */
  say(verb: Verb, id: string, ipam: unknown, more?: JsonObject, args?: string): Promise<string>
  /** The files of the pool. */
  files(): readonly string[]
  readonly dataDir: string
}

const wordsOf = ({ error, result }: Said): string => {
  if (error !== undefined) return `${error.code} ${error.msg}`
  const { ips = [] } = (result ?? {}) as { ips?: readonly { address: string }[] }
  return ips.length > 0 ? ips.map(({ address }) => address).join(' ') : 'done'
}

const sideOf = (engine: ReturnType<typeof native>, dataDir: string): Side => ({
  dataDir,
  say: async (verb, id, ipam, more = {}, args = '') => {
    const type = more.type === 'static' ? 'static' : 'host-local'
    const object = typeof ipam === 'object' ? { type, dataDir, ...ipam } : ipam
    const stdin = { cniVersion: '1.0.0', name: 'net', ipam: object, ...more }
    const owner = { containerId: id, ifname: 'eth0' }
    return wordsOf(await engine({ type, verb, owner, stdin, args }))
  },
  files: () => treeOf(dataDir),
})

type It = Parameters<Parameters<typeof describe>[1]>[0]

/** A difference that docs/compatibility.md lists: what the binary does is shown as well as what we do. */
const difference = (
  it: It,
  title: string,
  prove: (binary: Side, ours: Side) => Promise<void>,
): void => {
  if (!plugins.ok) {
    it.skip(title, plugins.reason)
    return
  }
  const { directory: path } = plugins
  it(title, () =>
    withDirectory(async (directory) => {
      const [theirs, own] = [join(directory, 'binary'), join(directory, 'ours')]
      mkdirSync(theirs)
      mkdirSync(own)
      await prove(sideOf(binaries(path), theirs), sideOf(native(), own))
    }),
  )
}

const four: JsonObject = { subnet: '10.0.0.0/29' }

describe('what the native IPAM does otherwise (docs/compatibility.md)', (it) => {
  difference(
    it,
    'version 1.1.0 is spoken, in which host-local 1.1.1 refuses',
    async (binary, ours) => {
      const more = { cniVersion: '1.1.0' }
      assert.match(await binary.say('ADD', 'a', four, more), /^1 incompatible/)
      assert.is(await ours.say('ADD', 'a', four, more), '10.0.0.2/29')
    },
  )

  difference(
    it,
    'DEL looks at name and dataDir alone: no changed range keeps a lease',
    async (binary, ours) => {
      for (const side of [binary, ours]) assert.is(await side.say('ADD', 'a', four), '10.0.0.2/29')
      for (const [ipam, args] of [
        [{ subnet: 'x' }, ''],
        [{}, ''],
        [four, 'MAC=x'],
      ] as const) {
        assert.match(await binary.say('DEL', 'a', ipam, {}, args), /^999 /)
        assert.is(await ours.say('DEL', 'a', ipam, {}, args), 'done')
      }
      assert.is(binary.files().filter((file) => file.includes('10.0.0.2 ')).length, 1)
      assert.is(ours.files().filter((file) => file.includes('10.0.0.2 ')).length, 0)
    },
  )

  difference(it, 'DEL and CHECK make no folder and no lock', async (binary, ours) => {
    for (const side of [binary, ours]) {
      assert.is(await side.say('DEL', 'a', four), 'done')
      assert.match(await side.say('CHECK', 'a', four), /^999 /)
    }
    assert.equal(binary.files(), ['net/ 755', 'net/lock 750 ""'])
    assert.equal(ours.files(), [])
  })

  difference(
    it,
    'an ADD that is refused by a later set leaves round robin where it was',
    async (binary, ours) => {
      const ipam = { ranges: [[four], [{ subnet: '10.1.0.0/30' }]] }
      for (const side of [binary, ours]) {
        assert.is(await side.say('ADD', 'a', ipam), '10.0.0.2/29 10.1.0.2/30')
        assert.match(await side.say('ADD', 'b', ipam), /^999 failed to allocate for range 1: no IP/)
        assert.match(await side.say('ADD', 'c', ipam, {}, 'IP=10.9.9.9'), /^999 failed to allocate/)
      }
      assert.ok(binary.files().includes('net/last_reserved_ip.0 644 "10.0.0.4"'))
      assert.ok(ours.files().includes('net/last_reserved_ip.0 644 "10.0.0.2"'))
    },
  )

  difference(
    it,
    'an ADD that is refused never gives away what its attachment holds already',
    async (binary, ours) => {
      const ipam = { ranges: [[four], [{ subnet: '10.1.0.0/29' }]] }
      const leases = ['10.0.0.2', '10.1.0.2'].map((name) => `net/${name} 644 "a\\r\\neth0"`)
      for (const side of [binary, ours]) {
        await side.say('ADD', 'a', ipam)
        assert.match(
          await side.say('ADD', 'a', ipam, {}, 'IP=10.0.0.5'),
          /^999 failed to allocate for range 1: 10.1.0.2 has been allocated/,
        )
      }
      assert.equal(
        binary.files().filter((file) => file.includes('eth0')),
        [],
      )
      assert.equal(
        ours.files().filter((file) => file.includes('eth0')),
        leases,
      )
    },
  )

  difference(
    it,
    'the gateway of another range of the set is given to nobody',
    async (binary, ours) => {
      const subnet = '10.0.0.0/24'
      const ipam = {
        ranges: [
          [
            { subnet, rangeStart: '10.0.0.10', rangeEnd: '10.0.0.20', gateway: '10.0.0.100' },
            { subnet, rangeStart: '10.0.0.99', rangeEnd: '10.0.0.101' },
          ],
        ],
      }
      assert.is(await binary.say('ADD', 'a', ipam, {}, 'IP=10.0.0.100'), '10.0.0.100/24')
      assert.match(await ours.say('ADD', 'a', ipam, {}, 'IP=10.0.0.100'), /gateway/)
    },
  )

  difference(it, 'a subnet whose first byte is 0 has addresses', async (binary, ours) => {
    for (const [subnet, first] of [
      ['0.0.0.0/8', '0.0.0.2/8'],
      ['64:ff9b::/96', '64:ff9b::2/96'],
    ] as const) {
      // Once: with its own broken lease there, the binary's next ADD never ends.
      assert.match(await binary.say('ADD', 'a', { subnet }), /^999 /)
      assert.is(await ours.say('ADD', 'a', { subnet }), first)
      await ours.say('DEL', 'a', { subnet })
    }
    assert.match(await ours.say('ADD', 'a', { subnet: '::/64' }), /^999 .*::ffff:0:0/)
  })

  difference(it, 'no more than 256 addresses for an attachment', async (binary, ours) => {
    const ranges = Array.from({ length: 257 }, (_, index) => [
      { subnet: `10.${index >> 8}.${index & 255}.0/24` },
    ])
    assert.is((await binary.say('ADD', 'a', { ranges })).split(' ').length, 257)
    assert.match(await ours.say('ADD', 'a', { ranges }), /^999 more than 256 range sets/)
  })

  difference(
    it,
    'a route needs a destination: a result with the text <nil> helps nobody',
    async (binary, ours) => {
      for (const [index, routes] of [[{ gw: '10.0.0.1' }], [null]].entries()) {
        assert.is(
          await binary.say('ADD', `a${index}`, { ...four, routes }),
          `10.0.0.${index + 2}/29`,
        )
        assert.match(
          await ours.say('ADD', `a${index}`, { ...four, routes }),
          /^999 a route needs a/,
        )
      }
    },
  )

  difference(
    it,
    'keys are read as they are spelled in the specification (X-25)',
    async (binary, ours) => {
      assert.is(await binary.say('ADD', 'a', { Subnet: '10.0.0.0/29' }), '10.0.0.2/29')
      assert.match(await ours.say('ADD', 'a', { Subnet: '10.0.0.0/29' }), /^999 no IP ranges/)
    },
  )

  difference(
    it,
    'a requested address that is null is refused, where the binary dies',
    async (binary, ours) => {
      const more = { args: { cni: { ips: [null] } } }
      assert.match(await binary.say('ADD', 'a', four, more), /^-1 died/)
      assert.match(await ours.say('ADD', 'a', four, more), /^999 /)
    },
  )

  difference(
    it,
    'a relative dataDir is refused: it would lie wherever the runtime was started',
    async (_, ours) => {
      for (const verb of ['ADD', 'CHECK', 'DEL'] as const) {
        assert.match(await ours.say(verb, 'a', { ...four, dataDir: 'd' }), /^999 .*absolute/)
      }
    },
  )

  difference(
    it,
    'a pool that is a link is refused: the binary takes addresses there and never finds them',
    async (binary, ours) => {
      for (const { dataDir } of [binary, ours]) {
        mkdirSync(join(dataDir, 'real'))
        symlinkSync('real', join(dataDir, 'net'))
      }
      assert.is(await binary.say('ADD', 'a', four), '10.0.0.2/29')
      assert.is(await binary.say('DEL', 'a', four), 'done')
      assert.ok(binary.files().some((file) => file.startsWith('real/10.0.0.2')))
      assert.match(await ours.say('ADD', 'a', four), /^999 .*not a directory/)
      assert.equal(ours.files(), ['net -> real', 'real/ 755'])
    },
  )

  difference(it, 'only files that are named by an address are leases', async (binary, ours) => {
    const text = 'a\r\neth0'
    for (const { dataDir } of [binary, ours]) {
      mkdirSync(join(dataDir, 'net', 'folder'), { recursive: true })
      writeFileSync(join(dataDir, 'outside'), text)
      symlinkSync('../outside', join(dataDir, 'net', '10.0.0.2'))
      for (const name of ['README', '2001:DB8::1', 'folder/10.0.0.3']) {
        writeFileSync(join(dataDir, 'net', name), text)
      }
      writeFileSync(join(dataDir, 'net', 'last_reserved_ip.0'), '10.0.0.2')
    }
    assert.is(await binary.say('DEL', 'a', four), 'done')
    assert.is(await binary.say('DEL', '10.0.0.2', four), 'done')
    assert.equal(binary.files(), [
      'net/ 755',
      'net/folder/ 755',
      'net/lock 750 ""',
      'outside 644 "a\\r\\neth0"',
    ])
    const before = ours.files()
    assert.is(await ours.say('DEL', 'a', four), 'done')
    assert.is(await ours.say('DEL', '10.0.0.2', four), 'done')
    assert.equal(
      ours.files().filter((file) => !file.startsWith('net/lock')),
      before,
    )
    assert.is(await ours.say('ADD', 'b', four), '10.0.0.3/29')
  })

  difference(it, 'CHECK of static finds an address that the result lacks', async (binary, ours) => {
    const ipam = { addresses: [{ address: '10.0.0.5/24' }] }
    const more = { type: 'static', prevResult: { cniVersion: '1.0.0', ips: [] } }
    assert.is(await binary.say('CHECK', 'a', ipam, more), 'done')
    assert.match(await ours.say('CHECK', 'a', ipam, more), /^999 .*10.0.0.5/)
  })

  difference(
    it,
    'a 4-in-6 address of static with a prefix below 96 is refused',
    async (binary, ours) => {
      const ipam = { addresses: [{ address: '::ffff:10.0.0.5/64' }] }
      assert.is(await binary.say('ADD', 'a', ipam, { type: 'static' }), '10.0.0.5/0')
      assert.match(await ours.say('ADD', 'a', ipam, { type: 'static' }), /^999 .*CIDR/)
    },
  )
})
