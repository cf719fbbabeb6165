import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { deriveStdin } from '../../lib/cni/derive.js'
import type { JsonObject } from '../../lib/cni/json.js'
import { explain } from '../../lib/plan/explain.js'
import { explainStdin } from '../../lib/plan/explain-stdin.js'
import type { Plan } from '../../lib/plan/types.js'
import { multus } from '../../lib/profile/multus.js'
import { describe } from '../suite.js'
import { conf, conflist, files, meta, mustPlan } from './fixtures.js'

const capabilities = { portMappings: true, ips: true }
const chain = conflist(
  'a',
  { type: 'macvlan', master: 'eth1', capabilities, runtimeConfig: {}, ipam: { type: 'static' } },
  { type: 'portmap', capabilities: { portMappings: true } },
)
const broken = { source: '/etc/cni/net.d/multus/bad.conf', text: '{}' }
const plan = mustPlan({
  config: meta({ cniVersion: '1.0.0', runtimeConfig: { portMappings: [{ hostPort: 80 }] } }),
  networks: '[{"name":"a","ips":["10.0.0.5/24"]},{"name":"b","interface":"north"}]',
  files: [chain, ...files, broken],
})
/** The text on one line, so that a wrapped sentence can be looked for. */
const flat = (text: string) =>
  text.replaceAll(/\n {3,5}(?![- ])/g, ' ').replaceAll(/\n(?=\S)/g, '\n')

describe('explain', (it) => {
  const text = explain(plan)
  const said = flat(text)

  it('writes at most 100 columns a line and ends none with blanks', () => {
    for (const line of text.split('\n')) {
      assert.ok(line.length <= 100, line)
      assert.is(line, line.trimEnd())
    }
  })

  it('says the reason of every decision', () => {
    const words = said.replaceAll(/\s+/g, ' ')
    for (const { why } of plan.decisions) assert.match(words, why)
  })

  it('says of an attachment where it is defined, what it is called, and who gives it what', () => {
    for (const sentence of [
      '1. a as eth0, the primary attachment: macvlan of eth1 in bridge mode, with portmap',
      'It is defined by /etc/cni/net.d/multus/a.conflist, one of 2 definitions: the first definition of that name',
      "Its interface is eth0: the first that asks for no name gets the runtime's interface name (ethAfterHighest).",
      "It is primary: it holds the runtime's interface name (holderOfRequestedName).",
      "It is offered portMappings of runtimeConfig: the runtime's runtimeConfig goes to the primary attachment alone.",
      'It is offered ips of networks: the pod asks for it, and its own request counts most.',
      '2. b as north: veth pair on bridge cni0',
      'Its interface is north: it was asked for (ethAfterHighest).',
    ]) {
      assert.match(said, sentence)
    }
  })

  it('says where every key of the stdin of each plugin comes from', () => {
    assert.match(
      text,
      [
        '   stdin of macvlan, plugin 1 of 2:',
        '   - name: a, of the list',
        '   - cniVersion: 1.0.0, of the list',
        '   - type, master and ipam: /etc/cni/net.d/multus/a.conflist',
        '   - runtimeConfig.portMappings: runtimeConfig, since the plugin declares the capability',
        '   - runtimeConfig.ips: networks, since the plugin declares the capability',
        '   - prevResult: for ADD none, it is the first plugin; for CHECK and DEL the result of the ADD',
        '   - not capabilities and runtimeConfig: reserved for the runtime',
        '   stdin of portmap, plugin 2 of 2:',
        '   - name: a, of the list',
        '   - cniVersion: 1.0.0, of the list',
        '   - type: /etc/cni/net.d/multus/a.conflist',
        '   - runtimeConfig.portMappings: runtimeConfig, since the plugin declares the capability',
        '   - prevResult: for ADD that of macvlan; for CHECK and DEL the result of the ADD',
        '   - not capabilities: reserved for the runtime',
      ].join('\n'),
    )
  })

  it('says how the results are merged, in which version, and the warnings', () => {
    for (const sentence of [
      'The networks are 2 of networks: the networks of the annotation replace defaultDelegates',
      'The order is as listed: networks are attached in the order in which they are listed (asListed).',
      "The results are merged by primaryResultOnly: the runtime gets the primary attachment's result.",
      'The result is of version 1.0.0:',
      '2 warnings:',
      '- broken-network-file at /etc/cni/net.d/multus/bad.conf#/type: the plugin has no "type"',
      '- shadowed-network at /etc/cni/net.d/multus/a.conflist#/name',
    ]) {
      assert.match(said, sentence)
    }
  })

  it('shows no value of a configuration: it may be a secret', () => {
    const secret = mustPlan({ networks: 'a', files: [conf('a', { password: 'hunter2' })] })
    assert.match(explain(secret), 'password')
    assert.not.match(explain(secret), 'hunter2')
  })

  it('says of an old or absent version what the specification makes of it', () => {
    const old = explain(mustPlan({ networks: 'a', files: [conf('a', { cniVersion: '' })] }))
    assert.match(old, '- cniVersion: 0.1.0, of the list, which has none')
    assert.match(old, 'for DEL none below version 0.4.0')
  })

  it('says what a plan of other hands says: rules that it does not know, an inline definition', () => {
    const decision = {
      rule: 'devices',
      subject: 'node',
      inputs: {},
      chose: 'vf3',
      why: 'it is free',
    }
    const attachments = plan.attachments.map((one) => ({
      ...one,
      network: { ...one.network, source: { kind: 'inline' } as const },
    }))
    const other: Plan = { ...plan, attachments, decisions: [decision], warnings: [] }
    assert.match(explain(other), 'devices of node: vf3: it is free.')
    assert.match(explain(other), '- type, master and ipam: the inline definition')
    assert.match(explain(other), '- runtimeConfig.ips: the plan, since the plugin declares')
  })

  it('says the reasons of the same network twice under each', () => {
    const twice = explain(mustPlan({ networks: 'b,b' }))
    assert.is(twice.split('It is defined by').length, 3)
  })

  it('says them of another profile', () => {
    const text = explain(
      mustPlan({ config: meta({ defaultDelegates: 'd' }), networks: 'a' }, multus),
    )
    assert.match(text, 'The networks are 1 of defaultDelegates, 1 of networks')
    assert.match(text, 'Its interface is net1: its position in the list (netByPosition).')
  })
})

describe('the keys that explain names (reference/cni.md 2.4)', (it) => {
  it('are those that the plugin reads', () => {
    const keys = fc.constantFrom(
      'mtu',
      'ipam',
      'args',
      'prevResult',
      'runtimeConfig',
      'cniVersion',
      'name',
    )
    const plugins = fc.record({
      type: fc.constantFrom('bridge', 'ptp'),
      more: fc.dictionary(keys, fc.constant('x')),
      capabilities: fc.option(fc.dictionary(fc.constantFrom('ips', 'mac', 'dns'), fc.boolean()), {
        nil: undefined,
      }),
    })
    const versions = fc.constantFrom(undefined, '', '0.3.1', '0.4.0', '1.1.0')
    fc.assert(
      fc.property(fc.array(plugins, { minLength: 1, maxLength: 3 }), versions, (made, version) => {
        const list = made.map(({ type, more, capabilities }) => ({
          ...more,
          type,
          ...(capabilities === undefined ? {} : { capabilities }),
        }))
        const config = {
          name: 'a',
          plugins: list,
          ...(version === undefined ? {} : { cniVersion: version }),
        }
        const capabilityArgs: JsonObject = { ips: [], mac: null }
        const attachment = {
          network: { name: 'a', source: { kind: 'file', file: 'f' } },
          ifname: 'eth0',
          primary: true,
          config,
          capabilityArgs,
        } as const
        const blocks = explainStdin(attachment, new Map()).join('\n').split('   stdin of ').slice(1)
        for (const [index, plugin] of list.entries()) {
          const stdin = deriveStdin({ list: config, plugin, verb: 'ADD', capabilityArgs })
          assert.ok(E.isRight(stdin))
          const { runtimeConfig, ...others } = stdin.right
          const expected = [
            ...Object.keys(others),
            ...Object.keys((runtimeConfig as JsonObject | undefined) ?? {}).map(
              (key) => `runtimeConfig.${key}`,
            ),
          ]
          const named = [
            ...(blocks[index] ?? '').matchAll(/^ {3}- (?!not |prevResult)([^:]+): /gm),
          ].flatMap(([, one]) => (one as string).split(/, | and /))
          assert.equal(named.sort(), expected.sort())
        }
      }),
      { numRuns: 2000 },
    )
  })
})
