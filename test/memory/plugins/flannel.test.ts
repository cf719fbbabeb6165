import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { createMemoryNode, faults } from '../../../runners/memory/index.js'
import { delegateConfigOf } from '../../../runners/memory/plugins/flannel.js'
import { parseSubnetFile } from '../../../runners/memory/plugins/flannel-subnet-file.js'
import { describe } from '../../suite.js'
import { addressesIn, netnsOf, printed, run, wordsOf } from '../harness.js'

const config = { type: 'flannel', name: 'flannel-conf', delegate: { bridge: 'cbr0' } }
const scratch = '/var/lib/cni/flannel/c1'
const subnets = { networks: ['10.244.0.0/16'], subnets: ['10.244.1.0/24'], mtu: 1450, ipMasq: true }

describe("flannel's subnet file (plugins-and-ip.md F-01)", (it) => {
  const read = (text: string) => {
    const file = parseSubnetFile(text, 'subnet.env')
    return E.isRight(file) ? file.right : file.left.msg
  }

  it('gives networks once each, subnets without host bits, MTU and masquerade', () => {
    assert.equal(
      read(
        'FLANNEL_NETWORK=10.244.0.0/16,10.245.0.0/16,10.244.9.9/16\nFLANNEL_SUBNET=10.244.1.1/24\n' +
          'FLANNEL_IPV6_NETWORK=2001:db8::/48\nFLANNEL_IPV6_SUBNET=2001:db8:0:1::1/64\n' +
          'FLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\nOTHER=1\n',
      ),
      {
        networks: ['10.244.0.0/16', '10.245.0.0/16', '2001:db8::/48'],
        subnets: ['10.244.1.0/24', '2001:db8:0:1::/64'],
        mtu: 1450,
        ipMasq: true,
      },
    )
  })

  it('takes only the very word true for masquerade', () => {
    const text =
      'FLANNEL_NETWORK=10.0.0.0/8\nFLANNEL_SUBNET=10.1.0.1/24\nFLANNEL_MTU=1\nFLANNEL_IPMASQ='
    for (const word of ['True', '1', 'yes']) {
      assert.is((read(text + word) as { ipMasq: boolean }).ipMasq, false)
    }
  })

  it('names everything that is missing', () => {
    assert.is(
      read(''),
      'subnet.env is missing FLANNEL_NETWORK, FLANNEL_IPV6_NETWORK, FLANNEL_SUBNET, FLANNEL_IPV6_SUBNET, FLANNEL_MTU, FLANNEL_IPMASQ',
    )
    assert.is(
      read('FLANNEL_IPV6_NETWORK=2001:db8::/48\nFLANNEL_SUBNET=10.1.0.1/24\nFLANNEL_MTU=1450'),
      'subnet.env is missing FLANNEL_IPMASQ',
    )
  })

  it('refuses a known key without a value sign, at which the Go plugin panics, and what is no CIDR or MTU', () => {
    const rest = 'FLANNEL_SUBNET=10.1.0.1/24\nFLANNEL_IPMASQ=true\n'
    assert.is(read('FLANNEL_MTU\n'), 'subnet.env: no = in the line "FLANNEL_MTU"')
    assert.is(
      read(`${rest}FLANNEL_NETWORK=10.0.0.0\nFLANNEL_MTU=1\n`),
      'subnet.env: invalid CIDR address: "10.0.0.0"',
    )
    assert.is(
      read(`${rest}FLANNEL_NETWORK=10.0.0.0/8\nFLANNEL_MTU=-1\n`),
      'subnet.env: FLANNEL_MTU is no number of 32 bits: "-1"',
    )
  })
})

describe('the configuration that flannel delegates (F-02 to F-04)', (it) => {
  it('has the defaults of the node, the name, the version and host-local ranges', () => {
    assert.equal(
      delegateConfigOf({ type: 'flannel', name: 'f', cniVersion: '0.3.1' }, subnets),
      E.right({
        isGateway: true,
        ipMasq: false,
        mtu: 1450,
        type: 'bridge',
        name: 'f',
        cniVersion: '0.3.1',
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: '10.244.1.0/24' }]],
          routes: [{ dst: '10.244.0.0/16' }],
        },
      }),
    )
  })

  it('lets explicit keys win, but for the ranges', () => {
    const own = {
      name: 'f',
      delegate: { type: 'ptp', ipMasq: true, mtu: 1400, extra: 1 },
      ipam: { type: 'mine', ranges: 'x', routes: [{ dst: '0.0.0.0/0' }], dataDir: '/d' },
      runtimeConfig: { mac: 'm' },
    }
    assert.equal(
      delegateConfigOf(own, subnets),
      E.right({
        ipMasq: true,
        mtu: 1400,
        extra: 1,
        runtimeConfig: { mac: 'm' },
        type: 'ptp',
        name: 'f',
        ipam: {
          type: 'mine',
          ranges: [[{ subnet: '10.244.1.0/24' }]],
          routes: [{ dst: '0.0.0.0/0' }, { dst: '10.244.0.0/16' }],
          dataDir: '/d',
        },
      }),
    )
  })

  it('may not bring a name, addresses or a type that is no text', () => {
    for (const delegate of [{ name: 'x' }, { ipam: {} }, { type: 7 }, 'bridge']) {
      const made = delegateConfigOf({ name: 'f', delegate }, subnets)
      assert.ok(E.isLeft(made) && made.left.code === 7, JSON.stringify(delegate))
    }
  })
})

describe('flannel on a simulated node (plugins-and-ip.md 6.1)', (it) => {
  it('delegates to bridge and prints its result as it is', async () => {
    const node = createMemoryNode()
    const result = printed(await run(node, 'ADD', config))
    assert.equal(addressesIn(result), ['10.244.1.2/24'])
    const [, inside] = node.interfacesOf(netnsOf('c1'))
    assert.is(inside?.description, 'Flannel network tap interface')
    assert.is(inside?.mtu, 1450)
    assert.is(node.world.host.links.get(inside?.peer ?? '')?.master, 'cbr0')
  })

  it('keeps what it delegated under its data directory, by container', async () => {
    const node = createMemoryNode()
    await run(node, 'ADD', { ...config, dataDir: '/data' })
    const file = node.world.files.get('/data/c1')
    assert.is(JSON.parse(file?.text ?? '').type, 'bridge')
  })

  it('undoes everything on DEL, whatever its configuration has become', async () => {
    const node = createMemoryNode()
    await run(node, 'ADD', config)
    node.world.files.delete('/run/flannel/subnet.env')
    assert.is(wordsOf(await run(node, 'DEL', { type: 'flannel', name: 'flannel-conf' })), '')
    assert.equal(node.leftovers(), [])
    assert.is(wordsOf(await run(node, 'DEL', config)), '')
  })

  it('refuses ADD without a subnet file', async () => {
    const node = createMemoryNode()
    const words = wordsOf(await run(node, 'ADD', { ...config, subnetFile: '/no/such' }))
    assert.is(words, '999 loadFlannelSubnetEnv failed: open /no/such: no such file or directory')
    assert.equal(node.leftovers(), [])
  })

  it('keeps its scratch file when the delegate refuses, so that DEL can undo it', async () => {
    const node = createMemoryNode()
    node.script({ type: 'host-local', verb: 'ADD' }, faults.refuse({ code: 11, msg: 'later' }))
    assert.is(wordsOf(await run(node, 'ADD', config)), '11 later')
    assert.ok(node.world.files.has(scratch))
    assert.is(wordsOf(await run(node, 'DEL', config)), '')
    assert.equal(node.leftovers(), [])
  })

  it('keeps its scratch file when the delegate cannot be deleted, so that the next DEL can', async () => {
    const node = createMemoryNode()
    await run(node, 'ADD', config)
    node.script({ type: 'bridge', verb: 'DEL', nth: 1 }, faults.refuse({ code: 11, msg: 'later' }))
    assert.is(wordsOf(await run(node, 'DEL', config)), '11 later')
    assert.ok(node.world.files.has(scratch))
    assert.is(wordsOf(await run(node, 'DEL', config)), '')
    assert.equal(node.leftovers(), [])
  })

  it('leaves a scratch file that cannot be read, and DEL succeeds (F-06)', async () => {
    const node = createMemoryNode()
    node.world.files.set(scratch, { text: '{"type":' })
    assert.is(wordsOf(await run(node, 'DEL', config)), '')
    assert.is(node.world.files.get(scratch)?.text, '{"type":')
  })

  it('mixes two attachments of one container up that share a data directory (F-07)', async () => {
    const node = createMemoryNode()
    const second = { ...config, name: 'second' }
    await run(node, 'ADD', config)
    await run(node, 'ADD', second, { ifname: 'eth1' })
    await run(node, 'DEL', config)
    await run(node, 'DEL', second, { ifname: 'eth1' })
    assert.ok(node.leftovers().length > 0)
    const apart = createMemoryNode()
    const own = { ...second, dataDir: '/var/lib/cni/second' }
    await run(apart, 'ADD', config)
    await run(apart, 'ADD', own, { ifname: 'eth1' })
    await run(apart, 'DEL', config)
    await run(apart, 'DEL', own, { ifname: 'eth1' })
    assert.equal(apart.leftovers(), [])
  })

  it('answers CHECK with an empty success (F-08)', async () => {
    const node = createMemoryNode()
    assert.is(wordsOf(await run(node, 'CHECK', config)), '')
  })
})
