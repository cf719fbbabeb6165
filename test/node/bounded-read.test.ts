import { spawn, spawnSync } from 'node:child_process'
import { closeSync, constants, openSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import * as assert from 'uvu/assert'
import {
  readDescriptorBounded,
  readFileBounded,
  readStreamBounded,
  type Text,
} from '../../runners/node/bounded-read.js'
import { makePipe, withDirectory } from '../fixtures/marks.js'
import { describe } from '../suite.js'

const codeOf = (text: Text): string => (text.ok ? 'ok' : text.code)
const mebibyte = 1024 * 1024

describe('a bounded read of a file', (it) => {
  it('gives the text as UTF-8, through a symbolic link too', () =>
    withDirectory((directory) => {
      const [file, link] = [join(directory, 'a'), join(directory, 'b')]
      writeFileSync(file, 'ü')
      symlinkSync(file, link)
      for (const one of [file, link]) {
        assert.equal(readFileBounded(one), { ok: true, text: 'ü' })
      }
      writeFileSync(file, '')
      assert.equal(readFileBounded(file), { ok: true, text: '' })
    }))

  it('allows one mebibyte and not a byte more', () =>
    withDirectory((directory) => {
      const file = join(directory, 'a')
      writeFileSync(file, 'x'.repeat(mebibyte))
      assert.is(codeOf(readFileBounded(file)), 'ok')
      writeFileSync(file, 'x'.repeat(mebibyte + 1))
      assert.equal(readFileBounded(file), {
        ok: false,
        code: 'TOO_LARGE',
        message: 'it is longer than 1048576 bytes',
      })
      assert.is(codeOf(readFileBounded(file, 2 * mebibyte)), 'ok')
    }))

  it('is not fooled by a file that claims to be empty, and never ends', () => {
    assert.is(codeOf(readFileBounded('/proc/self/status')), 'ok')
    assert.is(codeOf(readFileBounded('/dev/zero')), 'NOT_REGULAR')
  })

  it('refuses what is no regular file without waiting for it', () =>
    withDirectory((directory) => {
      const loop = join(directory, 'loop')
      symlinkSync(loop, loop)
      assert.is(codeOf(readFileBounded(makePipe(join(directory, 'pipe')))), 'NOT_REGULAR')
      assert.is(codeOf(readFileBounded(directory)), 'EISDIR')
      assert.is(codeOf(readFileBounded(join(directory, 'missing'))), 'ENOENT')
      assert.is(codeOf(readFileBounded(loop)), 'ELOOP')
      assert.is(codeOf(readFileBounded('a\0b')), 'ERR_INVALID_ARG_VALUE')
    }))
})

describe('a bounded read of a descriptor', (it) => {
  it('reads up to the end, and says when there is more than allowed', () =>
    withDirectory((directory) => {
      const file = join(directory, 'a')
      writeFileSync(file, 'x'.repeat(200_000))
      const descriptor = openSync(file, 'r')
      const text = readDescriptorBounded(descriptor)
      assert.is(text.ok && text.text.length, 200_000)
      closeSync(descriptor)
      assert.is(codeOf(readDescriptorBounded(descriptor)), 'EBADF')
    }))

  it('waits for a descriptor that is not ready, although it does not block by itself', () =>
    withDirectory((directory) => {
      const pipe = makePipe(join(directory, 'pipe'))
      const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
      const writer = openSync(pipe, 'w')
      // It is not even started when the reading begins, and it alone can end it.
      const child = spawn('/bin/sh', ['-c', 'echo late'], { stdio: ['ignore', writer, 'inherit'] })
      closeSync(writer)
      assert.equal(readDescriptorBounded(reader), { ok: true, text: 'late\n' })
      closeSync(reader)
      child.unref()
    }))

  it('reads stdin of a program', () => {
    const module = JSON.stringify(
      new URL('../../runners/node/bounded-read.ts', import.meta.url).href,
    )
    const script = `import { readDescriptorBounded } from ${module}
      console.log(JSON.stringify(readDescriptorBounded(0, 10)))`
    const run = (input: string) =>
      JSON.parse(
        spawnSync(
          process.execPath,
          ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', script],
          { input, encoding: 'utf8' },
        ).stdout,
      )
    assert.equal(run('0123456789'), { ok: true, text: '0123456789' })
    assert.is(run('0123456789x').code, 'TOO_LARGE')
  })
})

describe('a bounded read of a stream', (it) => {
  it('gives the text up to the end, characters whole', async () => {
    const bytes = Buffer.from('aüb')
    const stream = Readable.from([bytes.subarray(0, 2), bytes.subarray(2)])
    assert.equal(await readStreamBounded(stream), { ok: true, text: 'aüb' })
    assert.equal(await readStreamBounded(Readable.from([])), { ok: true, text: '' })
    assert.equal(await readStreamBounded(Readable.from(['te', 'xt'])), { ok: true, text: 'text' })
  })

  it('destroys a stream that passes the limit', async () => {
    const stream = new PassThrough()
    stream.write('x'.repeat(11))
    assert.is(codeOf(await readStreamBounded(stream, { limitBytes: 10 })), 'TOO_LARGE')
    assert.is(stream.destroyed, true)
  })

  it('destroys a stream that does not end in time, or whose reader gave up', async () => {
    const late = new PassThrough()
    assert.is(codeOf(await readStreamBounded(late, { milliseconds: 1 })), 'TIMED_OUT')
    assert.is(late.destroyed, true)
    const controller = new AbortController()
    const given = new PassThrough()
    const reading = readStreamBounded(given, { signal: controller.signal })
    controller.abort()
    assert.is(codeOf(await reading), 'ABORTED')
    assert.is(given.destroyed, true)
    const signal = AbortSignal.abort()
    assert.is(codeOf(await readStreamBounded(new PassThrough(), { signal })), 'ABORTED')
  })

  it('says that a stream failed, or was closed before its end', async () => {
    const failing = new PassThrough()
    const reading = readStreamBounded(failing)
    failing.destroy(Object.assign(new Error('gone'), { code: 'EIO' }))
    assert.equal(await reading, { ok: false, code: 'EIO', message: 'gone' })
    const closed = new PassThrough()
    const other = readStreamBounded(closed)
    closed.destroy()
    assert.is(codeOf(await other), 'EPIPE')
  })
})
