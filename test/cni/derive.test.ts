import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import type { NetworkConfigurationList } from '../../lib/cni/configuration.js'
import { deriveStdin, runtimeConfigOf, type StdinParts } from '../../lib/cni/derive.js'
import type { Verb } from '../../lib/cni/invocation.js'
import type { PluginConfiguration } from '../../lib/cni/plugin-configuration.js'
import type { Result } from '../../lib/cni/result.js'
import { describe } from '../suite.js'

const plugin: PluginConfiguration = {
  type: 'bridge',
  name: 'own name',
  cniVersion: '0.2.0',
  bridge: 'cni0',
  ipam: { type: 'host-local', deep: [null, { x: 1 }] },
}
const list: NetworkConfigurationList = { name: 'net', cniVersion: '1.0.0', plugins: [plugin] }
const result: Result = { cniVersion: '1.0.0', ips: [{ address: '10.0.0.5/8' }] }

const stdin = (parts: Partial<StdinParts>): unknown => {
  const derived = deriveStdin({ list, plugin, verb: 'ADD', capabilityArgs: {}, ...parts })
  return E.isRight(derived) ? derived.right : derived.left
}
const bare = { type: 'bridge', name: 'net', cniVersion: '1.0.0', bridge: 'cni0', ipam: plugin.ipam }
const attaching: readonly Verb[] = ['ADD', 'DEL', 'CHECK']

describe('deriveStdin (reference/cni.md 2.4)', (it) => {
  it('keeps every unknown key and puts name and version of the list over those of the plugin', () => {
    for (const verb of [...attaching, 'STATUS'] as const) assert.equal(stdin({ verb }), bare, verb)
  })

  it('gives an unversioned list 0.1.0', () => {
    for (const unversioned of [
      { name: 'net', plugins: [plugin] },
      { ...list, cniVersion: '' },
    ]) {
      assert.equal(stdin({ list: unversioned }), { ...bare, cniVersion: '0.1.0' })
    }
  })

  it('takes capabilities out (X-01), and what a file left in prevResult and runtimeConfig (X-02)', () => {
    const stale = {
      ...plugin,
      capabilities: { portMappings: true },
      prevResult: { cniVersion: '0.2.0' },
      runtimeConfig: { portMappings: [] },
    }
    for (const verb of [...attaching, 'STATUS'] as const) {
      assert.equal(stdin({ plugin: stale, verb }), bare, verb)
    }
    const collected = stdin({ plugin: stale, verb: 'GC', validAttachments: [] })
    assert.equal(Object.keys(collected as object).sort(), [
      'bridge',
      'cni.dev/attachments',
      'cni.dev/valid-attachments',
      'cniVersion',
      'ipam',
      'name',
      'type',
    ])
  })

  it('leaves the configuration that it was given as it was', () => {
    const before = JSON.stringify(list)
    stdin({ prevResult: result, capabilityArgs: { ips: ['10.0.0.5'] } })
    assert.is(JSON.stringify(list), before)
  })

  it('offers the capabilities that are declared with true and provided, even with null', () => {
    const declaring = {
      ...plugin,
      capabilities: { ips: true, mac: false, bandwidth: true, portMappings: true, toString: true },
    }
    const capabilityArgs = { ips: ['10.0.0.5'], mac: '0a:58:0a:f4:02:06', bandwidth: null, dns: {} }
    for (const verb of attaching) {
      assert.equal(stdin({ plugin: declaring, capabilityArgs, verb }), {
        ...bare,
        runtimeConfig: { ips: ['10.0.0.5'], bandwidth: null },
      })
    }
    assert.equal(stdin({ plugin: declaring, capabilityArgs: { dns: {} } }), bare)
  })

  it('offers nothing to STATUS and GC', () => {
    const declaring = { ...plugin, capabilities: { ips: true } }
    const given = { plugin: declaring, capabilityArgs: { ips: [] }, prevResult: result }
    assert.equal(stdin({ ...given, verb: 'STATUS' }), bare)
    const collected = stdin({ ...given, verb: 'GC', validAttachments: [] }) as object
    assert.not.ok('runtimeConfig' in collected)
    assert.not.ok('prevResult' in collected)
  })

  it('hands the previous result on in the version of the list (X-03)', () => {
    for (const verb of attaching) {
      assert.equal(stdin({ verb, prevResult: result }), { ...bare, prevResult: result })
    }
    const old = { ...list, cniVersion: '0.4.0' }
    for (const verb of attaching) {
      assert.equal(stdin({ verb, prevResult: result, list: old }), {
        ...bare,
        cniVersion: '0.4.0',
        prevResult: {
          cniVersion: '0.4.0',
          ips: [{ address: '10.0.0.5/8', version: '4' }],
          dns: {},
        },
      })
    }
  })

  it('refuses a previous result that the version of the list cannot express, but not for DEL', () => {
    const empty: Result = { cniVersion: '1.0.0' }
    const old = { ...list, cniVersion: '0.2.0' }
    const junk = { ...list, cniVersion: '1.2.3' }
    assert.is((stdin({ list: old, prevResult: empty }) as { code: number }).code, 999)
    assert.is(
      (stdin({ list: junk, prevResult: empty, verb: 'CHECK' }) as { code: number }).code,
      999,
    )
    assert.equal(stdin({ list: junk, prevResult: empty, verb: 'DEL' }), {
      ...bare,
      cniVersion: '1.2.3',
    })
  })

  it('gives DEL below 0.4.0 no previous result (reference/cni.md 2.9)', () => {
    for (const cniVersion of ['', '0.1.0', '0.2.0', '0.3.0', '0.3.1', 'junk']) {
      const derived = stdin({ verb: 'DEL', list: { ...list, cniVersion }, prevResult: result })
      assert.not.ok('prevResult' in (derived as object), cniVersion)
    }
    const added = stdin({ list: { ...list, cniVersion: '0.3.1' }, prevResult: result })
    assert.ok('prevResult' in (added as object))
  })

  it('gives GC the valid attachments under both keys, an empty list as an empty list (X-17)', () => {
    const validAttachments = [{ containerID: 'c1', ifname: 'eth0' }]
    for (const valid of [validAttachments, []]) {
      assert.equal(stdin({ verb: 'GC', validAttachments: valid }), {
        ...bare,
        'cni.dev/valid-attachments': valid,
        'cni.dev/attachments': valid,
      })
    }
  })

  it('refuses GC without a list of valid attachments (X-16)', () => {
    const refused = stdin({ verb: 'GC' }) as { code: number; msg: string }
    assert.is(refused.code, 7)
    assert.match(refused.msg, /^GC needs the list of valid attachments/)
  })

  it('asks VERSION in the newest version (reference/cni.md 2.13)', () => {
    assert.equal(stdin({ verb: 'VERSION' }), { cniVersion: '1.1.0' })
  })

  it('keeps __proto__ as a key and reaches no prototype', () => {
    const text =
      '{"type":"a","__proto__":{"polluted":1},"capabilities":{"__proto__":true,"ips":true}}'
    const odd = JSON.parse(text) as PluginConfiguration
    const capabilityArgs = JSON.parse('{"__proto__":{"polluted":2},"ips":[]}')
    const derived = stdin({ plugin: odd, capabilityArgs })
    assert.equal(
      JSON.stringify(derived),
      '{"type":"a","__proto__":{"polluted":1},"cniVersion":"1.0.0","name":"net",' +
        '"runtimeConfig":{"__proto__":{"polluted":2},"ips":[]}}',
    )
    assert.is(Object.getPrototypeOf(derived), Object.prototype)
    assert.is(({} as { polluted?: number }).polluted, undefined)
  })

  it('never throws', () => {
    const objects = fc.dictionary(fc.string(), fc.jsonValue())
    const capabilities = fc.dictionary(fc.constantFrom('ips', 'mac', '__proto__'), fc.boolean())
    const verb = fc.constantFrom<Verb>('ADD', 'DEL', 'CHECK', 'GC', 'STATUS', 'VERSION')
    fc.assert(
      fc.property(
        objects,
        capabilities,
        objects,
        verb,
        fc.string(),
        (keys, declared, offered, one, version) => {
          const derived = deriveStdin({
            list: { ...list, cniVersion: version },
            plugin: { ...keys, type: 'a', capabilities: declared } as PluginConfiguration,
            capabilityArgs: offered,
            verb: one,
            prevResult: result,
            validAttachments: [],
          })
          if (E.isRight(derived)) assert.type(JSON.stringify(derived.right), 'string')
          else assert.is(derived.left.code, 999)
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('runtimeConfigOf', (it) => {
  it('is undefined when nothing is both declared and offered', () => {
    assert.is(runtimeConfigOf({ type: 'a' }, { ips: [] }), undefined)
    assert.is(runtimeConfigOf({ type: 'a', capabilities: { ips: true } }, {}), undefined)
    assert.equal(runtimeConfigOf({ type: 'a', capabilities: { ips: true } }, { ips: [] }), {
      ips: [],
    })
  })
})
