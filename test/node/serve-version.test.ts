import * as assert from 'uvu/assert'
import { describe } from '../suite.js'
import { programOf, type Served, start } from './served.js'

const serving = 'void servePlugin(definePlugin({ add, del: done }))'
const file = programOf(serving)

/** A program by whose clock so many times less passes: its patience lasts however busy the machine is. */
const slowedBy = (times: number): string =>
  programOf(`
    const { uptime } = process
    const { setTimeout: wait } = globalThis
    process.uptime = () => uptime() / ${times}
    globalThis.setTimeout = (body, milliseconds) => wait(body, ${times} * milliseconds)
    ${serving}`)
const patient = slowedBy(8)
const endlesslyPatient = slowedBy(10_000)

// Node gives a child sockets; runtimes give it pipes.
const streams = {
  'a pipe': ['/bin/bash', '--norc', '-c', 'exec "$@" < <(exec cat 2>/dev/null)', 'bash'],
  'a socket': [],
} as const

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

/** The version that it answers with. */
const versionOf = async ({ ended }: Served): Promise<string> => {
  const { code, stdout, stderr } = await ended
  assert.equal([code, stderr], [0, ''])
  return JSON.parse(stdout).cniVersion
}

for (const [stream, words] of Object.entries(streams)) {
  describe(`the stdin of a VERSION, which is ${stream} (reference/cni.md 1.5, S-059, X-05)`, (it) => {
    it('is read on when its beginning is no object yet', async () => {
      const served = start(patient, 'VERSION', { words })
      served.child.stdin?.write('{"cniVer')
      await pause(250)
      served.child.stdin?.write('sion":"0.4')
      await pause(150)
      served.child.stdin?.end('.0"}')
      assert.is(await versionOf(served), '0.4.0')
    })

    it('is awaited for half a second again once its beginning is there', async () => {
      // By its own clock it waits for about 280 milliseconds twice.
      const served = start(patient, 'VERSION', { words })
      await pause(2_250)
      served.child.stdin?.write('{"cniVersion":')
      await pause(2_250)
      served.child.stdin?.end('"0.4.0"}')
      assert.is(await versionOf(served), '0.4.0')
    })

    it('may be longer than a pipe holds, and its letters longer than a byte', async () => {
      const stdin = JSON.stringify({ x: 'é€😀'.repeat(20_001), cniVersion: '0.3.1' })
      assert.ok(Buffer.byteLength(stdin) > 128 * 1024)
      assert.is(await versionOf(start(file, 'VERSION', { words, stdin })), '0.3.1')
    })

    it('is not read beyond a MiB, and then has no version', async () => {
      const stdin = JSON.stringify({ x: 'y'.repeat(3 * 1024 * 1024), cniVersion: '0.3.1' })
      assert.is(await versionOf(start(file, 'VERSION', { words, stdin })), '1.1.0')
    })

    it('may stay open once it has said its version: nobody waits', async () => {
      const served = start(endlesslyPatient, 'VERSION', { words })
      served.child.stdin?.write('{"cniVersion":"0.4.0","x":"}"}\n')
      assert.is(await versionOf(served), '0.4.0')
    })

    it('may say nothing, a part, or something forever: the answer comes all the same', async () => {
      for (const said of ['', '{"cniVer', '{"cniVersion":7}', '[']) {
        const served = start(file, 'VERSION', { words })
        served.child.stdin?.write(said)
        assert.is(await versionOf(served), '1.1.0', said)
      }
      const served = start(file, 'VERSION', { words })
      const talk = setInterval(() => served.child.stdin?.write('['), 20)
      const version = await versionOf(served)
      clearInterval(talk)
      assert.is(version, '1.1.0')
    })

    it('is given half a second twice at most, by the clock of the program', async () => {
      const counting = programOf(`
        let [clock, asked] = [0, 0]
        const wait = globalThis.setTimeout
        process.uptime = () => { clock += 0.005; return clock }
        globalThis.setTimeout = (body, milliseconds) => { asked += milliseconds; return wait(body, milliseconds) }
        process.on('exit', () => process.stderr.write([clock, asked].join(' ')))
        ${serving}`)
      for (const said of ['', '{"cniVer']) {
        const served = start(counting, 'VERSION', { words })
        served.child.stdin?.write(said)
        const { code, stderr } = await served.ended
        const [clock = 99, asked = 99_999] = stderr.split(' ').map(Number)
        assert.is(code, 0)
        assert.ok(clock < 1.1 && asked <= 1_000, stderr)
        assert.ok(clock > 0.4 || asked > 400, stderr)
      }
    })

    it('which ends without a word is not waited for', async () => {
      assert.is(await versionOf(start(file, 'VERSION', { words, stdin: '' })), '1.1.0')
    })
  })
}
