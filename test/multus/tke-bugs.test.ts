import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { describe } from '../suite.js'
import { holdDirectories, noDirectories } from './namespaces.js'
import { filesBelow, onNode } from './node.js'

const config = { defaultDelegates: 'a,b,c' }
const record = '.metacni/c1/eth0.json'

// One test a row of reference/tke-multus.md 1.12 that the whole program decides, with the program itself. What planning
// decides is in test/profile/tke-bugs.test.ts, what the engine decides in tke-bugs-engine.test.ts beside it.
describe('what went wrong in the fork and cannot here: the program', (it) => {
  onNode(
    it,
    'TB6: [null] as a record blocks no DEL, in our place and in that of the fork',
    async (node) => {
      mkdirSync(join(node.state, '.metacni/c1'), { recursive: true })
      writeFileSync(join(node.state, record), '[null]')
      assert.is(await node.succeed('DEL', { config }), undefined)
      assert.is(await node.succeed('DEL', { config }), undefined)
      assert.not.ok(node.stateFiles().includes(record))
      // It is set aside, not lost.
      const kept = node.stateFiles().filter((name) => !name.endsWith('/'))
      assert.equal(
        kept.map((name) => readFileSync(join(node.state, name), 'utf8')),
        ['[null]'],
      )
      writeFileSync(join(node.state, 'c2'), '[null]')
      for (let time = 0; time < 2; time++) {
        const { code, signal, stdout } = await node.run('DEL', { config, containerId: 'c2' })
        assert.equal([code, signal, stdout], [0, null, ''])
      }
    },
  )

  onNode(
    it,
    'TB7: a container id ../x reads, writes and removes nothing outside cniDir',
    async (node) => {
      node.install('bridge')
      node.network('a', ['bridge'])
      mkdirSync(node.state)
      writeFileSync(join(node.directory, 'x'), '[{"Conf":{"name":"a","type":"bridge"}}]')
      const before = filesBelow(node.directory)
      for (const verb of ['ADD', 'CHECK', 'DEL']) {
        assert.is((await node.fail(verb, { config, containerId: '../x' })).code, 4)
      }
      assert.equal([filesBelow(node.directory), node.calls()], [before, []])
      assert.match(readFileSync(join(node.directory, 'x'), 'utf8'), 'bridge')
    },
  )

  onNode(
    it,
    'TB10: a delegate whose result converts badly does not hide those after it',
    async (node) => {
      node.install('bridge', 'ptp', 'macvlan')
      node.network('a', ['bridge'])
      node.network('b', ['ptp'], { cniVersion: '0.2.0' })
      node.network('c', ['macvlan'])
      node.script('ptp.ADD', `echo '{"cniVersion":"0.2.0","dns":{}}'; exit 0`)
      await node.succeed('ADD', { config })
      assert.equal(node.words(), ['ADD bridge eth0', 'ADD ptp eth1', 'ADD macvlan eth2'])
      await node.succeed('DEL', { config })
      assert.equal(node.words().slice(3), ['DEL macvlan eth2', 'DEL ptp eth1', 'DEL bridge eth0'])
    },
  )

  onNode(
    it,
    'TB11: a result that the asked version cannot express is an error, and nothing stays',
    async (node) => {
      node.install('bridge')
      node.network('a', ['bridge'])
      node.script(
        'bridge.ADD',
        `echo '{"cniVersion":"1.0.0","interfaces":[{"name":"eth0"}]}'; exit 0`,
      )
      for (const cniVersion of ['0.2.0', '0.1.0', undefined]) {
        const { code, msg } = await node.fail('ADD', {
          config: { defaultDelegates: 'a', cniVersion },
        })
        assert.equal([code, msg], [999, 'cannot convert: no valid IP addresses'])
        assert.equal(node.stateFiles(), ['.metacni/'])
      }
      assert.equal(node.words(), Array(3).fill(['ADD bridge eth0', 'DEL bridge eth0']).flat())
    },
  )

  const places =
    "TB15: the default place of records is not in host-local's tree, and no network's name is in it"
  if (noDirectories !== undefined) it.skip(places, noDirectories)
  else {
    onNode(it, places, async (node) => {
      node.install('bridge')
      node.network('multus', ['bridge'])
      const held = await holdDirectories(node.records)
      try {
        const changes = {
          prefix: held.enter,
          config: { defaultDelegates: 'multus', cniDir: undefined },
        }
        await node.succeed('ADD', changes)
        const files = held.run('find', '/var/lib/cni', '-type', 'f').trim().split('\n').sort()
        const cached = '/var/lib/cni/multus/results/multus-c1-eth0'
        assert.equal(files, [`/var/lib/cni/multus/${record}`, cached])
        await node.succeed('DEL', changes)
      } finally {
        held.release()
      }
    })
  }

  onNode(
    it,
    'TB16: multus that finds its own configuration does not start itself',
    async (node) => {
      node.file('00-multus.conf', JSON.stringify({ ...node.config, name: 'multus-cni' }))
      const { code, msg } = await node.fail('ADD', { config: { defaultDelegates: 'multus-cni' } })
      assert.is(code, 7)
      assert.match(msg, 'self-delegation')
      assert.equal(node.stateFiles(), [])
    },
  )

  onNode(it, 'TB17: percent signs in the words of plugins stay what they are', async (node) => {
    node.install('bridge', 'ptp', 'macvlan')
    node.network('a', ['bridge'])
    node.network('b', ['ptp'])
    node.network('c', ['macvlan'])
    const words = '100%d of %s used, %!v(MISSING) 5%%'
    node.script('macvlan.ADD', `echo '{"code":7,"msg":"${words}","details":"%s"}'; exit 1`)
    const failure = await node.fail('ADD', { config })
    assert.ok(failure.msg.endsWith(`: ${words}`), failure.msg)
    assert.is(failure.details, '%s')
    assert.match(failure.stderr, words)
  })

  onNode(it, 'TB18: no secret of stdin reaches stderr or the log', async (node) => {
    node.install('bridge')
    node.network('a', ['bridge'])
    const logFile = join(node.directory, 'log')
    for (const logLevel of ['info', 'debug']) {
      const secret = { token: 'sec-ret', runtimeConfig: { password: 'sec-ret' } }
      const whole = { defaultDelegates: 'a', logFile, logLevel, ...secret }
      for (const verb of ['ADD', 'CHECK', 'DEL']) {
        const { stderr } = await node.run(verb, { config: whole })
        assert.not.match(stderr, 'sec-ret')
      }
    }
    assert.not.match(readFileSync(logFile, 'utf8'), 'sec-ret')
  })

  onNode(
    it,
    'TB19: a second ADD under another interface name leaves the first recorded',
    async (node) => {
      node.install('bridge', 'ptp')
      node.network('a', ['bridge'])
      node.network('b', ['ptp'])
      await node.succeed('ADD', { config: { defaultDelegates: 'a' }, ifname: 'eth0' })
      await node.succeed('ADD', { config: { defaultDelegates: 'b' }, ifname: 'eth1' })
      await node.succeed('DEL', { config, ifname: 'eth0' })
      await node.succeed('CHECK', { config, ifname: 'eth1' })
      await node.succeed('DEL', { config, ifname: 'eth1' })
      assert.equal(node.words(), [
        'ADD bridge eth0',
        'ADD ptp eth1',
        'DEL bridge eth0',
        'CHECK ptp eth1',
        'DEL ptp eth1',
      ])
      assert.equal(node.stateFiles(), ['.metacni/'])
    },
  )

  onNode(it, 'TB20: a plugin that only CNI_PATH had at ADD is found at DEL', async (node) => {
    node.network('a', ['bridge'])
    const elsewhere = join(node.directory, 'elsewhere')
    mkdirSync(elsewhere)
    const recorder = join(import.meta.dirname, '../fixtures/plugins/record-call')
    writeFileSync(join(elsewhere, 'bridge'), readFileSync(recorder), { mode: 0o755 })
    const only = { config: { defaultDelegates: 'a' } }
    await node.succeed('ADD', { ...only, path: elsewhere })
    await node.succeed('DEL', { ...only, path: '/nonexistent' })
    assert.equal(node.words(), ['ADD bridge eth0', 'DEL bridge eth0'])
  })

  onNode(
    it,
    'TB21: what an ADD could not undo stays recorded, and DEL tries again',
    async (node) => {
      node.install('bridge', 'ptp', 'macvlan')
      node.network('a', ['bridge'])
      node.network('b', ['ptp'])
      node.network('c', ['macvlan'])
      const refuse = `echo '{"code":999,"msg":"no"}'; exit 1`
      node.script('macvlan.ADD', refuse)
      node.script('ptp.DEL', refuse)
      const { stderr } = await node.fail('ADD', { config })
      assert.match(stderr, 'error left behind; the next DEL tries again')
      assert.ok(node.stateFiles().includes(record))
      assert.is((await node.fail('DEL', { config })).code, 999)
      node.script('ptp.DEL', ':')
      await node.succeed('DEL', { config })
      assert.equal(node.words().slice(3), [
        'DEL macvlan eth2',
        'DEL ptp eth1',
        'DEL bridge eth0',
        'DEL ptp eth1',
        'DEL ptp eth1',
      ])
      assert.equal(node.stateFiles(), ['.metacni/'])
    },
  )

  onNode(
    it,
    'TB22: an empty or half-written file of a crash is set aside, and the pod can go',
    async (node) => {
      node.install('bridge')
      node.network('a', ['bridge'])
      const added = { config: { defaultDelegates: 'a' } }
      const folder = join(node.state, '.metacni/c1')
      for (const text of ['', '{', '{}', 'null', '[]', '\0'.repeat(4096)]) {
        mkdirSync(folder, { recursive: true })
        writeFileSync(join(folder, 'eth0.json'), text)
        await node.succeed('DEL', added)
        assert.not.ok(readdirSync(folder).includes('eth0.json'))
        await node.succeed('ADD', added)
        await node.succeed('DEL', added)
      }
      assert.is(node.words().length, 12)
    },
  )

  onNode(
    it,
    'TB23: the same network twice has two results, and each DEL gets its own',
    async (node) => {
      node.install('bridge')
      node.network('a', ['bridge'])
      node.script(
        'bridge.ADD',
        `printf '{"cniVersion":"1.0.0","ips":[{"address":"10.0.0.%s/24"}]}' "\${CNI_IFNAME#eth}"; exit 0`,
      )
      const twice = { config: { defaultDelegates: 'a,a' } }
      await node.succeed('ADD', twice)
      await node.succeed('CHECK', twice)
      await node.succeed('DEL', twice)
      const seen = node.calls().map(({ verb, ifname, stdin }) => {
        const { ips } = (stdin.prevResult ?? {}) as { ips?: readonly { address: string }[] }
        return `${verb} ${ifname} ${ips?.[0]?.address ?? '-'}`
      })
      assert.equal(seen, [
        'ADD eth0 -',
        'ADD eth1 -',
        'CHECK eth0 10.0.0.0/24',
        'CHECK eth1 10.0.0.1/24',
        'DEL eth1 10.0.0.1/24',
        'DEL eth0 10.0.0.0/24',
      ])
    },
  )

  onNode(it, 'TB24: an error names network, interface and plugin, of a list, too', async (node) => {
    node.install('bridge', 'tuning')
    node.network('a', ['bridge', 'tuning'])
    node.script('tuning.ADD', `echo '{"code":4,"msg":"eth0 exists"}'; exit 1`)
    const { code, msg } = await node.fail('ADD', { config: { defaultDelegates: 'a' } })
    assert.is(code, 4)
    assert.is(msg, 'network "a" interface "eth0": plugin tuning failed (add): eth0 exists')
  })

  onNode(
    it,
    'TB28: DEL gets the capability arguments of the ADD, whatever the runtime sends',
    async (node) => {
      node.install('bridge', 'portmap')
      node.network('a', ['bridge', { type: 'portmap', capabilities: { portMappings: true } }])
      const portMappings = [{ hostPort: 8080, containerPort: 80 }]
      const base = { defaultDelegates: 'a' }
      await node.succeed('ADD', { config: { ...base, runtimeConfig: { portMappings } } })
      await node.succeed('CHECK', { config: base })
      await node.succeed('DEL', { config: { ...base, runtimeConfig: { portMappings: [] } } })
      const given = node.calls().filter(({ type }) => type === 'portmap')
      assert.equal(
        given.map(({ verb, stdin }) => [verb, stdin.runtimeConfig]),
        ['ADD', 'CHECK', 'DEL'].map((verb) => [verb, { portMappings }]),
      )
    },
  )
})
