import { chmodSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { readCatalogue } from '../../lib/network/catalogue.js'
import { maximumPluginFiles } from '../../lib/network/plugin-files.js'
import {
  createDirectorySource,
  maximumFiles,
  maximumTotal,
  readConfigDirectory,
  readConfigFile,
} from '../../runners/host/config-directory.js'
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

const nameOf = (directory: string, source: string) => source.slice(directory.length + 1)

/** A directory with these files; folders are made as they are needed. */
const withFiles = (files: Readonly<Record<string, unknown>>, body: (directory: string) => void) =>
  withDirectory((directory) => {
    for (const [name, value] of Object.entries(files)) {
      mkdirSync(join(directory, name, '..'), { recursive: true })
      writeFileSync(join(directory, name), JSON.stringify(value))
    }
    body(directory)
  })

/** The files of plugins that are read, and why not. */
const pluginsIn = (directory: string): readonly string[] =>
  readConfigDirectory(directory).files.flatMap(({ source, isPlugin, fault }) =>
    isPlugin ? [nameOf(directory, source) + (fault === undefined ? '' : `: ${fault}`)] : [],
  )

const bridge = { plugins: [{ type: 'bridge' }] }

describe('the folder beside a list (reference/cni.md 2.3; S-006)', (it) => {
  it('is the one of the list’s name; its .conf files are read, by the bytes of their names', () =>
    withFiles(
      {
        'x.conflist': { name: 'a', ...bridge },
        'a/9.conf': { type: 'nine' },
        'a/10.conf': { type: 'ten' },
        'a/.conf': { type: 'first' },
        'a/b.json': {},
        'a/c.conflist': {},
        'a/d.conf.bak': {},
        'a/folder.conf/e.conf': {},
        'x/f.conf': {},
        'other/g.conf': {},
      },
      (directory) => {
        assert.equal(pluginsIn(directory), ['a/.conf', 'a/10.conf', 'a/9.conf'])
        const { files, problems } = readConfigDirectory(directory)
        assert.equal(problems, [])
        assert.is(files.length, 4)
        const { networks } = readCatalogue(files)
        assert.equal(
          networks.get('a')?.config.plugins.map(({ type }) => type),
          ['bridge', 'first', 'ten', 'nine'],
        )
      },
    ))

  it('may end in an extension itself, and may be behind a symbolic link', () =>
    withFiles({ 'x.conflist': { name: 'a.conf' }, 'real/1.conf': { type: 'x' } }, (directory) => {
      symlinkSync('real', join(directory, 'a.conf'))
      assert.equal(pluginsIn(directory), ['a.conf/1.conf'])
      assert.equal(readConfigDirectory(directory).problems, [])
    }))

  it('is not read for a name that leads elsewhere (X-09), nor with loadOnlyInlinedPlugins', () =>
    withFiles(
      {
        'd/1.conflist': { name: '../e' },
        'd/2.conflist': { name: 'a', loadOnlyInlinedPlugins: 'true', ...bridge },
        'd/3.conf': { name: 'b', type: 'x' },
        'd/a/1.conf': {},
        'd/b/1.conf': {},
        'e/1.conf': {},
      },
      (directory) => assert.equal(pluginsIn(join(directory, 'd')), []),
    ))

  it('that is a file, or not there, is none', () =>
    withFiles({ '1.conflist': { name: 'a' }, '2.conflist': { name: 'b' }, a: 1 }, (directory) =>
      assert.equal(pluginsIn(directory), []),
    ))

  it('and its files break the list alone when they cannot be read', () =>
    withFiles({ '1.conflist': { name: 'a', ...bridge }, 'a/2.conf': {} }, (directory) => {
      symlinkSync('nowhere', join(directory, 'a/1.conf'))
      makePipe(join(directory, 'a/3.conf'))
      writeFileSync(join(directory, 'a/4.conf'), 'x'.repeat(1024 * 1024 + 1))
      symlinkSync('loop', join(directory, 'loop'))
      writeFileSync(join(directory, '2.conflist'), '{"name":"loop"}')
      const found = pluginsIn(directory)
      assert.match(found[0] ?? '', /^a\/1\.conf: cannot be read: ENOENT/)
      assert.is(found[1], 'a/2.conf')
      assert.match(found[2] ?? '', /^a\/3\.conf: .*not a regular file/)
      assert.match(found[3] ?? '', /^a\/4\.conf: .*longer than/)
      assert.match(found[4] ?? '', /^loop\/: plugins cannot be listed: ELOOP/)
      const { problems } = readCatalogue(readConfigDirectory(directory).files)
      assert.ok(problems.every(({ code }) => code === 'broken-network-file'))
    }))

  it('is read up to a number of files', () =>
    withFiles({ '1.conflist': { name: 'a', ...bridge } }, (directory) => {
      mkdirSync(join(directory, 'a'))
      for (let index = 0; index <= maximumPluginFiles; index++)
        writeFileSync(join(directory, `a/${index}.conf`), '{"type":"x"}')
      assert.equal(pluginsIn(directory), [
        `a/: ${maximumPluginFiles + 1} files of plugins are not read; ${maximumPluginFiles} is the limit`,
      ])
    }))
})

describe('a directory of more definitions than are read', (it) => {
  it('is told, and the first are read', () =>
    withDirectory((directory) => {
      const digits = String(maximumFiles).length
      for (let index = 0; index <= maximumFiles; index++)
        writeFileSync(join(directory, `${String(index).padStart(digits, '0')}.conf`), '')
      const { files, problems } = readConfigDirectory(directory)
      assert.is(files.length, maximumFiles)
      assert.equal(
        problems.map(({ code, severity }) => [code, severity]),
        [['broken-network-file', 'warning']],
      )
      assert.match(problems[0]?.message ?? '', `${maximumFiles + 1} definitions`)
    }))

  it('is told by their size, too', () =>
    withDirectory((directory) => {
      const size = 1024 * 1024
      writeFileSync(join(directory, '00.conf'), ' '.repeat(size))
      const count = maximumTotal / size + 1
      for (let index = 1; index < count; index++)
        linkSync(
          join(directory, '00.conf'),
          join(directory, `${String(index).padStart(2, '0')}.conf`),
        )
      const { files, problems } = readConfigDirectory(directory)
      assert.equal([files.length, problems.length], [count - 1, 1])
      assert.match(
        problems[0]?.message ?? '',
        `of large definitions the first ${count - 1} are read`,
      )
    }))
})

describe('one configuration file (reference/cni.md 2.3, NetworkConfFromFile)', (it) => {
  it('is read with the plugins beside it when it is a list', () =>
    withFiles(
      {
        'a.conflist': { name: 'a' },
        'b.conf': { name: 'a', type: 'bridge' },
        'a/1.conf': { type: 'x' },
      },
      (directory) => {
        const namesOf = (name: string) =>
          readConfigFile(join(directory, name)).files.map(({ source }) => nameOf(directory, source))
        assert.equal(namesOf('a.conflist'), ['a.conflist', 'a/1.conf'])
        assert.equal(namesOf('b.conf'), ['b.conf'])
        const { files } = readConfigFile(join(directory, 'a.conflist'))
        assert.equal(readCatalogue(files).networks.get('a')?.config.plugins, [{ type: 'x' }])
      },
    ))

  it('that cannot be read is a problem with the errno', () =>
    withDirectory((directory) => {
      const { files, problems } = readConfigFile(join(directory, 'a.conf'))
      assert.equal([files, problems.length], [[], 1])
      assert.match(problems[0]?.message ?? '', 'ENOENT')
    }))
})
