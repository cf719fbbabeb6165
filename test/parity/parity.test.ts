import * as assert from 'uvu/assert'
import { describe } from '../suite.js'
import { describeDifference, differences } from './difference.js'
import { doubles, failingDoubles } from './doubles.js'
import { judge, judgeCross } from './judge.js'
import { hasIpRunner, lackOf, noNodes, openNodes } from './node.js'
import type { Row } from './row.js'
import { rows } from './rows/index.js'
import type { Engines, Run } from './worker.js'

const reason = noNodes()
const runner = hasIpRunner ? 'ip' : 'exec'
const all = (engine: string): Engines => ({ ADD: engine, CHECK: engine, DEL: engine })
const named = (name: string): Row => {
  const row = rows.find((one) => one.name === name)
  if (row === undefined) throw new Error(`no row ${name}`)
  return row
}

/** A few rows of each plugin; `make parity` compares all. */
const sample = [
  'loopback: alone',
  'bridge: everything at once',
  'bridge: forceAddress over an IPv4 address',
  'bridge: two containers on one bridge',
  'bridge: an IPv4 address in the way',
  'bridge: DEL when the interface is gone',
  'ptp: ipMasq, both families',
  'ptp: an interface that exists',
  'macvlan: routes with and without a gateway',
  "macvlan: mtu over the master's",
  'tuning: after macvlan',
  'host-local: goes round at the end',
  'host-local: a requested address that is taken',
  'static: address by all of its ways',
]

const faultsOf = (verdict: ReturnType<typeof judge>): readonly string[] =>
  verdict.kind === 'different' ? verdict.faults : []

// One bundle for all; the last test removes it.
const opened = reason === undefined ? openNodes() : undefined
const nodes = async () => {
  if (opened === undefined) throw new Error('no nodes')
  return opened
}

/** What the binaries do, once a row. */
const references = new Map<string, Promise<Run>>()
const reference = async (row: Row): Promise<Run> => {
  const { run } = await nodes()
  const known = references.get(row.name) ?? run(row, all('exec'))
  references.set(row.name, known)
  return known
}

describe('the table of parity (reference/plugins-and-ip.md 7)', (it) => {
  it('has at least 75 rows, each with a name of its own', () => {
    assert.ok(rows.length >= 75, `${rows.length} rows`)
    assert.is(new Set(rows.map(({ name }) => name)).size, rows.length)
  })

  it('names the place of a difference by a JSON pointer (RFC 6901)', () => {
    const found = differences({ a: { 'b/c': [1, { d: 2 }] } }, { a: { 'b/c': [1, { d: 3 }] } })
    assert.equal(
      found.map((one) => describeDifference(one)),
      ['/a/b~1c/1/d: 2 expected, 3 found'],
    )
  })

  it('says which of several words are other, and finds no difference in equal values', () => {
    const [one] = differences({ flags: ['UP', 'X'] }, { flags: ['UP'] })
    assert.equal(one, { pointer: '/flags', expected: ['X'], actual: [] })
    assert.equal(differences({ a: [{ b: null }] }, { a: [{ b: null }] }), [])
  })

  for (const name of sample) {
    const row = named(name)
    const lack = reason ?? lackOf(row)
    const title = `${name}: ${runner} does what the binary does (7.2 to 7.7)`
    if (lack !== undefined) it.skip(title, lack)
    else
      it(title, async () => {
        const { run } = await nodes()
        const [right, other] = await Promise.all([reference(row), run(row, all(runner))])
        const verdict = judge(row, right, other, { cleanFailures: runner === 'ip' })
        assert.equal(faultsOf(verdict), [])
        assert.is(verdict.kind, 'same')
      })
  }

  for (const name of ['bridge: everything at once', 'ptp: ipMasq, both families', 'tuning: mtu']) {
    const row = named(name)
    const lack = reason ?? lackOf(row)
    const title = `${name}: what one engine adds, the other checks and deletes (7.12)`
    if (lack !== undefined) it.skip(title, lack)
    else
      it(title, async () => {
        const { run } = await nodes()
        const [there, back] = await Promise.all([
          run(row, { ADD: 'exec', CHECK: runner, DEL: runner }),
          run(row, { ADD: runner, CHECK: 'exec', DEL: 'exec' }),
        ])
        assert.equal([...faultsOf(judgeCross(row, there)), ...faultsOf(judgeCross(row, back))], [])
      })
  }

  for (const [name, { row: rowName, shows }] of Object.entries(doubles)) {
    const row = named(rowName)
    const lack = reason ?? lackOf(row)
    const title = `an engine that ${name} is seen through`
    if (lack !== undefined) it.skip(title, lack)
    else
      it(title, async () => {
        const { run } = await nodes()
        const [right, wrong] = await Promise.all([reference(row), run(row, all(name))])
        const faults = faultsOf(judge(row, right, wrong))
        assert.ok(
          faults.some((fault) => shows.test(fault)),
          `${shows} in ${JSON.stringify(faults)}`,
        )
      })
  }

  for (const name of Object.keys(failingDoubles)) {
    const title = `an engine that ${name} when a command fails is known by it`
    if (reason !== undefined) it.skip(title, reason)
    else
      it(title, async () => {
        const { failures } = await nodes()
        const found = await failures(named('bridge: without IPAM'), name)
        assert.is(found.kind, 'failures')
        const faults =
          found.kind === 'failures' ? found.failures.found.flatMap((one) => one.faults) : []
        if (found.kind === 'failures') assert.is(found.failures.commands, 3)
        if (name === 'cleans up') assert.equal(faults, [])
        else assert.ok(faults.some((fault) => /host\/links\/.*nothing expected/.test(fault)))
      })
  }

  it('leaves no bundle behind', async () => {
    if (opened !== undefined) (await opened).close()
  })
})
