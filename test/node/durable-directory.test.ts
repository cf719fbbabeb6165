import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { createDriverProcess } from '../../runners/memory/index.js'
import { makeDirectory } from '../../runners/node/durable-directory.js'
import { machineFiles } from '../../runners/node/file-system.js'
import { withDirectory } from '../fixtures/marks.js'
import { createSimulatedDisk } from '../simulation/disk.js'
import { randomFrom } from '../simulation/random.js'
import { describe } from '../suite.js'

const failureOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
    return 'it worked'
  } catch (error) {
    return (error as Error).message
  }
}

describe('a directory that must survive a power cut', (it) => {
  it('is made with its parents, for root alone, and may be there already', () =>
    withDirectory(async (directory) => {
      const path = join(directory, 'a', 'b', 'c')
      await makeDirectory(path, machineFiles)
      for (const one of [path, join(directory, 'a')]) assert.is(statSync(one).mode & 0o777, 0o700)
      await makeDirectory(path, machineFiles)
      await makeDirectory('/', machineFiles)
    }))

  it('refuses a place below a file', () =>
    withDirectory(async (directory) => {
      writeFileSync(join(directory, 'file'), '')
      const below = makeDirectory(join(directory, 'file', 'a'), machineFiles)
      assert.match(await failureOf(below), /ENOTDIR|EEXIST/)
    }))

  it('does not ask for what is not ours to open', () =>
    withDirectory(async (directory) => {
      mkdirSync(join(directory, 'a'))
      const { open } = machineFiles.promises
      const asked: string[] = []
      const files = {
        ...machineFiles,
        promises: {
          ...machineFiles.promises,
          open: async (path: string, flags: string) => {
            asked.push(path)
            if (path === directory) throw Object.assign(new Error('EACCES'), { code: 'EACCES' })
            return open(path, flags)
          },
        },
      }
      await makeDirectory(join(directory, 'a', 'b'), files)
      assert.ok(existsSync(join(directory, 'a', 'b')))
      assert.equal([asked[0], asked.at(-1)], [directory, '/'])
    }))

  it('is not there when something above it is not on disk, wherever its maker died', async () => {
    for (let operation = 0; ; operation++) {
      const driver = createDriverProcess()
      const disk = createSimulatedDisk(driver)
      disk.faultAt(operation, { kind: 'crash', when: 'after' })
      await failureOf(makeDirectory('/a/b/c', disk.mount().files))
      if (!driver.isDead) break
      driver.restart()
      // Another one goes on where the first one died, and then the power goes.
      await makeDirectory('/a/b/c', disk.mount().files)
      const { files } = disk.mount()
      const handle = await files.promises.open('/a/b', 'r')
      await handle.sync()
      disk.cutPower(randomFrom(operation))
      assert.ok(files.statSync('/a/b/c', { bigint: true }).isDirectory(), `operation ${operation}`)
    }
  })

  it('says why it cannot be made', async () => {
    for (let operation = 0; ; operation++) {
      const disk = createSimulatedDisk(createDriverProcess())
      disk.faultAt(operation, { kind: 'error' })
      const message = await failureOf(makeDirectory('/a/b/c', disk.mount().files))
      if (message === 'it worked') break
      assert.match(message, 'EIO')
    }
  })
})
