/** The rows of docs/compatibility.md that no other file tests by name. */
import * as assert from 'uvu/assert'
import { cacheFileName } from '../lib/cni/cache.js'
import { deriveStdin } from '../lib/cni/derive.js'
import { cachedOf } from '../lib/engine/cached.js'
import { convertResult, plan, primaryResultOnly, readCatalogue } from '../lib/index.js'
import {
  addCommand,
  lastRecord,
  planOf,
  play,
  recordedCommand,
  refused,
  success,
} from './engine/harness.js'
import { describe } from './suite.js'

const recent = {
  cniVersion: '1.1.0',
  interfaces: [{ name: 'eth0', mtu: 1400 }],
  ips: [{ address: '10.0.0.2/24', interface: 0 }],
}

describe('the version of a list’s result (reference/cni.md 2.7, 2.8; X-04)', (it) => {
  const old = planOf({ a: ['bridge'] }, { resultVersion: '1.1.0' }, '0.4.0')
  const answers = { 'ADD bridge eth0': success(recent) }
  const played = play(addCommand(old), { answers })

  it('X-04: it is returned in the version of the plan, with what that of the list can hold', () => {
    assert.ok(played.outcome.ok)
    assert.equal((played.outcome.value as { result: unknown }).result, {
      cniVersion: '1.1.0',
      interfaces: [{ name: 'eth0' }],
      ips: [{ address: '10.0.0.2/24', interface: 0 }],
    })
  })

  it('X-04: it is returned in the version of the list where the plan asks for that', () => {
    const same = play(addCommand(planOf({ a: ['bridge'] }, {}, '0.4.0')), { answers })
    assert.ok(same.outcome.ok)
    assert.equal((same.outcome.value as { result: unknown }).result, {
      cniVersion: '0.4.0',
      interfaces: [{ name: 'eth0' }],
      ips: [{ version: '4', address: '10.0.0.2/24', interface: 0 }],
      dns: {},
    })
  })

  it('X-04: the record and the cache keep what the plugin said', () => {
    const record = lastRecord(played)
    assert.equal(record.steps[0]?.result, recent)
    assert.equal(cachedOf(record)[0]?.result, recent)
  })

  it('X-04: CHECK and DEL get it in the version of the list again', () => {
    for (const verb of ['CHECK', 'DEL'] as const) {
      const { invocations } = play(recordedCommand(verb, lastRecord(played)))
      assert.equal(invocations[0]?.stdin.prevResult, {
        cniVersion: '0.4.0',
        interfaces: [{ name: 'eth0' }],
        ips: [{ version: '4', address: '10.0.0.2/24', interface: 0 }],
        dns: {},
      })
    }
  })

  it('X-04: what the list’s version cannot express is returned as the plugin said it', () => {
    const oldest = planOf({ a: ['bridge'] }, { resultVersion: '1.1.0' }, '0.2.0')
    const bare = { cniVersion: '1.1.0', interfaces: [{ name: 'eth0' }] }
    const { outcome } = play(addCommand(oldest), { answers: { 'ADD bridge eth0': success(bare) } })
    assert.ok(outcome.ok)
    assert.equal((outcome.value as { result: unknown }).result, bare)
  })
})

describe('network names (reference/cni.md 2.1, 2.3; X-09)', (it) => {
  const evil = ['../etc', '/etc', 'a/b', '..', '.', '-a', 'a b', 'a\0', 'é', '__proto__/x']

  it('X-09: are checked when a file is read: one that is none defines no network, and says why', () => {
    for (const name of evil) {
      const { networks, problems } = readCatalogue([
        { source: 'a.conflist', text: JSON.stringify({ name, plugins: [{ type: 'b' }] }) },
        { source: 'b.conf', text: JSON.stringify({ name, type: 'b' }) },
      ])
      assert.is(networks.size, 0, name)
      assert.equal(
        problems.map(({ path }) => path),
        ['a.conflist#/name', 'b.conf#/name'],
      )
    }
  })

  it('X-09: reach no path: no cache file is named after them', () => {
    for (const networkName of evil) {
      assert.is(cacheFileName({ networkName, containerId: 'c1', ifname: 'eth0' }), undefined)
    }
  })
})

describe('a broken file (reference/cni.md 2.3, DL-09, DL-12; X-15)', (it) => {
  const files = [
    { source: 'net.d/00-broken.conflist', text: '{' },
    { source: 'net.d/01-empty.conflist', text: '{"name":"empty","plugins":[]}' },
    { source: 'net.d/02-good.conflist', text: '{"name":"good","plugins":[{"type":"b"}]}' },
    { source: 'net.d/03-broken.conf', text: '{"type":7}' },
  ]

  it('X-15: hides no other network; all of them are told as warnings', () => {
    const planned = plan({ networks: 'good', files })
    assert.ok(planned.ok)
    assert.equal(planned.ok && planned.plan.warnings.map(({ code, path }) => `${code} ${path}`), [
      'broken-network-file net.d/00-broken.conflist#',
      'broken-network-file net.d/01-empty.conflist#/plugins',
      'broken-network-file net.d/03-broken.conf#/type',
    ])
  })

  it('X-15: only a pod that needs its network is refused', () => {
    const planned = plan({ networks: 'empty', files })
    assert.equal(!planned.ok && planned.problems.map(({ code }) => code), ['unknown-network'])
  })

  it('X-15: no later definition of its network stands in for it', () => {
    const later = { source: 'net.d/04-later.conf', text: '{"name":"empty","type":"evil"}' }
    const planned = plan({ networks: 'empty', files: [...files, later] })
    const said = planned.ok ? [] : planned.problems.map(({ code, message }) => `${code} ${message}`)
    assert.is(said.length, 1)
    assert.match(said[0] ?? '', 'unknown-network network "empty" cannot be read: ')
    assert.ok(plan({ networks: 'good', files: [...files, later] }).ok)
  })
})

describe('an ADD that failed (SPEC S-071, S-074; X-22)', (it) => {
  it('X-22: is undone at once, in reverse, the failing plugin included; a DEL may follow', () => {
    const two = planOf({ a: ['bridge', 'tuning'], b: ['ptp'] })
    const played = play(addCommand(two), { answers: { 'ADD ptp eth1': refused(11, 'busy') } })
    const calls = played.log.filter((line) => /^(?:ADD|DEL) /.test(line))
    assert.equal(calls, [
      'ADD bridge eth0',
      'ADD tuning eth0',
      'ADD ptp eth1',
      'DEL ptp eth1',
      'DEL tuning eth0',
      'DEL bridge eth0',
    ])
    assert.not.ok(played.outcome.ok)
    assert.ok(play(recordedCommand('DEL', undefined)).outcome.ok)
  })
})

describe('numbers (reference/cni.md 2.1; X-26)', (it) => {
  it('X-26: go through float64, as libcni has them: the last digits of a large one are lost', () => {
    const text = '{"name":"a","plugins":[{"type":"b","big":12345678901234567890,"small":0.1}]}'
    const network = readCatalogue([{ source: 'a.conflist', text }]).networks.get('a')
    const [plugin] = network?.config.plugins ?? []
    assert.ok(network && plugin)
    if (network === undefined || plugin === undefined) return
    const list = network.config
    const stdin = deriveStdin({ list, plugin, verb: 'ADD', capabilityArgs: {} })
    assert.match(JSON.stringify(stdin), '"big":12345678901234567000,"small":0.1')
  })
})

describe('the state of a meta plugin (X-27)', (it) => {
  it('X-27: is kept by container and interface of the request: plan, sandbox, each step and its result', () => {
    const answers = { 'ADD bridge eth0': success(recent) }
    const record = lastRecord(play(addCommand(planOf({ a: ['bridge'], b: ['ptp'] })), { answers }))
    assert.equal(
      [record.sandbox.containerId, record.sandbox.ifname, record.plan.merge],
      ['c1', 'eth0', primaryResultOnly.name],
    )
    assert.equal(
      record.plan.attachments.map(({ ifname, config }) => [ifname, config.plugins.length]),
      [
        ['eth0', 1],
        ['eth1', 1],
      ],
    )
    assert.equal(
      record.steps.map(({ state }) => state),
      ['added', 'added'],
    )
    assert.equal(record.steps[0]?.result, recent)
  })

  it('X-27: DEL and CHECK need nothing else: no name is computed again', () => {
    const record = lastRecord(play(addCommand(planOf({ a: ['bridge'], b: ['ptp'] }))))
    const stored = JSON.parse(JSON.stringify(record))
    assert.equal(
      play(recordedCommand('CHECK', stored)).log.filter((line) => line.startsWith('CHECK')),
      ['CHECK bridge eth0', 'CHECK ptp eth1'],
    )
    assert.equal(
      play(recordedCommand('DEL', stored)).log.filter((line) => line.startsWith('DEL')),
      ['DEL ptp eth1', 'DEL bridge eth0'],
    )
  })
})

describe('the case of keys (reference/cni.md 2.1, 3.1; X-25)', (it) => {
  it('X-25: is exact in configurations: another spelling is another key, and survives as such', () => {
    const { networks, problems } = readCatalogue([
      { source: 'a.conflist', text: '{"NAME":"a","plugins":[{"type":"b"}]}' },
      { source: 'b.conflist', text: '{"name":"b","Plugins":[{"type":"b"}]}' },
      { source: 'c.conf', text: '{"name":"c","TYPE":"b"}' },
      { source: 'd.conf', text: '{"name":"d","type":"b","Type":"x","CNIVersion":"0.4.0"}' },
    ])
    assert.equal(
      problems.map(({ path }) => path),
      ['a.conflist#/name', 'b.conflist#/plugins', 'c.conf#/type'],
    )
    assert.equal(networks.get('d')?.config, {
      name: 'd',
      plugins: [{ name: 'd', type: 'b', Type: 'x', CNIVersion: '0.4.0' }],
    })
  })

  it('X-25: is exact in results', () => {
    const said = convertResult({ cniVersion: '1.1.0', IPS: [{ address: '10.0.0.2/24' }] }, '0.2.0')
    assert.equal(!said.ok && said.error.msg, 'cannot convert: no valid IP addresses')
  })
})
