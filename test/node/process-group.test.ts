import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { awaitEnding, isGroupAlive, killGroup } from '../../runners/node/process-group.js'
import { isAlive, makePipe, pidsFrom, withDirectory } from '../fixtures/marks.js'
import { describe } from '../suite.js'

/** A group whose leader and one child sleep. */
const startGroup = () =>
  withDirectory(async (directory) => {
    const mark = makePipe(join(directory, 'mark'))
    const script = 'sleep 300 & echo "$$ $!" > "$1"; exec sleep 300'
    const options = { detached: true, stdio: 'ignore' } as const
    const child = spawn('/bin/sh', ['-c', script, 'sh', mark], options)
    const [leader = 0, member = 0] = await pidsFrom(mark)
    return { child, leader, member, exited: once(child, 'exit') }
  })

describe('a process group', (it) => {
  it('is alive as long as one of it is, its leader or not', async () => {
    const { child, leader, member, exited } = await startGroup()
    assert.is(isGroupAlive(leader), true)
    child.kill('SIGKILL')
    await exited
    assert.is(isAlive(leader), false)
    assert.is(isAlive(member), true)
    assert.is(isGroupAlive(leader), true)
    killGroup(leader)
    const nobody = new Promise<void>(() => {})
    const ending = await awaitEnding(leader, nobody, Promise.resolve(), 50)
    // Nobody told it that the group ended, and it did not wait for ever.
    assert.equal(ending, { kind: 'unkillable' })
    // Who is killed dies when the machine comes to it.
    while (isGroupAlive(leader)) await pause(5)
  })

  it('is killed as a whole, and waited for', async () => {
    const { leader, member, exited } = await startGroup()
    const ending = await awaitEnding(leader, exited, Promise.resolve(), 5_000)
    assert.equal(ending, { kind: 'killed', value: [null, 'SIGKILL'] })
    assert.is(isAlive(member), false)
  })

  it('is unkillable as long as one of it is alive, although the program has ended', async () => {
    const { leader, exited } = await startGroup()
    const { kill } = process
    process.kill = (pid, signal) => (signal === 'SIGKILL' ? true : kill.call(process, pid, signal))
    try {
      const ended = new Promise<void>((resolve) => setImmediate(resolve))
      const ending = await awaitEnding(leader, ended, Promise.resolve(), 50)
      assert.equal(ending, { kind: 'unkillable' })
    } finally {
      process.kill = kill
      killGroup(leader)
      await exited
    }
  })

  it('that ends by itself is not killed', async () => {
    const never = new Promise<void>(() => {})
    const ending = await awaitEnding(process.pid, Promise.resolve('value'), never, 5_000)
    assert.equal(ending, { kind: 'ended', value: 'value' })
  })

  it('that is gone is no error to kill', async () => {
    const child = spawn('/bin/true', { detached: true, stdio: 'ignore' })
    await once(child, 'exit')
    killGroup(child.pid ?? Number.NaN)
    assert.is(isGroupAlive(child.pid ?? Number.NaN), false)
  })

  it('is never everything, nor our own: 0, 1 and what is no number kill nothing', () => {
    for (const pid of [0, 1, -1, Number.NaN]) killGroup(pid)
    assert.ok(isAlive(process.pid))
  })
})
