import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { createDirectorySource, readConfigDirectory } from '../../runners/host/config-directory.js'
import { makePipe, withDirectory } from '../fixtures/marks.js'
import { describe } from '../suite.js'

const namesOf = (directory: string): readonly string[] =>
  readConfigDirectory(directory).files.map(({ source }) => source.slice(directory.length + 1))

describe('a configuration directory (2.3, ConfFiles)', (it) => {
  it('gives .conf, .conflist and .json, and nothing else: the extension is what follows the last dot', () =>
    withDirectory((directory) => {
      const names = ['a.conf', 'b.conflist', 'c.json', '.conf', 'd.x.conf']
      const others = ['e.conf.bak', 'f.CONF', 'g.yaml', 'conf', 'h.conf~', 'i.', 'j.conf ']
      for (const name of [...names, ...others]) writeFileSync(join(directory, name), name)
      assert.equal(namesOf(directory), ['.conf', 'a.conf', 'b.conflist', 'c.json', 'd.x.conf'])
    }))

  it('sorts the bytes of the names, which is neither the order of words nor of UTF-16', () =>
    withDirectory((directory) => {
      const names = ['10.conf', '9.conf', 'B.conf', 'a.conf', '\ufb01.conf', '\u{1f600}.conf']
      for (const name of [...names].reverse()) writeFileSync(join(directory, name), '')
      assert.equal(namesOf(directory), names)
    }))

  it('gives the whole path and the text, unread by anybody', () =>
    withDirectory((directory) => {
      writeFileSync(join(directory, 'a.conf'), '{ broken ü')
      const expected = { source: join(directory, 'a.conf'), text: '{ broken ü' }
      assert.equal(readConfigDirectory(directory), { files: [expected], problems: [] })
      assert.equal(readConfigDirectory(`${directory}/`).files, [expected])
    }))

  it('follows symbolic links and passes over directories', () =>
    withDirectory((directory) => {
      mkdirSync(join(directory, 'folder.conf'))
      symlinkSync(join(directory, 'folder.conf'), join(directory, 'to-folder.conf'))
      writeFileSync(join(directory, 'data'), 'text')
      symlinkSync('data', join(directory, 'link.conf'))
      const { files, problems } = readConfigDirectory(directory)
      assert.equal(files, [{ source: join(directory, 'link.conf'), text: 'text' }])
      assert.equal(problems, [])
    }))

  it('warns of files that it cannot read, with the errno, and gives the others', () =>
    withDirectory((directory) => {
      symlinkSync('nowhere', join(directory, '1-dangling.conf'))
      symlinkSync('2-loop.conf', join(directory, '2-loop.conf'))
      makePipe(join(directory, '3-pipe.conf'))
      writeFileSync(join(directory, '4-large.json'), 'x'.repeat(1024 * 1024 + 1))
      writeFileSync(join(directory, '5-fine.conf'), '')
      const { files, problems } = readConfigDirectory(directory)
      assert.equal(
        files.map(({ source }) => source),
        [join(directory, '5-fine.conf')],
      )
      const expected = [
        ['1-dangling.conf', 'ENOENT'],
        ['2-loop.conf', 'ELOOP'],
        ['3-pipe.conf', 'not a regular file'],
        ['4-large.json', 'longer than 1048576 bytes'],
      ]
      assert.is(problems.length, expected.length)
      for (const [index, [name, reason]] of expected.entries()) {
        const problem = problems[index]
        assert.is(problem?.code, 'broken-network-file')
        assert.is(problem?.severity, 'warning')
        assert.is(problem?.path, `${join(directory, name ?? '')}#`)
        assert.match(problem?.message ?? '', reason ?? '')
      }
    }))

  it('reads a name that is not UTF-8', () =>
    withDirectory((directory) => {
      const name = Buffer.concat([
        Buffer.from(`${directory}/`),
        Buffer.from([0xff]),
        Buffer.from('.conf'),
      ])
      writeFileSync(name, 'text')
      const { files, problems } = readConfigDirectory(directory)
      assert.equal(problems, [])
      assert.is(files[0]?.text, 'text')
    }))

  it('warns of a directory that is not there, or is none', () =>
    withDirectory((directory) => {
      writeFileSync(join(directory, 'file'), '')
      for (const [name, errno] of [
        ['missing', 'ENOENT'],
        ['file', 'ENOTDIR'],
      ] as const) {
        const { files, problems } = readConfigDirectory(join(directory, name))
        assert.equal(files, [])
        assert.is(problems.length, 1)
        assert.is(problems[0]?.code, 'unreadable-directory')
        assert.is(problems[0]?.severity, 'warning')
        assert.match(problems[0]?.message ?? '', errno)
      }
    }))

  if (process.getuid?.() === 0) {
    it.skip('warns of what it may not read', 'root may read everything')
  } else {
    it('warns of what it may not read', () =>
      withDirectory((directory) => {
        writeFileSync(join(directory, 'a.conf'), '', { mode: 0 })
        assert.match(readConfigDirectory(directory).problems[0]?.message ?? '', 'EACCES')
        mkdirSync(join(directory, 'closed'))
        chmodSync(join(directory, 'closed'), 0)
        const { problems } = readConfigDirectory(join(directory, 'closed'))
        assert.match(problems[0]?.message ?? '', 'EACCES')
      }))
  }
})

describe('several configuration directories', (it) => {
  it('are read one after the other; those that are missing are passed over', () =>
    withDirectory((directory) => {
      const [first, second] = [join(directory, 'multus'), directory]
      mkdirSync(first)
      writeFileSync(join(first, 'z.conf'), 'z')
      writeFileSync(join(second, 'a.conf'), 'a')
      const { files, problems } = readConfigDirectory([join(directory, 'missing'), first, second])
      assert.equal(
        files.map(({ text }) => text),
        ['z', 'a'],
      )
      assert.equal(problems, [])
    }))

  it('are all warned of when all are missing, and what is named twice is read once', () =>
    withDirectory((directory) => {
      const { problems } = readConfigDirectory([join(directory, 'a'), join(directory, 'b')])
      assert.is(problems.length, 2)
      writeFileSync(join(directory, 'a.conf'), 'a')
      assert.is(readConfigDirectory([directory, directory]).files.length, 1)
    }))

  it('warn of one that is there and cannot be listed', () =>
    withDirectory((directory) => {
      writeFileSync(join(directory, 'file'), '')
      assert.is(readConfigDirectory([join(directory, 'file'), directory]).problems.length, 1)
    }))

  it('are a source that reads anew every time', () =>
    withDirectory(async (directory) => {
      const source = createDirectorySource([directory])
      assert.is((await source.read()).files.length, 0)
      writeFileSync(join(directory, 'a.conf'), '')
      assert.is((await source.read()).files.length, 1)
    }))
})
