import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { Answer, Invocation } from '../../lib/cni/invocation.js'
import type { JsonObject } from '../../lib/cni/json.js'
import { createEngine, type Engine } from '../../lib/create-engine.js'
import { toCniError } from '../../lib/engine/error.js'
import type { Journal, Log } from '../../lib/ports/index.js'
import { createHostJournal } from '../../runners/host/journal.js'
import { createMemoryJournal, journalFaults } from '../../runners/memory/journal.js'
import { conf, conflist, files, meta, mustPlan } from '../plan/fixtures.js'
import { describe } from '../suite.js'

const sandbox = {
  containerId: 'c1',
  netns: '/run/netns/c1',
  ifname: 'eth0',
  args: '',
  path: ['/cni/path', '/opt/cni/bin'],
}
const { containerId } = sandbox

interface Script {
  /** Answers by call (`ADD bridge eth0`), each used as often as it is asked for; all others succeed with `{}`. */
  readonly answers?: Record<string, Answer>
  readonly journal?: Journal
  readonly log?: Log
}

interface World {
  readonly engine: Engine
  readonly calls: Invocation[]
  /** `ADD bridge eth0`, in order. */
  said(): readonly string[]
}

const words = ({ verb, type, env }: Invocation) => `${verb} ${type} ${env.CNI_IFNAME}`
const worldOf = ({ answers = {}, journal = createMemoryJournal(), log }: Script = {}): World => {
  const calls: Invocation[] = []
  const runner = {
    run: async (invocation: Invocation): Promise<Answer> => {
      calls.push(invocation)
      return answers[words(invocation)] ?? { kind: 'success', stdout: '{}' }
    },
  }
  const engine = createEngine({ runner, journal, ...(log === undefined ? {} : { log }) })
  return { engine, calls, said: () => calls.map(words) }
}

const success = (value: JsonObject): Answer => ({ kind: 'success', stdout: JSON.stringify(value) })
const refused = (msg: string): Answer => ({ kind: 'refused', error: { code: 100, msg } })

const inDirectory = async (body: (directory: string) => Promise<void>): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'metacni-bugs-'))
  try {
    await body(directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

// One test a row of reference/tke-multus.md 1.12 that carrying out decides; tke-bugs.test.ts has the others.
describe('what went wrong in the fork and cannot here: carrying out', (it) => {
  it('TB6: a record that is [null] is set aside, and the sandbox can go', () =>
    inDirectory(async (directory) => {
      const folder = join(directory, '.metacni', containerId)
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'eth0.json'), '[null]')
      const { engine, calls } = worldOf({ journal: createHostJournal({ directory }) })
      assert.ok((await engine.del({ containerId, ifname: 'eth0' })).ok)
      assert.ok((await engine.del({ containerId, ifname: 'eth0' })).ok)
      assert.is(calls.length, 0)
      assert.equal(readdirSync(folder), ['eth0.json.corrupt'])
    }))

  it('TB7: a container id that leads elsewhere reaches neither a plugin nor a file', () =>
    inDirectory(async (directory) => {
      const cniDir = join(directory, 'cni')
      const { engine, calls } = worldOf({ journal: createHostJournal({ directory: cniDir }) })
      for (const id of ['../x', '/etc/x', '..', '.', 'a/b', '']) {
        const wrong = { ...sandbox, containerId: id }
        const added = await engine.add(mustPlan({ networks: 'a' }), wrong)
        assert.ok(!added.ok && added.error.kind === 'bad-request', id)
        const deleted = await engine.del({ containerId: id, ifname: 'eth0' })
        assert.ok(!deleted.ok && deleted.error.kind === 'bad-request', id)
      }
      assert.is(calls.length, 0)
      assert.not(existsSync(cniDir))
      assert.equal(readdirSync(directory), [])
    }))

  it('TB10: a secondary result without addresses keeps nobody from being attached', async () => {
    const old = ['a', 'b', 'c'].map((name) => conf(name, { cniVersion: '0.2.0', type: `p${name}` }))
    const config = meta({ cniVersion: '0.2.0' })
    const { engine, said } = worldOf({
      answers: {
        'ADD pa eth0': success({ ip4: { ip: '10.0.0.2/24' } }),
        'ADD pb eth1': success({ dns: {} }),
      },
    })
    const added = await engine.add(mustPlan({ config, networks: 'a,b,c', files: old }), sandbox)
    assert.ok(added.ok)
    assert.equal(said(), ['ADD pa eth0', 'ADD pb eth1', 'ADD pc eth2'])
    assert.is(added.value.attachments.length, 3)
  })

  it('TB11: a primary result that the asked version cannot express is an error, and nothing stays', async () => {
    const config = meta({ cniVersion: '0.2.0' })
    const journal = createMemoryJournal()
    const { engine, said } = worldOf({ journal })
    const added = await engine.add(mustPlan({ config, networks: 'a,b' }), sandbox)
    assert.ok(!added.ok)
    assert.match(toCniError(added.error).msg, /no valid IP addresses/)
    assert.equal(added.left, [])
    assert.equal(said(), [
      'ADD bridge eth0',
      'ADD bridge eth1',
      'DEL bridge eth1',
      'DEL bridge eth0',
    ])
    assert.equal((await engine.del({ containerId })).ok, true)
    assert.is(said().length, 4)
  })

  it('TB17: a percent sign in the words of a plugin stays one', async () => {
    const { engine } = worldOf({ answers: { 'ADD bridge eth0': refused('100%s full %d') } })
    const added = await engine.add(mustPlan({ networks: 'a' }), sandbox)
    assert.ok(!added.ok)
    assert.match(toCniError(added.error).msg, '100%s full %d')
  })

  it('TB18: no configuration is logged', async () => {
    const lines: string[] = []
    const log = { write: (...line: readonly unknown[]) => void lines.push(JSON.stringify(line)) }
    const { engine } = worldOf({ log, answers: { 'ADD bridge eth1': refused('no') } })
    const secret = [conf('a', { password: 'hunter2' }), conf('b', { password: 'hunter2' })]
    await engine.add(mustPlan({ networks: 'a,b', files: secret }), sandbox)
    await engine.del({ containerId })
    assert.ok(lines.length > 2)
    assert.not.match(lines.join('\n'), 'hunter2')
  })

  it('TB19: a second ADD under another interface name leaves the first to be deleted', async () => {
    const { engine, said } = worldOf()
    assert.ok((await engine.add(mustPlan({ networks: 'a' }), sandbox)).ok)
    const other = { ...sandbox, ifname: 'eth7' }
    assert.ok((await engine.add(mustPlan({ networks: 'b', ifname: 'eth7' }), other)).ok)
    assert.ok((await engine.del({ containerId, ifname: 'eth0' })).ok)
    assert.ok((await engine.del({ containerId, ifname: 'eth7' })).ok)
    assert.equal(said().slice(2), ['DEL bridge eth0', 'DEL bridge eth7'])
  })

  it('TB20: what was found in CNI_PATH is looked for there by DEL, whatever the request says', async () => {
    const { engine, calls } = worldOf()
    await engine.add(mustPlan({ networks: 'a' }), sandbox)
    await engine.del({ containerId, ifname: 'eth0', path: ['/other'] })
    assert.equal(calls[1]?.path, ['/other', '/cni/path', '/opt/cni/bin'])
  })

  it('TB21: what could not be undone is remembered, and the next DEL undoes it', async () => {
    const answers: Record<string, Answer> = {
      'ADD pb eth1': refused('no'),
      'DEL pa eth0': refused('busy'),
    }
    const own = ['a', 'b'].map((name) => conf(name, { type: `p${name}` }))
    const { engine, said } = worldOf({ answers })
    const added = await engine.add(mustPlan({ networks: 'a,b', files: own }), sandbox)
    assert.ok(!added.ok)
    assert.equal(
      added.left.map(({ network }) => network),
      ['a'],
    )
    delete answers['DEL pa eth0']
    assert.ok((await engine.del({ containerId, ifname: 'eth0' })).ok)
    assert.is(said().at(-1), 'DEL pa eth0')
    assert.ok((await engine.del({ containerId, ifname: 'eth0' })).ok)
    assert.is(said().length, 5)
  })

  it('TB22: a full disk while ADD is recorded loses nothing that is attached', async () => {
    for (const write of [0, 1, 2]) {
      const journal = createMemoryJournal()
      journal.faultAt(write, journalFaults.refuse())
      const { engine, said } = worldOf({ journal })
      const added = await engine.add(mustPlan({ networks: 'a,b' }), sandbox)
      assert.ok(!added.ok, `write ${write}`)
      const count = (verb: string) => said().filter((call) => call.startsWith(verb)).length
      assert.is(count('ADD'), write)
      assert.is(count('DEL'), write)
    }
  })

  it('TB22: an empty file of a crash is set aside, and blocks no DEL', () =>
    inDirectory(async (directory) => {
      const journal = createHostJournal({ directory })
      const { engine, said } = worldOf({ journal })
      assert.ok((await engine.add(mustPlan({ networks: 'a' }), sandbox)).ok)
      const folder = join(directory, '.metacni', containerId)
      assert.equal(readdirSync(folder), ['eth0.json'])
      writeFileSync(join(folder, 'eth0.json'), '')
      assert.ok((await engine.del({ containerId, ifname: 'eth0' })).ok)
      assert.is(said().length, 1)
      assert.equal(readdirSync(folder), ['eth0.json.corrupt'])
    }))

  it('TB23: the same network twice has a result each, and each DEL gets its own', async () => {
    const ip = (address: string) => success({ cniVersion: '1.0.0', ips: [{ address }] })
    const { engine, calls } = worldOf({
      answers: { 'ADD bridge eth0': ip('10.0.0.2/24'), 'ADD bridge eth1': ip('10.0.0.3/24') },
    })
    assert.ok((await engine.add(mustPlan({ networks: 'a,a' }), sandbox)).ok)
    assert.ok((await engine.del({ containerId, ifname: 'eth0' })).ok)
    const results = calls.slice(2).map(({ stdin, env }) => [env.CNI_IFNAME, stdin.prevResult])
    assert.equal(results, [
      ['eth1', { cniVersion: '1.0.0', ips: [{ address: '10.0.0.3/24' }] }],
      ['eth0', { cniVersion: '1.0.0', ips: [{ address: '10.0.0.2/24' }] }],
    ])
  })

  it('TB24: an error names the network, the interface and the plugin, of a list, too', async () => {
    const chain = conflist('l', { type: 'macvlan' }, { type: 'tuning' })
    const { engine } = worldOf({ answers: { 'ADD tuning eth1': refused('ifname is busy') } })
    const added = await engine.add(mustPlan({ networks: 'a,l', files: [...files, chain] }), sandbox)
    assert.ok(!added.ok)
    assert.is(
      toCniError(added.error).msg,
      'network "l" interface "eth1": plugin tuning failed (add): ifname is busy',
    )
    assert.is(toCniError(added.error).code, 100)
  })

  it('TB28: DEL gets the capability arguments of ADD, whatever the runtime sends', async () => {
    const portMappings = [{ hostPort: 80, containerPort: 8080, protocol: 'tcp' }]
    const able = [conf('a', { capabilities: { portMappings: true } })]
    const config = meta({ runtimeConfig: { portMappings } })
    const { engine, calls } = worldOf()
    await engine.add(mustPlan({ config, networks: 'a', files: able }), sandbox)
    await engine.del({ containerId, ifname: 'eth0' })
    for (const { stdin } of calls) assert.equal(stdin.runtimeConfig, { portMappings })
    assert.is(calls.length, 2)
  })
})
