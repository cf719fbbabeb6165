import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { noteLog } from '../../examples/metacni/note-log.js'
import { describe } from '../suite.js'
import { createMark, type Folder, metacni, network, stubs, withFolder } from './command.js'

const stub = (name: string, more: object = {}) => network({ name, type: 'stub', ...more })
const files = {
  'net.d/good.conf': stub('good'),
  'net.d/other.conf': stub('other'),
  'net.d/changed.conf': stub('changed', { fail: 'CHECK' }),
  'net.d/clingy.conf': stub('clingy', { fail: 'DEL' }),
  'net.d/stuck.conf': stub('stuck', { wait: 'DEL' }),
}

/** What the fork leaves of a pod with one network. */
const scratch = JSON.stringify([{ Conf: { name: 'a', type: 'stub' }, masterPlugin: true }])

const silent = { exitCode: 0, stdout: '', stderr: '' }

/** Calls `body` after an ADD of these networks; `call` is a command on the same state directory. */
const attached = (
  networks: string,
  body: (
    call: (
      args: readonly string[],
      world?: Parameters<typeof metacni>[1],
    ) => ReturnType<typeof metacni>,
    folder: Folder,
  ) => Promise<void>,
) =>
  withFolder(files, async (folder) => {
    const env = { CALLS: folder.at('calls'), MARK: folder.at('mark') }
    const call = (args: readonly string[], world: Parameters<typeof metacni>[1] = {}) =>
      metacni([...args, '--state-dir', folder.at('state')], { env, ...world })
    const sandbox = ['--netns', '/run/netns/blue', '--container-id', 'blue']
    const plan = ['--networks', networks, '--conf-dir', folder.at('net.d'), '--bin-dir', stubs]
    const added = await call(['add', ...sandbox, ...plan])
    assert.is(added.exitCode, 0, added.stdout)
    writeFileSync(folder.at('calls'), '')
    await body(call, folder)
  })

/** What stubs were called with since the ADD. */
const callsOf = ({ read }: Folder): readonly string[] =>
  read('calls')
    .split('\n')
    .filter((line) => line !== '')

const container = ['--container-id', 'blue']

describe('metacni check', (it) => {
  it('works from the record, and prints nothing when all is well', () =>
    attached('good,other', async (call, folder) => {
      for (const format of ['text', 'json', 'yaml']) {
        assert.equal(await call(['check', ...container, '-o', format]), silent)
      }
      const verbs = callsOf(folder).map((line) => line.split(' ', 2).join(' '))
      assert.equal(verbs.slice(0, 2), ['CHECK eth0', 'CHECK eth1'])
      assert.match(callsOf(folder)[0] ?? '', '"prevResult"')
      assert.match(callsOf(folder)[0] ?? '', ' /run/netns/blue ')
    }))

  it('tells a failure on stderr and exits 1; with -o json as a CNI error object on stdout', () =>
    attached('good,changed', async (call) => {
      const text = await call(['check', ...container])
      assert.is(text.exitCode, 1)
      assert.is(text.stdout, '')
      assert.match(text.stderr, 'error[123]: network "changed" interface "eth1"')
      const json = await call(['check', ...container, '-o', 'json'])
      assert.is(json.exitCode, 1)
      assert.is(json.stderr, '')
      const { cniVersion, code, msg, details } = JSON.parse(json.stdout)
      assert.equal([cniVersion, code, details], ['1.1.0', 123, 'stub0'])
      assert.match(msg, 'plugin stub failed (check): no such device')
      const yaml = await call(['check', ...container, '-o', 'yaml'])
      assert.equal(parse(yaml.stdout), JSON.parse(json.stdout))
    }))

  it('says nothing of CNI_IFNAME where nobody named one', () =>
    withFolder({}, async ({ at }) => {
      const ask = async (...more: readonly string[]) =>
        (await metacni(['check', ...container, '--state-dir', at('state'), ...more])).stderr
      const words = 'error[3]: CNI_CONTAINERID blue has no complete attachment'
      assert.is(await ask(), `${words}\n`)
      assert.is(await ask('--ifname', 'net1'), `${words} for CNI_IFNAME net1\n`)
    }))

  it('fails with code 3 for a container that nobody attached, and makes nothing', () =>
    withFolder({}, async ({ at }) => {
      const args = ['check', '--container-id', 'red', '--state-dir', at('state'), '-o', 'json']
      const { exitCode, stdout } = await metacni(args)
      assert.is(exitCode, 1)
      assert.is(JSON.parse(stdout).code, 3)
      assert.not.ok(existsSync(at('state')))
    }))
})

describe('metacni del', (it) => {
  it('undoes everything in reverse from the record, prints nothing, and forgets it', () =>
    attached('good,other', async (call, folder) => {
      assert.equal(await call(['del', ...container]), silent)
      const calls = callsOf(folder).map((line) => line.split(' ', 4).join(' '))
      assert.equal(calls, ['DEL eth1 blue /run/netns/blue', 'DEL eth0 blue /run/netns/blue'])
      assert.equal(readdirSync(folder.at('state/.metacni')), [])
    }))

  it('succeeds when there is nothing, as often as it is asked, and makes nothing', () =>
    withFolder({}, async ({ at }) => {
      const state = ['--state-dir', at('state')]
      assert.equal(await metacni(['del', ...container, ...state]), silent)
      assert.equal(await metacni(['del', ...container, ...state, '--runner', 'memory']), silent)
      assert.not.ok(existsSync(at('state')))
    }))

  it('takes another namespace from --netns, other CNI_ARGS and directories that are searched first', () =>
    attached('good', async (call, folder) => {
      const more = ['--netns', '/run/netns/red', '--cni-args', 'A=1', '--bin-dir', folder.at('bin')]
      assert.equal(await call(['del', ...container, ...more]), silent)
      const [line = ''] = callsOf(folder)
      assert.match(line, `DEL eth0 blue /run/netns/red args=A=1 path=${folder.at('bin')}:${stubs}`)
    }))

  it('refuses the namespace that it runs in itself (X-08)', () =>
    attached('good', async (call, folder) => {
      const { exitCode, stdout } = await call([
        'del',
        ...container,
        '--netns',
        '/proc/self/ns/net',
        '-o',
        'json',
      ])
      assert.is(exitCode, 1)
      assert.is(JSON.parse(stdout).code, 8)
      assert.equal(callsOf(folder), [])
    }))

  it('searches CNI_PATH, --bin-dir and the binDir of --config first, as gc does, then those of the record', () =>
    attached('good', async (call, folder) => {
      writeFileSync(folder.at('c.json'), JSON.stringify({ binDir: '/own/bin' }))
      const env = { CALLS: folder.at('calls'), CNI_PATH: '/nope' }
      const more = ['--bin-dir', folder.at('bin'), '--config', folder.at('c.json')]
      for (const verb of ['check', 'del']) {
        assert.equal(await call([verb, ...container, ...more], { env }), silent)
      }
      const path = `path=/nope:${folder.at('bin')}:/own/bin:${stubs}:/opt/cni/bin `
      assert.is(callsOf(folder).filter((line) => line.includes(path)).length, 2)
    }))

  it('searches the usual directories for what a Go plugin attached, whose file names none', () =>
    withFolder({ 'state/gopod': scratch, calls: '' }, async (folder) => {
      const state = ['--container-id', 'gopod', '--state-dir', folder.at('state')]
      const env = { CALLS: folder.at('calls') }
      const lost = await metacni(['del', ...state], { env })
      assert.is(lost.exitCode, 1)
      assert.match(lost.stderr, 'failed to find plugin "stub" in path [/opt/cni/bin]')
      assert.match(lost.stderr, 'hint    --bin-dir names the directory of a plugin\n')
      const found = await metacni(['del', ...state], { env: { ...env, CNI_PATH: stubs } })
      assert.equal(found, silent)
      assert.match(folder.read('calls'), `DEL eth0 gopod  args= path=${stubs}`)
    }))

  it('undoes the attachment of --ifname alone', () =>
    attached('good', async (call, folder) => {
      assert.equal(await call(['del', ...container, '--ifname', 'net9']), silent)
      assert.equal(callsOf(folder), [])
      assert.equal(await call(['del', ...container, '--ifname', 'eth0']), silent)
      assert.is(callsOf(folder).length, 1)
    }))

  it('tries everything when something fails, says what is left, and keeps only that', () =>
    attached('clingy,good', async (call, folder) => {
      const text = await call(['del', ...container])
      assert.is(text.exitCode, 1)
      assert.is(text.stdout, '')
      assert.match(text.stderr, 'error[123]: network "clingy" interface "eth0"')
      assert.match(text.stderr, 'undone: good@eth1\nleft: clingy@eth0 (the next del tries again)\n')
      const json = await call(['del', ...container, '-o', 'json'])
      assert.is(json.exitCode, 1)
      assert.is(JSON.parse(json.stdout).code, 123)
      const verbs = callsOf(folder).map((line) => line.split(' ', 2).join(' '))
      assert.equal(verbs, ['DEL eth1', 'DEL eth0', 'DEL eth0'])
    }))

  it('ends with the plugin that runs when it is interrupted, and keeps the record', () =>
    attached('good,stuck', async (call, folder) => {
      const started = createMark(folder.at('mark'))
      const ended = await call(['del', ...container], {
        env: { CALLS: folder.at('calls'), MARK: folder.at('mark') },
        interrupts: async (interrupt) => {
          await started()
          interrupt('SIGTERM')
        },
      })
      assert.is(ended.exitCode, 143)
      assert.match(ended.stderr, 'SIGTERM: ')
      assert.match(ended.stderr, 'stuck@eth1')
      assert.ok(existsSync(folder.at('state/.metacni/blue/eth0.json')))
    }))

  it('says once of which container a record is lost, and which networks are known all the same', () =>
    attached('good,other', async (call, folder) => {
      rmSync(folder.at('state/.metacni/blue'), { recursive: true })
      const { exitCode, stderr } = await call(['check', ...container])
      assert.is(exitCode, 0)
      const words = 'a record is lost: what the result cache knows stands in for it'
      const where = 'container blue, interface eth0, networks good, other'
      assert.is(stderr, `warning: ${words} (${where})\n`)
    }))

  it('says of a record that the cache stands in for why it cannot be read, and where it lies', () =>
    attached('good', async (call, folder) => {
      const file = folder.at('state/.metacni/blue/eth0.json')
      for (const [text, why] of [
        ['{', `${file} is not JSON`],
        ['{}', `${file}: record#/record`],
      ] as const) {
        writeFileSync(file, text)
        const { stderr } = await call(['check', ...container])
        assert.match(stderr, 'warning: a record cannot be read and is to be set aside: ')
        assert.match(stderr, ` stands in for it: ${why}`)
        assert.match(stderr, '(container blue, interface eth0, networks good)\n')
        assert.is(stderr.split('\n').length, 2)
      }
    }))

  it('sets a record aside that nobody can read, and says so', () =>
    attached('good', async (call, folder) => {
      writeFileSync(folder.at('state/.metacni/blue/eth0.json'), '{')
      const { exitCode, stderr } = await call(['del', ...container])
      assert.is(exitCode, 0)
      assert.match(stderr, /^warning: .*set aside/)
      assert.equal(readdirSync(folder.at('state/.metacni/blue')), ['eth0.json.corrupt'])
    }))

  it('says of a record and of a scratch file that cannot be read why, and where it lies', () =>
    attached('good', async (call, folder) => {
      const record = folder.at('state/.metacni/blue/eth0.json')
      rmSync(folder.at('state/results'), { recursive: true })
      const plan = ['--networks', 'good', '--conf-dir', folder.at('net.d'), '--bin-dir', stubs]
      const add = ['add', ...container, '--netns', '/run/netns/blue', ...plan, '-o', 'table']
      const reasons = [
        ['{"record":"metacni","vers', `${record} is not JSON: SyntaxError`],
        ['{"record":"other"}', `${record}: record#/record: expected "metacni", got "other"`],
      ] as const
      for (const [text, reason] of reasons) {
        writeFileSync(record, text)
        for (const { stderr } of [await call(add), await call(['check', ...container])]) {
          assert.match(stderr, `error[6]: the record of eth0 cannot be read: ${reason}`)
        }
        const { stderr } = await call(['del', ...container])
        assert.match(stderr, `the record of eth0 cannot be read and is set aside: ${reason}`)
        assert.match(stderr, '(container blue)\n')
      }
      writeFileSync(folder.at('state/blue'), '[{"Conf"')
      const { stderr } = await call(['check', ...container])
      assert.match(stderr, `cannot be read: ${folder.at('state/blue')}: it is not JSON`)
    }))

  it('uses the simulated node of its state directory without --runner', () =>
    withFolder(
      { 'net.d/a.conf': network({ name: 'a', type: 'sriov', if0: 'p0', l2enable: true }) },
      async ({ at, read }) => {
        const state = ['--state-dir', at('state')]
        const sandbox = ['--netns', '/run/netns/blue', ...container]
        const plan = ['--networks', 'a', '--conf-dir', at('net.d'), '--runner', 'memory']
        await metacni(['add', ...sandbox, ...plan, ...state])
        const isUsed = () => read('state/node.json').includes('"containerId": "blue"')
        assert.ok(isUsed())
        assert.equal(await metacni(['check', ...container, ...state]), silent)
        assert.equal(await metacni(['del', ...container, ...state]), silent)
        assert.not.ok(isUsed())
        assert.is((await metacni(['check', ...container, ...state])).exitCode, 1)
      },
    ))
})

describe('the warnings of a command', (it) => {
  it('are told once, however often a container is opened, and say which it is', () => {
    const lines: string[] = []
    const stderr = { write: (line: string) => lines.push(line), isTerminal: false }
    const log = noteLog({ stderr })
    for (const containerId of ['blue', 'blue', 'red', 'blue']) {
      log.write('error', 'containers are not locked', { containerId, reason: 'EROFS' })
    }
    assert.equal(lines, [
      'warning: containers are not locked: EROFS (container blue)\n',
      'warning: containers are not locked: EROFS (container red)\n',
    ])
  })
})

describe('metacni check and del refuse', (it) => {
  for (const verb of ['check', 'del']) {
    it(`a container id that leaves the directory (${verb})`, () =>
      withFolder({ 'x/eth0.json': '{}' }, async ({ at, read }) => {
        const args = [verb, '--container-id', '../../x', '--state-dir', at('state')]
        const text = await metacni(args)
        assert.is(text.exitCode, 1)
        assert.is(text.stdout, '')
        assert.match(text.stderr, 'error[bad-container-id]')
        const json = await metacni([...args, '-o', 'json'])
        assert.is(json.stderr, '')
        assert.is(JSON.parse(json.stdout).code, 4)
        assert.is(JSON.parse(json.stdout).problems[0].code, 'bad-container-id')
        assert.is(read('x/eth0.json'), '{}')
        assert.not.ok(existsSync(at('state')))
      }))

    it(`a configuration that cannot be read (${verb})`, async () => {
      const args = [verb, ...container, '--config', '/nope', '-o', 'json']
      const { exitCode, stdout } = await metacni(args)
      assert.is(exitCode, 1)
      assert.is(JSON.parse(stdout).problems[0].code, 'bad-configuration')
    })
  }
})
