import { spawnSync } from 'node:child_process'
import { mkdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as assert from 'uvu/assert'
import {
  lookAtNamespace,
  namespacePlace,
  networkNamespaceAt,
} from '../../runners/node/network-namespace.js'
import { withDirectory } from '../fixtures/marks.js'
import { hold, noNamespaces } from '../multus/namespaces.js'
import { describe } from '../suite.js'

describe('the network namespace at a path (1.7)', (it) => {
  it('is the same when it is our own, also through a symbolic link', () =>
    withDirectory((directory) => {
      const link = join(directory, 'link')
      symlinkSync(`/proc/${process.pid}/ns/net`, link)
      for (const path of ['/proc/self/ns/net', `/proc/${process.pid}/ns/net`, link]) {
        assert.equal(networkNamespaceAt(path), { kind: 'same' })
      }
    }))

  it('is another one when it is anything else', () =>
    withDirectory((directory) => {
      const file = join(directory, 'file')
      writeFileSync(file, '')
      mkdirSync(join(directory, 'folder'))
      for (const path of ['/proc/self/ns/mnt', file, join(directory, 'folder')]) {
        assert.equal(networkNamespaceAt(path), { kind: 'other' })
      }
    }))

  it('is missing when nothing can be looked at, with the reason', () => {
    for (const path of ['', '/nonexistent/netns', 'a\0b', '/proc/self/ns/net/below']) {
      const found = networkNamespaceAt(path)
      assert.is(found.kind, 'missing')
      assert.ok(found.kind === 'missing' && found.message !== '')
    }
  })
})

describe('what tells a network namespace from another one under the same path', (it) => {
  it('is not there for a file, or nothing', () =>
    withDirectory((directory) => {
      const file = join(directory, 'file')
      writeFileSync(file, '')
      const mounts = /\d+/.exec(readlinkSync('/proc/self/ns/mnt'))?.[0]
      assert.is(lookAtNamespace('/proc/self/ns/net').kind, 'same')
      assert.equal(lookAtNamespace(file), { kind: 'none', mounts })
      assert.is(lookAtNamespace(join(directory, 'nothing')).kind, 'missing')
      assert.equal(namespacePlace(file), { netns: file })
      assert.equal(namespacePlace(''), { netns: '' })
    }))

  const ofProcess = 'is the age of the process in whose folder of /proc it is, also through links'
  const ofElsewhere =
    'is not there where /proc is mounted elsewhere: whose processes those are nobody knows'
  const ofMount = 'is the age of the mount that holds it: another one at the same place has another'
  if (noNamespaces !== undefined) {
    for (const title of [ofProcess, ofElsewhere, ofMount]) it.skip(title, noNamespaces)
    return
  }

  it(ofProcess, () =>
    withDirectory(async (directory) => {
      const held = await hold(['net'])
      try {
        const [link, folder] = [join(directory, 'link'), join(directory, 'folder')]
        symlinkSync(held.netns, link)
        symlinkSync(dirname(held.netns), folder)
        const { netnsId = '' } = namespacePlace(held.netns)
        assert.match(netnsId, /^\d+:\d+:\d+@\d+\/\d+$/)
        for (const path of [held.netns, link, join(folder, 'net')]) {
          assert.equal(lookAtNamespace(path), { kind: 'other', id: netnsId })
        }
      } finally {
        held.release()
      }
    }),
  )

  it(ofElsewhere, () =>
    withDirectory(async (directory) => {
      const held = await hold(['net'])
      spawnSync('mount', ['--bind', '/proc', directory])
      try {
        const path = join(directory, held.netns.slice('/proc/'.length))
        assert.equal(lookAtNamespace(path), { kind: 'other' })
        assert.equal(namespacePlace(path), { netns: path })
      } finally {
        spawnSync('umount', [directory])
        held.release()
      }
    }),
  )

  it('is there for our own one, too: whoever meant it has said so', () => {
    const { netnsId } = namespacePlace(`/proc/${process.pid}/ns/net`)
    assert.match(netnsId ?? '', /^\d+:\d+:\d+@\d+\/\d+$/)
    assert.match(namespacePlace('/proc/self/ns/net').netnsId ?? '', /^\d+:\d+\/\d+$/)
  })

  it(ofMount, () =>
    withDirectory(async (directory) => {
      const place = join(directory, 'place')
      writeFileSync(place, '')
      const mount = (): string => {
        const { status, stderr } = spawnSync('unshare', [`--net=${place}`, 'true'])
        assert.is(status, 0, String(stderr))
        return namespacePlace(place).netnsId ?? ''
      }
      const ids: string[] = []
      for (let count = 0; count < 3; count++) {
        ids.push(mount(), namespacePlace(place).netnsId ?? '')
        spawnSync('umount', [place])
        assert.is(lookAtNamespace(place).kind, 'none')
      }
      assert.match(ids[0] ?? '', /^\d+:\d+:\d+\/\d+$/)
      assert.is(new Set(ids).size, 3)
      assert.equal([ids[0], ids[2], ids[4]], [ids[1], ids[3], ids[5]])
    }),
  )
})
