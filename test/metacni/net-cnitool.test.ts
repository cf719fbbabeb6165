import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import * as assert from 'uvu/assert'
import { describe } from '../suite.js'
import { type Folder, metacni, stubs, withFolder } from './command.js'

const fixtures = 'test/fixtures/cnitool'
// Nothing of the machine lies there: what does is noted in the file, which cnitool's is not.
const netns = '/nowhere/netns/blue'
const containerId = `cnitool-${createHash('sha512').update(netns).digest('hex').slice(0, 20)}`
const silent = { exitCode: 0, stdout: '', stderr: '' }

type Env = Readonly<Record<string, string>>
type Call = (line: string, env?: Env, stdin?: string) => ReturnType<typeof metacni>

/** With the networks of the fixtures, and an empty cache. */
const inPlace = (body: (call: Call, folder: Folder) => Promise<void>) =>
  withFolder({ calls: '' }, (folder) => {
    cpSync(`${fixtures}/net.d`, folder.at('net.d'), { recursive: true })
    const env = {
      CALLS: folder.at('calls'),
      CNI_PATH: stubs,
      NETCONFPATH: folder.at('net.d'),
      METACNI_CACHE_DIR: folder.at('cache'),
    }
    const call: Call = (line, more = {}, stdin = '') =>
      metacni(['net', ...line.split(' ')], { env: { ...env, ...more }, stdin })
    return body(call, folder)
  })

/** The cache as cnitool left it. */
const asCnitoolLeft = ({ at }: Folder, from = 'results'): void => {
  mkdirSync(at('cache'), { recursive: true })
  cpSync(`${fixtures}/${from}`, at('cache/results'), { recursive: true })
}

const calls = ({ at, read }: Folder): readonly string[] => {
  const lines = read('calls').split('\n').slice(0, -1)
  writeFileSync(at('calls'), '')
  return lines
}

const cached = ({ at }: Folder): readonly string[] =>
  existsSync(at('cache/results')) ? readdirSync(at('cache/results')).sort() : []

/** What a cache file says; the configuration as what it means. */
const contentOf = (file: string) => {
  const { config, ...rest } = JSON.parse(readFileSync(file, 'utf8'))
  return { ...rest, config: JSON.parse(Buffer.from(config, 'base64').toString()) }
}

describe('a cache file of metacni net (reference/cni.md 2.8)', (it) => {
  const dbnet = { CNI_ARGS: 'A=1;B=2', CAP_ARGS: '{"portMappings":[{"hostPort":8080}]}' }
  for (const [name, env] of [
    ['dbnet', dbnet],
    ['single', {}],
  ] as const) {
    it(`says what cnitool's says, key by key in its order: ${name}`, () =>
      inPlace(async (call, folder) => {
        assert.is((await call(`add ${name} ${netns}`, env)).exitCode, 0)
        const file = `${name}-${containerId}-eth0`
        assert.equal(cached(folder), [file])
        const ours = folder.at(`cache/results/${file}`)
        const theirs = `${fixtures}/results/${file}`
        assert.equal(contentOf(ours), contentOf(theirs))
        const keysOf = (path: string) => Object.keys(JSON.parse(readFileSync(path, 'utf8')))
        assert.equal(keysOf(ours), keysOf(theirs))
        assert.is(statSync(ours).mode & 0o777, 0o600)
        for (const made of ['cache', 'cache/results'])
          assert.is(statSync(folder.at(made)).mode & 0o777, 0o700)
      }))
  }

  it('says the whole list where plugins lie beside it, and that it is whole', () =>
    inPlace(async (call, folder) => {
      await call(`add chain ${netns}`)
      const { config } = contentOf(folder.at(`cache/results/chain-${containerId}-eth0`))
      assert.is(config.loadOnlyInlinedPlugins, true)
      assert.equal(
        config.plugins.map(({ mark }: { mark: string }) => mark),
        ['inlined', 'beside'],
      )
    }))
})

describe('what cnitool has attached', (it) => {
  it('is checked and deleted by what it cached: result, CNI_ARGS, CAP_ARGS', () =>
    inPlace(async (call, folder) => {
      asCnitoolLeft(folder)
      assert.equal(await call(`check dbnet ${netns}`), silent)
      assert.equal(await call(`del dbnet ${netns}`), silent)
      const [check = '', del = '', ...others] = calls(folder)
      assert.equal(others, [])
      for (const [verb, line] of [
        ['CHECK', check],
        ['DEL', del],
      ] as const) {
        assert.match(line, `${verb} eth0 ${containerId} ${netns} args=A=1;B=2 `)
        assert.match(line, '"prevResult":{"cniVersion":"1.0.0"')
        assert.match(line, '"runtimeConfig":{"portMappings":[{"hostPort":8080}]}')
        assert.match(line, '"note":"<kept>"')
      }
      assert.not(cached(folder).includes(`dbnet-${containerId}-eth0`))
    }))

  it('is checked and deleted with the plugins beside its list, of which the cache says nothing', () =>
    inPlace(async (call, folder) => {
      asCnitoolLeft(folder)
      assert.equal(await call(`check chain ${netns}`), silent)
      assert.equal(await call(`del chain ${netns}`), silent)
      assert.equal(
        calls(folder).map((line) => /^\w+|inlined|beside/g[Symbol.match](line)),
        [
          ['CHECK', 'inlined'],
          ['CHECK', 'beside'],
          ['DEL', 'beside'],
          ['DEL', 'inlined'],
        ],
      )
    }))

  it('is not undone in part when a plugin beside its list cannot be read', () =>
    inPlace(async (call, folder) => {
      asCnitoolLeft(folder)
      writeFileSync(folder.at('net.d/chain/10.conf'), '{')
      for (const line of [`del chain ${netns}`, `check chain ${netns}`]) {
        const { exitCode, stderr } = await call(line)
        assert.is(exitCode, 1)
        assert.match(
          stderr,
          'error[unknown-network]: network "chain" cannot be read: not valid JSON',
        )
        assert.match(stderr, 'chain/10.conf\n')
      }
      const gc = await call('gc chain --valid-attachments -', {}, '[]')
      assert.is(gc.exitCode, 1)
      assert.equal(calls(folder), [])
      assert.ok(cached(folder).includes(`chain-${containerId}-eth0`))
    }))

  it('is collected by gc, plugins beside its list included', () =>
    inPlace(async (call, folder) => {
      asCnitoolLeft(folder)
      const { exitCode } = await call('gc chain --valid-attachments -', {}, '[]')
      assert.is(exitCode, 0)
      assert.equal(
        calls(folder).map((line) => /^\w+|inlined|beside/g[Symbol.match](line)),
        [
          ['DEL', 'beside'],
          ['DEL', 'inlined'],
        ],
      )
      assert.equal(
        cached(folder),
        ['dbnet', 'single'].map((name) => `${name}-${containerId}-eth0`),
      )
    }))

  it('by an early version, with a bare result, is checked and deleted by the list of NETCONFPATH', () =>
    inPlace(async (call, folder) => {
      asCnitoolLeft(folder, 'legacy')
      assert.equal(await call(`check dbnet ${netns}`), silent)
      assert.equal(await call(`del dbnet ${netns}`), silent)
      const lines = calls(folder)
      assert.is(lines.length, 2)
      for (const line of lines) assert.match(line, '"prevResult":{"cniVersion":"1.0.0"')
      assert.equal(cached(folder), [])
    }))

  it('is not taken from a file whose fields name another attachment (X-20)', () =>
    inPlace(async (call, folder) => {
      asCnitoolLeft(folder)
      const results = folder.at('cache/results')
      const theirs = readFileSync(`${results}/single-${containerId}-eth0`, 'utf8')
      writeFileSync(`${results}/dbnet-${containerId}-eth0`, theirs)
      const { exitCode, stderr } = await call(`check dbnet ${netns}`)
      assert.is(exitCode, 1)
      assert.match(stderr, 'error[3]: there is no cached result of "dbnet"')
    }))
})

describe('metacni net check, step by step (reference/cni.md 2.10)', (it) => {
  const write = ({ at }: Folder, cniVersion: string, more: object = {}) => {
    const list = { name: 'dbnet', cniVersion, plugins: [{ type: 'stub' }], ...more }
    writeFileSync(at('net.d/dbnet.conflist'), JSON.stringify(list))
  }

  it('looks at the version first, then at disableCheck, then for a result', () =>
    inPlace(async (call, folder) => {
      write(folder, '0.3.1', { disableCheck: true })
      const older = await call(`check dbnet ${netns}`)
      assert.match(older.stderr, 'configuration version "0.3.1" does not support the CHECK command')
      write(folder, 'junk', { disableCheck: true })
      assert.match((await call(`check dbnet ${netns}`)).stderr, 'configuration version "junk"')
      write(folder, '0.4.0', { disableCheck: 'TRUE' })
      assert.equal(await call(`check dbnet ${netns}`), silent)
      write(folder, '0.4.0')
      assert.match((await call(`check dbnet ${netns}`)).stderr, 'there is no cached result')
      assert.equal(calls(folder), [])
    }))
})

describe('metacni net add with plugins beside a list (reference/cni.md 2.3)', (it) => {
  it('runs them after the inlined ones, each with the result of the one before', () =>
    inPlace(async (call, folder) => {
      const { exitCode, stdout } = await call(`add chain ${netns}`)
      assert.equal([exitCode, JSON.parse(stdout).cniVersion], [0, '1.0.0'])
      const [first = '', second = ''] = calls(folder)
      assert.match(first, '"mark":"inlined"')
      assert.not.match(first, 'prevResult')
      assert.match(second, '"mark":"beside"')
      assert.match(second, '"prevResult":{"cniVersion":"1.0.0"')
      assert.match(second, '"name":"chain"')
      await call(`del chain ${netns}`)
      assert.is(calls(folder).length, 2)
    }))

  it('refuses the network of a broken one, and no other', () =>
    inPlace(async (call, folder) => {
      writeFileSync(folder.at('net.d/chain/20.conf'), '{}')
      const { exitCode, stderr } = await call(`add chain ${netns}`)
      assert.is(exitCode, 1)
      assert.match(stderr, 'network "chain" cannot be read: the plugin has no "type"')
      assert.equal(calls(folder), [])
      assert.is((await call(`add dbnet ${netns}`)).exitCode, 0)
    }))
})
