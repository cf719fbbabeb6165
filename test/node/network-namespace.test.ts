import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { networkNamespaceAt } from '../../runners/node/network-namespace.js'
import { withDirectory } from '../fixtures/marks.js'
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
