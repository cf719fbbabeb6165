import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { installedBinaries, missingBinaries } from '../../runners/host/binaries.js'
import { withDirectory } from '../fixtures/marks.js'
import { describe } from '../suite.js'

describe('the plugin binaries of a machine', (it) => {
  it('are missing when libcni would not find them (2.6), each once', () =>
    withDirectory((directory) => {
      writeFileSync(join(directory, 'bridge'), '')
      mkdirSync(join(directory, 'folder'))
      const types = ['bridge', 'vlan', 'folder', 'vlan', '../bridge', '']
      assert.equal(missingBinaries(types, [directory]), [
        { type: 'vlan', message: `failed to find plugin "vlan" in path [${directory}]` },
        { type: 'folder', message: `failed to find plugin "folder" in path [${directory}]` },
        { type: '../bridge', message: 'invalid plugin name: ../bridge' },
        { type: '', message: 'no plugin name provided' },
      ])
      assert.equal(missingBinaries(['bridge'], []), [
        { type: 'bridge', message: 'no paths provided: CNI_PATH is empty' },
      ])
    }))

  it('are listed over all directories, sorted, without what is no file', () =>
    withDirectory((directory) => {
      const [first, second] = [join(directory, '1'), join(directory, '2')]
      mkdirSync(join(first, 'folder'), { recursive: true })
      mkdirSync(second)
      for (const file of ['1/vlan', '1/bridge', '2/bridge', '2/ipvlan']) {
        writeFileSync(join(directory, file), '')
      }
      const directories = [first, join(directory, 'missing'), second]
      assert.equal(installedBinaries(directories), ['bridge', 'ipvlan', 'vlan'])
    }))
})
