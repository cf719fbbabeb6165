import * as assert from 'uvu/assert'
import { createMemoryNode } from '../../../runners/memory/index.js'
import { describe } from '../../suite.js'
import { invocationOf, netnsOf, printed, run, wordsOf } from '../harness.js'

describe('every simulated plugin (cni.md 1.3 to 1.5)', (it) => {
  const types = [
    'bridge',
    'flannel',
    'host-local',
    'loopback',
    'macvlan',
    'portmap',
    'ptp',
    'sriov',
    'static',
    'tuning',
  ]

  for (const type of types) {
    it(`answers VERSION and echoes the version that it was asked in: ${type}`, async () => {
      const node = createMemoryNode()
      assert.equal(printed(await run(node, 'VERSION', { type, cniVersion: '0.4.0' })), {
        cniVersion: '0.4.0',
        supportedVersions: ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'],
      })
    })

    it(`forgives DEL everything: nothing added, no namespace, an odd configuration: ${type}`, async () => {
      const node = createMemoryNode()
      const before = JSON.stringify(node)
      for (const config of [
        { type },
        { type, ipam: { type: 'host-local' } },
        { type, ipam: { type: 'static' } },
      ]) {
        assert.is(wordsOf(await run(node, 'DEL', config)), '')
        assert.is(wordsOf(await run(node, 'DEL', config, { netns: '' })), '')
      }
      assert.is(JSON.stringify(node), before)
    })

    it(`refuses a version that it does not know: ${type}`, async () => {
      const node = createMemoryNode()
      const words = wordsOf(await run(node, 'ADD', { type, cniVersion: '9.0.0' }))
      assert.match(words, /^1 incompatible CNI versions; config is "9.0.0"/)
    })
  }

  it('refuses CHECK, GC and STATUS in versions that do not have them', async () => {
    const node = createMemoryNode()
    const refusal = async (verb: 'CHECK' | 'GC' | 'STATUS', cniVersion: string) =>
      wordsOf(await run(node, verb, { type: 'bridge', cniVersion }))
    for (const [verb, version, since] of [
      ['CHECK', '0.3.1', '0.4.0'],
      ['GC', '1.0.0', '1.1.0'],
      ['STATUS', '1.0.0', '1.1.0'],
    ] as const) {
      const told = `config is "${version}", ${verb} exists since ${since}`
      const expected = `1 config version does not allow ${verb}; ${told}`
      assert.is(await refusal(verb, version), expected)
    }
  })

  it('refuses missing variables with code 4, all in one message', async () => {
    const node = createMemoryNode()
    const words = wordsOf(
      await run(node, 'ADD', { type: 'bridge' }, { id: '', netns: '', ifname: '' }),
    )
    assert.is(words, '4 required env variables [CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME] missing')
  })

  it('refuses a configuration without a name with code 7', async () => {
    const node = createMemoryNode()
    assert.is(
      wordsOf(await run(node, 'ADD', { type: 'bridge', name: '' })),
      '7 missing network name',
    )
  })

  it('does without a search path', async () => {
    const node = createMemoryNode()
    const call = invocationOf('ADD', { type: 'loopback' })
    const answer = await node.runner.run(
      { ...call, env: { ...call.env, CNI_PATH: '' }, path: [] },
      new AbortController().signal,
    )
    assert.is(answer.kind, 'success')
  })

  it('is not started when the node lacks it', async () => {
    const node = createMemoryNode({ plugins: { bridge: undefined } })
    const answer = await run(node, 'ADD', { type: 'bridge' })
    assert.equal(answer, {
      kind: 'none',
      reason: {
        kind: 'not-found',
        message: 'failed to find plugin "bridge" in path [/opt/cni/bin]',
        started: false,
      },
    })
  })
})

describe('loopback on a simulated node (plugins-and-ip.md 7.1)', (it) => {
  const config = { type: 'loopback' }
  const lo = (node: ReturnType<typeof createMemoryNode>) => node.interfacesOf(netnsOf('c1'))[0]

  it('sets lo up and prints it with both addresses, whatever the interface name', async () => {
    const node = createMemoryNode()
    assert.equal(printed(await run(node, 'ADD', config)), {
      cniVersion: '1.1.0',
      interfaces: [{ name: 'lo', mac: '00:00:00:00:00:00', sandbox: netnsOf('c1') }],
      ips: [
        { address: '127.0.0.1/8', interface: 0 },
        { address: '::1/128', interface: 0 },
      ],
    })
    assert.is(lo(node)?.up, true)
    assert.equal(lo(node)?.addresses, ['127.0.0.1/8', '::1/128'])
  })

  it('hands a previous result on', async () => {
    const node = createMemoryNode()
    const prevResult = { cniVersion: '1.1.0', ips: [{ address: '10.0.0.5/24' }] }
    assert.equal(printed(await run(node, 'ADD', { ...config, prevResult })), prevResult)
  })

  it('sets lo down on DEL, passes CHECK while it is up', async () => {
    const node = createMemoryNode()
    assert.is(wordsOf(await run(node, 'CHECK', config)), '999 lo is not up in "/run/netns/c1"')
    await run(node, 'ADD', config)
    assert.is(wordsOf(await run(node, 'CHECK', config)), '')
    assert.equal(
      node.leftovers().map(({ what }) => what),
      ['loopback lo in /run/netns/c1'],
    )
    assert.is(wordsOf(await run(node, 'DEL', config)), '')
    assert.is(lo(node)?.up, false)
    assert.equal(node.leftovers(), [])
  })

  it('leaves nothing over where the runtime had set lo up before', async () => {
    const node = createMemoryNode()
    node.addNamespace(netnsOf('c1'), { loopback: true })
    assert.is(lo(node)?.up, true)
    await run(node, 'ADD', config)
    assert.equal(node.leftovers(), [])
  })
})

describe('address plugins on a simulated node', (it) => {
  const config = { type: 'host-local', ipam: { type: 'host-local', subnet: '10.0.0.0/29' } }

  it('host-local keeps a pool for every directory and network', async () => {
    const node = createMemoryNode()
    const elsewhere = { ...config, ipam: { ...config.ipam, dataDir: '/elsewhere' } }
    for (const one of [config, { ...config, name: 'b' }, elsewhere]) {
      const result = printed(await run(node, 'ADD', one))
      assert.equal(result.ips, [{ address: '10.0.0.2/29', gateway: '10.0.0.1' }])
    }
    assert.equal(
      node.state.pools.map(([name]) => name),
      ['/elsewhere/net', '/var/lib/cni/networks/b', '/var/lib/cni/networks/net'],
    )
  })

  it('host-local refuses a resolv.conf that is not there', async () => {
    const node = createMemoryNode()
    const ipam = { ...config.ipam, resolvConf: '/etc/resolv.conf' }
    const words = wordsOf(await run(node, 'ADD', { ...config, ipam }))
    assert.is(words, '999 open "/etc/resolv.conf": no such file or directory')
  })

  it('static passes CHECK against its previous result', async () => {
    const node = createMemoryNode()
    const ipam = { type: 'static', addresses: [{ address: '10.0.0.5/24' }] }
    const prevResult = printed(await run(node, 'ADD', { type: 'static', ipam }))
    assert.equal(prevResult, { cniVersion: '1.1.0', ips: [{ address: '10.0.0.5/24' }] })
    assert.is(wordsOf(await run(node, 'CHECK', { type: 'static', ipam, prevResult })), '')
    const changed = { type: 'static', addresses: [{ address: '10.0.0.6/24' }] }
    assert.is(
      wordsOf(await run(node, 'CHECK', { type: 'static', ipam: changed, prevResult })),
      '999 static: failed to find address 10.0.0.6/24',
    )
  })
})
