import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { ifnameFault } from '../../lib/cni/identifier.js'
import type { JsonObject } from '../../lib/cni/json.js'
import type { SourceText } from '../../lib/network/network.js'
import { hash } from '../../lib/plan/hash.js'
import type { PlanInput } from '../../lib/plan/input.js'
import { computePlan } from '../../lib/plan/plan.js'
import { render } from '../../lib/plan/render.js'
import { multus } from '../../lib/profile/multus.js'
import { strict } from '../../lib/profile/strict.js'
import { tke } from '../../lib/profile/tke.js'
import { describe } from '../suite.js'
import { files } from './fixtures.js'

const runs = { numRuns: 2000 }
const all = { tke, multus, strict }
const profiles = fc.constantFrom(...(Object.keys(all) as (keyof typeof all)[]))

// Texts that come near to being right as well as any at all.
const requests = fc.record(
  {
    name: fc.constantFrom('a', 'b', 'c', 'd', 'A', '', '__proto__'),
    namespace: fc.constantFrom('ns', '', '.'),
    interface: fc.constantFrom(
      'eth0',
      'eth1',
      'net1',
      'net2',
      'x',
      'lo',
      'sixteen-bytes-ab',
      'a/b',
    ),
    interfaceRequest: fc.constantFrom('eth0', 'eth9', 'é', ''),
    ips: fc.oneof(fc.constantFrom(['10.0.0.1'], ['x'], []), fc.jsonValue({ maxDepth: 1 })),
    mac: fc.constantFrom('0a:00:00:00:00:01', 'x'),
  },
  { requiredKeys: [] },
)
const right = fc.shuffledSubarray(['a', 'b', 'c@net1', 'd@x', 'ns/a'], { minLength: 1 })
const near = fc.array(
  fc.constantFrom('a', 'b', 'ns/a', 'a@eth0', 'b@eth5', 'c@net1', 'd@x', 'a@net2', 'A', 'a@', ''),
  { maxLength: 4 },
)
const any = fc.oneof(fc.string(), fc.json({ maxDepth: 3 }))
const annotations = fc.oneof(
  { weight: 4, arbitrary: right.map((list) => list.join(',')) },
  { weight: 2, arbitrary: near.map((list) => list.join(',')) },
  {
    weight: 2,
    arbitrary: fc.array(requests, { maxLength: 4 }).map((list) => JSON.stringify(list)),
  },
  { weight: 1, arbitrary: any },
)
const configurations = fc.oneof(
  any,
  fc
    .dictionary(
      fc.constantFrom(
        'name',
        'type',
        'cniVersion',
        'kubeconfig',
        'defaultDelegates',
        'runtimeConfig',
        'LogLevel',
        '__proto__',
      ),
      fc.oneof(
        fc.jsonValue({ maxDepth: 2 }),
        fc.constantFrom('a', 'multus', '0.3.1', '/x', 'a,b', 'debug'),
      ),
    )
    .map((value) => JSON.stringify(value)),
)
const definitions = fc.oneof(
  any,
  fc
    .record(
      {
        name: fc.constantFrom('a', 'b', '../x', ''),
        type: fc.constantFrom('bridge', 'flannel', 'multus', '', '../sh'),
        cniVersion: fc.constantFrom('0.3.1', '1.0.0', '9', null),
        capabilities: fc.constantFrom({ ips: true }, { mac: true, ips: true }, { ips: 1 }, []),
        plugins: fc.constantFrom(
          [],
          [null],
          [{ type: 'ptp' }],
          [{ type: 'flannel' }, { type: 'x' }],
        ),
        dataDir: fc.jsonValue({ maxDepth: 1 }),
      },
      { requiredKeys: [] },
    )
    .map((value) => JSON.stringify(value)),
)
const directories: fc.Arbitrary<readonly SourceText[]> = fc.array(
  fc.record({
    source: fc
      .tuple(
        fc.constantFrom('/d/', '/e/', ''),
        fc.constantFrom('1', '2', '3'),
        fc.constantFrom('.conf', '.conflist', '.json', '.txt', ''),
      )
      .map((parts) => parts.join('')),
    text: definitions,
  }),
  { maxLength: 5 },
)

/** Mostly absent, so that the inputs that are there can be right together. */
const seldom = <A>(arbitrary: fc.Arbitrary<A>) => fc.option(arbitrary, { freq: 1, nil: undefined })

const inputs: fc.Arbitrary<PlanInput> = fc
  .record({
    annotation: fc.option(annotations, { freq: 4, nil: undefined }),
    config: seldom(configurations),
    defaultDelegates: fc.option(annotations, { freq: 4, nil: undefined }),
    files: directories,
    usual: fc.boolean(),
    ifname: seldom(fc.constantFrom('eth0', 'eth5', 'net1', 'x', '', 'lo', 'sixteen-bytes-ab')),
    capabilityArgs: seldom(
      fc
        .dictionary(
          fc.constantFrom('ips', 'portMappings', '__proto__'),
          fc.jsonValue({ maxDepth: 1 }),
        )
        .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject),
    ),
  })
  .map(({ annotation, config, defaultDelegates, files: more, usual, ifname, capabilityArgs }) => ({
    files: usual ? [...files, ...more] : more,
    ...(annotation === undefined ? {} : { pod: annotated(annotation) }),
    ...(config === undefined ? {} : { config: { source: 'stdin', text: config } }),
    ...(defaultDelegates === undefined ? {} : { defaultDelegates }),
    ...(ifname === undefined ? {} : { ifname }),
    ...(capabilityArgs === undefined ? {} : { capabilityArgs }),
  }))

const annotated = (text: string) => ({
  annotations: { 'tke.cloud.tencent.com/networks': text, 'k8s.v1.cni.cncf.io/networks': text },
})

/** So that no property holds because nothing was ever planned. */
const counting = () => {
  let ok = 0
  let refused = 0
  return {
    count: (isOk: boolean) => {
      if (isOk) ok++
      else refused++
    },
    check: () => {
      assert.ok(ok > 50, `${ok} of the plans were plans`)
      assert.ok(refused > 50, `${refused} were refused`)
    },
  }
}

describe('any input', (it) => {
  it('leads to a plan or to problems, and never to a throw', () => {
    const { count, check } = counting()
    fc.assert(
      fc.property(inputs, profiles, (input, name) => {
        const planned = computePlan(input, all[name])
        count(planned.ok)
        if (planned.ok) return
        assert.ok(planned.problems.length > 0)
        assert.ok(planned.problems.every(({ severity }) => severity === 'error'))
        assert.ok(planned.problems.every(({ code }) => code !== 'bad-strategy'))
        assert.ok(planned.partial.warnings.every(({ severity }) => severity === 'warning'))
      }),
      runs,
    )
    check()
  })

  it('leads to names that are unique, valid, at most 15 bytes long, and not lo', () => {
    const { count, check } = counting()
    fc.assert(
      fc.property(inputs, profiles, (input, name) => {
        const planned = computePlan(input, all[name])
        count(planned.ok)
        if (!planned.ok) return
        const ifnames = planned.plan.attachments.map(({ ifname }) => ifname)
        assert.is(new Set(ifnames).size, ifnames.length)
        for (const ifname of ifnames) {
          assert.is(ifnameFault(ifname), undefined)
          assert.ok(Buffer.byteLength(ifname) <= 15)
          assert.is.not(ifname, 'lo')
        }
      }),
      runs,
    )
    check()
  })

  it('leads to exactly one primary attachment when it leads to a plan', () => {
    const { count, check } = counting()
    fc.assert(
      fc.property(inputs, profiles, (input, name) => {
        const planned = computePlan(input, all[name])
        count(planned.ok)
        if (!planned.ok) return
        const primaries = planned.plan.attachments.filter(({ primary }) => primary)
        assert.is(primaries.length, 1)
        if (name === 'tke') assert.is(primaries[0]?.ifname, input.ifname ?? 'eth0')
        else assert.is(primaries[0], planned.plan.attachments[0])
      }),
      runs,
    )
    check()
  })

  it('leads, when it is equal, to an equal plan of an equal hash', () => {
    const { count, check } = counting()
    fc.assert(
      fc.property(inputs, profiles, (input, name) => {
        const first = computePlan(input, all[name])
        const second = computePlan(structuredClone(input), all[name])
        count(first.ok)
        assert.equal(second, first)
        const plans = [first, second].map((one) => (one.ok ? one.plan : one.partial))
        assert.is(...(plans.map(hash) as [string, string]))
        assert.is(...(plans.map((plan) => JSON.stringify(plan)) as [string, string]))
      }),
      runs,
    )
    check()
  })

  it('leaves what it was made of as it was', () => {
    fc.assert(
      fc.property(inputs, profiles, (input, name) => {
        const before = JSON.stringify(input)
        computePlan(input, all[name])
        assert.is(JSON.stringify(input), before)
      }),
      runs,
    )
  })

  it('leads to something that can be shown in every form', () => {
    fc.assert(
      fc.property(inputs, profiles, (input, name) => {
        const planned = computePlan(input, all[name])
        const plan = planned.ok ? planned.plan : planned.partial
        assert.equal(JSON.parse(render(plan, 'json')), JSON.parse(JSON.stringify(plan)))
        for (const format of ['text', 'explain'] as const) {
          // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
          assert.not.match(render(plan, format), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
        }
        assert.ok(
          render(plan, 'explain')
            .split('\n')
            .every(({ length }) => length <= 100),
        )
      }),
      runs,
    )
  })
})
