import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { createHostLog, type HostLogOptions } from '../../runners/host/log-file.js'
import { makePipe, withDirectory } from '../fixtures/marks.js'
import { describe } from '../suite.js'

const clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6) }
const time = '2026-01-02T03:04:05.006Z'

/** A log whose lines are kept. */
const create = (options: Partial<HostLogOptions> = {}) => {
  const lines: string[] = []
  return { lines, log: createHostLog({ clock, stderr: (line) => lines.push(line), ...options }) }
}

describe('a log line', (it) => {
  it('is time, level, message and fields', () => {
    const { lines, log } = create()
    log.write('info', 'ADD bridge', { containerId: 'c1', milliseconds: 12, list: ['a'] })
    assert.equal(lines, [
      `${time} info ADD bridge containerId=c1 milliseconds=12 list="[\\"a\\"]"\n`,
    ])
  })

  it('is one JSON object with format json; fields cannot take the place of its own', () => {
    const { lines, log } = create({ format: 'json' })
    const fields = { a: { b: 1 }, level: 'x', message: 'x', gone: undefined }
    log.write('error', 'no', fields)
    assert.is(lines[0]?.endsWith('\n'), true)
    assert.equal(JSON.parse(lines[0] ?? ''), {
      time,
      level: 'error',
      message: 'no',
      a: { b: 1 },
      gone: null,
    })
    log.write('error', 'no', JSON.parse('{"__proto__":{"polluted":true}}'))
    assert.equal(JSON.parse(lines[1] ?? ''), { time, level: 'error', message: 'no' })
  })

  it('stays one line, and no text can begin another or add a field', () => {
    const { lines, log } = create()
    const evil = 'a\nb\r\u2028\u0085\u009b31m\u001b[31m\u202e\u{e0001}'
    log.write('info', evil, { [`k${evil}`]: evil, space: 'a b', equals: 'a=b', empty: '', '': 1 })
    assert.is(lines.length, 1)
    assert.equal(lines[0]?.match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu), ['\n'])
    log.write('info', 'ADD a containerId=other')
    assert.is(lines[1], `${time} info "ADD a containerId=other"\n`)
    const json = create({ format: 'json' })
    json.log.write('info', evil, { evil })
    assert.equal(json.lines[0]?.match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu), ['\n'])
    assert.is(JSON.parse(json.lines[0] ?? '').evil, evil)
    assert.match(lines[0] ?? '', 'space="a b" equals="a=b" empty="" ""=1')
  })

  it('takes whatever it is given', () => {
    for (const format of ['text', 'json'] as const) {
      const { lines, log } = create({ format })
      const cyclic: Record<string, unknown> = {}
      cyclic.self = cyclic
      log.write('info', 'm', {
        cyclic,
        big: 1n,
        error: new Error('words'),
        f: () => 1,
        u: undefined,
      })
      assert.is(lines.length, 1)
      assert.match(lines[0] ?? '', 'words')
    }
  })
})

describe('the level of a log', (it) => {
  const levels = ['debug', 'info', 'error', 'panic'] as const
  for (const [index, level] of levels.entries()) {
    it(`${level} lets ${levels.slice(index).join(', ')} through`, () => {
      const { lines, log } = create({ level })
      for (const one of levels) log.write(one, one)
      assert.is(lines.length, levels.length - index)
    })
  }

  it('is info unless said otherwise', () => {
    const { lines, log } = create()
    log.write('debug', 'dropped')
    assert.is(lines.length, 0)
  })
})

describe('a log file', (it) => {
  it('is made with mode 0600 at the first line, and appended to', () =>
    withDirectory((directory) => {
      const file = join(directory, 'log')
      const { lines, log } = create({ file })
      assert.is(existsSync(file), false)
      log.write('info', 'one')
      log.close()
      create({ file }).log.write('info', 'two')
      log.write('info', 'three')
      assert.is(statSync(file).mode & 0o777, 0o600)
      const expected = ['one', 'two', 'three'].map((word) => `${time} info ${word}\n`).join('')
      assert.is(readFileSync(file, 'utf8'), expected)
      assert.is(lines.length, 2)
    }))

  it('that cannot be opened is told once, and its directory is not made', () =>
    withDirectory((directory) => {
      const file = join(directory, 'missing', 'log')
      const { lines, log } = create({ file })
      log.write('info', 'one')
      log.write('info', 'two')
      assert.is(lines.length, 3)
      assert.match(lines[1] ?? '', `log file ${file} cannot be written: Error: ENOENT`)
      assert.is(existsSync(join(directory, 'missing')), false)
    }))

  it('that is a pipe without a reader, or a directory, holds nobody up', () =>
    withDirectory((directory) => {
      mkdirSync(join(directory, 'folder'))
      for (const file of [makePipe(join(directory, 'pipe')), join(directory, 'folder')]) {
        const { lines, log } = create({ file })
        log.write('info', 'one')
        assert.is(lines.length, 2)
      }
    }))

  it('that fails while it is written is told once', () => {
    const { lines, log } = create({ file: '/dev/full' })
    log.write('info', 'one')
    log.write('info', 'two')
    assert.is(lines.length, 3)
    assert.match(lines[1] ?? '', 'ENOSPC')
  })

  it('can be all there is, and then its failure still goes to stderr', () =>
    withDirectory((directory) => {
      const file = join(directory, 'log')
      const log = createHostLog({ clock, file, stderr: false })
      log.write('info', 'one')
      log.close()
      assert.is(readFileSync(file, 'utf8'), `${time} info one\n`)
    }))

  it('never throws: a clock, a stderr that does', () => {
    const boom = () => {
      throw new Error('boom')
    }
    createHostLog({ clock, stderr: boom, file: '/nonexistent/log' }).write('info', 'm')
    createHostLog({ clock: { now: boom }, stderr: boom }).write('info', 'm')
    const { lines, log } = create({ clock: { now: () => Number.NaN } })
    log.write('info', 'm')
    assert.equal(lines, ['- info m\n'])
  })

  it('writes to descriptor 2 when nothing else is said', () => {
    const module = JSON.stringify(new URL('../../runners/host/log-file.ts', import.meta.url).href)
    const script = `import { createHostLog } from ${module}
      createHostLog({ clock: { now: () => 0 } }).write('info', 'here')`
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', script],
      { encoding: 'utf8' },
    )
    assert.is(stderr, '1970-01-01T00:00:00.000Z info here\n')
    assert.is(stdout, '')
  })
})
