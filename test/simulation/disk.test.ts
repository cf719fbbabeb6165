import { constants } from 'node:fs'
import * as assert from 'uvu/assert'
import { createDriverProcess } from '../../runners/memory/index.js'
import { syncDirectory, writeAtomically } from '../../runners/node/atomic-write.js'
import { readFileBounded } from '../../runners/node/bounded-read.js'
import { describe } from '../suite.js'
import { createSimulatedDisk } from './disk.js'
import { randomFrom } from './random.js'

const worldOf = () => {
  const driver = createDriverProcess()
  const disk = createSimulatedDisk(driver)
  return { driver, disk, files: disk.mount().files }
}
const codeOf = (work: () => unknown): string => {
  try {
    work()
    return 'none'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'none'
  }
}

/** All that power cuts leave of a disk, over many chances. */
const outcomesOf = async (
  make: (files: ReturnType<typeof worldOf>['files']) => Promise<unknown>,
): Promise<readonly string[]> => {
  const outcomes = new Set<string>()
  for (let seed = 0; seed < 200; seed++) {
    const { disk, files } = worldOf()
    disk.put('/d/old', 'old')
    await make(files)
    disk.cutPower(randomFrom(seed))
    outcomes.add(JSON.stringify([...disk.texts()].sort()))
  }
  return [...outcomes].sort()
}

const write = async (
  files: ReturnType<typeof worldOf>['files'],
  path: string,
  text: string,
  synced: boolean,
) => {
  const handle = await files.promises.open(path, 'wx', 0o600)
  await handle.writeFile(text)
  if (synced) await handle.sync()
  await handle.close()
}

describe('a simulated disk', (it) => {
  it('answers as node:fs does', async () => {
    const { disk, files } = worldOf()
    files.mkdirSync('/d', { mode: 0o700 })
    assert.is(
      codeOf(() => files.mkdirSync('/d', { mode: 0o700 })),
      'EEXIST',
    )
    assert.is(
      codeOf(() => files.mkdirSync('/x/y', { mode: 0o700 })),
      'ENOENT',
    )
    await write(files, '/d/a', 'ü', false)
    assert.equal(readFileBounded('/d/a', 100, files), { ok: true, text: 'ü' })
    assert.is(readFileBounded('/d', 100, files).ok, false)
    assert.is(
      codeOf(() => files.rmdirSync('/d')),
      'ENOTEMPTY',
    )
    assert.is(
      codeOf(() => files.unlinkSync('/d')),
      'EISDIR',
    )
    assert.is(
      codeOf(() => files.unlinkSync('/d/b')),
      'ENOENT',
    )
    assert.is(
      codeOf(() => files.statSync('/d/b', { bigint: true })),
      'ENOENT',
    )
    assert.is(
      codeOf(() => files.openSync('/d/a', constants.O_DIRECTORY)),
      'ENOTDIR',
    )
    assert.is(
      codeOf(() => files.readdirSync('/d/a')),
      'ENOTDIR',
    )
    files.renameSync('/d/a', '/d/b')
    assert.equal(files.readdirSync('/d'), ['b'])
    files.unlinkSync('/d/b')
    files.rmdirSync('/d')
    assert.is(disk.texts().size, 0)
  })

  it('keeps an inode while it is open, and gives another one to who comes next', () => {
    const { files } = worldOf()
    files.mkdirSync('/d', { mode: 0o700 })
    const descriptor = files.openSync('/d', constants.O_RDONLY)
    const { ino } = files.fstatSync(descriptor, { bigint: true })
    files.rmdirSync('/d')
    files.mkdirSync('/d', { mode: 0o700 })
    assert.is(files.fstatSync(descriptor, { bigint: true }).ino, ino)
    assert.is.not(files.statSync('/d', { bigint: true }).ino, ino)
  })

  it('fails at the operation that is scripted, or from it on', async () => {
    const { disk, files } = worldOf()
    disk.put('/d/a', 'text')
    disk.faultAt(0, { kind: 'error' })
    assert.is(
      codeOf(() => files.readdirSync('/d')),
      'EIO',
    )
    assert.is(
      codeOf(() => files.readdirSync('/d')),
      'none',
    )
    disk.faultAt(2, { kind: 'read-only', operations: 2 })
    assert.is(
      codeOf(() => files.unlinkSync('/d/a')),
      'EROFS',
    )
    assert.is(
      codeOf(() => files.readdirSync('/d')),
      'none',
    )
    disk.faultAt(4, { kind: 'full', operations: 2 })
    assert.is(
      codeOf(() => files.mkdirSync('/d/b', { mode: 0o700 })),
      'ENOSPC',
    )
    assert.is(
      codeOf(() => files.unlinkSync('/d/a')),
      'none',
    )
    assert.is(
      codeOf(() => files.mkdirSync('/d/b', { mode: 0o700 })),
      'none',
    )
  })

  it('does nothing for a process that is dead', () => {
    const { driver, disk, files } = worldOf()
    disk.put('/d/a', 'text')
    disk.faultAt(0, { kind: 'crash', when: 'after' })
    assert.is(
      codeOf(() => files.unlinkSync('/d/a')),
      'EIO',
    )
    assert.ok(driver.isDead)
    assert.is(disk.texts().size, 0)
    driver.restart()
    assert.is(
      codeOf(() => files.mkdirSync('/e', { mode: 0o700 })),
      'EIO',
    )
    assert.is(
      codeOf(() => disk.mount().files.mkdirSync('/e', { mode: 0o700 })),
      'none',
    )
  })
})

describe('a power cut', (it) => {
  const texts = (...entries: readonly (readonly [string, string])[]) => JSON.stringify(entries)

  it('loses nothing that was synced: the file and the directory', async () => {
    assert.equal(
      await outcomesOf(async (files) => {
        await write(files, '/d/new', 'new', true)
        await syncDirectory('/d', files)
      }),
      [texts(['/d/new', 'new'], ['/d/old', 'old'])],
    )
  })

  it('keeps, loses or tears a file that was not synced', async () => {
    const outcomes = await outcomesOf(async (files) => {
      await write(files, '/d/new', 'new', false)
      await syncDirectory('/d', files)
    })
    assert.equal(
      outcomes,
      ['', 'n', 'ne', 'new'].map((text) => texts(['/d/new', text], ['/d/old', 'old'])),
    )
  })

  it('may lose the name of a file that was synced', async () => {
    const outcomes = await outcomesOf((files) => write(files, '/d/new', 'new', true))
    assert.equal(outcomes, [texts(['/d/new', 'new'], ['/d/old', 'old']), texts(['/d/old', 'old'])])
  })

  it('does a later change and not an earlier one', async () => {
    const outcomes = await outcomesOf(async (files) => {
      files.unlinkSync('/d/old')
      await write(files, '/d/new', '', true)
    })
    assert.equal(outcomes, [
      texts(['/d/new', ''], ['/d/old', 'old']),
      texts(['/d/new', '']),
      texts(['/d/old', 'old']),
      texts(),
    ])
  })

  it('leaves the old text or the new one of an atomic write, and after it the new one alone', async () => {
    const put = (files: ReturnType<typeof worldOf>['files']) =>
      writeAtomically('/d/old', 'new', files)
    assert.equal(await outcomesOf(put), [texts(['/d/old', 'new'])])
    const found = new Set<string>()
    for (let seed = 0; seed < 300; seed++) {
      const { disk, driver, files } = worldOf()
      disk.put('/d/old', 'old')
      disk.faultAt(seed % 7, { kind: 'crash', when: seed % 2 ? 'before' : 'after' })
      await put(files)
      if (!driver.isDead) continue
      disk.cutPower(randomFrom(seed))
      found.add(disk.texts().get('/d/old') ?? 'nothing')
    }
    assert.equal([...found].sort(), ['new', 'old'])
  })
})
