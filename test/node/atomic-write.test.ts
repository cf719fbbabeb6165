import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { isTemporary, syncDirectory, writeAtomically } from '../../runners/node/atomic-write.js'
import { diskEventsOf } from '../fixtures/disk-spy.js'
import { withDirectory } from '../fixtures/marks.js'
import { describe } from '../suite.js'

describe('an atomic write', (it) => {
  it('leaves the text alone in the directory, mode 0600', () =>
    withDirectory(async (directory) => {
      const file = join(directory, 'a.json')
      assert.equal(await writeAtomically(file, 'ü'), { ok: true, value: undefined })
      assert.is(readFileSync(file, 'utf8'), 'ü')
      assert.is(statSync(file).mode & 0o777, 0o600)
      assert.equal(readdirSync(directory), ['a.json'])
    }))

  it('replaces the file instead of writing into it', () =>
    withDirectory(async (directory) => {
      const [file, other] = [join(directory, 'a'), join(directory, 'b')]
      writeFileSync(other, 'other')
      symlinkSync(other, file)
      await writeAtomically(file, 'new')
      assert.is(readFileSync(file, 'utf8'), 'new')
      assert.is(readFileSync(other, 'utf8'), 'other')
      const before = statSync(file).ino
      await writeAtomically(file, 'newer')
      assert.is.not(statSync(file).ino, before)
    }))

  it('is on disk before it takes the place of the old text, and so is its new place', () =>
    withDirectory(async (directory) => {
      const events = await diskEventsOf(() => writeAtomically(join(directory, 'a'), 'text'))
      assert.equal(events, ['sync file', 'rename', 'sync directory'])
    }))

  it('says what failed, names the file, and leaves nothing behind', () =>
    withDirectory(async (directory) => {
      const taken = join(directory, 'taken')
      mkdirSync(join(taken, 'inside'), { recursive: true })
      const onto = await writeAtomically(taken, 'x')
      assert.is(onto.ok, false)
      assert.match(onto.ok ? '' : onto.message, `cannot write ${taken}: EISDIR`)
      assert.equal(readdirSync(directory), ['taken'])
      const nowhere = await writeAtomically(join(directory, 'missing', 'a'), 'x')
      assert.match(nowhere.ok ? '' : nowhere.message, 'ENOENT')
      assert.is((await writeAtomically('a\0b', 'x')).ok, false)
    }))

  it('keeps apart what is written at once', () =>
    withDirectory(async (directory) => {
      const file = join(directory, 'a')
      const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(10_000))
      const results = await Promise.all(texts.map((text) => writeAtomically(file, text)))
      assert.ok(results.every(({ ok }) => ok))
      assert.ok(texts.includes(readFileSync(file, 'utf8')))
      assert.equal(readdirSync(directory), ['a'])
    }))

  it('passes over a temporary name that another process holds', () =>
    withDirectory(async (directory) => {
      const file = join(directory, 'a')
      for (let i = 0; i < 60; i++) {
        writeFileSync(join(directory, `.a.${process.pid}-${i}.tmp`), 'theirs')
      }
      assert.is((await writeAtomically(file, 'ours')).ok, true)
      assert.is(readFileSync(file, 'utf8'), 'ours')
      assert.is(readdirSync(directory).filter(isTemporary).length, 60)
    }))
})

describe('syncing a directory', (it) => {
  it('works on a directory and says why it does not on nothing', () =>
    withDirectory(async (directory) => {
      assert.is((await syncDirectory(directory)).ok, true)
      const missing = await syncDirectory(join(directory, 'missing'))
      assert.match(missing.ok ? '' : missing.message, 'ENOENT')
    }))
})

describe('the name of a temporary file', (it) => {
  it('is told from every name that a record can have', () => {
    assert.is(isTemporary('.eth0.json.123-0.tmp'), true)
    for (const name of ['eth0.json', '.tmp', 'a.123-0.tmp', '.eth0.json', '.x.tmp']) {
      assert.is(isTemporary(name), false)
    }
  })
})
