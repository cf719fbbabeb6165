import * as assert from 'uvu/assert'
import { describe } from '../suite.js'
import { programOf, type Served, start } from './served.js'

const file = programOf('void servePlugin(definePlugin({ add, del: done }))')

// Node gives a child sockets; runtimes give it pipes.
const streams = {
  'a pipe': ['/bin/bash', '--norc', '-c', 'exec "$@" < <(exec cat 2>/dev/null)', 'bash'],
  'a socket': [],
} as const

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

/** The version that it answers with, and how long that took from the last word. */
const answerOf = async ({ ended }: Served) => {
  const began = Date.now()
  const { code, stdout, stderr } = await ended
  assert.equal([code, stderr], [0, ''])
  return { version: JSON.parse(stdout).cniVersion as string, took: Date.now() - began }
}

for (const [stream, words] of Object.entries(streams)) {
  describe(`the stdin of a VERSION, which is ${stream} (reference/cni.md 1.5, S-059, X-05)`, (it) => {
    it('is read on when its beginning is no object yet', async () => {
      const served = start(file, 'VERSION', { words })
      served.child.stdin?.write('{"cniVer')
      await pause(250)
      served.child.stdin?.write('sion":"0.4')
      await pause(150)
      served.child.stdin?.end('.0"}')
      assert.is((await answerOf(served)).version, '0.4.0')
    })

    it('is awaited for half a second again once its beginning is there', async () => {
      const served = start(file, 'VERSION', { words })
      await pause(400)
      served.child.stdin?.write('{"cniVersion":')
      await pause(300)
      served.child.stdin?.end('"0.4.0"}')
      assert.is((await answerOf(served)).version, '0.4.0')
    })

    it('may be longer than a pipe holds, and its letters longer than a byte', async () => {
      const stdin = JSON.stringify({ x: 'é€😀'.repeat(20_001), cniVersion: '0.3.1' })
      assert.ok(Buffer.byteLength(stdin) > 128 * 1024)
      assert.is((await answerOf(start(file, 'VERSION', { words, stdin }))).version, '0.3.1')
    })

    it('is not read beyond a MiB, and then has no version', async () => {
      const stdin = JSON.stringify({ x: 'y'.repeat(3 * 1024 * 1024), cniVersion: '0.3.1' })
      assert.is((await answerOf(start(file, 'VERSION', { words, stdin }))).version, '1.1.0')
    })

    it('may stay open once it has said its version: nobody waits', async () => {
      const served = start(file, 'VERSION', { words })
      served.child.stdin?.write('{"cniVersion":"0.4.0","x":"}"}\n')
      const { version, took } = await answerOf(served)
      const silent = await answerOf(start(file, 'VERSION', { words }))
      assert.equal([version, silent.version], ['0.4.0', '1.1.0'])
      assert.ok(took < silent.took, `${took} ms and ${silent.took} ms`)
    })

    it('may say nothing, a part, or something forever: the answer comes all the same', async () => {
      for (const said of ['', '{"cniVer', '{"cniVersion":7}', '[']) {
        const served = start(file, 'VERSION', { words })
        served.child.stdin?.write(said)
        assert.is((await answerOf(served)).version, '1.1.0', said)
      }
      const served = start(file, 'VERSION', { words })
      const talk = setInterval(() => served.child.stdin?.write('['), 20)
      const { version, took } = await answerOf(served)
      clearInterval(talk)
      assert.is(version, '1.1.0')
      assert.ok(took < 4000, `${took} ms`)
    })

    it('which ends without a word is not waited for', async () => {
      assert.is((await answerOf(start(file, 'VERSION', { words, stdin: '' }))).version, '1.1.0')
    })
  })
}
