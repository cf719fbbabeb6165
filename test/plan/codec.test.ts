import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import type { JsonObject } from '../../lib/cni/json.js'
import { decodePlan } from '../../lib/plan/codec.js'
import { hash } from '../../lib/plan/hash.js'
import { render } from '../../lib/plan/render.js'
import type { Plan } from '../../lib/plan/types.js'
import { describe } from '../suite.js'
import { briefly, conf, files, meta, mustPlan } from './fixtures.js'

const decodeText = (text: string) => decodePlan({ source: 'p', text })
const decode = (value: unknown) => decodeText(JSON.stringify(value))
const problemsOf = (value: unknown): string => {
  const plan = decode(value)
  return E.isLeft(plan) ? briefly(plan.left) : ''
}

const plan = mustPlan({
  config: meta({ runtimeConfig: { portMappings: [] } }),
  networks: 'a,b@north',
  files: [...files, { source: '/x/bad.conf', text: '{' }],
})
const [first, second] = plan.attachments as [Plan['attachments'][0], Plan['attachments'][0]]
/** The plan with its second attachment changed. */
const withSecond = (changes: JsonObject) => ({
  ...plan,
  attachments: [first, { ...second, ...changes }],
})
const withPlugin = (plugin: unknown) =>
  withSecond({ config: { ...second.config, plugins: [plugin] } })

describe('decodePlan', (it) => {
  it('reads what render writes', () => {
    const decoded = decodeText(render(plan, 'json'))
    assert.ok(E.isRight(decoded))
    assert.equal(decoded.right, plan)
    assert.is(hash(decoded.right), hash(plan))
  })

  it('keeps unknown keys, everywhere: they may be added within the major version', () => {
    const added = {
      ...withSecond({ x: 1, network: { ...second.network, x: { y: null } } }),
      x: [1],
      decisions: [...plan.decisions, { ...plan.decisions[0], rule: 'new', x: 2 }],
      warnings: [{ ...plan.warnings[0], code: 'not-yet-known', x: 3 }],
    }
    assert.equal(decode(added), E.right(added))
  })

  it('reads origins of kinds that it does not know', () => {
    const other = withSecond({
      network: { name: 'b', namespace: 'ns', source: { kind: 'object' } },
    })
    assert.is(problemsOf(other), '')
  })

  it('reads a plan of files of the largest depth and of many of them', () => {
    const deep = conf('a', { x: JSON.parse('['.repeat(62) + ']'.repeat(62)) })
    const nested = mustPlan({ networks: 'a', files: [deep] })
    assert.ok(E.isRight(decodeText(render(nested, 'json'))))
    const large = mustPlan({
      networks: 'a,b',
      files: [conf('a', { x: 'y'.repeat(1_000_000) }), conf('b', { x: 'y'.repeat(1_000_000) })],
    })
    assert.ok(E.isRight(decodeText(JSON.stringify(large))))
    const many = mustPlan({ networks: Array(1024).fill('a').join(',') })
    assert.ok(E.isRight(decodeText(render(many, 'json'))))
  })
})

describe('decodePlan refuses', (it) => {
  it('other major versions, with what to do', () => {
    for (const version of [2, 0, '1', null, 1.5]) {
      const decoded = decode({ ...plan, version })
      assert.ok(E.isLeft(decoded))
      assert.is(briefly(decoded.left), 'bad-plan p#/version')
      assert.match(decoded.left[0]?.hint ?? '', 'plan again')
    }
    const { version: _, ...without } = plan
    assert.is(problemsOf(without), 'bad-plan p#/version')
  })

  it('what is no JSON, and no object', () => {
    const text = decodeText('{"version": 1')
    assert.ok(E.isLeft(text))
    assert.is(briefly(text.left), 'bad-json p#')
    for (const value of [null, [], 1, 'x']) assert.is(problemsOf(value), 'bad-plan p#')
  })

  it('a text that is too long or too deep', () => {
    const long = decodeText(' '.repeat(16 * 1024 * 1024 + 1))
    assert.ok(E.isLeft(long) && long.left[0]?.code === 'too-large')
    const deep = decodeText('['.repeat(1_000_000))
    assert.ok(E.isLeft(deep) && deep.left[0]?.code === 'too-deep')
  })

  const table: readonly (readonly [what: string, value: unknown, problems: string])[] = [
    ['no attachments', { ...plan, attachments: [] }, 'bad-plan p#/attachments'],
    [
      'no primary attachment',
      { ...plan, attachments: [{ ...first, primary: false }, second] },
      'bad-plan p#/attachments',
    ],
    ['two primary attachments', withSecond({ primary: true }), 'bad-plan p#/attachments'],
    [
      'a primary that is no boolean',
      withSecond({ primary: 1 }),
      'bad-plan p#/attachments/1/primary',
    ],
    ['an interface name twice', withSecond({ ifname: 'eth0' }), 'bad-plan p#/attachments/1/ifname'],
    [
      'an interface name of 16 bytes',
      withSecond({ ifname: 'sixteen-bytes-ab' }),
      'bad-plan p#/attachments/1/ifname',
    ],
    [
      'an interface name with a slash',
      withSecond({ ifname: '../x' }),
      'bad-plan p#/attachments/1/ifname',
    ],
    ['lo', withSecond({ ifname: 'lo' }), 'bad-plan p#/attachments/1/ifname'],
    [
      'an interface name that is none',
      withSecond({ ifname: null }),
      'bad-plan p#/attachments/1/ifname',
    ],
    [
      'a network that has no valid name',
      withSecond({ network: { ...second.network, name: '../x' } }),
      'bad-plan p#/attachments/1/network/name',
    ],
    [
      'a network from nowhere',
      withSecond({ network: { name: 'b' } }),
      'bad-plan p#/attachments/1/network/source',
    ],
    [
      'a file without its name',
      withSecond({ network: { name: 'b', source: { kind: 'file' } } }),
      'bad-plan p#/attachments/1/network/source',
    ],
    [
      'a list that has no valid name',
      withSecond({ config: { ...second.config, name: 'a b' } }),
      'bad-plan p#/attachments/1/config/name',
    ],
    [
      'a list of an unknown version',
      withSecond({ config: { ...second.config, cniVersion: '3' } }),
      'bad-plan p#/attachments/1/config/cniVersion',
    ],
    [
      'a list without plugins',
      withSecond({ config: { name: 'b', plugins: [] } }),
      'bad-plan p#/attachments/1/config/plugins',
    ],
    [
      'plugins that are no list',
      withSecond({ config: { name: 'b', plugins: {} } }),
      'bad-plan p#/attachments/1/config/plugins',
    ],
    ['a plugin that is null', withPlugin(null), 'bad-plan p#/attachments/1/config/plugins/0'],
    ['a plugin without a type', withPlugin({}), 'bad-plan p#/attachments/1/config/plugins/0'],
    [
      'a plugin whose type leads elsewhere',
      withPlugin({ type: '../sh' }),
      'bad-plan p#/attachments/1/config/plugins/0',
    ],
    [
      'a capability that is no boolean',
      withPlugin({ type: 'x', capabilities: { ips: 1 } }),
      'bad-plan p#/attachments/1/config/plugins/0',
    ],
    [
      'capability arguments that are a list',
      withSecond({ capabilityArgs: [] }),
      'bad-plan p#/attachments/1/capabilityArgs',
    ],
    ['a merge rule that is no text', { ...plan, merge: 1 }, 'bad-plan p#/merge'],
    [
      'a result version that nobody knows',
      { ...plan, resultVersion: '2.0.0' },
      'bad-plan p#/resultVersion',
    ],
    [
      'decisions that are none',
      { ...plan, decisions: [{ rule: 'x', subject: 'y', inputs: [], chose: 'z', why: 'w' }] },
      'bad-plan p#/decisions/0/inputs',
    ],
    [
      'an error among the warnings',
      { ...plan, warnings: [{ ...plan.warnings[0], severity: 'error' }] },
      'bad-plan p#/warnings/0/severity',
    ],
    [
      'more than 1024 attachments',
      { ...plan, attachments: Array(1025).fill(first) },
      'bad-plan p#/attachments',
    ],
  ]
  for (const [what, value, problems] of table) {
    it(what, () => {
      assert.is(problemsOf(value), problems)
    })
  }

  it('a plugin without showing what it holds: it may be a secret', () => {
    const decoded = decode(withPlugin({ password: 'hunter2' }))
    assert.ok(E.isLeft(decoded))
    assert.not.match(JSON.stringify(decoded.left), 'hunter2')
    assert.match(decoded.left[0]?.message ?? '', 'a plugin configuration with a "type"')
  })

  it('all that is wrong at once, and no more than a few of a million', () => {
    assert.is(
      problemsOf({ ...withSecond({ ifname: 'lo', primary: null }), merge: null }),
      'bad-plan p#/attachments/1/ifname, bad-plan p#/attachments/1/primary, bad-plan p#/merge',
    )
    const million = decodeText(
      `{"version":1,"attachments":[],"merge":"","resultVersion":"1.1.0","warnings":[],"decisions":[${'1,'.repeat(1_000_000)}1]}`,
    )
    assert.ok(E.isLeft(million))
    assert.is(million.left.length, 8)
  })
})

describe('decodePlan and strangers', (it) => {
  it('reaches no prototype', () => {
    const text = render(plan, 'json').replace(
      '"version": 1',
      '"version": 1, "__proto__": {"merge": "evil"}',
    )
    const decoded = decodeText(text)
    assert.ok(E.isRight(decoded))
    assert.is(decoded.right.merge, 'primaryResultOnly')
    assert.is(({} as { readonly merge?: string }).merge, undefined)
  })

  it('never throws, for any change of a plan', () => {
    const paths = fc.constantFrom(
      'version',
      'attachments',
      'merge',
      'resultVersion',
      'decisions',
      'warnings',
      'x',
    )
    const keys = fc.constantFrom(
      'network',
      'ifname',
      'primary',
      'config',
      'capabilityArgs',
      '__proto__',
    )
    fc.assert(
      fc.property(paths, keys, fc.jsonValue(), fc.boolean(), (top, key, value, inside) => {
        const changed = inside ? withSecond({ [key]: value }) : { ...plan, [top]: value }
        const decoded = decode(changed)
        if (E.isRight(decoded)) assert.equal(decoded.right, JSON.parse(JSON.stringify(changed)))
        else assert.ok(decoded.left.length > 0)
      }),
      { numRuns: 2000 },
    )
  })
})
