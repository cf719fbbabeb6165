import * as assert from 'uvu/assert'
import type { CachedAttachment } from '../../lib/cni/cache.js'
import {
  cachedOf,
  cachePlacesOf,
  completeFromCache,
  recordOfCached,
} from '../../lib/engine/cached.js'
import { decodeRecord, type EngineRecord } from '../../lib/engine/record.js'
import { describe } from '../suite.js'
import {
  addCommand,
  lastRecord,
  planOf,
  play,
  recordedCommand,
  refused,
  success,
} from './harness.js'

const owner = { containerId: 'c1', ifname: 'eth0' }
const result = { cniVersion: '1.0.0', ips: [{ address: '10.0.0.2/24' }] }
const two = planOf({ a: ['bridge', 'tuning'], b: ['ptp'] })
const added = play(addCommand(two), { answers: { 'ADD tuning eth0': success(result) } })
const complete = lastRecord(added)

const mustRecord = (entries: readonly CachedAttachment[], of = owner): EngineRecord =>
  recordOfCached(entries, of) ?? (assert.unreachable('no record was made') as never)

const libcni = (networkName: string, ifname: string, changes: object = {}): CachedAttachment => ({
  containerId: 'c1',
  ifname,
  networkName,
  config: JSON.stringify({ cniVersion: '0.4.0', name: networkName, type: 'bridge' }),
  ...changes,
})

describe('what the cache is told of a record', (it) => {
  it('is every complete attachment, with what libcni keeps and the request that it belongs to', () => {
    const [first, second] = cachedOf(complete)
    assert.equal(first, {
      containerId: 'c1',
      ifname: 'eth0',
      networkName: 'a',
      netns: '/run/netns/c1',
      cniArgs: [['IgnoreUnknown', '1']],
      capabilityArgs: {},
      config: JSON.stringify(two.attachments[0]?.config),
      result,
      request: { ifname: 'eth0', position: 0, path: ['/opt/cni/bin'] },
    })
    assert.equal([second?.networkName, second?.request?.position], ['b', 1])
  })

  it('is nothing of an attachment that is not complete, or being undone', () => {
    const [first, second] = added.saved
    assert.equal(first && cachedOf(first), [])
    assert.is(second && cachedOf(second).length, 1)
    const undoing = play(recordedCommand('DEL', complete)).saved[0]
    assert.equal(undoing && cachedOf(undoing), [])
    assert.equal(cachedOf({ ...complete, steps: [] }), [])
  })

  it('has no CNI_ARGS that cannot be read as pairs', () => {
    const [first] = cachedOf({ ...complete, sandbox: { ...complete.sandbox, args: 'a;b' } })
    assert.equal(first?.cniArgs, [])
  })

  it('has a place for every attachment; for those that are undone none to keep', () => {
    const place = (networkName: string, ifname: string) => ({
      networkName,
      containerId: 'c1',
      ifname,
    })
    const places = [place('a', 'eth0'), place('b', 'eth1')]
    assert.equal(cachePlacesOf(complete), { all: places, pending: places })
    const failing = play(recordedCommand('DEL', complete), {
      answers: { 'DEL ptp eth1': refused(5, 'disk') },
    })
    assert.equal(cachePlacesOf(lastRecord(failing)).pending, [place('b', 'eth1')])
  })
})

describe('the record that cache entries stand for', (it) => {
  it('is undone like the one that was lost', () => {
    const record = mustRecord([...cachedOf(complete)].reverse())
    assert.equal(decodeRecord(record, owner)._tag, 'Right')
    const lost = play(recordedCommand('DEL', complete))
    const found = play(recordedCommand('DEL', record))
    assert.equal(found.log, lost.log)
    const withoutPath = ({ env, ...rest }: (typeof lost.invocations)[number]) => ({
      ...rest,
      path: [],
      env: { ...env, CNI_PATH: '' },
    })
    assert.equal(found.invocations.map(withoutPath), lost.invocations.map(withoutPath))
  })

  it('made of files of libcni has the requested interface first, so that it is undone last', () => {
    const record = mustRecord([
      libcni('b', 'net1'),
      libcni('a', 'eth0', { netns: '/n', cniArgs: [['K', 'V']] }),
    ])
    const { attachments } = record.plan
    assert.equal(
      attachments.map(({ ifname, primary }) => [ifname, primary]),
      [
        ['eth0', true],
        ['net1', false],
      ],
    )
    assert.equal([record.sandbox.netns, record.sandbox.args], ['/n', 'K=V'])
    assert.is(record.plan.resultVersion, '0.4.0')
    assert.ok(record.steps.every(({ state, pending }) => state === 'added' && pending === 1))
  })

  it('takes a list and a single configuration, which may do without a name of its own', () => {
    const list = JSON.stringify({ name: 'x', plugins: [{ type: 'p' }, { type: 'q' }] })
    const single = JSON.stringify({ type: 'p', more: 1 })
    const record = mustRecord([
      libcni('a', 'eth0', { config: list }),
      libcni('b', 'net1', { config: single }),
    ])
    const configs = record.plan.attachments.map(({ config }) => config)
    assert.equal(configs[0], { name: 'a', plugins: [{ type: 'p' }, { type: 'q' }] })
    assert.equal(configs[1], { name: 'b', plugins: [{ type: 'p', more: 1, name: 'b' }] })
    assert.equal(
      record.steps.map(({ pending }) => pending),
      [2, 1],
    )
    assert.is(record.plan.resultVersion, '')
  })

  it('passes over entries whose configuration is none, and is none without any', () => {
    const wrong = ['', '[]', 'null', '{}', '{"plugins":[]}', '{"type":""}'].map((config) =>
      libcni('a', 'eth0', { config }),
    )
    assert.is(recordOfCached(wrong, owner), undefined)
    assert.is(recordOfCached([], owner), undefined)
    assert.is(mustRecord([...wrong, libcni('b', 'net1')]).plan.attachments.length, 1)
  })

  it('has the result where there is one that can be read', () => {
    const resultOf = (entry: CachedAttachment) => mustRecord([entry]).steps[0]?.result
    assert.equal(resultOf(libcni('a', 'eth0', { result: { ips: [] } })), {
      ips: [],
      cniVersion: '0.4.0',
    })
    for (const wrong of [undefined, { cniVersion: '9.9.9' }, { ips: 7 }]) {
      assert.is(resultOf(libcni('a', 'eth0', { result: wrong })), undefined)
    }
  })

  it('has no CNI_ARGS that a plugin would read as something else (X-24)', () => {
    const entry = libcni('a', 'eth0', { cniArgs: [['K', 'a;b=c']] })
    assert.is(mustRecord([entry]).sandbox.args, '')
  })
})

describe('a record that the cache completes', (it) => {
  const bare: EngineRecord = {
    ...complete,
    sandbox: { ...complete.sandbox, netns: '' },
    steps: complete.steps.map(({ state, pending }) => ({ state, pending })),
  }

  it('gains results, capability arguments and the namespace', () => {
    const capabilityArgs = { portMappings: [{ hostPort: 80 }] }
    const entries = [
      libcni('b', 'eth1', { capabilityArgs }),
      libcni('a', 'eth0', { result, netns: '/n' }),
    ]
    const found = completeFromCache(bare, entries)
    assert.equal(found.steps[0]?.result, result)
    assert.is(found.steps[1]?.result, undefined)
    assert.equal(
      found.plan.attachments.map((one) => one.capabilityArgs),
      [{}, capabilityArgs],
    )
    assert.is(found.sandbox.netns, '/n')
  })

  it('keeps what it has, and takes nothing from other attachments', () => {
    const [first, ...others] = bare.plan.attachments
    const own = { portMappings: [] }
    const plan = { ...bare.plan, attachments: [{ ...first, capabilityArgs: own }, ...others] }
    const record = { ...bare, plan, sandbox: { ...bare.sandbox, netns: '/own' } } as EngineRecord
    const found = completeFromCache(record, [
      libcni('a', 'eth0', { capabilityArgs: { x: 1 }, netns: '/n' }),
      libcni('a', 'eth9', { result }),
      libcni('z', 'eth1', { result }),
    ])
    assert.equal(found, record)
  })

  it('is the same object when it lacks nothing, or nothing is complete', () => {
    assert.is(completeFromCache(complete, [libcni('a', 'eth0')]), complete)
    const [unfinished] = added.saved
    assert.is(unfinished && completeFromCache(unfinished, [libcni('a', 'eth0')]), unfinished)
  })

  it('gives no result to a step that is being undone', () => {
    const steps = bare.steps.map((step, index) =>
      index === 0 ? ({ ...step, state: 'failed' } as const) : step,
    )
    const found = completeFromCache({ ...bare, steps }, [libcni('a', 'eth0', { result })])
    assert.is(found.steps[0]?.result, undefined)
  })
})
