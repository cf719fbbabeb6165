import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { findTools } from '../../runners/ip/index.js'
import { describe } from '../suite.js'

const inFolder = (body: (folder: string) => void): void => {
  const folder = mkdtempSync(join(tmpdir(), 'metacni-tools-'))
  try {
    body(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('findTools: what of PATH native plugins can use', (it) => {
  it('finds programs in any directory of PATH, and iptables by its two programs', () =>
    inFolder((folder) => {
      mkdirSync(join(folder, 'a'))
      mkdirSync(join(folder, 'b'))
      const files = [
        'a/ip',
        'b/flock',
        'b/iptables-save',
        'a/iptables-restore',
        'a/ip6tables-save',
        'a/nsenter',
        'b/sh',
      ]
      for (const file of files) writeFileSync(join(folder, file), '', { mode: 0o755 })
      const PATH = `${join(folder, 'a')}:/nowhere:${join(folder, 'b')}`
      assert.equal([...findTools({ PATH })], ['ip', 'nsenter', 'flock', 'iptables'])
    }))

  it('takes neither a directory nor a file that may not be executed, and never throws', () =>
    inFolder((folder) => {
      mkdirSync(join(folder, 'ip'))
      writeFileSync(join(folder, 'flock'), '')
      chmodSync(join(folder, 'flock'), 0o644)
      assert.equal([...findTools({ PATH: folder })], [])
      assert.equal([...findTools({ PATH: 'a\0b' })], [])
    }))
})
