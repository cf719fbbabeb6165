import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import type { JsonObject } from '../../lib/cni/json.js'
import { problemCniCodes } from '../../lib/cni/problem.js'
import { knownVersions } from '../../lib/cni/version.js'
import { decodePlan } from '../../lib/plan/codec.js'
import { maximumAttachments, type PlanInput } from '../../lib/plan/input.js'
import type { Profile } from '../../lib/plan/profile.js'
import type { Attachment, Plan } from '../../lib/plan/types.js'
import { multus } from '../../lib/profile/multus.js'
import { strict } from '../../lib/profile/strict.js'
import { tke } from '../../lib/profile/tke.js'
import { describe } from '../suite.js'
import { conf, conflist, files, meta, mustPlan, planOf } from './fixtures.js'

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'))
const planSchema = read('docs/schema/plan.schema.json')
const problemSchema = read('docs/schema/problem.schema.json')
const ajv = new Ajv2020({ strict: true, allErrors: true })
const isPlan = ajv.compile(planSchema)
const isProblem = ajv.compile(problemSchema)
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** Every plan of the tables in test/profile, and some more. */
const plans: readonly (readonly [what: string, input: PlanInput, profile: Profile])[] = [
  ...[
    'a,b,c',
    'a,b@eth5,c',
    'a@eth3,b',
    'a@net5,b,c',
    'a@vlan1,b,c',
    'a@x,b',
    'a@eth-1,b',
    'a,a',
  ].map((networks) => [networks, { networks }, tke] as const),
  ...['a,b', 'a@north,b', 'a@net2,b', 'ns/a', '[]', '[{"name":"a","default-route":[]}]'].map(
    (networks) => [`multus ${networks}`, { networks, defaultDelegates: 'd' }, multus] as const,
  ),
  ['strict', { networks: '[{"name":"a","interface":"north"}]', defaultDelegates: 'd' }, strict],
  [
    'requests',
    {
      networks: '[{"name":"a","ips":["10.0.0.1"]}]',
      files: [conf('a', { capabilities: { ips: true } })],
    },
    tke,
  ],
  [
    'a chain',
    { networks: 'x', files: [conflist('x', { type: 'macvlan' }, { type: 'tuning' })] },
    tke,
  ],
  ['no version', { networks: 'a', files: [conf('a', { cniVersion: '' })] }, tke],
  [
    'runtimeConfig',
    { networks: 'a', config: meta({ cniVersion: '0.3.1', runtimeConfig: { bandwidth: {} } }) },
    tke,
  ],
  [
    'warnings',
    {
      networks: 'other/a',
      config: meta({ LogFile: '/x', x: 1 }),
      installed: [],
      files: [...files, conf('0', { type: '' }), conflist('a', { type: 'x' })],
    },
    tke,
  ],
  [
    'an interface name of 15 bytes in other letters',
    {
      networks:
        '[{"name":"a","interface":"\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9a"},{"name":"b"}]',
    },
    tke,
  ],
]

describe('docs/schema/plan.schema.json', (it) => {
  for (const [what, input, profile] of plans) {
    it(`describes the plan of ${what}`, () => {
      const plan = mustPlan(input, profile)
      assert.ok(isPlan(asJson(plan)), ajv.errorsText(isPlan.errors))
      for (const warning of plan.warnings) assert.ok(isProblem(asJson(warning)))
    })
  }

  it('describes the plan of every example', () => {
    const root = 'examples/tke/net.d'
    const networks = readdirSync(root).map((name) => ({
      source: `${root}/${name}`,
      text: readFileSync(`${root}/${name}`, 'utf8'),
    }))
    for (const name of readdirSync('examples/tke/default-delegates')) {
      const file = `examples/tke/default-delegates/${name}`
      const config = { source: file, text: readFileSync(file, 'utf8') }
      const plan = mustPlan({ config, files: networks })
      assert.ok(isPlan(asJson(plan)), ajv.errorsText(isPlan.errors))
    }
  })

  it('allows keys that are not there yet', () => {
    const plan = mustPlan({ networks: 'a' })
    const attachments = plan.attachments.map((one) => ({ ...one, x: 1 }))
    assert.ok(isPlan(asJson({ ...plan, attachments, x: 1 })))
  })

  const plan = mustPlan({ networks: 'a,b' })
  const [first, second] = plan.attachments as [Attachment, Attachment]
  const withSecond = (changes: JsonObject) => ({
    ...plan,
    attachments: [first, { ...second, ...changes }],
  })
  const wrong: readonly (readonly [what: string, value: unknown])[] = [
    ['another major version', { ...plan, version: 2 }],
    ['no attachments', { ...plan, attachments: [] }],
    ['no primary attachment', { ...plan, attachments: [second] }],
    ['two primary attachments', withSecond({ primary: true })],
    ['an interface called lo', withSecond({ ifname: 'lo' })],
    ['an interface with a slash', withSecond({ ifname: 'a/b' })],
    ['an interface of 16 characters', withSecond({ ifname: 'sixteen-bytes-ab' })],
    [
      'a network that leads elsewhere',
      withSecond({ network: { ...second.network, name: '../x' } }),
    ],
    ['a list without plugins', withSecond({ config: { name: 'b', plugins: [] } })],
    ['a plugin without a type', withSecond({ config: { name: 'b', plugins: [{}] } })],
    ['a plugin with a slash', withSecond({ config: { name: 'b', plugins: [{ type: '../x' }] } })],
    ['a result version that nobody knows', { ...plan, resultVersion: '2.0.0' }],
    ['no decisions', { ...plan, decisions: undefined }],
    [
      'an error among the warnings',
      {
        ...plan,
        warnings: [{ code: 'x', severity: 'error', cniCode: 1, message: 'm', path: 'p#' }],
      },
    ],
  ]
  for (const [what, value] of wrong) {
    it(`refuses ${what}, as decodePlan does`, () => {
      assert.not(isPlan(asJson(value)))
      assert.ok(E.isLeft(decodePlan({ source: 'p', text: JSON.stringify(value) })))
    })
  }

  it('names the versions and limits of the code', () => {
    assert.equal(planSchema.$defs.cniVersion.enum, [...knownVersions])
    assert.is(planSchema.properties.attachments.maxItems, maximumAttachments)
    assert.is(planSchema.$id, 'urn:metacni:schema:plan:1')
    const keys: readonly (keyof Plan)[] = [
      'version',
      'attachments',
      'merge',
      'resultVersion',
      'decisions',
      'warnings',
    ]
    assert.equal(planSchema.required, keys)
    assert.equal(Object.keys(plan).sort(), [...keys].sort())
  })
})

describe('docs/schema/problem.schema.json', (it) => {
  it('lists the codes of the registry, each and no other', () => {
    assert.equal(problemSchema.properties.code.enum, Object.keys(problemCniCodes))
    assert.is(problemSchema.$id, 'urn:metacni:schema:problem:1')
  })

  it('describes every problem', () => {
    const planned = planOf({
      config: meta({ kubeconfig: 'x', LogFile: 'y' }),
      networks:
        '[{"name":"nobody"},{"name":"a","mac":"x","interface":"lo"},null,{"name":"b","interface":"b","x":1}]',
    })
    assert.ok(!planned.ok)
    assert.ok(planned.problems.length > 4)
    for (const problem of [...planned.problems, ...planned.partial.warnings]) {
      assert.ok(isProblem(asJson(problem)), ajv.errorsText(isProblem.errors))
    }
  })

  it('refuses codes and severities that do not exist', () => {
    const problem = { code: 'bad-json', severity: 'error', cniCode: 6, message: 'm', path: 'p#' }
    assert.ok(isProblem(problem))
    assert.not(isProblem({ ...problem, code: 'no-such-code' }))
    assert.not(isProblem({ ...problem, severity: 'note' }))
    assert.not(isProblem({ ...problem, path: 'nowhere' }))
  })
})
