import { existsSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { makeDirectories } from '../../runners/node/make-directory.js'
import { withDirectory } from '../fixtures/marks.js'
import { describe } from '../suite.js'

const failure = (work: () => void): string => {
  try {
    work()
    return 'made'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  }
}
const modeOf = (path: string): number => statSync(path).mode & 0o777

describe('makeDirectories', (it) => {
  it('makes what is missing above, each with the mode, and leaves what exists', () =>
    withDirectory((directory) => {
      const path = join(directory, 'a/b/c')
      makeDirectories(join(directory, 'a'), 0o750)
      makeDirectories(path, 0o700)
      makeDirectories(path, 0o755)
      assert.equal(
        ['a', 'a/b', 'a/b/c'].map((name) => modeOf(join(directory, name))),
        [0o750, 0o700, 0o700],
      )
    }))

  it('follows a link to a directory, and makes nothing through one that leads nowhere', () =>
    withDirectory((directory) => {
      symlinkSync(directory, join(directory, 'link'))
      symlinkSync(join(directory, 'nowhere'), join(directory, 'dangling'))
      makeDirectories(join(directory, 'link/a'), 0o700)
      assert.ok(existsSync(join(directory, 'a')))
      assert.is(
        failure(() => makeDirectories(join(directory, 'dangling/a'), 0o700)),
        'ENOENT',
      )
      assert.not.ok(existsSync(join(directory, 'nowhere')))
    }))

  it('gives up where nothing can be made: below a file, below /proc, with a NUL', () =>
    withDirectory((directory) => {
      const file = join(directory, 'file')
      writeFileSync(file, '')
      assert.is(
        failure(() => makeDirectories(join(file, 'a/b'), 0o700)),
        'ENOTDIR',
      )
      assert.is(
        failure(() => makeDirectories('/proc/metacni/a/b', 0o700)),
        'ENOENT',
      )
      assert.is(
        failure(() => makeDirectories('a\0b', 0o700)),
        'ERR_INVALID_ARG_VALUE',
      )
    }))
})
