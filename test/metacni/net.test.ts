import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { readNetRequest } from '../../examples/metacni/net-request.js'
import { describe } from '../suite.js'
import { createMark, type Folder, metacni, network, stubs, withFolder } from './command.js'

const stub = (name: string, more: object = {}) => network({ name, type: 'stub', ...more })
const files = {
  'net.d/good.conf': stub('good', { capabilities: { portMappings: true } }),
  'net.d/other.conf': stub('other'),
  'net.d/list.conflist': network({ name: 'list', plugins: [{ type: 'stub' }, { type: 'stub' }] }),
  'net.d/bad.conf': stub('bad', { fail: 'ADD' }),
  'net.d/clingy.conf': stub('clingy', { fail: 'DEL' }),
  'net.d/stuck.conf': stub('stuck', { wait: 'ADD' }),
  'net.d/older.conf': stub('older', { cniVersion: '0.3.1' }),
  'net.d/newest.conf': stub('newest', { cniVersion: '1.1.0' }),
  'net.d/failing.conf': stub('failing', { cniVersion: '1.1.0', fail: 'STATUS' }),
  'net.d/nogc.conflist': network({ name: 'nogc', disableGC: true, plugins: [{ type: 'stub' }] }),
  'net.d/broken.conf': '{',
}

const netns = '/run/netns/blue'
const containerId = `cnitool-${createHash('sha512').update(netns).digest('hex').slice(0, 20)}`
const silent = { exitCode: 0, stdout: '', stderr: '' }

type Env = Readonly<Record<string, string>>
type Call = (line: string, env?: Env, stdin?: string) => ReturnType<typeof metacni>

/** `call` is a command of `metacni net` in an environment of its own. */
const inPlace = (body: (call: Call, folder: Folder) => Promise<void>) =>
  withFolder(files, (folder) => {
    const env = {
      CALLS: folder.at('calls'),
      MARK: folder.at('mark'),
      CNI_PATH: stubs,
      NETCONFPATH: folder.at('net.d'),
      METACNI_CACHE_DIR: folder.at('cache'),
    }
    writeFileSync(folder.at('calls'), '')
    const call: Call = (line, more = {}, stdin = '') =>
      metacni(['net', ...line.split(' ')], { env: { ...env, ...more }, stdin })
    return body(call, folder)
  })

/** What stubs were called with since the last time. */
const callsOf = ({ at, read }: Folder): readonly string[] => {
  const lines = read('calls').split('\n').slice(0, -1)
  writeFileSync(at('calls'), '')
  return lines
}

const verbsOf = (folder: Folder): readonly string[] =>
  callsOf(folder).map((line) => line.split(' ', 1).join())

const cached = ({ at }: Folder): readonly string[] =>
  existsSync(at('cache/results')) ? readdirSync(at('cache/results')).sort() : []

const result = {
  cniVersion: '1.0.0',
  interfaces: [{ name: 'eth0', mac: '02:00:00:00:00:01', sandbox: netns }],
  ips: [{ address: '10.9.8.7/24', interface: 0 }],
}

/** Writes a cache file by hand, as libcni does (reference/cni.md 2.8). */
const cache = ({ at }: Folder, name: string, more: object = {}, config: object = {}): void => {
  mkdirSync(at('cache/results'), { recursive: true })
  const list = { cniVersion: '1.0.0', name, plugins: [{ type: 'stub', mark: 'cached', ...config }] }
  const file = {
    kind: 'cniCacheV1',
    containerId,
    config: Buffer.from(JSON.stringify(list)).toString('base64'),
    ifName: 'eth0',
    networkName: name,
    netns,
    result,
    ...more,
  } as { containerId: string; ifName: string; networkName: string }
  const path = at(`cache/results/${file.networkName}-${file.containerId}-${file.ifName}`)
  writeFileSync(path, JSON.stringify(file))
}

describe('metacni net add', (it) => {
  it('prints the result in the list’s version, and caches it as libcni does', () =>
    inPlace(async (call, folder) => {
      const env = { CAP_ARGS: '{"portMappings":[{"hostPort":1}],"mac":"x"}', CNI_ARGS: 'A=1;B=2' }
      const { exitCode, stdout, stderr } = await call(`add good ${netns}`, env)
      assert.equal([exitCode, stderr], [0, ''])
      assert.equal(JSON.parse(stdout), result)
      const [line = ''] = callsOf(folder)
      assert.match(line, `ADD eth0 ${containerId} ${netns} args=A=1;B=2 path=${stubs} `)
      assert.match(line, '"runtimeConfig":{"portMappings":[{"hostPort":1}]}')
      assert.equal(cached(folder), [`good-${containerId}-eth0`])
      const path = `cache/results/good-${containerId}-eth0`
      const file = JSON.parse(folder.read(path))
      const { kind, containerId: id, ifName, networkName, capabilityArgs, cniArgs } = file
      assert.equal([kind, id, ifName, networkName], ['cniCacheV1', containerId, 'eth0', 'good'])
      assert.equal(capabilityArgs, JSON.parse(env.CAP_ARGS))
      assert.equal(cniArgs, [
        ['A', '1'],
        ['B', '2'],
      ])
      assert.equal([file.netns, file.result], [netns, result])
      const list = JSON.parse(Buffer.from(file.config, 'base64').toString())
      assert.equal([list.name, list.plugins[0].type], ['good', 'stub'])
      assert.is(statSync(folder.at(path)).mode & 0o777, 0o600)
    }))

  it('is undone where a plugin fails: told on stderr, with -o json on stdout', () =>
    inPlace(async (call, folder) => {
      const text = await call(`add bad ${netns}`)
      assert.equal([text.exitCode, text.stdout], [1, ''])
      assert.match(text.stderr, 'error[123]: network "bad" interface "eth0"')
      assert.equal(verbsOf(folder), ['ADD', 'DEL'])
      const json = await call(`add bad ${netns} -o json`)
      assert.is(JSON.parse(json.stdout).code, 123)
      assert.equal(cached(folder), [])
    }))

  it('is undone where the result cannot be cached: cnitool could not find it', () =>
    inPlace(async (call, folder) => {
      mkdirSync(folder.at(`cache/results/good-${containerId}-eth0`), { recursive: true })
      const { exitCode, stdout } = await call(`add good ${netns} -o json`)
      assert.equal([exitCode, JSON.parse(stdout).code], [1, 5])
      assert.equal(verbsOf(folder), ['ADD', 'DEL'])
      writeFileSync(folder.at('file'), '')
      const unreadable = await call(`add good ${netns}`, { METACNI_CACHE_DIR: folder.at('file/x') })
      assert.match(unreadable.stderr, 'error[5]: journal: ENOTDIR')
      assert.equal(verbsOf(folder), [])
    }))

  it('over a cached attachment is refused before a plugin runs, which would undo it', () =>
    inPlace(async (call, folder) => {
      await call(`add good ${netns}`)
      callsOf(folder)
      const again = await call(`add good ${netns}`)
      assert.is(again.exitCode, 1)
      assert.match(again.stderr, `error[4]: CNI_CONTAINERID ${containerId} has an attachment`)
      const other = await call(`add other ${netns}`)
      assert.match(other.stderr, 'interface eth0 of')
      assert.equal(verbsOf(folder), [])
      assert.is((await call(`add other ${netns}`, { CNI_IFNAME: 'eth1' })).exitCode, 0)
    }))

  it('refuses everything that is wrong with its environment at once', () =>
    inPlace(async (call, folder) => {
      const env = { CNI_IFNAME: 'a/b', CNI_ARGS: 'A=', CAP_ARGS: '[]', CNI_PATH: '' }
      const { exitCode, stdout } = await call(`add good ${netns} -o json`, env)
      const codes = JSON.parse(stdout).problems.map(({ code }: { code: string }) => code)
      assert.equal(codes, ['bad-ifname', 'bad-cni-args', 'bad-json', 'missing-plugin'])
      assert.is(exitCode, 1)
      for (const args of ['A', '=1', 'A=1;', 'A=1=2', ';'])
        assert.match((await call(`add good ${netns}`, { CNI_ARGS: args })).stderr, 'CNI_ARGS pair')
      const own = await call('add good /proc/self/ns/net -o yaml')
      assert.is(parse(own.stdout).code, 8)
      assert.equal([verbsOf(folder), cached(folder)], [[], []])
    }))

  it('names the networks that there are, and the files that are broken', () =>
    inPlace(async (call) => {
      const { exitCode, stderr } = await call(`add nope ${netns}`)
      assert.is(exitCode, 1)
      assert.match(stderr, 'error[unknown-network]: no network is named "nope"')
      assert.match(stderr, 'known: bad, clingy,')
      assert.match(stderr, 'broken.conf')
    }))

  it('interrupted is undone', () =>
    inPlace(async (_, folder) => {
      const mark = createMark(folder.at('mark'))
      const env = {
        CALLS: folder.at('calls'),
        MARK: folder.at('mark'),
        CNI_PATH: stubs,
        NETCONFPATH: folder.at('net.d'),
        METACNI_CACHE_DIR: folder.at('cache'),
      }
      const { exitCode } = await metacni(['net', 'add', 'stuck', netns], {
        env,
        interrupts: (interrupt) => void mark().then(() => interrupt('SIGTERM')),
      })
      assert.is(exitCode, 143)
      assert.equal(verbsOf(folder), ['ADD', 'DEL'])
      assert.equal(cached(folder), [])
    }))
})

describe('metacni net: the container id', (it) => {
  it('is of the absolute path, below a symbolic link of $PWD’s path, as in Go', () =>
    withFolder({ 'place/x': '' }, async ({ at }) => {
      const idOf = (path: string, env: Env) => {
        const read = readNetRequest('a', path, { CNI_PATH: '/bin', ...env })
        return read.ok ? read.value.netns : assert.unreachable()
      }
      assert.is(idOf('/run/netns//x/../blue', {}), netns)
      assert.is(idOf('blue', {}), `${process.cwd()}/blue`)
      symlinkSync(process.cwd(), at('link'))
      assert.is(idOf('blue', { PWD: at('link') }), `${at('link')}/blue`)
      for (const PWD of [at('place'), 'relative', at('nothing')])
        assert.is(idOf('blue', { PWD }), `${process.cwd()}/blue`)
    }))
})

describe('metacni net check', (it) => {
  it('works from a file that libcni wrote, whatever is configured now (X-18)', () =>
    inPlace(async (call, folder) => {
      cache(folder, 'good', { cniArgs: [['A', '1']] })
      rmSync(folder.at('net.d'), { recursive: true })
      assert.equal(await call(`check good ${netns}`), silent)
      const [line = ''] = callsOf(folder)
      assert.match(line, `CHECK eth0 ${containerId} ${netns} args=A=1 `)
      assert.match(line, '"mark":"cached"')
      assert.match(line, '"prevResult":')
    }))

  it('takes CAP_ARGS and CNI_ARGS of the call, where there are any', () =>
    inPlace(async (call, folder) => {
      const capabilityArgs = { mac: 'old', ips: ['1'] }
      cache(folder, 'good', { capabilityArgs }, { capabilities: { mac: true, ips: true } })
      await call(`check good ${netns}`)
      assert.match(callsOf(folder)[0] ?? '', '"runtimeConfig":{"mac":"old","ips":["1"]}')
      await call(`check good ${netns}`, { CAP_ARGS: '{"mac":"new"}', CNI_ARGS: 'B=2' })
      const [line = ''] = callsOf(folder)
      assert.match(line, '"runtimeConfig":{"mac":"new"}')
      assert.match(line, 'args=B=2 ')
    }))

  it('without a cached result is an error that says so (X-21)', () =>
    inPlace(async (call, folder) => {
      const nothing = await call(`check good ${netns}`)
      assert.is(nothing.exitCode, 1)
      assert.match(nothing.stderr, `error[3]: there is no cached result of "good" in ${netns}`)
      cache(folder, 'good', { result: { cniVersion: '9.9.9' } })
      assert.match((await call(`check good ${netns}`)).stderr, 'cannot be read')
      const name = `good-${containerId}-eth0`
      const said = async () => (await call(`check good ${netns}`)).stderr
      const file = folder.at(`cache/results/${name}`)
      const words = `the cached result of "good" in ${netns} as "eth0" cannot be read: ${file}: `
      const broken: readonly (readonly [object, string])[] = [
        [{ result: { cniVersion: '9.9.9' } }, 'its result is none of CNI'],
        [{ result: undefined }, 'it holds no result'],
        [{ config: 'e30=' }, 'its configuration is no network'],
        [{ config: '%' }, 'its config is no base64 of a text'],
        [{ kind: 'x' }, 'cache#/kind: expected "cniCacheV1", got "x"'],
      ]
      for (const [change, why] of broken) {
        cache(folder, 'good', change)
        assert.match(await said(), words + why)
      }
      writeFileSync(file, '{"kind":"cniCacheV1","conta')
      assert.match(await said(), `error[3]: ${words}it is not JSON: SyntaxError`)
      rmSync(file)
      mkdirSync(file)
      assert.match(await said(), `${words}EISDIR`)
      rmSync(file, { recursive: true })
      cache(folder, 'good', { ifName: 'eth1' })
      assert.is((await call(`check other ${netns}`)).exitCode, 1)
      assert.equal(verbsOf(folder), [])
    }))

  it('fails below version 0.4.0, which has no CHECK', () =>
    inPlace(async (call, folder) => {
      await call(`add older ${netns}`)
      callsOf(folder)
      const { exitCode, stderr } = await call(`check older ${netns}`)
      assert.is(exitCode, 1)
      assert.match(stderr, 'configuration version "0.3.1" does not support the CHECK command')
      assert.equal(verbsOf(folder), [])
    }))
})

describe('metacni net del', (it) => {
  it('undoes what libcni cached by the cached configuration, and removes the file', () =>
    inPlace(async (call, folder) => {
      cache(folder, 'good')
      cache(folder, 'good', { ifName: 'eth1' })
      assert.equal(await call(`del good ${netns}`), silent)
      const calls = callsOf(folder)
      assert.is(calls.length, 1)
      assert.match(calls[0] ?? '', `DEL eth0 ${containerId} ${netns} `)
      assert.match(calls[0] ?? '', '"mark":"cached"')
      assert.match(calls[0] ?? '', '"prevResult":')
      assert.equal(cached(folder), [`good-${containerId}-eth1`])
    }))

  it('without a cached file runs the plugins of NETCONFPATH in reverse, without a result', () =>
    inPlace(async (call, folder) => {
      assert.equal(await call(`del list ${netns}`), silent)
      assert.equal(await call(`del list ${netns}`), silent)
      const calls = callsOf(folder)
      assert.is(calls.length, 4)
      for (const line of calls) assert.not.match(line, 'prevResult')
      const unknown = await call(`del nope ${netns}`)
      assert.is(unknown.exitCode, 1)
    }))

  it('does so with a file that cannot be read, and removes it', () =>
    inPlace(async (call, folder) => {
      for (const broken of [{ config: '%' }, { config: '' }, { kind: 'x' }, { result: [] }]) {
        cache(folder, 'good', broken)
        assert.equal(await call(`del good ${netns}`), silent, JSON.stringify(broken))
        assert.equal(verbsOf(folder), ['DEL'])
        assert.equal(cached(folder), [])
      }
    }))

  it('keeps the file of what could not be undone', () =>
    inPlace(async (call, folder) => {
      await call(`add clingy ${netns}`)
      const { exitCode, stderr } = await call(`del clingy ${netns}`)
      assert.is(exitCode, 1)
      assert.match(stderr, 'left: clingy@eth0')
      assert.is(cached(folder).length, 1)
    }))

  it('never takes the interface of another network', () =>
    inPlace(async (call, folder) => {
      cache(folder, 'other')
      for (const verb of ['add', 'del']) {
        const { exitCode, stderr } = await call(`${verb} good ${netns}`)
        assert.is(exitCode, 1)
        assert.match(stderr, `in ${netns} belongs to another attachment, of network "other"; DEL`)
        assert.match(stderr, `hint    metacni net del other ${netns}\n`)
      }
      assert.equal(verbsOf(folder), [])
    }))
})

describe('metacni net gc', (it) => {
  it('is wrong usage without --valid-attachments (X-16)', () =>
    inPlace(async (call, folder) => {
      cache(folder, 'good')
      assert.is((await call('gc good')).exitCode, 2)
      assert.equal(verbsOf(folder), [])
    }))

  it('undoes what is cached of the network and not valid, by its own configuration', () =>
    inPlace(async (call, folder) => {
      cache(folder, 'good', { netns: '/run/netns/old' })
      cache(folder, 'good', { ifName: 'eth1' })
      // What a meta-plugin wrote for a request of another interface.
      cache(folder, 'good', { containerId: 'other', metacni: { ifName: 'eth9', position: 1 } })
      cache(folder, 'other')
      const valid = JSON.stringify([{ containerID: containerId, ifname: 'eth1' }])
      const { exitCode, stdout } = await call(
        `gc good ${netns} --valid-attachments - -o json`,
        {},
        valid,
      )
      assert.is(exitCode, 0)
      const report = JSON.parse(stdout)
      assert.equal(
        report.undone.map((one: { containerId: string; ifname: string }) => [
          one.containerId,
          one.ifname,
        ]),
        [
          [containerId, 'eth0'],
          ['other', 'eth0'],
        ],
      )
      assert.equal([report.left, report.told, report.untold], [[], [], ['good']])
      const lines = callsOf(folder)
      assert.match(lines[0] ?? '', `DEL eth0 ${containerId} /run/netns/old `)
      assert.is(lines.length, 2)
      assert.equal(cached(folder), [`good-${containerId}-eth1`, `other-${containerId}-eth0`])
    }))

  it('keeps what a meta-plugin attached for a request that is valid', () =>
    inPlace(async (call, folder) => {
      cache(folder, 'good', { ifName: 'eth1', metacni: { ifName: 'eth0', position: 1 } })
      const valid = JSON.stringify([{ containerID: containerId, ifname: 'eth0' }])
      assert.is((await call('gc good --valid-attachments -', {}, valid)).exitCode, 0)
      assert.equal(verbsOf(folder), [])
      assert.equal(cached(folder), [`good-${containerId}-eth1`])
    }))

  it('tells the plugins of a network of 1.1.0 what is valid, and keeps what it cannot undo', () =>
    inPlace(async (call, folder) => {
      cache(folder, 'newest', {}, { fail: 'DEL' })
      const valid = [{ containerID: 'x', ifname: 'eth0' }]
      const stdin = JSON.stringify(valid)
      const { exitCode, stdout, stderr } = await call('gc newest --valid-attachments -', {}, stdin)
      assert.is(exitCode, 1)
      assert.match(
        stdout,
        new RegExp(`│ ${containerId} │ newest +│ eth0 +│ left +│ .*no such device`),
      )
      assert.match(stdout, 'told what is valid, the plugins of: newest\n')
      assert.match(stderr, 'error[123]')
      const [, line = ''] = callsOf(folder)
      assert.match(line, /^GC /)
      assert.match(line, `"cni.dev/valid-attachments":${stdin}`)
      assert.is(cached(folder).length, 1)
    }))

  it('does nothing where disableGC is set', () =>
    inPlace(async (call, folder) => {
      cache(folder, 'nogc')
      const { exitCode, stderr } = await call('gc nogc --valid-attachments -', {}, '[]')
      assert.is(exitCode, 0)
      assert.match(stderr, 'disableGC')
      assert.equal(verbsOf(folder), [])
      assert.is(cached(folder).length, 1)
    }))
})

describe('metacni net status', (it) => {
  it('asks the plugins from 1.1.0 on, and ends with their error', () =>
    inPlace(async (call, folder) => {
      assert.equal(await call('status good'), silent)
      assert.equal(verbsOf(folder), [])
      assert.equal(await call(`status newest ${netns}`), silent)
      assert.equal(verbsOf(folder), ['STATUS'])
      const { exitCode, stdout } = await call('status failing -o json')
      assert.equal([exitCode, JSON.parse(stdout).code], [1, 123])
    }))
})

describe('metacni net version', (it) => {
  const plugin = (reply: string, exitCode = 0) => `#!/bin/sh\necho '${reply}'\nexit ${exitCode}\n`
  const plugins = {
    'bin/current': plugin('{"cniVersion":"1.1.0","supportedVersions":["0.4.0","1.0.0"]}'),
    'bin/older': plugin('{"cniVersion":"0.2.0"}'),
    'bin/oldest': plugin('{"code":4,"msg":"unknown CNI_COMMAND: VERSION"}', 1),
    'bin/mute': plugin(''),
    'net.d/good.conf': network({
      name: 'good',
      type: 'current',
      capabilities: { portMappings: true, mac: false },
    }),
    'net.d/mixed.conflist': network({
      name: 'mixed',
      plugins: ['current', 'older', 'oldest', 'mute', 'absent'].map((type) => ({ type })),
    }),
  }
  const inBin = (body: (env: Env) => Promise<void>) =>
    withFolder(plugins, ({ at }) => {
      for (const name of readdirSync(at('bin'))) chmodSync(at(`bin/${name}`), 0o755)
      return body({ CNI_PATH: at('bin'), NETCONFPATH: at('net.d') })
    })

  it('prints what each plugin supports, and exits 0 when the network’s is among it', () =>
    inBin(async (env) => {
      const { exitCode, stdout, stderr } = await metacni(['net', 'version', 'good'], { env })
      assert.equal([exitCode, stderr], [0, ''])
      assert.match(stdout, /│ plugin +│ supports +│ 1\.0\.0 │/)
      assert.match(stdout, /│ current │ 0\.4\.0 1\.0\.0 │ yes +│/)
      const json = await metacni(['net', 'version', 'good', '-o', 'json'], { env })
      const { capabilities } = JSON.parse(json.stdout)
      assert.equal(capabilities, ['portMappings'])
    }))

  it('exits 1 when a plugin does not support it, or does not say', () =>
    inBin(async (env) => {
      const args = ['net', 'version', 'mixed', '/run/netns/blue']
      const { exitCode, stdout } = await metacni([...args, '-o', 'json'], { env })
      assert.is(exitCode, 1)
      const { name, cniVersion, supported, plugins: said, problems } = JSON.parse(stdout)
      assert.equal(
        problems.map(({ code }: { code: string }) => code),
        ['unsupported-version', 'unsupported-version', 'no-version-reply', 'missing-plugin'],
      )
      assert.equal([name, cniVersion, supported], ['mixed', '1.0.0', false])
      assert.equal(said.slice(0, 3), [
        { type: 'current', supportedVersions: ['0.4.0', '1.0.0'], supported: true },
        { type: 'older', supportedVersions: ['0.1.0', '0.2.0'], supported: false },
        { type: 'oldest', supportedVersions: ['0.1.0'], supported: false },
      ])
      assert.match(said[3].error, 'decoding version info: ')
      assert.match(said[4].error, 'failed to find plugin "absent" in path')
      const { stderr } = await metacni(args, { env })
      const older = 'plugin older does not support config version "1.0.0"'
      assert.match(stderr, `error[unsupported-version]: ${older}\n`)
      assert.match(stderr, 'hint it supports 0.1.0, 0.2.0\n')
      assert.match(stderr, 'error[no-version-reply]: plugin mute: decoding version info')
      assert.match(stderr, 'error[missing-plugin]: failed to find plugin "absent" in path')
    }))
})
