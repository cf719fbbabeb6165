import * as assert from 'uvu/assert'
import { failure, warning } from '../../lib/cni/problem.js'
import { readCatalogue } from '../../lib/network/catalogue.js'
import { defineProfile, type Profile } from '../../lib/plan/profile.js'
import { tke } from '../../lib/profile/tke.js'
import { describe } from '../suite.js'
import {
  briefly,
  conf,
  conflist,
  files,
  layout,
  meta,
  mustPlan,
  outcome,
  planOf,
} from './fixtures.js'

const mine = (changes: Partial<Profile>) => defineProfile(tke, { name: 'mine', ...changes })
const refused = (changes: Partial<Profile>, networks = 'a,b'): string =>
  outcome(planOf({ networks }, mine(changes)))

describe('a plan', (it) => {
  it('is plain JSON that says what will run and why', () => {
    const plan = mustPlan({ networks: 'a' })
    assert.equal(JSON.parse(JSON.stringify(plan)), plan)
    assert.is(plan.version, 1)
    assert.equal(plan.attachments, [
      {
        network: { name: 'a', source: { kind: 'file', file: '/etc/cni/net.d/multus/a.conf' } },
        ifname: 'eth0',
        primary: true,
        config: {
          cniVersion: '1.0.0',
          name: 'a',
          plugins: [{ cniVersion: '1.0.0', name: 'a', type: 'bridge' }],
        },
        capabilityArgs: {},
      },
    ])
    assert.equal(
      plan.decisions.map(({ rule, subject }) => `${rule} ${subject}`),
      [
        'select pod',
        'lookup a',
        'name a@eth0',
        'primary a@eth0',
        'order plan',
        'merge plan',
        'version plan',
      ],
    )
  })

  it('is the same for a catalogue that was read before and for its files', () => {
    const catalogue = readCatalogue(files)
    assert.equal(mustPlan({ networks: 'a,b', catalogue, files: [] }), mustPlan({ networks: 'a,b' }))
  })

  it('carries the warnings of those who read the inputs, and is refused with their errors', () => {
    const unread = warning('unreadable-directory', '/x#', 'not there')
    assert.equal(mustPlan({ networks: 'a', problems: [unread] }).warnings, [unread])
    const bad = failure('bad-pod', 'pod.yaml#', 'no pod')
    const planned = planOf({ networks: 'a,B', problems: [unread, bad] })
    assert.ok(!planned.ok)
    assert.is(briefly(planned.problems), 'bad-pod pod.yaml#, bad-annotation networks#/1')
    assert.equal(planned.partial.warnings, [unread])
  })

  it('is refused with every problem at once, and with what could be planned', () => {
    const planned = planOf({
      config: meta({ kubeconfig: 'x', LogFile: '/x' }),
      networks:
        '[{"name":"a","interface":"a/b"},{"name":"nobody"},{"name":"c","ips":["10.0.0.1"]},null]',
    })
    assert.ok(!planned.ok)
    assert.is(
      briefly(planned.problems),
      [
        'relative-kubeconfig stdin#/kubeconfig',
        'bad-ifname networks#/0/interface',
        'bad-annotation networks#/3',
        'unknown-network networks#/1',
        'missing-capability networks#/2/ips',
      ].join(', '),
    )
    assert.is(layout(planned.partial), 'a=eth0* c=eth2')
    assert.is(briefly(planned.partial.warnings), 'unusual-key-case stdin#/LogFile')
  })
})

describe('the networks of a plan', (it) => {
  it('that nobody defined are refused, with the known names', () => {
    const planned = planOf({ networks: 'nobody' })
    assert.is(outcome(planned), 'unknown-network networks#/0')
    assert.is(!planned.ok && planned.problems[0]?.hint, 'known: a, b, c, d')
    const empty = planOf({ networks: 'a', files: [] })
    assert.is(!empty.ok && empty.problems[0]?.hint, 'no network is defined')
    const many = Array.from({ length: 20 }, (_, index) => conf(`n${index + 10}`))
    const long = planOf({ networks: 'a', files: many })
    assert.match((!long.ok && long.problems[0]?.hint) || '', /^known: n10, .*, n21, \.\.\.$/)
  })

  it('that a prototype would define are not there', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      const networks = JSON.stringify([{ name }])
      assert.is(outcome(planOf({ networks })), 'unknown-network networks#/0', name)
    }
  })

  it('that several files define come from the first, with a warning that names the others', () => {
    const list = conflist('a', { type: 'ptp' })
    const plan = mustPlan({ networks: 'a', files: [...files, list] })
    assert.is(plan.attachments[0]?.config.plugins[0]?.type, 'ptp')
    assert.equal(
      plan.warnings.map(({ message }) => message),
      [`"a" is defined by ${list.source} and also by /etc/cni/net.d/multus/a.conf`],
    )
  })

  it('of a version that nobody knows are refused', () => {
    const odd = [conf('a', { cniVersion: '2.0.0' }), conf('b', { cniVersion: '' })]
    assert.is(
      outcome(planOf({ networks: 'a,b', files: odd })),
      'unsupported-version /etc/cni/net.d/multus/a.conf#/cniVersion',
    )
  })

  it('whose plugin would be looked for outside the search path are refused (SPEC, type)', () => {
    for (const type of ['../sh', '/bin/sh', 'a\\b']) {
      const path = 'bad-configuration /etc/cni/net.d/multus/a.conf#'
      assert.is(outcome(planOf({ networks: 'a', files: [conf('a', { type })] })), path)
    }
  })

  it('whose plugins are not installed are a warning each, when somebody looked', () => {
    const chain = conflist('x', { type: 'bridge' }, { type: 'sriov' }, { type: 'sriov' })
    const inputs = { networks: 'x,a', files: [...files, chain] }
    assert.equal(mustPlan({ ...inputs, installed: ['bridge', 'sriov'] }).warnings, [])
    const { warnings } = mustPlan({ ...inputs, installed: [] })
    assert.equal(
      warnings.map(({ code, message }) => `${code}: ${message}`),
      [
        'missing-plugin: no plugin "bridge" was found, which network "x" needs',
        'missing-plugin: no plugin "sriov" was found, which network "x" needs',
      ],
    )
  })
})

describe('strategies of others', (it) => {
  it('arrange the execution as they like', () => {
    const order = {
      rule: 'reversed',
      why: 'so',
      arrange: (all: readonly unknown[]) => all.map((_, index) => all.length - 1 - index),
    }
    const plan = mustPlan({ networks: 'a,b,c' }, mine({ order }))
    assert.is(layout(plan), 'c=eth2 b=eth1 a=eth0*')
    assert.is(plan.decisions.find(({ rule }) => rule === 'order')?.chose, '2, 1, 0')
  })

  it('cannot lose an attachment', () => {
    for (const positions of [[0], [0, 0], [0, 7], []]) {
      const order = { rule: 'lossy', why: '', arrange: () => positions }
      assert.is(refused({ order }), 'bad-strategy mine#/order')
    }
  })

  it('cannot give names that Linux does not take, or one twice, or too few', () => {
    const naming = (...names: readonly string[]) => ({
      naming: { rule: 'x', name: () => names.map((ifname) => ({ ifname, why: '' })) },
    })
    assert.is(refused(naming('eth0', 'lo')), 'bad-ifname networks#/1')
    assert.is(refused(naming('eth0', 'a/b')), 'bad-ifname networks#/1')
    assert.is(refused(naming('eth0', 'eth0')), 'duplicate-ifname CNI_IFNAME#')
    assert.is(refused(naming('eth0')), 'bad-ifname networks#/1')
    assert.is(refused(naming('eth1', 'eth2')), 'no-default-interface networks#')
  })

  it('cannot choose a primary attachment that does not exist, or none', () => {
    const primary = (index: number) => ({ primary: { rule: 'x', why: '', choose: () => index } })
    for (const index of [2, -2, 0.5, Number.NaN]) {
      assert.is(refused(primary(index)), 'bad-strategy mine#/primary', String(index))
    }
    assert.is(refused(primary(-1)), 'no-default-interface networks#')
  })

  it('cannot throw', () => {
    const error = () => {
      throw new Error('the reason')
    }
    const text = () => {
      throw 'a text'
    }
    assert.is(refused({ grammar: { rule: 'x', parse: error } }), 'bad-strategy mine#')
    const planned = planOf(
      { networks: 'a' },
      mine({ lookup: { rule: 'x', find: text, usesNamespace: true } }),
    )
    assert.match((!planned.ok && planned.problems[0]?.message) || '', 'a text')
  })

  it('cannot select nothing with no more than a warning', () => {
    const parse = () => ({ selections: [], problems: [warning('bad-annotation', 'x#', 'odd')] })
    assert.is(refused({ grammar: { rule: 'x', parse } }), 'no-networks networks#')
  })

  it('may find networks that are no files, and use namespaces', () => {
    const config = { name: 'x', plugins: [{ type: 'ptp' }] }
    const network = { name: 'x', namespace: 'ns', origin: { kind: 'inline' as const }, config }
    const lookup = { rule: 'inline', find: () => network, usesNamespace: true }
    const plan = mustPlan({ networks: 'other/x', installed: [] }, mine({ lookup }))
    assert.equal(plan.attachments[0]?.network, {
      name: 'x',
      namespace: 'ns',
      source: { kind: 'inline' },
    })
    assert.is(briefly(plan.warnings), 'missing-plugin x#/type')
    const twice = {
      rule: 'inline',
      find: () => ({ ...network, config: { name: 'x', plugins: [{ type: 'flannel' }] } }),
      usesNamespace: true,
    }
    assert.is(
      outcome(planOf({ networks: 'a,b' }, mine({ lookup: twice }))),
      'shared-flannel-data-dir x#/dataDir',
    )
  })

  it('without an annotation key are told so', () => {
    const planned = planOf({ pod: { annotations: {} } }, mine({ annotationKeys: [] }))
    assert.match(
      (!planned.ok && planned.problems[0]?.hint) || '',
      'annotate the pod with its networks',
    )
  })

  it('read the first annotation key that is there', () => {
    const keys = mine({ annotationKeys: ['first', 'second'] })
    const with_ = (annotations: Record<string, string>) =>
      layout(mustPlan({ pod: { annotations } }, keys))
    assert.is(with_({ second: 'b', first: 'a' }), 'a=eth0*')
    assert.is(with_({ second: 'b', first: ' ' }), 'b=eth0*')
  })
})

describe('the limit of attachments', (it) => {
  it('is 1024, and 10 000 networks are one problem', () => {
    const names = (count: number) => Array(count).fill('a').join(',')
    assert.is(mustPlan({ networks: names(1024) }).attachments.length, 1024)
    assert.is(outcome(planOf({ networks: names(10_000) })), 'too-many-networks networks#')
    const json = JSON.stringify(Array(10_000).fill({ name: 'a' }))
    assert.is(outcome(planOf({ networks: json })), 'too-many-networks networks#')
    const defaults = meta({ defaultDelegates: names(10_000) })
    assert.is(outcome(planOf({ config: defaults })), 'too-many-networks defaultDelegates#')
  })

  it('holds for grammars of others', () => {
    const one = { name: 'a', source: 'x', index: 0 }
    const grammar = {
      rule: 'x',
      parse: () => ({ selections: Array(1025).fill(one), problems: [] }),
    }
    assert.is(refused({ grammar }), 'too-many-networks networks#')
    assert.is(
      outcome(planOf({ defaultDelegates: 'a' }, mine({ grammar }))),
      'too-many-networks defaultDelegates#',
    )
  })
})
