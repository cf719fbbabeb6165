import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { encodeBase64 } from '../../lib/cni/base64.js'
import { decodeForeign } from '../../lib/engine/foreign.js'
import { decodeRecord, type EngineRecord } from '../../lib/engine/record.js'
import { describe } from '../suite.js'
import { play, recordedCommand } from './harness.js'

/** What the TKE fork was seen to write, its bytes in full (reference/tke-multus.md 1.9). */
const captured = [
  {
    Conf: { cniVersion: '0.3.1', name: 'a', type: 'ta', ipam: {}, dns: {} },
    ConfList: {},
    ifnameRequest: 'eth0',
    masterPlugin: true,
    Bytes: encodeBase64('{"cniVersion":"0.3.1","name":"a","type":"ta","bridge":"br1"}'),
  },
]
const delegate = (name: string, changes: object = {}) => ({
  Conf: { cniVersion: '0.3.1', name, type: `t${name}`, ipam: {}, dns: {} },
  ConfList: {},
  ...changes,
})

const mustRecord = (value: unknown): EngineRecord => {
  const decoded = decodeForeign(value, 'c1')
  if (E.isLeft(decoded)) return assert.unreachable(decoded.left) as never
  return decoded.right ?? (assert.unreachable('nothing is recorded') as never)
}
const messageOf = (value: unknown): string => {
  const decoded = decodeForeign(value, 'c1')
  return E.isLeft(decoded) ? decoded.left : 'it was read'
}
const ifnamesOf = ({ plan }: EngineRecord) => plan.attachments.map(({ ifname }) => ifname)

describe('a scratch file of the TKE fork', (it) => {
  it('is a record of complete attachments, with the configuration as its author wrote it', () => {
    const record = mustRecord(captured)
    assert.equal(record.plan.attachments[0]?.config, {
      name: 'a',
      cniVersion: '0.3.1',
      plugins: [{ cniVersion: '0.3.1', name: 'a', type: 'ta', bridge: 'br1' }],
    })
    assert.equal(record.steps, [{ state: 'added', pending: 1 }])
    const { containerId, ifname, netns, args } = record.sandbox
    assert.equal([containerId, ifname, netns, args], ['c1', 'eth0', '', ''])
    assert.ok(E.isRight(decodeRecord(record, { containerId: 'c1', ifname: 'eth0' })))
  })

  it('is undone by DEL, the last delegate first, every plugin of a list', () => {
    const list = { name: 'b', cniVersion: '0.4.0', plugins: [{ type: 'x' }, { type: 'y' }] }
    const record = mustRecord([
      ...captured,
      { Conf: {}, ConfList: list, ifnameRequest: 'eth1', confListPlugin: true },
    ])
    const { log, invocations } = play(recordedCommand('DEL', record))
    assert.equal(log.slice(1), ['DEL y eth1', 'DEL x eth1', 'DEL ta eth0', 'remove'])
    assert.is(invocations[2]?.stdin.bridge, 'br1')
  })

  it('belongs to the last of its masters: the first delegate is called one by mistake (TB8)', () => {
    const record = mustRecord([
      delegate('a', { ifnameRequest: 'eth3', masterPlugin: true }),
      delegate('b', { ifnameRequest: 'eth0', masterPlugin: true }),
    ])
    assert.is(record.sandbox.ifname, 'eth0')
    assert.equal(
      record.plan.attachments.map(({ primary }) => primary),
      [false, true],
    )
  })

  it('belongs to the CNI_IFNAME that its master holds, whatever that is', () => {
    const record = mustRecord([delegate('a', { ifnameRequest: 'eth5', masterPlugin: true })])
    assert.is(record.sandbox.ifname, 'eth5')
  })
})

describe('a scratch file of v4', (it) => {
  it('belongs to eth0; its delegates have the names that v4 gives them (multus-v4.md 2.6)', () => {
    const record = mustRecord([
      delegate('a', { Name: 'ns/a' }),
      delegate('b'),
      delegate('c', { ifnameRequest: 'my0', macRequest: '02:00:00:00:00:01', deviceID: '' }),
      delegate('d', { ifnameRequest: '' }),
    ])
    assert.is(record.sandbox.ifname, 'eth0')
    assert.equal(ifnamesOf(record), ['eth0', 'net1', 'my0', 'net3'])
  })

  it('belongs to eth0 also when its default network was given another name (multus-v4.md 2.4)', () => {
    const record = mustRecord([delegate('a', { ifnameRequest: 'my0' })])
    assert.equal([record.sandbox.ifname, ...ifnamesOf(record)], ['eth0', 'my0'])
  })

  it('belongs to the CNI_IFNAME that its cached result tells, where there is one (multus-v4.md 2.9)', () => {
    const namesWith = (results: readonly string[], ...changes: readonly object[]) => {
      const value = [delegate('a'), ...changes.map((one) => delegate('a', one))]
      const decoded = decodeForeign(value, 'c1', results)
      if (E.isLeft(decoded) || !decoded.right) return assert.unreachable('no record')
      return [decoded.right.sandbox.ifname, ...ifnamesOf(decoded.right)]
    }
    assert.equal(namesWith(['a-c1-net0']), ['net0', 'net0'])
    assert.equal(namesWith(['a-c1-net0', 'a-c1-net1'], {}), ['net0', 'net0', 'net1'])
    assert.equal(namesWith(['a-c1-my0', 'a-c1-net0'], { ifnameRequest: 'my0' })?.[0], 'net0')
    // Of another container, of another network, of no interface, or of several.
    for (const results of [['a-c11-net0'], ['b-c1-net0'], ['a-c1-'], ['a-c1-x', 'a-c1-y']])
      assert.equal(namesWith(results), ['eth0', 'eth0'])
  })
})

describe('the configuration of a delegate', (it) => {
  const typeOf = (changes: object): unknown =>
    mustRecord([delegate('a', changes)]).plan.attachments[0]?.config.plugins[0]?.type

  it('is what its bytes say, else the parsed list, else the parsed single one', () => {
    const list = { name: 'l', plugins: [{ type: 'list' }] }
    const Bytes = encodeBase64('{"name":"b","type":"bytes"}')
    assert.is(typeOf({ ConfList: list, Bytes }), 'bytes')
    for (const wrong of [null, undefined, '', '%', encodeBase64('{"cut'), encodeBase64('[]')]) {
      assert.is(typeOf({ ConfList: list, Bytes: wrong }), 'list')
    }
    assert.is(typeOf({ ConfList: null }), 'ta')
  })

  it('may lack a version and, for a single plugin, a name', () => {
    const { attachments, resultVersion } = mustRecord([{ Conf: { type: 't' } }]).plan
    assert.equal(attachments[0]?.config, { name: '', plugins: [{ type: 't' }] })
    assert.is(resultVersion, '')
  })
})

describe('a file that records nothing', (it) => {
  it('is null or an empty list, as the Go plugins have it', () => {
    for (const value of [null, []]) assert.equal(decodeForeign(value, 'c1'), E.right(undefined))
  })
})

describe('a file that is no scratch file', (it) => {
  it('is named, and by which delegate (TB6, TB22)', () => {
    const wrong: readonly (readonly [unknown, string])[] = [
      ['', 'no list of delegates'],
      [{}, 'no list of delegates'],
      [7, 'no list of delegates'],
      [[null], 'delegate 0 is none'],
      [[...captured, 'x'], 'delegate 1 is none'],
      [[{ ...captured[0], ifnameRequest: 7 }], 'delegate 0 is none'],
      [[{}], 'delegate 0 has no configuration'],
      [[{ Conf: { name: 'a' }, ConfList: { plugins: [] } }], 'delegate 0 has no configuration'],
      [[delegate('a', { ifnameRequest: '../x' })], 'delegate 0 has no valid interface name'],
    ]
    for (const [value, message] of wrong) assert.match(messageOf(value), message)
  })
})
