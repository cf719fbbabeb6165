import fc from 'fast-check'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import {
  capabilitiesOf,
  decodeList,
  decodeSingle,
  type NetworkConfigurationList,
} from '../../lib/cni/configuration.js'
import { isOn, readFlag } from '../../lib/cni/flag.js'
import { isPluginConfiguration } from '../../lib/cni/plugin-configuration.js'
import { describe } from '../suite.js'

type Decoded = ReturnType<typeof decodeList>
const faults = (decoded: Decoded): readonly string[] =>
  isLeft(decoded) ? decoded.left.map(({ path, message }) => `${path} ${message}`) : []
const listFaults = (value: unknown) => faults(decodeList(value, 'f'))
const singleFaults = (value: unknown) => faults(decodeSingle(value, 'f'))
const mustBe = (decoded: Decoded): NetworkConfigurationList => {
  if (isRight(decoded)) return decoded.right
  throw new Error(faults(decoded).join('; '))
}
const list = (changes: object = {}) => ({ name: 'a', plugins: [{ type: 'bridge' }], ...changes })

describe('a network configuration list (SPEC "Network configuration format"; reference/cni.md 2.1)', (it) => {
  it('is the very object that was decoded, with every unknown key (S-011)', () => {
    const value = list({
      cniVersion: '1.0.0',
      disableCheck: true,
      'x.example/y': [1, { z: null }],
      plugins: [{ type: 'bridge', bridge: 'b0', deep: { er: ['x'] } }, { type: 'tuning' }],
    })
    assert.is(mustBe(decodeList(value, 'f')), value)
  })

  it('is an object', () => {
    for (const value of [null, [], 'a', 1, true]) {
      assert.equal(listFaults(value), [
        `f# a network configuration list is an object, not ${JSON.stringify(value)}`,
      ])
    }
  })

  it('has a name that is a text', () => {
    for (const name of [undefined, null, '', 7, {}]) {
      assert.equal(listFaults(list({ name })), [
        `f#/name "name" must be a text that is not empty, not ${JSON.stringify(name)}`,
      ])
    }
    assert.equal(listFaults(list({ name: 'te%%st' })), [])
  })

  it('has a version that is a text, or none; its grammar is looked at later', () => {
    assert.equal(listFaults(list({ cniVersion: 'junk' })), [])
    for (const cniVersion of [null, 1, []]) {
      assert.equal(listFaults(list({ cniVersion })), [
        `f#/cniVersion "cniVersion" must be a text, not ${JSON.stringify(cniVersion)}`,
      ])
    }
  })

  it('has plugins, at least one', () => {
    for (const plugins of [undefined, []])
      assert.equal(listFaults(list({ plugins })), ['f#/plugins the list has no plugins'])
    for (const plugins of [null, {}, 'a']) {
      assert.equal(listFaults(list({ plugins })), [
        `f#/plugins "plugins" must be a list, not ${JSON.stringify(plugins)}`,
      ])
    }
  })

  it('tells of every fault at once, each plugin by its place', () => {
    const plugins = [null, { type: 'ok' }, {}, { type: 'x', capabilities: { mac: 'true' } }, 'y']
    assert.equal(listFaults({ name: '', cniVersion: 1, plugins }), [
      'f#/name "name" must be a text that is not empty, not ""',
      'f#/cniVersion "cniVersion" must be a text, not 1',
      'f#/plugins/0 a plugin configuration is an object, not null',
      'f#/plugins/2/type the plugin has no "type"',
      'f#/plugins/3/capabilities/mac expected boolean, got "true"',
      'f#/plugins/4 a plugin configuration is an object, not "y"',
    ])
  })

  it('has plugins whose ipam, dns and prevResult are of the types that libcni gives them (2.2)', () => {
    const plugin = (more: object) => ({ type: 'x', ...more })
    const plugins = [
      plugin({ ipam: 'host-local', dns: [], prevResult: 7 }),
      plugin({ ipam: { type: 1 }, dns: { domain: 2, nameservers: 'a', search: [3], options: {} } }),
      plugin({ 'cni.dev/valid-attachments': [{ containerID: 1 }] }),
    ]
    assert.equal(listFaults(list({ plugins })), [
      'f#/plugins/0/ipam expected an object, got "host-local"',
      'f#/plugins/0/dns expected an object, got []',
      'f#/plugins/0/prevResult expected an object, got 7',
      'f#/plugins/1/ipam/type expected a text, got 1',
      'f#/plugins/1/dns/domain expected a text, got 2',
      'f#/plugins/1/dns/nameservers expected a list of texts, got "a"',
      'f#/plugins/1/dns/search expected a list of texts, got [3]',
      'f#/plugins/1/dns/options expected a list of texts, got {}',
      'f#/plugins/2/cni.dev~1valid-attachments expected a list of objects with the texts "containerID" and "ifname", got [{"containerID":1}]',
    ])
  })

  it('reads null as absent in them, and hands it on', () => {
    const dns = { nameservers: null, domain: null, search: [null] }
    const given = { type: 'x', ipam: null, dns, prevResult: null }
    assert.equal(mustBe(decodeList(list({ plugins: [given] }), 'f')).plugins, [given])
    assert.equal(listFaults(list({ plugins: [{ type: 'x', ipam: { type: null } }] })), [])
  })

  it('takes a capability that is null for one that is not declared, as Go does', () => {
    const plugins = [{ type: 'x', capabilities: { mac: null, ips: true } }]
    const decoded = mustBe(decodeList(list({ plugins }), 'f'))
    assert.equal(decoded.plugins, [{ type: 'x', capabilities: { ips: true } }])
  })

  it('survives a list with more faults than a call takes arguments', () => {
    assert.is(listFaults(list({ plugins: Array(200_000).fill(null) })).length, 200_000)
  })
})

describe('the version of a list (S-002, S-016; reference/cni.md 2.1)', (it) => {
  const chosen = (changes: object): unknown => mustBe(decodeList(list(changes), 'f')).cniVersion

  it('is the highest of cniVersion and cniVersions', () => {
    const cniVersions = ['0.4.0', '1.0.0', '0.3.1']
    assert.is(chosen({ cniVersions }), '1.0.0')
    assert.is(chosen({ cniVersion: '0.1.0', cniVersions }), '1.0.0')
    assert.is(chosen({ cniVersion: '1.1.0', cniVersions }), '1.1.0')
    assert.is(chosen({ cniVersion: '', cniVersions: ['0.3.1'] }), '0.3.1')
  })

  it('leaves out what is newer than the newest that is known', () => {
    assert.is(chosen({ cniVersions: ['0.4.0', '1.2.0', '2.0.0'] }), '0.4.0')
    assert.is(chosen({ cniVersion: '2.0.0', cniVersions: ['1.0.0'] }), '1.0.0')
  })

  it('stays what it was where nothing is left to choose from', () => {
    assert.is(chosen({ cniVersions: [] }), undefined)
    assert.is(chosen({ cniVersion: '2.0.0', cniVersions: ['3.0.0'] }), '2.0.0')
  })

  it('keeps all other keys, cniVersions too', () => {
    const value = list({ cniVersions: ['1.0.0'], x: 1 })
    assert.equal(mustBe(decodeList(value, 'f')), { ...value, cniVersion: '1.0.0' })
  })

  it('cannot be compared where it is none itself', () => {
    assert.equal(listFaults(list({ cniVersion: 'junk', cniVersions: ['1.0.0'] })), [
      'f#/cniVersion "cniVersion" must be a version where there are "cniVersions", not "junk"',
    ])
  })

  it('cannot be chosen from what is no list of versions', () => {
    for (const cniVersions of [null, '1.0.0', [1], ['1.0.0', 'junk'], {}]) {
      assert.equal(listFaults(list({ cniVersions })), [
        `f#/cniVersions "cniVersions" must be a list of versions, not ${JSON.stringify(cniVersions)}`,
      ])
    }
  })
})

describe('the flags of a list (S-004 to S-008; reference/cni.md 2.1)', (it) => {
  const flags = ['disableCheck', 'disableGC', 'loadOnlyInlinedPlugins']

  it('are booleans, or true and false as a text in any case, and stay as they were written', () => {
    for (const flag of flags) {
      for (const value of [true, false, 'true', 'TRUE', 'True', 'false', 'fAlSe']) {
        const written = list({ [flag]: value })
        assert.is(mustBe(decodeList(written, 'f')), written)
      }
    }
  })

  it('are nothing else: the message says the value', () => {
    for (const flag of flags) {
      for (const value of ['', 'yes', ' true', 'truetrue', 1, 0, null, [], {}]) {
        assert.equal(listFaults(list({ [flag]: value })), [
          `f#/${flag} "${flag}" must be true or false, not ${JSON.stringify(value)}`,
        ])
      }
    }
  })

  it('mean nothing in a single configuration, whatever they hold (2.3)', () => {
    assert.equal(singleFaults({ name: 'a', type: 'b', disableCheck: 'yes' }), [])
  })

  it('are read the same wherever they count', () => {
    assert.equal([true, 'TRUE', 'true'].map(isOn), [true, true, true])
    assert.equal([false, 'false', undefined, null, '', 'yes', 1].map(isOn), [
      false,
      false,
      false,
      false,
      false,
      false,
      false,
    ])
    // U+0130 is longer in lower case; no text becomes one of the two by it.
    assert.is(readFlag('tru\u0130'), undefined)
  })
})

describe('plugins beside a list (S-006 to S-010; reference/cni.md 2.1, 2.3)', (it) => {
  const beside = (...values: readonly unknown[]) =>
    values.map((value, index) => ({ source: `p${index}`, value }))
  const completed = (value: object, ...values: readonly unknown[]) =>
    mustBe(decodeList(value, 'f', beside(...values)))

  it('come after those of the list, with every unknown key, and the list says that it is complete', () => {
    const value = list({ x: 1 })
    assert.equal(completed(value, { type: 'tuning', y: { z: null } }, { type: 'sbr' }), {
      name: 'a',
      x: 1,
      loadOnlyInlinedPlugins: true,
      plugins: [{ type: 'bridge' }, { type: 'tuning', y: { z: null } }, { type: 'sbr' }],
    })
    assert.equal(value.plugins, [{ type: 'bridge' }])
  })

  it('may be all that there is', () => {
    assert.equal(completed({ name: 'a' }, { type: 'tuning' }).plugins, [{ type: 'tuning' }])
  })

  it('do not count where loadOnlyInlinedPlugins is set, not even broken ones', () => {
    for (const loadOnlyInlinedPlugins of [true, 'True']) {
      const value = list({ loadOnlyInlinedPlugins })
      assert.is(completed(value, { type: 'tuning' }, null), value)
      const nothing = decodeList({ name: 'a', loadOnlyInlinedPlugins }, 'f', beside({ type: 'x' }))
      assert.equal(faults(nothing), [
        'f#/plugins "loadOnlyInlinedPlugins" is true, and there are no "plugins"',
      ])
    }
    assert.is(completed(list({ loadOnlyInlinedPlugins: 'false' }), { type: 'x' }).plugins.length, 2)
  })

  it('do not make up for an empty list of plugins, nor for none at all', () => {
    for (const value of [{ name: 'a', plugins: [] }, { name: 'a' }]) {
      const more = 'plugins' in value ? beside({ type: 'x' }) : []
      assert.equal(faults(decodeList(value, 'f', more)), ['f#/plugins the list has no plugins'])
    }
  })

  it('are plugin configurations, each told by its own source', () => {
    const decoded = decodeList({ name: 'a' }, 'f', beside(null, { type: 'x' }, {}, { type: 1 }))
    assert.equal(faults(decoded), [
      'p0# a plugin configuration is an object, not null',
      'p2#/type the plugin has no "type"',
      'p3#/type expected string, got 1',
    ])
  })

  it('may have null for what is read, as Go has it (2.2)', () => {
    assert.equal(completed({ name: 'a' }, { type: 'x', name: null, other: null }).plugins, [
      { type: 'x', other: null },
    ])
  })
})

describe('a single configuration (reference/cni.md 2.2, 2.3)', (it) => {
  it('becomes a list of one: name and version are raised, the object stays as it is', () => {
    const value = {
      cniVersion: '0.3.1',
      name: 'a',
      type: 'bridge',
      disableCheck: true,
      x: { y: 1 },
    }
    const decoded = mustBe(decodeSingle(value, 'f'))
    assert.equal(decoded, { cniVersion: '0.3.1', name: 'a', plugins: [value] })
    assert.is(decoded.plugins[0], value)
  })

  it('has no version where there was none', () => {
    const decoded = mustBe(decodeSingle({ name: 'a', type: 'b' }, 'f'))
    assert.not.ok('cniVersion' in decoded)
  })

  it('has a name and a type', () => {
    const nameless = 'f#/name a network configuration without a name cannot be selected'
    assert.equal(singleFaults({ type: 'a' }), [nameless])
    assert.equal(singleFaults({ type: 'a', name: '' }), [nameless])
    assert.equal(singleFaults({ type: 'a', name: 1 }), ['f#/name expected string, got 1'])
    assert.equal(singleFaults({ name: 'a' }), ['f#/type the plugin has no "type"'])
    assert.equal(singleFaults({ name: 'a', type: '' }), ['f#/type the plugin has no "type"'])
    assert.equal(singleFaults({ name: 'a', type: 7 }), ['f#/type expected string, got 7'])
  })

  it('is an object: a file that is null is refused like any other (TB4)', () => {
    for (const value of [null, [], 'a', 0]) {
      assert.equal(singleFaults(value), [
        `f# a plugin configuration is an object, not ${JSON.stringify(value)}`,
      ])
    }
  })

  it('says what is meant when a list has the wrong file name', () => {
    const decoded = decodeSingle({ name: 'a', plugins: [] }, 'f')
    assert.is(
      isLeft(decoded) && decoded.left[0]?.hint,
      'a file with "plugins" is a list: its name must end in .conflist',
    )
    const other = decodeSingle({ name: 'a' }, 'f')
    assert.is(isLeft(other) && other.left[0]?.hint, 'name the plugin binary in "type"')
  })
})

describe('null in a plugin object (reference/cni.md 2.2)', (it) => {
  const nulls = { cniVersion: null, name: null, capabilities: null }

  it('counts as absent where the key is read, and is kept where it is not', () => {
    const untouched = { type: 'a', other: null }
    const plugins = [{ type: 'b', ...nulls, other: null }, untouched]
    const decoded = mustBe(decodeList(list({ plugins, x: 1 }), 'f'))
    assert.equal(decoded, { name: 'a', x: 1, plugins: [{ type: 'b', other: null }, untouched] })
  })

  it('makes a single configuration one without a name', () => {
    assert.equal(singleFaults({ type: 'a', ...nulls }), [
      'f#/name a network configuration without a name cannot be selected',
    ])
    const decoded = mustBe(decodeSingle({ type: 'a', ...nulls, name: 'n', x: null }, 'f'))
    assert.equal(decoded, { name: 'n', plugins: [{ type: 'a', name: 'n', x: null }] })
  })

  it('is no fault beside one', () => {
    const plugin = { type: 'a', ...nulls, capabilities: { mac: 1 } }
    assert.equal(listFaults(list({ plugins: [plugin] })), [
      'f#/plugins/0/capabilities/mac expected boolean, got 1',
    ])
    assert.equal(singleFaults(plugin), ['f#/capabilities/mac expected boolean, got 1'])
    assert.equal(listFaults(list({ plugins: [{ type: null }] })), [
      'f#/plugins/0/type expected string, got null',
    ])
  })
})

describe('isPluginConfiguration', (it) => {
  it('wants a type, and that the keys that are read are of their type', () => {
    for (const value of [
      { type: 'a' },
      { type: 'a', cniVersion: '', name: '', capabilities: {}, x: null },
      { type: 'a', capabilities: { mac: true, ips: false } },
    ]) {
      assert.ok(isPluginConfiguration(value), JSON.stringify(value))
    }
    for (const value of [
      null,
      {},
      { type: '' },
      { type: null },
      { type: 'a', capabilities: { mac: 'true' } },
      { type: 'a', capabilities: null },
      { type: 'a', name: null },
      { type: 'a', cniVersion: 1 },
    ]) {
      assert.not.ok(isPluginConfiguration(value), JSON.stringify(value))
    }
  })
})

describe('capabilitiesOf', (it) => {
  it('are those that some plugin declares with true', () => {
    const plugins = [
      { type: 'a' },
      { type: 'b', capabilities: { portMappings: true, mac: false } },
      { type: 'c', capabilities: { bandwidth: true, portMappings: true } },
    ]
    assert.equal([...capabilitiesOf({ name: 'a', plugins })], ['portMappings', 'bandwidth'])
  })

  it('may be called __proto__ or constructor', () => {
    const capabilities = JSON.parse('{"__proto__":true,"constructor":true,"toString":false}')
    const found = capabilitiesOf({ name: 'a', plugins: [{ type: 'a', capabilities }] })
    assert.equal([...found], ['__proto__', 'constructor'])
  })
})

describe('decoding, whatever the JSON', (it) => {
  it('never throws, and what it takes has a name and plugins with types', () => {
    const strange = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          name: fc.oneof(fc.string(), fc.jsonValue()),
          type: fc.oneof(fc.string(), fc.jsonValue()),
          cniVersion: fc.oneof(fc.string(), fc.jsonValue()),
          cniVersions: fc.oneof(
            fc.array(fc.constantFrom('1.0.0', '0.4.0', '2', 'x')),
            fc.jsonValue(),
          ),
          loadOnlyInlinedPlugins: fc.constantFrom(true, false, 'TRUE', '', null),
          plugins: fc.oneof(fc.jsonValue(), fc.array(fc.record({ type: fc.string() }))),
        },
        { requiredKeys: [] },
      ),
    )
    fc.assert(
      fc.property(strange, strange, (value, other) => {
        const beside = [{ source: 'g', value: other }]
        const lists = [decodeList(value, 'f'), decodeList(value, 'f', beside)]
        for (const decoded of [...lists, decodeSingle(value, 'f')]) {
          if (isLeft(decoded)) {
            assert.ok(decoded.left.length > 0)
            continue
          }
          assert.ok(decoded.right.name !== '')
          assert.ok(decoded.right.plugins.length > 0)
          assert.ok(decoded.right.plugins.every(isPluginConfiguration))
        }
      }),
      { numRuns: 2000 },
    )
  })
})
