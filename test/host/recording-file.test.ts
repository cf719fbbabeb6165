import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { openRecordingFile, openRecordingIn } from '../../runners/host/index.js'
import { withFolder } from '../metacni/command.js'
import { describe } from '../suite.js'

const opened = (result: ReturnType<typeof openRecordingFile>) => {
  if (!result.ok) throw new Error(result.message)
  return result.value
}

describe('a file of recordings', (it) => {
  it('is made with mode 0600, and appended to', () =>
    withFolder({}, async ({ at, read }) => {
      for (const line of ['{"operation":"a"}\n', '{"operation":"b"}\n']) {
        const file = opened(openRecordingFile(at('file')))
        file.write(line)
        file.close()
        file.write('late\n')
        file.close()
      }
      assert.is(read('file'), '{"operation":"a"}\n{"operation":"b"}\n')
      assert.is(statSync(at('file')).mode & 0o777, 0o600)
    }))

  it('goes on in a new line after one that a crash cut short', () =>
    withFolder({}, async ({ at, read }) => {
      for (const text of [
        '{"operation":"a"}\n{"torn',
        '{"recording":"metacni","ver',
        '{"rec',
        '{',
      ]) {
        writeFileSync(at('file'), text)
        const file = opened(openRecordingFile(at('file')))
        file.write('{"b":2}\n')
        file.close()
        assert.is(read('file'), `${text}\n{"b":2}\n`)
      }
    }))

  it('may be there already, empty, or made by hand of others', () =>
    withFolder({}, async ({ at, read }) => {
      const texts = [
        '',
        '\n',
        '\n{"operation":"a"}\n',
        '{ "recording": "metacni", "version": 1 }\n',
      ]
      for (const text of texts) {
        writeFileSync(at('file'), text)
        const file = opened(openRecordingFile(at('file')))
        file.write('{"b":2}\n')
        file.close()
        assert.is(read('file'), `${text}{"b":2}\n`)
      }
    }))

  it('is nothing else that is there: what is no recording stays as it is, and is named', () =>
    withFolder({}, async ({ at, read }) => {
      for (const text of [
        '{"cniVersion": "1.0.0", "name": "node", "plugins": [{"type": "bridge"}]}\n',
        ...[
          '{"name":"a","recording":"metacni"}',
          '{"recording":"else"}',
          '{"operation":7}',
          '{"other',
          '\0',
        ],
        ...['text\n{"operation":"a"}\n', '{}\n', '[{"operation":"a"}]', ' '.repeat(5000)],
      ]) {
        writeFileSync(at('file'), text)
        const result = openRecordingFile(at('file'))
        assert.is(result.ok, false, text)
        if (!result.ok)
          assert.is(result.message, `${at('file')} holds something else than recordings`)
        assert.is(read('file'), text)
      }
    }))

  it('takes lines of several at once whole', () =>
    withFolder({}, async ({ at, read }) => {
      const files = [1, 2, 3].map(() => opened(openRecordingFile(at('file'))))
      for (let round = 0; round < 50; round++)
        for (const [index, file] of files.entries()) file.write(`${index} ${'x'.repeat(9000)}\n`)
      for (const file of files) file.close()
      const lines = read('file').trimEnd().split('\n')
      assert.is(lines.length, 150)
      for (const line of lines) assert.match(line, /^[012] x{9000}$/)
    }))

  it('is no directory, no pipe, and in a directory that is there', () =>
    withFolder({}, async ({ at }) => {
      mkdirSync(at('directory'))
      execFileSync('mkfifo', [at('pipe')])
      for (const path of ['directory', 'pipe', 'missing/file']) {
        const result = openRecordingFile(at(path))
        assert.is(result.ok, false, path)
      }
    }))

  it('throws what the disk says, for its caller to tell', () => {
    const file = openRecordingFile('/dev/full')
    assert.is(file.ok, false)
  })
})

describe('a directory of recordings', (it) => {
  it('gets a file for each, whose names are in the order of the beginnings', () =>
    withFolder({}, async ({ at }) => {
      for (const time of [1_700_000_000_000, 1_700_000_000_001, 1_700_000_000_001]) {
        const file = opened(openRecordingIn(at('.'), time))
        file.write(`${time}\n`)
        file.close()
      }
      const names = readdirSync(at('.')).sort()
      assert.is(names.length, 3)
      for (const name of names)
        assert.match(name, /^20231114T221320\.00[01]Z-\d+-[0-9a-f]{8}\.jsonl$/)
      assert.is(readFileSync(at(names[0] ?? ''), 'utf8'), '1700000000000\n')
    }))

  it('that is missing is said', () => {
    const result = openRecordingIn('/nowhere/at/all', 0)
    assert.is(result.ok, false)
    if (!result.ok) assert.match(result.message, 'ENOENT')
  })
})
