import { copyFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { formatFault } from '../../runners/node/program-format.js'
import { withDirectory } from '../fixtures/marks.js'
import { describe } from '../suite.js'

// Where the kernel was taught other formats, only starting a program tells.
const hasForeignFormats = (() => {
  try {
    return readdirSync('/proc/sys/fs/binfmt_misc').length > 2
  } catch {
    return false
  }
})()

describe('the format of a program', (it) => {
  it('is fine for scripts and for programs of this processor', () =>
    withDirectory((directory) => {
      const script = join(directory, 'script')
      writeFileSync(script, '#!/bin/sh\n')
      const copy = join(directory, 'copy')
      copyFileSync('/bin/true', copy)
      for (const file of [script, copy, process.execPath]) assert.is(formatFault(file), undefined)
    }))

  it('is not judged when it cannot be read', () => {
    assert.is(formatFault('/nonexistent'), undefined)
  })

  it('is refused for an empty file, which /bin/sh would run with success', () =>
    withDirectory((directory) => {
      const file = join(directory, 'empty')
      writeFileSync(file, '')
      assert.is(formatFault(file), 'the file is empty')
    }))

  const title = 'is refused for text, for half a header and for another processor'
  if (hasForeignFormats) it.skip(title, 'this kernel runs other formats')
  else
    it(title, () =>
      withDirectory((directory) => {
        const file = join(directory, 'file')
        const cases = ['#', 'echo hello\n', '\x7fELF', 'MZ'.padEnd(64, '\0')]
        for (const text of cases) {
          writeFileSync(file, text, 'latin1')
          assert.is(formatFault(file), 'neither an ELF program nor a script that begins with #!')
        }
        // An ELF header of a SPARC, which nothing that runs these tests is.
        const header = Buffer.alloc(64)
        header.write('\x7fELF\x01\x02\x01', 'latin1')
        header.writeUInt16BE(2, 18)
        writeFileSync(file, header)
        assert.is(formatFault(file), 'built for another processor')
      }),
    )
})
