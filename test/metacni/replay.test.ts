import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { hold, noNamespaces } from '../multus/namespaces.js'
import { describe } from '../suite.js'
import { type Folder, metacni, network, stubs, withFolder } from './command.js'

const recordings = fileURLToPath(new URL('../recordings', import.meta.url))
const at = (name: string): string => `${recordings}/${name}.jsonl`

const stub = (name: string, more: object = {}) => network({ name, type: 'stub', ...more })
const files = {
  'net.d/good.conf': stub('good', { password: 'correct-horse-battery' }),
  'net.d/bad.conf': stub('bad', { fail: 'ADD' }),
}

const calls = (folder: Folder) => {
  const env = { CALLS: folder.at('calls'), MARK: folder.at('mark') }
  const more = ['--state-dir', folder.at('state'), '--record', folder.at('file')]
  return (...args: readonly string[]) => metacni([...args, ...more], { env })
}
const blue = ['--container-id', 'blue']
const addArgs = (folder: Folder, networks: string) => [
  ...['add', ...blue, '--netns', '/run/netns/blue', '--networks', networks],
  ...['--conf-dir', folder.at('net.d'), '--bin-dir', stubs],
]

describe('--record', (it) => {
  it('appends what add, check, del and gc do to one file, mode 0600, without secrets', () =>
    withFolder(files, async (folder) => {
      const call = calls(folder)
      writeFileSync(folder.at('valid'), '[]')
      assert.is((await call(...addArgs(folder, 'good'))).exitCode, 0)
      assert.is((await call('check', ...blue)).exitCode, 0)
      assert.is((await call('del', ...blue)).exitCode, 0)
      assert.is((await call(...addArgs(folder, 'good,bad'))).exitCode, 1)
      const gc = ['gc', '--valid-attachments', folder.at('valid'), '--conf-dir', folder.at('net.d')]
      assert.is((await call(...gc)).exitCode, 0)
      assert.is(statSync(folder.at('file')).mode & 0o777, 0o600)
      assert.match(folder.read('calls'), 'correct-horse-battery')
      assert.not.match(folder.read('file'), 'correct-horse-battery')
      const replayed = await metacni(['replay', folder.at('file')])
      assert.is(replayed.exitCode, 0, replayed.stderr)
      const commands = [...replayed.stdout.matchAll(/file:\d+: ([A-Z]+).*: the same in/g)]
      assert.equal(
        commands.map(([, verb]) => verb),
        ['ADD', 'CHECK', 'DEL', 'ADD', 'GC'],
      )
    }))

  it('works on a simulated node', () =>
    withFolder(files, async (folder) => {
      const simulated = ['--runner', 'memory', '--record', folder.at('file')]
      const plan = ['--networks', 'front', '--conf-dir', folder.at('net.d')]
      writeFileSync(folder.at('net.d/front.conf'), network({ name: 'front', type: 'bridge' }))
      const added = await metacni([
        'add',
        ...blue,
        '--netns',
        '/run/netns/blue',
        ...plan,
        ...simulated,
      ])
      assert.is(added.exitCode, 0, added.stdout)
      assert.is((await metacni(['replay', folder.at('file')])).exitCode, 0)
    }))

  it('that cannot be written is refused before anything runs', () =>
    withFolder(files, async (folder) => {
      mkdirSync(folder.at('file'))
      const { exitCode, stdout } = await calls(folder)(...addArgs(folder, 'good'))
      assert.is(exitCode, 1)
      const error = JSON.parse(stdout)
      assert.is(error.problems[0].code, 'bad-recording')
      assert.equal(Object.keys(error), ['cniVersion', 'code', 'msg', 'details', 'problems'])
      assert.not.ok(existsSync(folder.at('calls')))
      assert.not.ok(existsSync(folder.at('state/.metacni/blue')))
      const empty = await metacni(['del', ...blue, '--record', ''])
      assert.is(empty.exitCode, 2)
    }))
})

describe('--record onto what is no recording', (it) => {
  it('is refused before anything runs, with the name and a hint, and changes nothing', () =>
    withFolder(files, async (folder) => {
      const config = stub('node')
      for (const args of [addArgs(folder, 'good'), ['check', ...blue], ['del', ...blue], ['gc']]) {
        writeFileSync(folder.at('file'), config)
        writeFileSync(folder.at('valid'), '[]')
        const more = args[0] === 'gc' ? ['--valid-attachments', folder.at('valid')] : []
        const { exitCode, stdout } = await calls(folder)(...args, ...more, '-o', 'json')
        assert.is(exitCode, 1)
        const [problem] = JSON.parse(stdout).problems
        assert.is(problem.code, 'bad-recording')
        assert.match(problem.message, `${folder.at('file')} holds something else than recordings`)
        assert.match(problem.hint, 'name a new file')
        assert.is(folder.read('file'), config)
        assert.not.ok(existsSync(folder.at('calls')))
      }
    }))
})

describe('--record on a disk that fills up', (it) => {
  const title =
    'says once that the recording ends early, and goes on; what there is replays the same'
  if (noNamespaces !== undefined) return it.skip(title, noNamespaces)
  it(title, () =>
    withFolder({ 'net.d/good.conf': files['net.d/good.conf'] }, async (folder) => {
      mkdirSync(folder.at('small'))
      const disk = await hold(['mount'], `mount -t tmpfs -o size=4k none ${folder.at('small')}`)
      try {
        const file = folder.at('small/file')
        const [program = '', ...enter] = disk.enter
        const index = fileURLToPath(new URL('../../examples/metacni/index.ts', import.meta.url))
        const node = [process.execPath, '--import', import.meta.resolve('tsx')]
        const call = (...args: readonly string[]) =>
          spawnSync(program, [...enter, ...node, index, ...args], {
            encoding: 'utf8',
            env: { PATH: process.env.PATH, CALLS: folder.at('calls') },
          })
        const state = ['--state-dir', folder.at('state'), '--record', file]
        const added = call(...addArgs(folder, 'good,good,good'), ...state)
        assert.is(added.status, 0, added.stderr)
        const warnings = added.stderr.match(/warning: the recording ends early: ENOSPC/g)
        assert.is(warnings?.length, 1, added.stderr)
        const replayed = call('replay', file)
        assert.is(replayed.status, 0, replayed.stderr)
        assert.match(replayed.stdout, 'where the recording is cut short')
      } finally {
        disk.release()
      }
    }),
  )
})

describe('metacni replay', (it) => {
  it('exits 0 when all goes the same way, a line for each operation', async () => {
    const { exitCode, stdout, stderr } = await metacni(['replay', at('dual-stack'), at('crash')])
    assert.is(exitCode, 0)
    assert.is(stderr, '')
    const words = stdout.replaceAll(`${recordings}/`, '').trimEnd().split('\n')
    assert.equal(words, [
      'dual-stack.jsonl:1: ADD web eth0: the same in 5 steps',
      'dual-stack.jsonl:13: CHECK web: the same in 3 steps',
      'dual-stack.jsonl:21: DEL web: the same in 5 steps',
      'crash.jsonl:1: ADD web eth0: the same in 5 steps, where the recording is cut short',
      'crash.jsonl:11: ADD web eth0: the same in 9 steps',
      'crash.jsonl:31: DEL web: the same in 5 steps',
    ])
  })

  it('exits 1 when something would be done, and says which step, what was, and what would be', async () => {
    const text = readFileSync(at('dual-stack'), 'utf8').split('\n')
    const spoil = (line: number, from: string, to: string) =>
      text.splice(line, 1, (text[line] ?? '').replace(from, to))
    spoil(5, '"isDefaultGateway":true', '"isDefaultGateway":true,"mtu":1400')
    spoil(15, '"type":"bridge","verb"', '"type":"ptp","verb"')
    const { exitCode, stdout } = await metacni(['replay', '-'], { stdin: text.join('\n') })
    assert.is(exitCode, 1)
    assert.is(
      stdout,
      `stdin:1: ADD web eth0: different at step 3 of 5
  step 3: ADD bridge for dual@eth0
    /stdin/mtu
      recorded 1400
      today    nothing
stdin:13: CHECK web: different at step 2 of 3
  step 2:
    recorded CHECK ptp for dual@eth0
    today    CHECK bridge for dual@eth0
stdin:21: DEL web: the same in 5 steps
`,
    )
    const json = await metacni(['replay', '-', '-o', 'json'], { stdin: text.join('\n') })
    assert.is(json.exitCode, 1)
    const [first] = JSON.parse(json.stdout).recordings
    assert.equal(first.differences[0].changes, [{ path: '/stdin/mtu', before: 1400 }])
    assert.equal([first.command, first.steps, first.replayed], ['ADD web eth0', 5, 5])
    const yaml = await metacni(['replay', '-', '-o', 'yaml'], { stdin: text.join('\n') })
    assert.equal(parse(yaml.stdout), JSON.parse(json.stdout))
  })

  it('tells a step too many, one too few, and another outcome', async () => {
    const lines = readFileSync(at('nothing'), 'utf8').split('\n')
    const more = lines.filter((_, index) => index !== 3 && index !== 4)
    const told = await metacni(['replay', '-'], { stdin: more.join('\n') })
    assert.match(told.stdout, 'different at step 2, after the last one')
    assert.match(told.stdout, '    recorded the operation ends after 1 step\n')
    assert.match(told.stdout, '    today    close the records of web\n')
    const outcome = lines.map((line) => line.replace('"not-attached"', '"interrupted"'))
    const other = await metacni(['replay', '-'], { stdin: outcome.join('\n') })
    assert.match(
      other.stdout,
      'CHECK web: different at the outcome, after 2 steps\n  the outcome:\n',
    )
    assert.match(other.stdout, '    /error/kind\n      recorded "interrupted"\n')
  })

  it('exits 1 for what holds no recording, with the reason, and goes on with the other files', () =>
    withFolder({ none: 'no recording\n' }, async (folder) => {
      const named = [folder.at('none'), folder.at('missing'), folder.at('.'), at('nothing')]
      const { exitCode, stdout, stderr } = await metacni(['replay', ...named])
      assert.is(exitCode, 1)
      assert.match(stderr, 'nothing is recorded here')
      assert.match(stderr, 'cannot be read: ENOENT')
      assert.match(stderr, 'it is a directory')
      assert.match(stdout, 'DEL web: the same in 2 steps')
    }))

  it('takes a recording that a crash cut within a line', () =>
    withFolder({}, async (folder) => {
      const text = readFileSync(at('nothing'), 'utf8')
      appendFileSync(folder.at('file'), text.slice(0, -20))
      const { exitCode, stdout, stderr } = await metacni(['replay', folder.at('file')])
      assert.is(exitCode, 0)
      assert.match(stdout, 'DEL web: the same in 2 steps, where the recording is cut short')
      assert.match(stderr, 'warning[bad-recording]')
    }))

  it('exits 1 for a recording in the middle of which a line is missing, and says where', async () => {
    const lines = readFileSync(at('dual-stack'), 'utf8').split('\n')
    for (const gap of [1, 4, 6, 9]) {
      const stdin = lines.filter((_, index) => index !== gap).join('\n')
      const { exitCode, stdout, stderr } = await metacni(['replay', '-'], { stdin })
      assert.is(exitCode, 1)
      const [first, second] = stdout.split('\n')
      assert.match(
        first ?? '',
        /^stdin:1: ADD web eth0: the same in \d steps?, after which lines are missing$/,
      )
      assert.match(second ?? '', /^stdin:12: CHECK web: the same in 3 steps$/)
      assert.match(stderr, 'error[bad-recording]: lines before this one are missing')
      assert.match(stderr, `stdin:${gap + 1}#/step`)
      const json = await metacni(['replay', '-', '-o', 'json'], { stdin })
      assert.is(json.exitCode, 1)
      assert.is(JSON.parse(json.stdout).recordings[0].differences[0].kind, 'gap')
    }
  })

  it('exits 2 for wrong usage', async () => {
    assert.is((await metacni(['replay'])).exitCode, 2)
    assert.is((await metacni(['replay', at('nothing'), '-o', 'table'])).exitCode, 2)
  })

  it('shows no control character of a stranger', async () => {
    const stdin = readFileSync(at('nothing'), 'utf8').replaceAll('"web"', '"w\\u001b[31m"')
    const { stdout } = await metacni(['replay', '-'], { stdin })
    assert.not.ok(stdout.includes('\u001b'))
  })
})
