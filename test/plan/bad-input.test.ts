import * as assert from 'uvu/assert'
import type { PlanInput } from '../../lib/plan/input.js'
import { multus } from '../../lib/profile/multus.js'
import { strict } from '../../lib/profile/strict.js'
import { tke } from '../../lib/profile/tke.js'
import { describe } from '../suite.js'
import { briefly, conf, files, meta, outcome, planOf } from './fixtures.js'

const before = Object.getOwnPropertyNames(Object.prototype)
const mebibyte = 1024 * 1024
const file = (name: string, text: string) => ({ source: `/etc/cni/net.d/multus/${name}`, text })
const pod = (annotation: string) => ({
  annotations: {
    'tke.cloud.tencent.com/networks': annotation,
    'k8s.v1.cni.cncf.io/networks': annotation,
  },
})

/** Each with what it comes to under tke. */
const cases: readonly (readonly [what: string, input: PlanInput, outcome: string])[] = [
  ['a JSON annotation that is no list', { networks: '{"name":"a"}' }, 'bad-annotation networks#'],
  ['a JSON annotation that is a text', { networks: '"a"' }, 'bad-annotation networks#'],
  ['a JSON annotation that is cut off', { networks: '[{"name":"a"' }, 'bad-json networks#'],
  ['[null]', { networks: '[null]' }, 'bad-annotation networks#/0'],
  ['[[]]', { networks: '[[]]' }, 'bad-annotation networks#/0'],
  ['a comma too many', { networks: 'a,' }, 'bad-annotation networks#/1'],
  ['a name in capitals', { networks: 'A' }, 'bad-annotation networks#/0'],
  [
    'an interface name of 16 bytes, short',
    { networks: 'a@sixteen-bytes-ab,b' },
    'bad-ifname networks#/0',
  ],
  [
    'an interface name of 16 bytes, JSON',
    { networks: '[{"name":"a"},{"name":"b","interface":"sixteen-bytes-ab"}]' },
    'bad-ifname networks#/1/interface',
  ],
  ['a network that is not there', { networks: 'nobody' }, 'unknown-network networks#/0'],
  [
    'a file with null beside good ones',
    { networks: 'a', files: [file('0.conf', 'null'), ...files] },
    'a=eth0*',
  ],
  [
    'a list with no plugins beside good ones',
    { networks: 'a', files: [file('0.conflist', '{"name":"x","plugins":[]}'), ...files] },
    'a=eth0*',
  ],
  [
    'a list with no plugins before a good one of its name',
    { networks: 'a', files: [file('0.conflist', '{"name":"a","plugins":[]}'), ...files] },
    'unknown-network networks#/0',
  ],
  [
    'a list with no plugins that is asked for',
    { networks: 'x', files: [file('0.conflist', '{"name":"x","plugins":[]}')] },
    'unknown-network networks#/0',
  ],
  [
    'a broken file beside good ones',
    { networks: 'a', files: [file('0.conf', '{"name'), ...files, file('z.conf', '')] },
    'a=eth0*',
  ],
  [
    'the meta plugin itself',
    { networks: 'm', files: [conf('m', { type: 'multus' })] },
    'self-delegation /etc/cni/net.d/multus/m.conf#',
  ],
  [
    '10 000 networks, short',
    { networks: Array(10_000).fill('a').join(',') },
    'too-many-networks networks#',
  ],
  [
    '10 000 networks, JSON',
    { networks: JSON.stringify(Array(10_000).fill({ name: 'a' })) },
    'too-many-networks networks#',
  ],
  [
    'a mebibyte of brackets as annotation',
    { networks: '['.repeat(mebibyte) },
    'too-deep networks#',
  ],
  [
    'a mebibyte of braces as annotation',
    { networks: '{"a":'.repeat(mebibyte / 5) },
    'too-deep networks#',
  ],
  [
    'a mebibyte of commas as annotation',
    { networks: ','.repeat(mebibyte) },
    'too-many-networks networks#',
  ],
  [
    'more than a mebibyte as annotation',
    { networks: 'a'.repeat(mebibyte + 1) },
    'too-large networks#',
  ],
  [
    'a mebibyte of brackets as configuration',
    { networks: 'a', config: { source: 'stdin', text: '['.repeat(mebibyte) } },
    'too-deep stdin#',
  ],
  [
    'a mebibyte of brackets as a file',
    { networks: 'a', files: [file('0.conf', '['.repeat(mebibyte)), ...files] },
    'a=eth0*',
  ],
  ['a mebibyte of quotes as annotation', { networks: '"'.repeat(mebibyte) }, 'bad-json networks#'],
  [
    '120 000 unknown keys in the configuration',
    {
      networks: 'a',
      config: {
        source: 'stdin',
        text: `{${Array.from({ length: 120_000 }, (_, i) => `"${i.toString(36)}":1`).join(',')}}`,
      },
    },
    'a=eth0*',
  ],
  [
    'a configuration that is null',
    { networks: 'a', config: { source: 'stdin', text: 'null' } },
    'bad-configuration stdin#',
  ],
  [
    'an empty configuration',
    { networks: 'a', config: { source: 'stdin', text: '' } },
    'bad-json stdin#',
  ],
  [
    'defaultDelegates that are no list',
    { config: meta({ defaultDelegates: '{"name":"a"}' }) },
    'bad-annotation defaultDelegates#',
  ],
  [
    'defaultDelegates [null]',
    { config: meta({ defaultDelegates: '[null]' }) },
    'bad-annotation defaultDelegates#/0',
  ],
  [
    '__proto__ in the annotation',
    { networks: '[{"name":"a","__proto__":{"interface":"x"}}]' },
    'a=eth0*',
  ],
  ['__proto__ as a network', { networks: '[{"name":"__proto__"}]' }, 'unknown-network networks#/0'],
  [
    '__proto__ as an interface name',
    { networks: '[{"name":"a","interface":"__proto__"},{"name":"b"}]' },
    'a=__proto__ b=eth0*',
  ],
  [
    '__proto__ in the configuration',
    {
      networks: 'a',
      config: {
        source: 'stdin',
        text: '{"__proto__":{"cniDir":"/x"},"runtimeConfig":{"__proto__":{"x":1}}}',
      },
    },
    'a=eth0*',
  ],
  [
    '__proto__ in a file',
    {
      networks: 'a',
      files: [
        file(
          'a.conf',
          '{"name":"a","type":"b","__proto__":{"x":1},"capabilities":{"__proto__":true}}',
        ),
      ],
    },
    'a=eth0*',
  ],
  [
    '__proto__ as annotation key',
    { pod: { annotations: JSON.parse('{"__proto__":"a"}') } },
    'no-networks defaultDelegates#',
  ],
]

describe('bad input is a clear Problem, or the right result (tke)', (it) => {
  for (const [what, input, expected] of cases) {
    it(`${what}: ${expected}`, () => {
      const planned = planOf(input)
      assert.is(outcome(planned), expected)
      for (const problem of planned.ok ? planned.plan.warnings : planned.problems) {
        assert.ok(problem.message.length > 0 && problem.message.length < 500, problem.message)
        assert.match(problem.path, '#')
      }
    })
  }

  it('reaches nothing of Object.prototype', () => {
    for (const [, input] of cases) planOf(input)
    assert.equal(Object.keys(Object.prototype), [])
    assert.equal(Object.getOwnPropertyNames(Object.prototype), before)
    assert.is(({} as { readonly x?: number }).x, undefined)
  })
})

describe('bad input under the other profiles', (it) => {
  for (const profile of [multus, strict]) {
    it(`${profile.name}: an annotation that tke refuses as such is refused, and nothing throws`, () => {
      for (const [what, input, expected] of cases) {
        const { networks = '' } = input
        const known = [...(input.files ?? files), conf('d')]
        const planned = planOf({ files: known, pod: pod(networks), defaultDelegates: 'd' }, profile)
        if (expected.includes(' networks#')) assert.not(planned.ok, `${what}: ${outcome(planned)}`)
      }
    })
  }

  it('tke says the same of an annotation on the pod as of one that stands in for it', () => {
    for (const [what, input] of cases) {
      const { networks, ...others } = input
      if (networks === undefined) continue
      const planned = planOf({ ...others, pod: pod(networks) }, tke)
      const other = planOf(input, tke)
      assert.is(planned.ok, other.ok, what)
      if (!planned.ok && !other.ok) {
        const place = briefly(planned.problems).replaceAll(
          'tke.cloud.tencent.com/networks#',
          'networks#',
        )
        assert.is(place, briefly(other.problems), what)
      }
    }
  })
})
