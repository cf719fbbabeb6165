import { spawn, spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { lockDescriptor } from '../../runners/node/flock.js'
import { isAlive, makePipe, pidsFrom, withDirectory } from '../fixtures/marks.js'
import { describe } from '../suite.js'

const never = new AbortController().signal

/** Whether somebody holds the lock, asked from another process. */
const isHeld = (path: string): boolean => spawnSync('flock', ['-n', path, 'true']).status === 1

/** Tries the lock of a path with a descriptor of its own. */
const acquire = async (path: string, signal = never) => {
  const descriptor = openSync(path, 'r')
  return { descriptor, locked: await lockDescriptor(descriptor, signal) }
}

describe('a flock', (it) => {
  it('stays with our open directory after flock(1) has gone, and ends when it is closed', () =>
    withDirectory(async (directory) => {
      assert.is(isHeld(directory), false)
      const { descriptor, locked } = await acquire(directory)
      assert.equal(locked, { kind: 'locked' })
      assert.is(isHeld(directory), true)
      closeSync(descriptor)
      assert.is(isHeld(directory), false)
    }))

  it('waits for another holder in the same process', () =>
    withDirectory(async (directory) => {
      const first = await acquire(directory)
      let second: unknown
      const waiting = acquire(directory).then((got) => {
        second = got
        return got
      })
      assert.is(isHeld(directory), true)
      assert.is(second, undefined)
      closeSync(first.descriptor)
      const got = await waiting
      assert.equal(got.locked, { kind: 'locked' })
      closeSync(got.descriptor)
    }))

  it('is gone with the process that held it, killed or not', () =>
    withDirectory(async (directory) => {
      const target = join(directory, 'target')
      mkdirSync(target)
      const mark = makePipe(join(directory, 'mark'))
      // exec: the shell that holds the descriptor is the one process that holds the lock.
      const script = 'exec 9< "$1"; flock -x 9; echo "$$" > "$2"; exec sleep 300'
      const holder = spawn('/bin/sh', ['-c', script, 'sh', target, mark], { stdio: 'ignore' })
      const [pid = 0] = await pidsFrom(mark)
      assert.is(isHeld(target), true)
      const waiting = acquire(target)
      holder.kill('SIGKILL')
      const got = await waiting
      assert.equal(got.locked, { kind: 'locked' })
      assert.is(isAlive(pid), false)
      closeSync(got.descriptor)
    }))

  it('is not waited for any longer when the signal fires, and nobody is left waiting', () =>
    withDirectory(async (directory) => {
      const first = await acquire(directory)
      const controller = new AbortController()
      const waiting = acquire(directory, controller.signal)
      controller.abort()
      const { descriptor, locked } = await waiting
      assert.equal(locked, { kind: 'aborted' })
      closeSync(descriptor)
      closeSync(first.descriptor)
      assert.is(isHeld(directory), false)
      const late = await acquire(directory, AbortSignal.abort())
      assert.equal(late.locked, { kind: 'aborted' })
      closeSync(late.descriptor)
    }))

  it('is not to be had without flock(1), and says so', () =>
    withDirectory(async (directory) => {
      const { PATH } = process.env
      process.env.PATH = directory
      const acquiring = acquire(directory)
      process.env.PATH = PATH
      const { descriptor, locked } = await acquiring
      closeSync(descriptor)
      assert.equal(locked, { kind: 'unavailable', message: 'flock(1) is not on this machine' })
    }))

  it('fails in words on a descriptor that is not open', async () => {
    const locked = await lockDescriptor(987_654, never)
    assert.is(locked.kind, 'failed')
  })
})
