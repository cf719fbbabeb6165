import { existsSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { describe, type It } from '../suite.js'
import { type Node, onNode as onBareNode } from './node.js'

const valid = (...ids: readonly string[]): readonly object[] =>
  ids.map((containerID) => ({ containerID, ifname: 'eth0' }))

const gc = (attachments: unknown, key = 'cni.dev/valid-attachments') => ({
  config: { cniVersion: '1.1.0', [key]: attachments },
  containerId: '',
  ifname: '',
  netns: '',
})

/** Two containers on a network of two plugins and one of 1.1.0. */
const onNode = (it: It, title: string, body: (node: Node) => unknown): void =>
  onBareNode(it, title, async (node) => {
    node.install('one', 'two', 'three')
    node.network('a', ['one', 'two'])
    node.network('b', ['three'], { cniVersion: '1.1.0' })
    for (const containerId of ['c1', 'c2']) {
      await node.succeed('ADD', { containerId, config: { defaultDelegates: 'a,b' } })
    }
    unlinkSync(join(node.records, 'calls'))
    return body(node)
  })

const containersIn = (node: Node): readonly string[] =>
  node.stateFiles().filter((path) => /^\.metacni\/c\d\/$/.test(path))

describe('multus: GC (SPEC "GC", reference/cni.md 2.11)', (it) => {
  onNode(
    it,
    'undoes what is stale, then tells the plugins of 1.1.0 what is valid',
    async (node) => {
      await node.succeed('GC', gc(valid('c2')))
      const [last, ...dels] = [...node.calls()].reverse()
      assert.equal(
        dels.reverse().map(({ type, verb, containerId }) => `${verb} ${type} ${containerId}`),
        ['DEL three c1', 'DEL two c1', 'DEL one c1'],
      )
      assert.equal([last?.verb, last?.type, last?.containerId], ['GC', 'three', ''])
      // All attachments of a valid container, by their own interfaces.
      assert.equal(last?.stdin['cni.dev/valid-attachments'], [
        ...valid('c2'),
        { containerID: 'c2', ifname: 'eth1' },
      ])
      assert.equal(containersIn(node), ['.metacni/c2/'])
    },
  )

  onNode(
    it,
    'X-17: reads the key of the first release, and null as an empty list',
    async (node) => {
      await node.succeed('GC', gc(valid('c1'), 'cni.dev/attachments'))
      assert.equal(containersIn(node), ['.metacni/c1/'])
      await node.succeed('GC', gc(null))
      assert.equal([containersIn(node), node.stateFiles()], [[], ['.metacni/']])
    },
  )

  onNode(
    it,
    'X-16: refuses a request without a list, or with one that is not whole',
    async (node) => {
      const { code, msg } = await node.fail('GC', gc([], 'cni.dev/other'))
      assert.is(code, 7)
      assert.match(msg, 'GC needs the list cni.dev/valid-attachments')
      for (const wrong of [{}, 'c1', [null], ['c1'], [{ containerID: 'c1' }], valid('../c1')]) {
        const failure = await node.fail('GC', gc(wrong))
        assert.is(failure.code, 7, JSON.stringify(wrong))
        assert.match(failure.msg, /^cni\.dev\/valid-attachments(\[0\])? must be /)
      }
      const unnamed = [{ containerID: 'c1', ifname: 'eth0/1' }]
      assert.match((await node.fail('GC', gc(unnamed))).msg, '"eth0/1"')
      assert.equal([node.calls(), containersIn(node).length], [[], 2])
    },
  )

  onNode(
    it,
    'never calls a plugin of its own type, whose file lies beside the others',
    async (node) => {
      node.file(
        '00-multus.conf',
        JSON.stringify({ cniVersion: '1.1.0', name: 'n', type: 'multus' }),
      )
      const delegate = { type: 'flannel', delegate: { type: 'multus' } }
      node.network('looped', [delegate], { cniVersion: '1.1.0' })
      await node.succeed('GC', gc(valid('c1', 'c2')))
      assert.equal(node.words(), ['GC three '])
    },
  )

  onNode(it, 'fails with what could not be undone, and keeps it', async (node) => {
    node.script('two.DEL', 'exit 1')
    const { code, msg } = await node.fail('GC', gc(valid('c2')))
    assert.is(code, 0)
    assert.match(msg, 'network "a" interface "eth0": plugin two failed (del)')
    node.script('two.DEL', 'exit 0')
    await node.succeed('GC', gc(valid('c2')))
    assert.equal(containersIn(node), ['.metacni/c2/'])
  })

  onNode(it, '1.4: is refused in a version that does not have it', async (node) => {
    const { config } = gc([])
    const { code, msg } = await node.fail('GC', { config: { ...config, cniVersion: '1.0.0' } })
    assert.equal([code, msg], [1, 'config version does not allow GC'])
  })
})

describe('multus: STATUS (SPEC "STATUS", reference/cni.md 2.12)', (it) => {
  const status = (config: object) => ({
    ...gc([]),
    config: { cniVersion: '1.1.0', ...config },
  })

  onNode(
    it,
    'asks the plugins of the default delegates, from 1.1.0 on, of no interface (S-058)',
    async (node) => {
      await node.succeed('STATUS', status({ defaultDelegates: 'a,b' }))
      assert.equal(node.words(), ['STATUS three '])
    },
  )

  onNode(it, "passes a plugin's own code on", async (node) => {
    node.script('three.STATUS', `echo '{"code":51,"msg":"no route"}'; exit 1`)
    const { code, msg } = await node.fail('STATUS', status({ defaultDelegates: 'b' }))
    assert.is(code, 51)
    assert.match(msg, 'network "b" interface "eth0": plugin three failed (status): no route')
  })

  onNode(it, 'says with code 50 everything for which an ADD would be refused', async (node) => {
    node.network('lost', ['absent'])
    const config = {
      defaultDelegates: 'a,nowhere,lost',
      kubeconfig: '/etc/kubeconfig',
      timeout: -1,
    }
    const { code, details = '' } = await node.fail('STATUS', status(config))
    assert.is(code, 50)
    for (const part of ['kubeconfig', '"nowhere"', '#/timeout', '"absent"']) {
      assert.match(details, part)
    }
    assert.equal(node.calls(), [])
    const nothing = await node.fail('STATUS', status({}))
    assert.equal([nothing.code, /no-networks/.test(nothing.msg)], [50, true])
  })

  onNode(
    it,
    'needs no default delegates where the runtime sends annotations, by which pods bring their own',
    async (node) => {
      const capabilities = { 'io.kubernetes.cri.pod-annotations': true }
      await node.succeed('STATUS', status({ capabilities }))
      const kubeconfig = await node.fail('STATUS', status({ capabilities, kubeconfig: '/k' }))
      const wrong = await node.fail('STATUS', status({ capabilities, defaultDelegates: 'nowhere' }))
      assert.equal([kubeconfig.code, wrong.code], [50, 50])
      const off = status({ capabilities: { 'io.kubernetes.cri.pod-annotations': false } })
      assert.match((await node.fail('STATUS', off)).msg, 'no-networks')
      assert.equal(node.calls(), [])
      await node.succeed('STATUS', status({ capabilities, defaultDelegates: 'a,b' }))
      assert.equal(node.words(), ['STATUS three '])
    },
  )

  onNode(it, 'changes nothing', async (node) => {
    const before = node.stateFiles()
    await node.succeed('STATUS', status({ defaultDelegates: 'a,b' }))
    assert.equal(node.stateFiles(), before)
  })
})

describe("multus: libcni's result cache beside the journal", (it) => {
  const config = { defaultDelegates: 'a,b' }

  onNode(it, 'a corrupt record is set aside and what the cache knows is undone', async (node) => {
    writeFileSync(join(node.state, '.metacni/c1/eth0.json'), '{')
    await node.succeed('DEL', { config })
    assert.equal(node.words(), ['DEL three eth1', 'DEL two eth0', 'DEL one eth0'])
    assert.equal(node.calls()[2]?.stdin.prevResult, {
      cniVersion: '1.0.0',
      interfaces: [{ name: 'eth0', sandbox: '/run/netns/metacni-test' }],
      ips: [{ interface: 0, address: '10.1.0.2/24' }],
    })
    assert.ok(existsSync(join(node.state, '.metacni/c1/eth0.json.corrupt')))
    assert.equal(
      node.stateFiles().filter((path) => path.startsWith('results/')),
      ['results/a-c2-eth0', 'results/b-c2-eth1'],
    )
  })

  onNode(it, 'a record that is gone keeps a second ADD off, and is undone by GC', async (node) => {
    unlinkSync(join(node.state, '.metacni/c1/eth0.json'))
    assert.is((await node.fail('ADD', { config })).code, 4)
    await node.succeed('GC', gc(valid('c2')))
    assert.equal(containersIn(node), ['.metacni/c2/'])
    assert.is(node.calls().filter(({ verb }) => verb === 'DEL').length, 3)
  })

  onNode(it, 'its files are of the form of libcni (reference/cni.md 2.8)', (node) => {
    const file = JSON.parse(readFileSync(join(node.state, 'results/a-c1-eth0'), 'utf8'))
    assert.equal([file.kind, file.containerId, file.ifName], ['cniCacheV1', 'c1', 'eth0'])
    assert.equal([file.networkName, file.netns], ['a', '/run/netns/metacni-test'])
    assert.match(Buffer.from(file.config, 'base64').toString(), '"name":"a"')
  })

  onNode(
    it,
    'a cacheDir that the runtime uses, too: its own entry of the container stays',
    async (node) => {
      const cacheDir = join(node.directory, 'cache')
      const shared = { ...config, cacheDir }
      await node.succeed('ADD', { config: shared, containerId: 'c3' })
      const runtimes = join(cacheDir, 'results/node-c3-eth0')
      const { metacni: _, ...rest } = JSON.parse(
        readFileSync(join(cacheDir, 'results/a-c3-eth0'), 'utf8'),
      )
      writeFileSync(runtimes, JSON.stringify({ ...rest, networkName: 'node' }))
      unlinkSync(join(node.state, '.metacni/c3/eth0.json'))
      await node.succeed('DEL', { config: shared, containerId: 'c3' })
      assert.equal(node.words().slice(-3), ['DEL three eth1', 'DEL two eth0', 'DEL one eth0'])
      assert.ok(existsSync(runtimes))
      assert.not.ok(existsSync(join(cacheDir, 'results/a-c3-eth0')))
      await node.succeed('GC', {
        ...gc(valid('c1', 'c2')),
        config: { ...gc(valid('c1', 'c2')).config, cacheDir },
      })
      assert.ok(existsSync(runtimes))
    },
  )
})
