import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { describe } from '../suite.js'
import { createMark, type Folder, metacni, network, stubs, withFolder } from './command.js'

const stub = (name: string, more: object = {}) => network({ name, type: 'stub', ...more })
const files = {
  'net.d/good.conf': stub('good'),
  'net.d/other.conf': stub('other', { cniVersion: '1.1.0' }),
  'net.d/clingy.conf': stub('clingy', { fail: 'DEL' }),
  'net.d/stuck.conf': stub('stuck', { wait: 'ADD' }),
}

type Call = (line: string, stdin?: string) => ReturnType<typeof metacni>

const envOf = ({ at }: Folder) => ({ CALLS: at('calls'), MARK: at('mark') })

const addArgs = ({ at }: Folder, id: string, networks: string): readonly string[] => [
  ...['add', '--container-id', id, '--netns', `/run/netns/${id}`, '--state-dir', at('state')],
  ...['--networks', networks, '--conf-dir', at('net.d'), '--bin-dir', stubs],
]

/** Calls `body` after ADDs; `call` is a command on the same state directory. */
const attached = (
  containers: Readonly<Record<string, string>>,
  body: (call: Call, folder: Folder) => Promise<void>,
) =>
  withFolder(files, async (folder) => {
    for (const [id, networks] of Object.entries(containers)) {
      const added = await metacni(addArgs(folder, id, networks), { env: envOf(folder) })
      assert.is(added.exitCode, 0, added.stdout)
    }
    writeFileSync(folder.at('calls'), '')
    const call: Call = (line, stdin = '') =>
      metacni([...line.split(' '), '--state-dir', folder.at('state')], {
        env: envOf(folder),
        stdin,
      })
    await body(call, folder)
  })

const callsOf = ({ read }: Folder): readonly string[] => read('calls').split('\n').slice(0, -1)

const listOf = (...attachments: readonly (readonly [id: string, ifname: string])[]): string =>
  JSON.stringify(attachments.map(([containerID, ifname]) => ({ containerID, ifname })))

describe('metacni ledger', (it) => {
  it('prints every attachment of every container, in three forms', () =>
    attached({ red: 'good', blue: 'good,other@north' }, async (call) => {
      const json = await call('ledger -o json')
      assert.is(json.exitCode, 0)
      const of = (containerId: string, name: string, ifname: string) => ({
        ...{ containerId, ifname: 'eth0', network: name, interface: ifname },
        ...{ state: 'added', netns: `/run/netns/${containerId}` },
      })
      assert.equal(JSON.parse(json.stdout), [
        of('blue', 'good', 'eth0'),
        of('blue', 'other', 'north'),
        of('red', 'good', 'eth0'),
      ])
      assert.equal(parse((await call('ledger -o yaml')).stdout), JSON.parse(json.stdout))
      const { stdout, stderr } = await call('ledger')
      assert.is(stderr, '')
      assert.match(stdout, /│ blue +│ eth0 +│ other +│ north +│ added │ \/run\/netns\/blue │/)
    }))

  it('shows what a DEL left, what is corrupt and what was set aside', () =>
    attached({ blue: 'clingy' }, async (call, { at }) => {
      assert.is((await call('del --container-id blue')).exitCode, 1)
      const folder = at('state/.metacni/blue')
      writeFileSync(`${folder}/net1.json`, '{')
      writeFileSync(`${folder}/net2.json`, '{"record":"other"}')
      writeFileSync(`${folder}/net3.json.corrupt-2`, '')
      writeFileSync(`${folder}/no record`, '')
      const { exitCode, stdout } = await call('ledger -o json')
      assert.is(exitCode, 0)
      const rows: readonly { ifname: string; state: string; file?: string }[] = JSON.parse(stdout)
      assert.equal(
        rows.map(({ ifname, state }) => [ifname, state]),
        [
          ['eth0', 'failed'],
          ['net1', 'corrupt'],
          ['net2', 'corrupt'],
          ['net3', 'quarantined'],
        ],
      )
      assert.is(rows[3]?.file, `${folder}/net3.json.corrupt-2`)
      const table = await call('ledger')
      assert.match(table.stdout, /│ blue +│ net1 +│ - +│ - +│ corrupt +│/)
      assert.match(table.stderr, `warning: ${folder}/net1.json is corrupt: not JSON`)
    }))

  it('waits for nobody: it shows an ADD that hangs', () =>
    attached({}, async (call, folder) => {
      const mark = createMark(folder.at('mark'))
      let end = () => {}
      const adding = metacni(addArgs(folder, 'blue', 'good,stuck'), {
        env: envOf(folder),
        interrupts: (interrupt) => {
          end = () => interrupt('SIGTERM')
        },
      })
      await mark()
      const { stdout } = await call('ledger -o json')
      end()
      assert.is((await adding).exitCode, 143)
      const states = JSON.parse(stdout).map(({ state }: { state: string }) => state)
      assert.equal(states, ['added', 'adding'])
    }))

  it('changes nothing: no folder, no time, no left-over', () =>
    attached({ blue: 'good' }, async (call, { at }) => {
      const folder = at('state/.metacni/blue')
      mkdirSync(at('state/.metacni/empty'))
      writeFileSync(`${folder}/.eth0.json.1.tmp`, '')
      const look = () => [readdirSync(folder).sort(), statSync(folder).mtimeMs]
      const before = look()
      await call('ledger')
      assert.equal(look(), before)
      assert.ok(existsSync(at('state/.metacni/empty')))
      const nothing = await metacni(['ledger', '--state-dir', at('nothing')])
      const said = `nothing is recorded in ${at('nothing')}\n`
      assert.equal(nothing, { exitCode: 0, stdout: '', stderr: said })
      const empty = await metacni(['ledger', '--state-dir', at('nothing'), '-o', 'json'])
      assert.is(empty.stdout, '[]\n')
      assert.not.ok(existsSync(at('nothing')))
    }))

  it('is an error object alone where its directory cannot be read: nothing was to be planned', () =>
    withFolder({ file: '' }, async ({ at }) => {
      const args = ['ledger', '--state-dir', at('file'), '-o', 'json']
      const { exitCode, stdout } = await metacni(args)
      assert.is(exitCode, 1)
      const error = JSON.parse(stdout)
      assert.is(error.problems[0].code, 'unreadable-directory')
      assert.equal(Object.keys(error), ['cniVersion', 'code', 'msg', 'details', 'problems'])
    }))

  it('shows what the cache alone knows, and the scratch files of Go plugins', () =>
    attached({ blue: 'good', red: 'good' }, async (call, { at }) => {
      rmSync(at('state/.metacni/blue'), { recursive: true })
      const Conf = { name: 'a', type: 'stub' }
      writeFileSync(at('state/gopod'), JSON.stringify([{ Conf, ifnameRequest: 'net1' }]))
      writeFileSync(at('state/spoiled'), '[{"Conf": 7}]')
      writeFileSync(at('state/aside.corrupt'), '')
      writeFileSync(at('state/10.0.0.2'), 'c1\r\neth0')
      writeFileSync(at('state/cut'), '[{"Conf": {"na')
      const { exitCode, stdout } = await call('ledger -o json')
      assert.is(exitCode, 0)
      const rows: readonly Record<string, unknown>[] = JSON.parse(stdout)
      assert.equal(
        rows.map(({ containerId, interface: name, state, source }) => [
          ...[containerId, name, state, source],
        ]),
        [
          ['aside', undefined, 'quarantined', 'scratch file'],
          ['blue', 'eth0', 'added', 'cache'],
          ['cut', undefined, 'corrupt', 'scratch file'],
          ['gopod', 'net1', 'added', 'scratch file'],
          ['red', 'eth0', 'added', undefined],
          ['spoiled', undefined, 'corrupt', 'scratch file'],
        ],
      )
      assert.is(rows[1]?.file, at('state/results/good-blue-eth0'))
      const table = (await call('ledger')).stdout
      assert.match(
        table,
        /│ blue +│ eth0 +│ good +│ eth0 +│ added \(cache\) +│ \/run\/netns\/blue │/,
      )
      assert.match(table, /│ gopod .*│ added \(scratch file\) +│/)
    }))

  it('takes the state directory of --config, and refuses what is none', () =>
    attached({ blue: 'good' }, async (_, { at }) => {
      writeFileSync(at('multus.conf'), JSON.stringify({ cniDir: at('state') }))
      const { stdout } = await metacni(['ledger', '--config', at('multus.conf'), '-o', 'json'])
      assert.is(JSON.parse(stdout).length, 1)
      writeFileSync(at('state/file'), '')
      const wrong = await metacni(['ledger', '--state-dir', at('state/file')])
      assert.is(wrong.exitCode, 1)
      assert.match(wrong.stderr, 'error[unreadable-directory]')
      assert.is((await metacni(['ledger', '--config', at('absent')])).exitCode, 1)
    }))
})

describe('metacni gc', (it) => {
  it('undoes what is recorded and not valid, keeps the rest, and tells the plugins', () =>
    attached({ red: 'good', blue: 'good,other@north' }, async (call, folder) => {
      const gc = `gc --valid-attachments - --conf-dir ${folder.at('net.d')} --bin-dir ${stubs}`
      const { exitCode, stdout, stderr } = await call(`${gc} -o json`, listOf(['blue', 'eth0']))
      assert.equal([exitCode, stderr], [0, ''])
      const { undone, left, told, untold } = JSON.parse(stdout)
      // `interface` as in ledger, whose `ifname` is another name (docs/cli.md).
      assert.equal(undone, [
        { containerId: 'red', network: 'good', ifname: 'eth0', interface: 'eth0' },
      ])
      assert.equal([left, told], [[], ['other']])
      assert.equal(untold, ['clingy', 'good', 'stuck'])
      const [del = '', gcCall = '', ...rest] = callsOf(folder)
      assert.match(del, 'DEL eth0 red /run/netns/red ')
      assert.match(gcCall, /^GC /)
      assert.match(gcCall, '{"containerID":"blue","ifname":"north"}')
      assert.equal(rest, [])
      assert.equal(JSON.parse((await call('ledger -o json')).stdout).length, 2)
      const again = await call(gc, listOf(['blue', 'eth0']))
      assert.match(again.stdout, /^nothing is stale\ntold what is valid, the plugins of: other\n/)
      assert.match(again.stdout, '\nnot told, below version 1.1.0: clingy, good and stuck\n')
    }))

  it('exits 1 with what is left and why, beside what was undone', () =>
    attached({ red: 'good', blue: 'clingy', green: 'good' }, async (call, folder) => {
      const gc = `gc --valid-attachments - --conf-dir ${folder.at('net.d')}`
      const { exitCode, stdout } = await call(`${gc} -o json`, '[]')
      assert.is(exitCode, 1)
      const { code, msg, undone, left } = JSON.parse(stdout)
      assert.is(code, 123)
      assert.match(msg, 'no such device')
      assert.equal(undone.map(({ containerId }: { containerId: string }) => containerId).sort(), [
        'green',
        'red',
      ])
      assert.is(left.length, 1)
      assert.equal(
        [left[0].containerId, left[0].network, left[0].error.code],
        ['blue', 'clingy', 123],
      )
      const table = await call(gc, '[]')
      assert.is(table.exitCode, 1)
      assert.match(table.stdout, /│ blue +│ clingy +│ eth0 +│ left +│ .*no such device/)
      assert.match(table.stderr, 'error[123]')
    }))

  it('undoes what the cache alone knows, and what a Go plugin attached', () =>
    attached({ blue: 'good', red: 'good' }, async (call, folder) => {
      rmSync(folder.at('state/.metacni/blue'), { recursive: true })
      const Conf = { name: 'a', type: 'stub' }
      writeFileSync(folder.at('state/gopod'), JSON.stringify([{ Conf, ifnameRequest: 'net1' }]))
      const gc = `gc --valid-attachments - --conf-dir ${folder.at('net.d')} --bin-dir ${stubs}`
      const { exitCode } = await call(`${gc} -o json`, listOf(['red', 'eth0']))
      assert.is(exitCode, 0)
      const dels = callsOf(folder).filter((line) => line.startsWith('DEL'))
      assert.equal(dels.map((line) => line.split(' ', 3).join(' ')).sort(), [
        'DEL eth0 blue',
        'DEL net1 gopod',
      ])
      assert.not.ok(existsSync(folder.at('state/gopod')))
      assert.not.ok(existsSync(folder.at('state/results/good-blue-eth0')))
      assert.equal(JSON.parse((await call('ledger -o json')).stdout).length, 1)
    }))

  it('names a scratch file that was cut short, and tells no plugin what is valid when its pod is', () =>
    attached({ red: 'good' }, async (call, folder) => {
      const file = folder.at('state/gopod')
      writeFileSync(file, '[{"Conf": {"na')
      const gc = `gc --valid-attachments - --conf-dir ${folder.at('net.d')} --bin-dir ${stubs}`
      const valid =
        '[{"containerID":"red","ifname":"eth0"},{"containerID":"gopod","ifname":"eth0"}]'
      const { exitCode, stdout, stderr } = await call(`${gc} -o json`, valid)
      assert.is(exitCode, 0)
      assert.equal(JSON.parse(stdout).told, [])
      assert.match(stderr, `warning: a scratch file cannot be read: ${file}: it is not JSON`)
      assert.ok(existsSync(file))
      const stale = await call(gc, listOf(['red', 'eth0']))
      assert.match(stale.stderr, `a scratch file cannot be read: ${file}: it is not JSON`)
      assert.ok(existsSync(`${file}.corrupt`))
    }))

  it('calls no plugin of the type of the configuration itself', () =>
    attached({}, async (call, folder) => {
      const own = network({ name: 'own', type: 'multus', cniVersion: '1.1.0' })
      writeFileSync(folder.at('net.d/00-own.conf'), own)
      const gc = `gc --valid-attachments - --conf-dir ${folder.at('net.d')} --bin-dir ${stubs}`
      const { exitCode, stdout } = await call(`${gc} -o json`, '[]')
      assert.equal([exitCode, JSON.parse(stdout).told], [0, ['other']])
    }))

  it('tells no plugin when something valid is not recorded here', () =>
    attached({}, async (call, folder) => {
      const gc = `gc --valid-attachments - --conf-dir ${folder.at('net.d')} -o json`
      const { exitCode, stdout } = await call(gc, listOf(['foreign', 'eth0']))
      assert.is(exitCode, 0)
      assert.equal(JSON.parse(stdout).told, [])
      assert.equal(callsOf(folder), [])
      const keys = { cniVersion: '1.1.0', disableGC: true, plugins: [{ type: 'stub' }] }
      writeFileSync(folder.at('net.d/nogc.conflist'), network({ name: 'nogc', ...keys }))
      const told = await call(gc, listOf(['foreign', 'eth0']))
      const below = 'below version 1.1.0'
      assert.equal(JSON.parse(told.stdout).passedOver, [
        { network: 'nogc', why: 'disableGC is set' },
        { network: 'clingy', why: below },
        { network: 'good', why: below },
        { network: 'other', why: 'a valid attachment is not recorded here' },
        { network: 'stuck', why: below },
      ])
      const text = await call(gc.replace('-o json', '-o table'), listOf(['foreign', 'eth0']))
      assert.match(text.stdout, 'not told, disableGC is set: nogc\n')
      assert.match(text.stdout, 'not told, a valid attachment is not recorded here: other\n')
      const warning =
        'warning: a valid attachment is not recorded here: no plugin is told what is valid'
      assert.match(text.stderr, `${warning} (container foreign, interface eth0)\n`)
    }))

  it('refuses a list that is not whole before anything is undone', () =>
    attached({ blue: 'good' }, async (call, folder) => {
      const gc = `gc --conf-dir ${folder.at('net.d')}`
      assert.is((await call(gc)).exitCode, 2)
      const wrong = [
        ...['', 'null', '{}', '[null]', '[{"containerId":"blue","ifname":"eth0"}]', '["blue"]'],
        ...[listOf(['../blue', 'eth0']), listOf(['blue', '']), `${'['.repeat(100)}`],
      ]
      for (const list of wrong) {
        const { exitCode, stdout } = await call(`${gc} --valid-attachments - -o json`, list)
        assert.is(exitCode, 1, list)
        assert.ok(JSON.parse(stdout).problems.length > 0, list)
      }
      const file = await call(`${gc} --valid-attachments ${folder.at('absent')}`)
      assert.match(file.stderr, 'error[bad-json]: cannot be read: ENOENT')
      execFileSync('mkfifo', [folder.at('pipe')])
      const pipe = await call(`${gc} --valid-attachments ${folder.at('pipe')}`)
      assert.match(pipe.stderr, 'cannot be read: it is not a regular file')
      assert.match(pipe.stderr, 'hint - reads stdin')
      const places = `gc --valid-attachments - --conf-dir ${folder.at('absent')}`
      assert.is((await call(places, '[]')).exitCode, 1)
      assert.equal(callsOf(folder), [])
    }))

  it('makes nothing where nothing was recorded', () =>
    withFolder(files, async ({ at }) => {
      const args = ['gc', '--valid-attachments', '-', '--state-dir', at('state')]
      const places = ['--conf-dir', at('net.d'), '--bin-dir', at('bin')]
      mkdirSync(at('bin'))
      writeFileSync(at('bin/stub'), '#!/bin/sh\n')
      chmodSync(at('bin/stub'), 0o755)
      const { exitCode, stderr } = await metacni([...args, ...places], { stdin: '[]' })
      assert.equal([exitCode, stderr], [0, `nothing is recorded in ${at('state')}\n`])
      const ledger = await metacni(['ledger', '--state-dir', at('state')])
      assert.is(ledger.stderr, stderr)
      const data = await metacni([...args, ...places, '-o', 'json'], { stdin: '[]' })
      assert.equal([data.exitCode, data.stderr], [0, ''])
      assert.not.ok(existsSync(at('state')))
    }))
})
