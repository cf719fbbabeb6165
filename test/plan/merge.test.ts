import * as assert from 'uvu/assert'
import type { Result } from '../../lib/cni/result.js'
import {
  type AttachmentResult,
  allInterfaces,
  primaryResultOnly,
  standardMerges,
} from '../../lib/plan/merge.js'
import { describe } from '../suite.js'
import { mustPlan } from './fixtures.js'

const { attachments } = mustPlan({ networks: 'a@net1,b' })
const resultOf = (keys: Partial<Result>): Result => ({ cniVersion: '1.1.0', ...keys })
const results = (...all: readonly Result[]): readonly AttachmentResult[] =>
  all.map((result, index) => ({
    attachment: attachments[index] as AttachmentResult['attachment'],
    result,
  }))

const secondary = resultOf({
  interfaces: [{ name: 'veth1' }, { name: 'net1', sandbox: '/n' }],
  ips: [{ address: '10.1.0.2/24', interface: 1 }],
  routes: [{ dst: '10.2.0.0/16' }],
  dns: { nameservers: ['10.1.0.1'] },
})
const primary = resultOf({
  interfaces: [{ name: 'eth0', sandbox: '/n' }],
  ips: [{ address: '10.0.0.2/24', interface: 0 }],
  routes: [{ dst: '0.0.0.0/0' }],
  dns: { nameservers: ['10.0.0.1'] },
})

describe('primaryResultOnly (reference/tke-multus.md 1.7)', (it) => {
  it("is the primary attachment's result, wherever it stands", () => {
    assert.is(primaryResultOnly(results(secondary, primary)), primary)
  })

  it('is empty when there is none', () => {
    assert.equal(primaryResultOnly([]), { cniVersion: '1.1.0' })
  })
})

describe('allInterfaces', (it) => {
  it("puts the primary attachment first, shifts the others' indexes, and resolves names as the primary", () => {
    assert.equal(allInterfaces(results(secondary, primary)), {
      cniVersion: '1.1.0',
      interfaces: [
        { name: 'eth0', sandbox: '/n' },
        { name: 'veth1' },
        { name: 'net1', sandbox: '/n' },
      ],
      ips: [
        { address: '10.0.0.2/24', interface: 0 },
        { address: '10.1.0.2/24', interface: 2 },
      ],
      routes: [{ dst: '0.0.0.0/0' }, { dst: '10.2.0.0/16' }],
      dns: { nameservers: ['10.0.0.1'] },
    })
  })

  it('keeps an index that points at nothing from pointing at an interface of another network', () => {
    const odd = resultOf({
      interfaces: [{ name: 'eth0' }],
      ips: [
        { address: '10.0.0.2/24' },
        { address: '10.0.0.3/24', interface: -1 },
        { address: '10.0.0.4/24', interface: 1 },
      ],
    })
    assert.equal(allInterfaces(results(secondary, odd)).ips, [
      { address: '10.0.0.2/24' },
      { address: '10.0.0.3/24', interface: -1 },
      { address: '10.0.0.4/24' },
      { address: '10.1.0.2/24', interface: 2 },
    ])
  })

  it('leaves out what nobody has', () => {
    assert.equal(allInterfaces(results(resultOf({}), resultOf({}))), { cniVersion: '1.1.0' })
    assert.equal(allInterfaces([]), { cniVersion: '1.1.0' })
  })

  it('takes more interfaces than a call takes arguments', () => {
    const many = resultOf({ interfaces: Array(200_000).fill({ name: 'x' }) })
    assert.is(allInterfaces(results(many, primary)).interfaces?.length, 200_001)
  })
})

describe('standardMerges', (it) => {
  it('knows both by the name of the rule', () => {
    assert.equal(Object.keys(standardMerges), ['primaryResultOnly', 'allInterfaces'])
  })
})
