import * as assert from 'uvu/assert'
import { describe } from '../suite.js'
import { configuration, type Ended, programOf, serve, start } from './served.js'

const verbs = ['ADD', 'DEL', 'CHECK', 'GC', 'STATUS'] as const
const newest = configuration.replace('1.0.0', '1.1.0')

/** A program whose handlers are all this one. */
const plugin = (handler: string): string =>
  `const all = ${handler}
   const plugin = definePlugin({ add: all, del: all, check: all, gc: all, status: all })`

/** The one document on stdout of a process that failed. */
const errorOf = ({ code, stdout }: Ended) => {
  assert.is(code, 1, stdout)
  assert.match(stdout, /^\{[^\n]*\}\n$/)
  return JSON.parse(stdout) as { cniVersion: string; code: number; msg: string }
}

const served = {
  'void servePlugin': 'void servePlugin(plugin)',
  'await servePlugin at the top level': 'await servePlugin(plugin)',
} as const

for (const [way, call] of Object.entries(served)) {
  describe(`a handler that is lost, with ${way} (reference/cni.md 1.6, S-026)`, (it) => {
    it('which never settles is code 999, for every verb, and no success in silence', async () => {
      const body = `${plugin('() => new Promise(() => {})')}\n${call}`
      for (const verb of verbs) {
        const ended = await serve(body, verb, newest)
        const { cniVersion, code, msg } = errorOf(ended)
        assert.equal([cniVersion, code, ended.stderr], ['1.1.0', 999, ''])
        assert.is(msg, `the ${verb} handler never answered, and nothing is left to wait for`)
      }
    })

    it('which never settles after some work is found out at its end', async () => {
      const late =
        'async () => { await new Promise((go) => setTimeout(go, 50)); await new Promise(() => {}) }'
      const { cniVersion, code } = errorOf(await serve(`${plugin(late)}\n${call}`, 'DEL'))
      assert.equal([cniVersion, code], ['1.0.0', 999])
    })

    for (const [what, detached] of [
      ['a rejection that nobody handles', "Promise.reject(new Error('boom'))"],
      ['a throw in a timer', "setTimeout(() => { throw new Error('boom') })"],
      ['a throw in an immediate', "setImmediate(() => { throw new Error('boom') })"],
      ['a throw in a tick', "process.nextTick(() => { throw new Error('boom') })"],
    ] as const) {
      it(`${what} is code 999 with its text; the stack goes to stderr`, async () => {
        const waiting = `async () => { ${detached}; await new Promise((go) => setTimeout(go, 5000)) }`
        const ended = await serve(`${plugin(waiting)}\n${call}`, 'DEL')
        const { cniVersion, code, msg } = errorOf(ended)
        assert.equal([cniVersion, code, msg], ['1.0.0', 999, 'boom'])
        assert.match(ended.stderr, /^Error: boom\n {4}at /)
      })
    }
  })
}

describe('a handler that ends the process itself (reference/cni.md 1.6, S-026)', (it) => {
  for (const exit of ['process.exit()', 'process.exit(0)', 'process.exit(3)']) {
    it(`by ${exit} is code 999, and no success in silence`, async () => {
      const leaving = plugin(`async () => { await null; ${exit} }`)
      for (const verb of ['ADD', 'DEL', 'STATUS']) {
        const ended = await serve(`${leaving}\nvoid servePlugin(plugin)`, verb, newest)
        const { cniVersion, code, msg } = errorOf(ended)
        assert.equal([cniVersion, code, ended.stderr], ['1.1.0', 999, ''])
        const status = exit.replace(/\D/g, '') || '0'
        assert.is(
          msg,
          `the ${verb} handler ended the process with exit code ${status}, and no answer`,
        )
      }
    })
  }

  it('is code 999 also where a listener to errors does so; who listens for the end is heard', async () => {
    const body = `
      process.on('uncaughtException', () => process.exit(0))
      process.on('exit', () => process.stderr.write('first '))
      ${plugin("() => { setTimeout(() => { process.on('exit', () => process.stderr.write('last')); throw 1 }); return new Promise(() => {}) }")}
      void servePlugin(plugin)`
    const ended = await serve(body, 'DEL')
    assert.equal([errorOf(ended).code, ended.stderr], [999, 'first last'])
  })

  it('is answered for once, also when the end of the process throws into the handler', async () => {
    const body = `
      ${plugin('async () => process.exit(0)')}
      void servePlugin(plugin)
      process.on('exit', () => { throw new Error('late') })`
    const { code, stdout } = await serve(body, 'DEL')
    assert.match(stdout, /^\{[^\n]*"code":999,[^\n]*\}\n$/)
    assert.is.not(code, 0)
  })

  it('is told by a document also where somebody who listened before ends it with success', async () => {
    const body = `
      process.on('exit', () => process.exit(0))
      ${plugin('async () => process.exit(3)')}
      void servePlugin(plugin)`
    const { code, stdout } = await serve(body, 'DEL')
    // The exit code is theirs, then.
    assert.equal([code, JSON.parse(stdout).code], [0, 999])
  })

  it('is no success where nobody gets the answer, also when who is told of that throws', async () => {
    const words = ['sh', '-c', 'exec "$@" >/dev/full', 'sh']
    for (const handler of ['async () => ({ ok: true, value: result })', '() => process.exit(0)']) {
      const body = `
        process.on('unhandledRejection', () => {})
        ${plugin(handler)}
        void servePlugin(plugin, { onUnwritten: () => { throw new Error('no') } })`
      const { ended } = start(programOf(body), 'ADD', { stdin: newest, words })
      const { code, stderr } = await ended
      assert.is(code, 1)
      assert.match(stderr, 'the answer cannot be written to stdout: ENOSPC')
    }
  })

  it('has answered once its answer is written: the end of the process adds nothing', async () => {
    const body = `${plugin('async () => ({ ok: true, value: result })')}
      process.on('exit', () => process.stderr.write('end'))
      void servePlugin(plugin)`
    const { code, stdout, stderr } = await serve(body, 'ADD', newest)
    assert.equal([code, stderr, stdout.split('\n').length], [0, 'end', 2])
  })
})

describe('a handler that is lost, and others who listen', (it) => {
  const twice = `setTimeout(() => { throw new Error('one') }); Promise.reject('two'); setTimeout(() => { throw 'three' })`

  it('several errors at once are one document', async () => {
    const { code } = errorOf(
      await serve(
        `${plugin(`() => { ${twice}; return new Promise(() => {}) }`)}\nvoid servePlugin(plugin)`,
        'ADD',
      ),
    )
    assert.is(code, 999)
  })

  it('what a rejection says that is no Error is told', async () => {
    const body = `${plugin("() => { Promise.reject('two'); return new Promise(() => {}) }")}\nvoid servePlugin(plugin)`
    assert.match(errorOf(await serve(body, 'ADD')).msg, 'two')
  })

  it('who listens to errors himself decides what becomes of them: the handler goes on', async () => {
    for (const [event, detached] of [
      ['uncaughtException', "setTimeout(() => { throw new Error('boom') })"],
      ['uncaughtException', "Promise.reject(new Error('boom'))"],
      ['unhandledRejection', "Promise.reject(new Error('boom'))"],
    ] as const) {
      const body = `
        process.on('${event}', (error) => process.stderr.write('seen: ' + error.message))
        ${plugin(`async () => { ${detached}; await new Promise((go) => setTimeout(go, 100)); return { ok: true, value: result } }`)}
        void servePlugin(plugin)`
      const { code, stdout, stderr } = await serve(body, 'ADD', newest)
      assert.equal([code, stderr], [0, 'seen: boom'], event)
      assert.equal(JSON.parse(stdout).ips, [{ address: '10.0.0.2/24' }])
    }
  })

  it('who listens for the end of the loop is heard, and a handler that he helps on answers', async () => {
    const body = `
      let go
      process.once('beforeExit', () => { process.stderr.write('end'); go() })
      ${plugin('() => new Promise((settle) => { go = () => settle({ ok: true }) })')}
      void servePlugin(plugin)`
    assert.equal(await serve(body, 'DEL'), { code: 0, stdout: '', stderr: 'end' })
    const later = body.replace('go() }', 'setTimeout(() => go(), 20) }')
    assert.equal(await serve(later, 'DEL'), { code: 0, stdout: '', stderr: 'end' })
  })

  it('no listener stays once the answer is written, and stdout is what it was', async () => {
    const events = "['beforeExit', 'uncaughtException', 'unhandledRejection', 'exit']"
    const handlers = ['async () => ({ ok: true, value: result })', '() => new Promise(() => {})']
    for (const handler of handlers) {
      const body = `
        const counts = () => ${events}.map((event) => process.listenerCount(event)).join(' ')
        process.on('uncaughtException', () => {})
        const before = counts()
        const stdout = Object.getOwnPropertyDescriptor(process, 'stdout').get
        const exit = process.exit
        process.exit = () => {}
        ${plugin(handler)}
        await servePlugin(plugin)
        process.exitCode = 0
        const isBack = Object.getOwnPropertyDescriptor(process, 'stdout').get === stdout
        process.stderr.write([before, counts(), isBack].join())
        console.log('back')`
      const { stdout, stderr } = await serve(body, 'ADD')
      // Node itself may listen for the end.
      assert.match(stderr, /^(0 1 0 \d),\1,true$/)
      assert.match(stdout, /^\{[^\n]*\}\nback\n$/)
    }
  })

  it('a plugin that is not of definePlugin may throw or reject', async () => {
    for (const respond of [
      "() => { throw new Error('boom') }",
      "async () => { throw new Error('boom') }",
    ]) {
      const { code, msg } = errorOf(
        await serve(`void servePlugin({ verbs: [], respond: ${respond} })`, 'ADD'),
      )
      assert.equal([code, msg], [999, 'boom'])
    }
  })

  it('a handler that waits for a process, a timer or a file is not lost', async () => {
    const body = `
      import { execFile } from 'node:child_process'
      import { readFile } from 'node:fs/promises'
      ${plugin(`async () => {
        await new Promise((go) => setTimeout(go, 50))
        await readFile('/proc/self/stat')
        await new Promise((go) => execFile('/bin/sh', ['-c', 'sleep .1'], go))
        return { ok: true }
      }`)}
      void servePlugin(plugin)`
    assert.equal(await serve(body, 'DEL'), { code: 0, stdout: '', stderr: '' })
  })
})

describe('what a handler prints (reference/cni.md 1.9)', (it) => {
  const noise = `
    console.log('log'); console.info('info'); console.table([1]); console.dir({ a: 1 })
    process.stdout.write('write\\n')`

  it('goes to stderr, so that stdout has one JSON document', async () => {
    const body = `${plugin(`async () => { ${noise}; await null; ${noise}; return { ok: true, value: result } }`)}
      void servePlugin(plugin)`
    for (const verb of verbs) {
      const { code, stdout, stderr } = await serve(body, verb, newest)
      assert.is(code, 0, stderr)
      if (verb === 'ADD') assert.equal(JSON.parse(stdout).ips, [{ address: '10.0.0.2/24' }])
      else assert.is(stdout, '')
      assert.is(stderr.match(/log|info|┌|a: 1|write/g)?.length, 10, stderr)
    }
  })

  it('goes to stderr also when the console and stdout were used before', async () => {
    const body = `console.log('before'); process.stdout.write('before too\\n')
      ${plugin(`async () => { ${noise}; return { ok: true, value: result } }`)}
      void servePlugin(plugin)`
    const { stdout, stderr } = await serve(body, 'ADD')
    assert.match(stdout, /^before\nbefore too\n\{[^\n]*\}\n$/)
    assert.match(stderr, 'log\ninfo\n')
    assert.match(stderr, 'write\n')
  })

  it('goes to stderr also through a console that the program made', async () => {
    const body = `import { Console } from 'node:console'
      globalThis.console = new Console(process.stdout)
      ${plugin(`async () => { console.log('log'); return { ok: true } }`)}
      void servePlugin(plugin)`
    assert.equal(await serve(body, 'DEL'), { code: 0, stdout: '', stderr: 'log\n' })
  })

  it('does not open streams where nobody prints: what is not used is not loaded', async () => {
    const body = `${plugin(`async () => {
        const opened = process.moduleLoadList.includes('NativeModule tty')
        return { ok: false, error: { code: 100, msg: String(opened) } }
      }`)}
      void servePlugin(plugin)`
    assert.is(errorOf(await serve(body, 'DEL')).msg, 'false')
  })

  it('a console that cannot be changed is left alone', async () => {
    const body = `Object.freeze(console)
      Object.defineProperty(process, 'stdout', { value: process.stdout, configurable: false })
      ${plugin('async () => ({ ok: true })')}
      void servePlugin(plugin)`
    assert.equal(await serve(body, 'DEL'), { code: 0, stdout: '', stderr: '' })
  })
})

describe('a signal while a handler runs', (it) => {
  it('fires its signal; the answer is what it says then', async () => {
    const body = `${plugin(`(_, signal) => new Promise((settle) => {
        process.stderr.write('running')
        const timer = setTimeout(() => {}, 60_000)
        signal.onabort = () => { clearTimeout(timer); settle({ ok: false, error: { code: 11, msg: 'stopped' } }) }
      })`)}
      void servePlugin(plugin)`
    const { child, ended } = start(programOf(body), 'ADD', { stdin: configuration })
    await new Promise((resolve) => child.stderr?.once('data', resolve))
    child.kill('SIGTERM')
    assert.equal([errorOf(await ended).code, (await ended).stderr], [11, 'running'])
  })
})
