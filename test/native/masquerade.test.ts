import * as assert from 'uvu/assert'
import type { JsonObject } from '../../lib/cni/json.js'
import {
  familiesIn,
  familiesOf,
  masquerade,
  othersIn,
  readRules,
  removeMasquerade,
} from '../../lib/native/masquerade.js'
import { describe } from '../suite.js'
import { address, callOf, link, savedOf } from './play.js'

const call = callOf({})
const families = (config: JsonObject) => familiesIn({ config })
const four = [{ address: '10.1.0.2/16' }]
const six = [{ address: 'fd00::2/64' }]

describe('masquerade: families that are read early (P-14)', (it) => {
  it('are those of the configuration, IPv4 where it tells nothing', () => {
    assert.equal(families({ ipam: { type: 'host-local', subnet: '10.1.0.0/16' } }), [4])
    assert.equal(families({ ipam: { type: 'host-local', subnet: 'fd00::/64' } }), [6])
    assert.equal(
      families({ ipam: { ranges: [[{ subnet: '10.1.0.0/16' }], [{ subnet: 'FD00::/64' }]] } }),
      [4, 6],
    )
    assert.equal(families({ ipam: { type: 'dhcp' } }), [4])
    assert.equal(families({}), [4])
  })

  it('are those of requests and of the previous result, and not of hardware addresses', () => {
    assert.equal(families({ runtimeConfig: { mac: '0a:00:00:00:00:01' } }), [4])
    assert.equal(families({ runtimeConfig: { ips: ['fd00::2/64'] } }), [6])
    assert.equal(families({ runtimeConfig: { ipRanges: [[{ subnet: 'fd00::/64' }]] } }), [6])
    assert.equal(families({ args: { cni: { ips: ['::1', '10.0.0.1'] } } }), [6, 4])
    assert.equal(families({ prevResult: { ip6: { ip: 'fd00::2/64' } } }), [6])
    assert.equal(families({ prevResult: { ips: six, interfaces: [] } }), [6])
  })

  it('of addresses are each once', () => {
    assert.equal(familiesOf([...four, ...six, ...four, { address: 'none' }]), [4, 6])
  })

  it('are read later when they were not read early', () => {
    const script = readRules([4, 6], new Map([[4, []]]))
    assert.equal(script.next().value, { readsRules: [6], awaits: true })
    const rules = new Map<4 | 6, readonly string[]>()
    assert.is(script.next({ host: [], container: [], rules }).value, rules)
    assert.is(readRules([4], new Map([[4, []]])).next().done, true)
  })
})

describe('masquerade: rules (reference/plugins-and-ip.md P-14)', (it) => {
  it('of IPv6 spare ff00::/8', () => {
    const [rules] = masquerade(call, six, new Map())
    assert.is(rules?.family, 6)
    assert.match(rules?.lines[1] ?? '', / -d fd00::\/64 .* -j ACCEPT$/)
    assert.match(rules?.lines[2] ?? '', / ! -d ff00::\/8 .* -j MASQUERADE$/)
    assert.match(rules?.lines[3] ?? '', /^-A POSTROUTING -s fd00::2\/128 /)
  })

  it('of both families stand in a table each; two addresses share what is the same', () => {
    const ips = [...four, ...six, { address: '10.1.0.3/16' }]
    const [v4, v6] = masquerade(call, ips, new Map())
    assert.is(v4?.lines.length, 5)
    assert.is(v6?.lines.length, 4)
  })

  it('are undone in reverse, and the chain with them', () => {
    const [rules] = masquerade(call, four, new Map())
    const made = rules?.lines.slice(1).map((line) => `-D ${line.slice(3)}`)
    const chain = rules?.lines[0]?.split(' ')[1]
    assert.equal(rules?.undo, [...(made ?? []).reverse(), `-X ${chain}`])
  })

  it('that are there already are neither added nor undone', () => {
    const [first] = masquerade(call, four, new Map())
    const [again] = masquerade(call, four, new Map([[4, savedOf(first?.lines)]]))
    assert.equal([again?.lines, again?.undo], [[], []])
    const [second] = masquerade(
      call,
      [{ address: '10.1.0.3/16' }],
      new Map([[4, savedOf(first?.lines)]]),
    )
    assert.is(second?.lines.length, 1)
    assert.match(second?.lines[0] ?? '', /^-A POSTROUTING -s 10\.1\.0\.3\/32 /)
    assert.is(second?.undo?.length, 1)
  })

  it('quote a name with quotation marks', () => {
    const hostile = callOf({}, { network: 'a"b\\' })
    const [rules] = masquerade(hostile, four, new Map())
    assert.ok(
      rules?.lines[1]?.includes('--comment "name: \\"a\\"b\\\\\\" id: \\"c1\\""'),
      rules?.lines[1],
    )
  })

  it('of another interface of the container stay, and the chain for them', () => {
    const [first] = masquerade(call, four, new Map())
    const [second] = masquerade(
      call,
      [{ address: '10.1.0.3/16' }],
      new Map([[4, savedOf(first?.lines)]]),
    )
    const there = new Map([[4 as const, [...savedOf(first?.lines), ...savedOf(second?.lines)]]])
    const others = othersIn(
      [
        link('eth0', { addr_info: [address('10.1.0.2/16')] }),
        link('net1', { addr_info: [address('10.1.0.3/16')] }),
      ],
      'eth0',
    )
    assert.equal([...others], ['10.1.0.3'])
    const [removed] = removeMasquerade(call, there, others)
    assert.equal(removed?.lines, [`-D ${first?.lines[3]?.slice(3)}`])
    assert.is(removeMasquerade(call, there)[0]?.lines.length, 4)
    assert.equal(removeMasquerade(call, there, new Set(['10.1.0.2', '10.1.0.3'])), [])
  })

  it('of other containers are not touched', () => {
    const [rules] = masquerade(callOf({}, { containerId: 'c2' }), four, new Map())
    assert.equal(removeMasquerade(call, new Map([[4, savedOf(rules?.lines)]])), [])
  })
})
