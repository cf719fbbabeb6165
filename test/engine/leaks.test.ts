import * as assert from 'uvu/assert'
import type { CachedAttachment } from '../../lib/cni/cache.js'
import type { JsonObject } from '../../lib/cni/json.js'
import type { Leak } from '../../lib/engine/leak.js'
import { leaseDirectoriesOf } from '../../lib/engine/leaked-leases.js'
import { findLeaks, seenTwice } from '../../lib/engine/leaks.js'
import type { NamespaceAt } from '../../lib/engine/namespace.js'
import type { Lease, LinkView, NamespaceView, NodeView } from '../../lib/engine/node-view.js'
import { type EngineRecord, newRecord } from '../../lib/engine/record.js'
import { describe } from '../suite.js'
import { planOf } from './harness.js'

const netns = '/run/netns/c1'
const sandbox = { containerId: 'c1', netns, ifname: 'eth0', args: '', path: [] }
const result = {
  cniVersion: '1.0.0',
  interfaces: [{ name: 'br0' }, { name: 'veth00000001' }, { name: 'eth0', sandbox: netns }],
  ips: [{ address: '10.0.0.2/24' }],
}

/** A complete record of c1: `a` as eth0 by bridge, with what its ADD said. */
const record: EngineRecord = {
  ...newRecord(planOf({ a: ['bridge'] }), sandbox),
  steps: [{ state: 'added', pending: 1, result }],
}
const held = { file: '/m/c1/eth0.json', record }
const cached = (changes: Partial<CachedAttachment> = {}) => {
  const config = '{"cniVersion":"1.0.0","name":"a","type":"bridge"}'
  const own = { containerId: 'c1', ifname: 'eth0', networkName: 'a', netns, config, result }
  return { file: '/m/results/a-c1-eth0', name: 'a-c1-eth0', attachment: { ...own, ...changes } }
}
const request = { ifname: 'eth0', position: 0 }
const lease = (changes: Partial<Lease> = {}): Lease => ({
  ...{ file: '/n/a/10.0.0.2', network: 'a', address: '10.0.0.2', containerId: 'c1' },
  ...{ ifname: 'eth0', ...changes },
})
const veth = (changes: Partial<LinkView> = {}): LinkView => ({
  ...{ name: 'veth000000ff', index: 9, kind: 'veth', master: 'cni0', peerIndex: 2, ...changes },
})

const present = new Map([[netns, { state: 'present' as const }]])
const gone = new Map([[netns, { state: 'gone' as const }]])
const view = (changes: Partial<NodeView>): NodeView => ({
  ...{ records: [], spoiled: [], cached: [], leases: [], links: [], networks: [], unread: [] },
  calls: [],
  namespaces: present,
  ...changes,
})
const words = (leaks: readonly Leak[]): readonly string[] =>
  leaks.map(({ severity, what, where }) => `${severity} ${what} ${where}`)
const of = (changes: Partial<NodeView>): readonly string[] => words(findLeaks(view(changes)))
const unread = [{ what: 'records', where: '/m', why: 'EACCES' }] as const
const bridged = { cniVersion: '1.0.0', name: 'a', plugins: [{ type: 'bridge' }] }

describe('what belongs to nobody: records and cached results', (it) => {
  it('is nothing on a node where everything explains everything', () => {
    const links = [
      veth({ name: 'veth00000001', master: 'br0' }),
      { name: 'br0', index: 3, kind: 'bridge' },
    ]
    const all = { records: [held], cached: [cached({ request })], leases: [lease()], links }
    assert.equal(of(all), [])
    assert.equal(of({}), [])
  })

  it('is a record whose namespace is gone, and not its cached result beside it', () => {
    const leaks = findLeaks(
      view({ records: [held], cached: [cached({ request })], namespaces: gone }),
    )
    assert.equal(words(leaks), ['leaked record /m/c1/eth0.json'])
    assert.equal(leaks[0]?.belongsTo, { containerId: 'c1', ifname: 'eth0' })
    assert.match(leaks[0]?.why ?? '', 'a@eth0')
    const unknown = new Map([[netns, { state: 'unknown' as const }]])
    assert.equal(of({ records: [held], namespaces: unknown }), [])
    const scratch = { ...record, sandbox: { ...sandbox, netns: '' } }
    assert.equal(of({ records: [{ ...held, record: scratch }], namespaces: gone }), [])
  })

  it('is what a runtime has cached without a namespace, where all that its result names are gone', () => {
    const foreign = { ...cached(), attachment: { ...cached().attachment, netns: '' } }
    assert.equal(of({ cached: [foreign] }), [])
    assert.equal(of({ cached: [foreign], namespaces: gone }), [
      'leaked cached result /m/results/a-c1-eth0',
    ])
    const interfaces = [...result.interfaces, { name: 'eth1', sandbox: '/run/netns/c2' }]
    const two = { ...foreign.attachment, result: { ...result, interfaces } }
    const half = new Map<string, NamespaceView>([...gone, ['/run/netns/c2', { state: 'present' }]])
    assert.equal(of({ cached: [{ ...foreign, attachment: two }], namespaces: half }), [])
    // What a virtual machine is called there may be a path, and is no namespace.
    const socket = new Map([[netns, { state: 'no-namespace' as const }]])
    assert.equal(of({ cached: [foreign], namespaces: socket }), [])
    const none = { ...foreign.attachment, result: { cniVersion: '1.0.0' } }
    assert.equal(of({ cached: [{ ...foreign, attachment: none }], namespaces: gone }), [])
  })

  it('says so where the path of the namespace leads to a file that is none', () => {
    const file = new Map([[netns, { state: 'no-namespace' as const }]])
    const [leak] = findLeaks(view({ records: [held], namespaces: file }))
    assert.is(leak?.severity, 'leaked')
    assert.match(leak?.why ?? '', `what is at "${netns}" is no network namespace any more`)
  })

  it('says nothing of a mount point whose mount may be there, in the mount namespace of the ADD', () => {
    const seenFrom = (mounts: string) =>
      new Map([[netns, { state: 'no-namespace' as const, at: { kind: 'none' as const, mounts } }]])
    const known = { ...held, record: { ...record, sandbox: { ...sandbox, netnsId: '4:1:1/7' } } }
    assert.equal(of({ records: [known], namespaces: seenFrom('8') }), [])
    assert.equal(of({ records: [known], namespaces: seenFrom('7') }), [
      'leaked record /m/c1/eth0.json',
    ])
    // Which mount namespace it was, nobody has recorded.
    assert.equal(of({ records: [held], namespaces: seenFrom('8') }), [
      'leaked record /m/c1/eth0.json',
    ])
  })

  it('says so where another namespace lies at the path by now, the node’s own one included', () => {
    const at = (view: NamespaceAt) => new Map([[netns, { state: 'present' as const, at: view }]])
    const known = { ...held, record: { ...record, sandbox: { ...sandbox, netnsId: '4:1:1' } } }
    const other = at({ kind: 'other', id: '4:2:2' })
    const [leak] = findLeaks(view({ records: [known], namespaces: other }))
    assert.is(leak?.severity, 'leaked')
    assert.match(leak?.why ?? '', `of its network namespace "${netns}", it is another network`)
    assert.equal(of({ cached: [cached({ netnsId: '4:1:1' })], namespaces: other }), [
      'leaked cached result /m/results/a-c1-eth0',
    ])
    assert.equal(of({ records: [held], namespaces: at({ kind: 'same' }) }), [
      'leaked record /m/c1/eth0.json',
    ])
    assert.equal(of({ records: [known], namespaces: at({ kind: 'other', id: '4:1:1' }) }), [])
    // The one that is gone claims nothing of the one that is there.
    const later = { ...sandbox, containerId: 'c2', netnsId: '4:2:2' }
    const living = { file: '/m/c2/eth0.json', record: { ...record, sandbox: later } }
    assert.equal(of({ records: [known, living], namespaces: other }), [
      'leaked record /m/c1/eth0.json',
    ])
  })

  it('may be one of two that claim one interface of one namespace', () => {
    const other = {
      file: '/m/c2/eth0.json',
      record: { ...record, sandbox: { ...sandbox, containerId: 'c2' } },
    }
    const leaks = findLeaks(view({ records: [held, other] }))
    assert.equal(words(leaks), ['unknown record /m/c1/eth0.json', 'unknown record /m/c2/eth0.json'])
    assert.is(leaks[0]?.why, `it claims "eth0" of "${netns}", and so does "/m/c2/eth0.json"`)
    assert.equal(of({ records: [held, other], cached: [cached({ request })] }).length, 2)
    const theirs = cached({ containerId: 'c3' })
    assert.equal(of({ records: [held], cached: [theirs] }), [
      'unknown record /m/c1/eth0.json',
      'unknown cached result /m/results/a-c1-eth0',
    ])
    // Another interface, another namespace, nothing attached yet, or the namespace of both gone.
    const steps = [{ state: 'planned' as const, pending: 0 }]
    const planned = { ...other, record: { ...other.record, steps } }
    assert.equal(of({ records: [held, planned] }), [])
    assert.equal(
      of({ records: [held], cached: [cached({ containerId: 'c3', ifname: 'net1' })] }),
      [],
    )
    assert.equal(of({ records: [held], cached: [cached({ containerId: 'c3', netns: '/o' })] }), [])
    assert.equal(of({ records: [held, other], namespaces: gone }).length, 2)
    // What the runtime has cached of its call, and what is cached of ours in it, is one claim.
    const runtimes = cached({ networkName: 'multus' })
    assert.equal(of({ records: [held], cached: [cached({ request }), runtimes] }), [])
  })

  it('may be one of two of the same container, under two names of its requests', () => {
    const second = { ...record, sandbox: { ...sandbox, ifname: 'net1' } }
    const records = [held, { file: '/m/c1/net1.json', record: second }]
    assert.equal(of({ records }), [
      'unknown record /m/c1/eth0.json',
      'unknown record /m/c1/net1.json',
    ])
  })

  it('is a cached result of ours that no record explains; one of others is theirs', () => {
    const file = '/m/results/a-c1-eth0'
    assert.equal(of({ cached: [cached({ request })] }), [`leaked cached result ${file}`])
    assert.equal(of({ cached: [cached({ request })], unread }), [`unknown cached result ${file}`])
    assert.equal(of({ cached: [cached()] }), [])
    assert.equal(of({ cached: [cached()], namespaces: gone }), [`leaked cached result ${file}`])
    assert.equal(of({ cached: [{ file, name: 'a-c1' }] }), [])
  })

  it('may be what a record that nobody can read names', () => {
    const spoiled = [
      { file: '/m/c1/eth0.json', kind: 'corrupt', containerId: 'c1', message: 'not JSON' },
      { file: '/m/c2/eth0.json.corrupt', kind: 'quarantined', containerId: 'c2' },
    ] as const
    assert.equal(of({ spoiled, cached: [cached({ request })] }), [
      'unknown record /m/c1/eth0.json',
      'unknown record /m/c2/eth0.json.corrupt',
      'unknown cached result /m/results/a-c1-eth0',
    ])
  })
})

describe('what belongs to nobody: leases (reference/plugins-and-ip.md 7.6)', (it) => {
  it('is one that neither a record nor a cached result names, and says whose it was', () => {
    const leaks = findLeaks(view({ leases: [lease()] }))
    assert.equal(words(leaks), ['leaked lease /n/a/10.0.0.2'])
    assert.equal(leaks[0]?.belongsTo, { containerId: 'c1', ifname: 'eth0' })
    for (const holder of [{ records: [held] }, { cached: [cached()] }]) {
      assert.equal(of({ ...holder, leases: [lease(), lease({ ifname: undefined as never })] }), [])
      const other = lease({ ifname: 'eth7' })
      const [leak] = findLeaks(view({ ...holder, leases: [other] }))
      assert.equal(leak?.severity, 'leaked')
      const why = 'no record and no cached result names "eth7" of its container, which has others'
      assert.is(leak?.why, why)
    }
  })

  it('is not one of an ADD that goes on: its record names what it will be', () => {
    const going = newRecord(planOf({ a: ['bridge'], b: ['ptp'] }), sandbox)
    const second = lease({ network: 'b', ifname: 'eth1' })
    assert.equal(of({ records: [{ ...held, record: going }], leases: [lease(), second] }), [])
  })

  it('may be one of another network, or beside the address that was given', () => {
    const records = [held]
    assert.equal(of({ records, leases: [lease({ network: 'z', file: '/n/z/1' })] }), [
      'unknown lease /n/z/1',
    ])
    const beside = lease({ address: '10.0.0.9', file: '/n/a/10.0.0.9' })
    assert.equal(of({ records, leases: [beside] }), ['unknown lease /n/a/10.0.0.9'])
  })

  it('may be one whose record could not be read, or whose cached result has an old form', () => {
    const leases = [lease()]
    const unknown = ['unknown lease /n/a/10.0.0.2']
    assert.equal(of({ leases, unread }), unknown)
    assert.equal(of({ leases, cached: [{ file: '/r/a-c1', name: 'a-c1' }] }), unknown)
    assert.equal(of({ leases, unread: [{ ...unread[0], what: 'links' }] }), [
      'leaked lease /n/a/10.0.0.2',
    ])
    const spoiled = [{ file: '/m/c1/x', kind: 'quarantined', containerId: 'c1' }] as const
    assert.equal(of({ leases, spoiled }), ['unknown record /m/c1/x', ...unknown])
  })

  it('may be one that somebody has reserved by hand: its text names no interface', () => {
    const { ifname: _, ...byHand } = lease({ containerId: 'reserved for the router' })
    for (const one of [byHand, { ...byHand, containerId: '' }]) {
      const [leak, ...more] = findLeaks(view({ leases: [one] }))
      assert.equal(more, [])
      assert.is(leak?.severity, 'unknown')
      assert.match(leak?.why ?? '', 'reserved by hand')
    }
  })

  it('may be one of an ADD that somebody else has begun', () => {
    const call = {
      verb: 'ADD',
      pid: 7,
      plugin: 'bridge',
      containerId: 'c1',
      ifname: 'eth0',
    } as const
    const calls = [{ ...call, netns: '/p' }]
    const [leak] = findLeaks(view({ leases: [lease()], calls }))
    assert.is(leak?.severity, 'unknown')
    assert.match(leak?.why ?? '', 'but an ADD of "c1" goes on: process 7 (bridge)')
    assert.equal(of({ leases: [lease({ containerId: 'c2' })], calls }), [
      'leaked lease /n/a/10.0.0.2',
    ])
  })

  it('is looked for where configurations keep leases, also where flannel hands on', () => {
    const at = (dataDir: unknown): JsonObject => ({ ipam: { type: 'host-local', dataDir } })
    const plugins = [
      { type: 'bridge', ...at('/a') },
      { type: 'flannel', delegate: at('/b') },
      { type: 'ptp', ...at('relative') },
      { type: 'ptp', ...at(7), delegate: null },
      { type: 'ptp', ipam: { type: 'static', dataDir: '/c' } },
    ]
    assert.equal(leaseDirectoriesOf([{ name: 'x', plugins }]), ['/a', '/b'])
  })
})

describe('why something may belong to somebody', (it) => {
  it('names files whole, however long the ids in them are', () => {
    const file = `/var/lib/cni/multus/.metacni/${'0a'.repeat(32)}/eth0.json`
    const spoiled = [{ file, kind: 'corrupt', containerId: 'c1' }] as const
    const leaks = findLeaks(
      view({ spoiled, leases: [lease()], networks: [bridged], links: [veth()] }),
    )
    assert.is(leaks.length, 3)
    for (const { why } of leaks.slice(1)) assert.match(why, `but "${file}" cannot be read`)
  })
})

describe('what two looks at a node have seen', (it) => {
  const leak = (where: string, severity: Leak['severity']): Leak => ({
    ...{ what: 'link', where, why: severity, severity },
  })

  it('is what both have, and leaked only where both say so: an ADD may have ended in between', () => {
    const first = [leak('a', 'leaked'), leak('b', 'unknown'), leak('c', 'leaked')]
    const second = [
      leak('d', 'leaked'),
      leak('c', 'unknown'),
      leak('b', 'leaked'),
      leak('a', 'leaked'),
    ]
    assert.equal(seenTwice(first, second), [
      leak('c', 'unknown'),
      leak('b', 'unknown'),
      leak('a', 'leaked'),
    ])
    const lease: Leak = { ...leak('a', 'leaked'), what: 'lease' }
    assert.equal(seenTwice(first, [lease]), [])
    // One file may be named for two reasons.
    const both = [leak('a', 'leaked'), leak('a', 'unknown')]
    assert.equal(seenTwice(both, both), both)
    assert.equal(seenTwice([...both].reverse(), both), both)
  })
})

describe('what belongs to nobody: links', (it) => {
  const networks = [bridged]

  it("is a port of a known network's bridge that no result names", () => {
    assert.equal(of({ networks, links: [veth()] }), ['leaked link veth000000ff'])
    const flannel = { name: 'f', plugins: [{ type: 'flannel', delegate: { bridge: 'br7' } }] }
    assert.equal(of({ networks: [flannel], links: [veth({ master: 'br7' })] }), [
      'leaked link veth000000ff',
    ])
    const links = [veth({ master: 'br0' }), { name: 'br0', index: 3, kind: 'bridge' }]
    assert.equal(of({ records: [held], links }), ['leaked link veth000000ff'])
  })

  it('is never a port of a bridge that nobody here knows, nor what is named in another way', () => {
    assert.equal(of({ networks, links: [veth({ master: 'docker0' })] }), [])
    assert.equal(of({ links: [veth()] }), [])
    assert.equal(
      of({ networks, links: [veth({ name: 'cali123', master: undefined as never })] }),
      [],
    )
    assert.equal(of({ networks, links: [{ name: 'eth0', index: 2 }, veth({ kind: 'tun' })] }), [])
    assert.equal(of({ networks, links: [veth({ name: 'tap0' })] }), ['unknown link tap0'])
  })

  it('is not a veth whose other end is in the namespace of something recorded', () => {
    const going = newRecord(planOf({ a: ['bridge'] }), sandbox)
    const veths = [{ index: 2, peerIndex: 9 }]
    const namespaces = new Map([[netns, { state: 'present' as const, veths }]])
    const records = [{ ...held, record: going }]
    assert.equal(of({ records, networks, namespaces, links: [veth()] }), [])
    assert.equal(of({ records, networks, namespaces, links: [veth({ index: 8 })] }), [
      'leaked link veth000000ff',
    ])
  })

  it('may be a veth in no bridge, named as ptp names its own, or a macvlan under its first name', () => {
    const alone = { name: 'veth000000ff', index: 9, kind: 'veth', peerIndex: 2 }
    assert.equal(of({ networks, links: [alone] }), ['unknown link veth000000ff'])
    const macvlan = { name: 'veth000000ff', index: 9, kind: 'macvlan', lower: 'ens1' }
    assert.equal(of({ links: [macvlan] }), ['unknown link veth000000ff'])
    const lying = { name: 'm', plugins: [{ type: 'macvlan', master: 'ens1' }] }
    assert.equal(of({ networks: [lying], links: [macvlan] }), ['leaked link veth000000ff'])
    assert.equal(of({ networks: [lying], links: [{ ...macvlan, name: 'macvtap0' }] }), [])
  })

  it('is only suspected where records or namespaces could not be read', () => {
    for (const what of ['records', 'namespaces'] as const) {
      const hidden = [{ what, where: '/x', why: 'EACCES' }]
      const [leak] = findLeaks(view({ networks, links: [veth()], unread: hidden }))
      assert.is(leak?.severity, 'unknown')
      assert.match(leak?.why ?? '', 'but "/x" could not be read')
    }
  })

  const verdict = (changes: Partial<NodeView>) => {
    const leaks = findLeaks(view({ networks, links: [veth()], ...changes }))
    return leaks.find(({ what }) => what === 'link') ?? { severity: 'none', why: '' }
  }

  /** As a Go plugin's scratch file has it: no namespace, no results. */
  const scratchOf = (types: readonly string[], changes: JsonObject = {}) => {
    const plan = planOf({ a: types })
    const [one] = plan.attachments
    assert.ok(one)
    const plugins = types.map((type) => ({ type, ...changes }))
    const attachments = [{ ...one, config: { ...one.config, plugins } }]
    const bare = newRecord({ ...plan, attachments }, { ...sandbox, netns: '' })
    return {
      file: '/m/c1',
      record: { ...bare, steps: [{ state: 'added' as const, pending: types.length }] },
    }
  }

  it('may be that of an attachment whose record says neither its links nor its namespace', () => {
    const { severity, why } = verdict({ records: [scratchOf(['bridge'])] })
    assert.is(severity, 'unknown')
    assert.match(why, 'but "/m/c1" does not say which link its "a" has')
    for (const type of ['flannel', 'tke-bridge']) {
      assert.is(verdict({ records: [scratchOf([type])] }).severity, 'unknown', type)
    }
    // These make no port of that bridge.
    for (const types of [['macvlan'], ['host-device', 'tuning'], ['sriov'], ['ptp']]) {
      assert.is(verdict({ records: [scratchOf(types)] }).severity, 'leaked', types.join())
    }
    assert.is(verdict({ records: [scratchOf(['bridge'], { bridge: 'br9' })] }).severity, 'leaked')
  })

  it('is not that of such an attachment where its cached result names another one', () => {
    const records = [scratchOf(['bridge'])]
    assert.is(verdict({ records, cached: [cached()] }).severity, 'leaked')
    const { netns: _, ...attachment } = cached({ result: { cniVersion: '1.0.0' } }).attachment
    const nameless = { ...cached(), attachment }
    assert.is(verdict({ records, cached: [nameless] }).severity, 'unknown')
    // Whose namespace is known and looked into: what is not of it is not of the attachment.
    const namespaces = new Map([[netns, { state: 'present' as const, veths: [] }]])
    const inside = cached({ result: { cniVersion: '1.0.0' } })
    assert.is(verdict({ records, cached: [inside], namespaces }).severity, 'leaked')
  })

  it('may be that of a record that cannot be read, as long as its namespace is not known', () => {
    for (const kind of ['corrupt', 'quarantined'] as const) {
      const spoiled = [{ file: '/m/c1/eth0.json', kind, containerId: 'c1' }]
      const { severity, why } = verdict({ spoiled })
      assert.is(severity, 'unknown')
      assert.match(why, 'but "/m/c1/eth0.json" cannot be read')
      const namespaces = new Map([[netns, { state: 'present' as const, veths: [] }]])
      assert.is(verdict({ spoiled, cached: [cached()], namespaces }).severity, 'leaked')
    }
  })

  it('may be that of a cached result that cannot be read, by the network in its name', () => {
    const fault = 'not JSON'
    for (const name of ['a-c1-eth0', 'nobody-knows-eth0']) {
      const { severity, why } = verdict({ cached: [{ file: `/r/${name}`, name, fault }] })
      assert.is(severity, 'unknown')
      assert.match(why, `but "/r/${name}" cannot be read`)
    }
    const other = { name: 'dev', plugins: [{ type: 'host-device' }] }
    const cachedDevice = { file: '/r/dev-c1-eth0', name: 'dev-c1-eth0', fault }
    const known = { networks: [...networks, other], cached: [cachedDevice] }
    assert.is(verdict(known).severity, 'leaked')
  })

  it('is explained by a bare result, which early versions of libcni wrote; one without names may', () => {
    const bare = { file: '/r/a-c1', name: 'a-c1' }
    const interfaces = [{ name: 'veth000000ff' }, { name: 'eth0', sandbox: netns }]
    assert.is(verdict({ cached: [{ ...bare, result: { interfaces } }] }).severity, 'none')
    const { severity, why } = verdict({ cached: [{ ...bare, result: { ip4: {} } }] })
    assert.is(severity, 'unknown')
    assert.match(why, 'but "/r/a-c1", a bare result, names no link of the node')
    const namespaces = new Map([[netns, { state: 'present' as const, veths: [] }]])
    const inside = { interfaces: [{ name: 'eth0', sandbox: netns }] }
    assert.is(verdict({ cached: [{ ...bare, result: inside }], namespaces }).severity, 'leaked')
  })

  it('may be that of a call that goes on, whose namespace has its other end or was not looked into', () => {
    const call = {
      verb: 'ADD',
      pid: 7,
      plugin: 'bridge',
      containerId: 'c9',
      ifname: 'eth0',
    } as const
    const calls = [{ ...call, netns: '/p' }]
    const why = 'but an ADD of "c9" goes on: process 7 (bridge)'
    const state = 'present' as const
    assert.match(verdict({ calls }).why, why)
    const mine = new Map([['/p', { state, veths: [{ index: 2, peerIndex: 9 }] }]])
    assert.match(verdict({ calls, namespaces: mine }).why, why)
    const others = new Map([['/p', { state, veths: [{ index: 2, peerIndex: 8 }] }]])
    assert.is(verdict({ calls, namespaces: others }).severity, 'leaked')
    const macvlan = [{ name: 'veth000000ff', index: 9, kind: 'macvlan', lower: 'ens1' }]
    const lying = [{ name: 'm', plugins: [{ type: 'macvlan', master: 'ens1' }] }]
    const temporary = { networks: lying, links: macvlan, namespaces: others }
    assert.is(verdict(temporary).severity, 'leaked')
    assert.match(verdict({ ...temporary, calls }).why, why)
  })

  it('may be a macvlan that an ADD of ours has not moved yet', () => {
    const links = [{ name: 'veth000000ff', index: 9, kind: 'macvlan', lower: 'ens1' }]
    const lying = [{ name: 'm', plugins: [{ type: 'macvlan', master: 'ens1' }] }]
    const of = (master: string) => ({
      networks: lying,
      links,
      records: [scratchOf(['macvlan'], { master })],
    })
    assert.is(verdict(of('ens1')).severity, 'unknown')
    assert.is(verdict(of('ens2')).severity, 'leaked')
  })

  it('never throws, whatever configurations and results hold', () => {
    const odd: readonly unknown[] = [
      null,
      7,
      'x',
      [],
      [null],
      {},
      [{}],
      [{ name: 1, address: 2, ip: 3 }],
    ]
    for (const one of odd) {
      const strange = { ...result, ips: one, interfaces: one, ip4: one } as never
      const spoiled = {
        ...record,
        steps: [{ state: 'added' as const, pending: 1, result: strange }],
      }
      const plugins = [
        { type: 'flannel', delegate: one },
        { type: 'bridge', bridge: one, ipam: one },
      ]
      const networks = [{ name: 'x', plugins: plugins as never }]
      findLeaks(view({ records: [{ ...held, record: spoiled }], networks, links: [veth()] }))
      assert.equal(leaseDirectoriesOf(networks), [])
    }
  })
})
