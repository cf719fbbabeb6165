import * as assert from 'uvu/assert'
import { readCatalogue } from '../../lib/network/catalogue.js'
import type { SourceText } from '../../lib/network/network.js'
import { briefly } from '../plan/fixtures.js'
import { describe } from '../suite.js'

const file = (source: string, value: unknown): SourceText => ({
  source,
  text: typeof value === 'string' ? value : JSON.stringify(value),
})
const single = (source: string, name: string) => file(source, { name, type: 'bridge' })
const list = (source: string, name: string) => file(source, { name, plugins: [{ type: 'bridge' }] })

/** Which file each network comes from. */
const origins = (...files: readonly SourceText[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...readCatalogue(files).networks].map(([name, { origin }]) => [
      name,
      origin.kind === 'file' ? origin.file : origin.kind,
    ]),
  )
const problemsOf = (...files: readonly SourceText[]): string =>
  briefly(readCatalogue(files).problems)

describe('the order of definitions (attachment-spec.md 3.4.1, reference/cni.md 2.3)', (it) => {
  it('is lists before single configurations, whatever their numbers', () => {
    assert.equal(origins(single('/d/10-a.conf', 'a'), list('/d/20-a.conflist', 'a')), {
      a: '/d/20-a.conflist',
    })
  })

  it('is .conf and .json together, by name', () => {
    assert.equal(origins(single('/d/2.conf', 'a'), single('/d/1.json', 'a')), { a: '/d/1.json' })
    assert.equal(origins(single('/d/1.conf', 'a'), single('/d/2.json', 'a')), { a: '/d/1.conf' })
  })

  it('is the directories as they are given, each with its own lists first', () => {
    const files = [
      single('/etc/cni/net.d/multus/z.conf', 'a'),
      list('/etc/cni/net.d/a.conflist', 'a'),
      list('/etc/cni/net.d/b.conflist', 'b'),
    ]
    assert.equal(origins(...files), {
      a: '/etc/cni/net.d/multus/z.conf',
      b: '/etc/cni/net.d/b.conflist',
    })
    assert.equal(origins(...[...files].reverse()).a, '/etc/cni/net.d/a.conflist')
  })

  it('keeps a single one of the first directory before a list of the second, however they come', () => {
    const lists = [list('/a/1.conflist', 'x'), list('/b/1.conflist', 'a')]
    assert.is(origins(...lists, single('/a/2.conf', 'a')).a, '/a/2.conf')
    assert.is(origins(...lists, single('/b/2.conf', 'a')).a, '/b/1.conflist')
  })

  it('is the same whether the files come sorted or not', () => {
    const sorted = [
      list('/d/1.conflist', 'a'),
      list('/d/2.conflist', 'b'),
      single('/d/1.conf', 'b'),
    ]
    for (const files of [sorted, [...sorted].reverse()]) {
      assert.equal(origins(...files), { a: '/d/1.conflist', b: '/d/2.conflist' })
    }
    const reordered = [single('/d/1.conf', 'b'), list('/d/1.conflist', 'a')]
    assert.equal(Object.keys(origins(...reordered)), ['a', 'b'])
    const nested = [single('/d/1.conf', 'a'), single('/d/sub/0.conf', 'a')]
    assert.equal(origins(...nested), { a: '/d/1.conf' })
  })

  it('tells which other files define the same name', () => {
    const files = ['1', '2', '3'].map((name) => single(`/d/${name}.conf`, 'a'))
    assert.equal([...readCatalogue(files).shadowed], [['a', ['/d/2.conf', '/d/3.conf']]])
  })

  it('passes other extensions over, and the name .conf alone is one', () => {
    assert.equal(
      origins(single('/d/a.txt', 'a'), single('/d/.conf', 'b'), single('/d/c.CONF', 'c')),
      {
        b: '/d/.conf',
      },
    )
    assert.is(readCatalogue([]).networks.size, 0)
  })

  it('ranks a directory by its first definition, not by a file of another extension', () => {
    const files = [single('/b/1.txt', 'a'), single('/a/2.conf', 'a'), single('/b/3.conf', 'a')]
    assert.equal(origins(...files), { a: '/a/2.conf' })
  })
})

describe('a network in the catalogue', (it) => {
  it('is a list of one plugin when it was a single configuration: name and version are raised (2.3)', () => {
    const conf = { cniVersion: '0.3.1', name: 'a', type: 'bridge', disableCheck: true, x: { y: 1 } }
    const { networks } = readCatalogue([file('/d/a.conf', conf)])
    assert.equal(networks.get('a'), {
      name: 'a',
      origin: { kind: 'file', file: '/d/a.conf' },
      config: { cniVersion: '0.3.1', name: 'a', plugins: [conf] },
    })
    const bare = readCatalogue([single('/d/b.conf', 'b')]).networks.get('b')
    assert.not('cniVersion' in (bare?.config ?? {}))
  })

  it('keeps every unknown key of a list', () => {
    const value = {
      name: 'a',
      plugins: [{ type: 'b', z: null }],
      'org.example': [1],
      disableGC: true,
    }
    assert.equal(readCatalogue([file('/d/a.conflist', value)]).networks.get('a')?.config, value)
  })
})

describe('a broken file', (it) => {
  const broken: readonly (readonly [what: string, file: SourceText, path: string])[] = [
    ['no JSON', file('/d/0.conf', '{'), '/d/0.conf#'],
    ['an empty file', file('/d/0.conf', ''), '/d/0.conf#'],
    ['null (TB4)', file('/d/0.conf', 'null'), '/d/0.conf#'],
    ['a list that is null', file('/d/0.conflist', 'null'), '/d/0.conflist#'],
    [
      'a list without plugins (TB5)',
      file('/d/0.conflist', { name: 'x', plugins: [] }),
      '/d/0.conflist#/plugins',
    ],
    [
      'a list whose plugin is null (TB4)',
      file('/d/0.conflist', { name: 'x', plugins: [null] }),
      '/d/0.conflist#/plugins/0',
    ],
    [
      'a plugin without a type',
      file('/d/0.conflist', { name: 'x', plugins: [{}] }),
      '/d/0.conflist#/plugins/0/type',
    ],
    ['a configuration without a type', file('/d/0.conf', { name: 'x' }), '/d/0.conf#/type'],
    [
      'a list under the name of a single one',
      file('/d/0.conf', { name: 'x', plugins: [{ type: 'y' }] }),
      '/d/0.conf#/type',
    ],
    ['a configuration without a name', file('/d/0.conf', { type: 'x' }), '/d/0.conf#/name'],
    [
      'a list without a name',
      file('/d/0.conflist', { plugins: [{ type: 'y' }] }),
      '/d/0.conflist#/name',
    ],
    ['a name that leads elsewhere', single('/d/0.conf', '../etc'), '/d/0.conf#/name'],
    [
      'a capability that is no boolean',
      file('/d/0.conf', { name: 'x', type: 'y', capabilities: { ips: 'true' } }),
      '/d/0.conf#/capabilities/ips',
    ],
    [
      'a version that is no text',
      file('/d/0.conflist', { name: 'x', cniVersion: null, plugins: [{ type: 'y' }] }),
      '/d/0.conflist#/cniVersion',
    ],
    ['a mebibyte of brackets', file('/d/0.conf', '['.repeat(1024 * 1024)), '/d/0.conf#'],
  ]
  for (const [what, one, path] of broken) {
    it(`is a warning and hides no other one: ${what}`, () => {
      const good = single('/d/1.conf', 'a')
      for (const files of [
        [one, good],
        [good, one],
      ]) {
        const { networks, problems } = readCatalogue(files)
        assert.equal([...networks.keys()], ['a'])
        assert.is(briefly(problems), `broken-network-file ${path}`)
        assert.is(problems[0]?.severity, 'warning')
        assert.ok(problems[0]?.hint)
      }
    })
  }

  const brokenLists: readonly (readonly [what: string, value: object])[] = [
    ['a plugin without a type', { name: 'x', plugins: [{}] }],
    ['no plugins', { name: 'x', plugins: [] }],
    ['a flag that is none', { name: 'x', disableCheck: 'no', plugins: [{ type: 'b' }] }],
    ['a version that is none', { cniVersion: 7, name: 'x', plugins: [{ type: 'b' }] }],
  ]
  for (const [what, value] of brokenLists) {
    it(`lets no later definition of its name stand in: ${what} (X-15, reference/cni.md 2.3)`, () => {
      const files = [
        file('/d/00.conflist', value),
        single('/d/10.conf', 'x'),
        single('/d/20.conf', 'a'),
      ]
      const { networks, broken, shadowed } = readCatalogue(files)
      assert.equal([...networks.keys()], ['a'])
      assert.ok(broken?.get('x')?.path.startsWith('/d/00.conflist#'))
      assert.equal(shadowed.get('x'), ['/d/10.conf'])
    })
  }

  it('lets no later definition stand in: a single one before a single one, and one of an earlier directory', () => {
    const wrong = file('/d/00.json', { name: 'x' })
    for (const later of [single('/d/10.conf', 'x'), list('/e/00.conflist', 'x')]) {
      const { networks, broken } = readCatalogue([wrong, later])
      assert.equal([networks.size, broken?.get('x')?.path], [0, '/d/00.json#/type'])
    }
  })

  it('does not touch a definition of its name that comes first (reference/cni.md 2.3)', () => {
    const wrong = file('/d/05.conf', { name: 'x' })
    for (const first of [
      single('/d/00.conf', 'x'),
      list('/d/90.conflist', 'x'),
      list('/d/00.conflist', 'x'),
    ]) {
      const { networks, broken } = readCatalogue([first, wrong])
      assert.equal(
        [networks.get('x')?.origin, broken],
        [{ kind: 'file', file: first.source }, undefined],
      )
    }
  })

  it('defines nothing, and breaks nothing, when its name cannot be read or names no network', () => {
    for (const value of ['{"name":"x"', 'null', '["x"]', { name: 7 }, { name: '../x' }, {}]) {
      const { networks, broken } = readCatalogue([
        file('/d/00.conflist', value),
        single('/d/10.conf', 'x'),
      ])
      assert.equal([[...networks.keys()], broken], [['x'], undefined], JSON.stringify(value))
    }
  })

  it('says the first of its faults, not half a million', () => {
    const plugins = `[${'1,'.repeat(500_000)}1]`
    const { problems } = readCatalogue([file('/d/a.conflist', `{"name":"a","plugins":${plugins}}`)])
    assert.is(problems.length, 8)
    const many = Object.fromEntries(Array.from({ length: 80_000 }, (_, i) => [`c${i}`, 1]))
    for (const value of [
      file('/d/a.conf', { name: 'a', type: 'b', capabilities: many }),
      file('/d/a.conflist', { name: 'a', plugins: [{ type: 'b', capabilities: many }] }),
    ]) {
      assert.is(readCatalogue([value]).problems.length, 8)
    }
  })

  it('reaches no prototype', () => {
    const text =
      '{"name":"a","type":"b","__proto__":{"polluted":true},"capabilities":{"__proto__":true}}'
    const { networks } = readCatalogue([file('/d/a.conf', text)])
    assert.is(networks.size, 1)
    assert.is(({} as { readonly polluted?: boolean }).polluted, undefined)
    assert.is(problemsOf(file('/d/a.conf', text)), '')
  })
})

describe('null in a plugin object', (it) => {
  it('counts as absent, as Go has it (reference/cni.md 2.2)', () => {
    const { networks, problems } = readCatalogue([
      {
        source: '/d/1.conf',
        text: '{"name": "a", "type": "x", "cniVersion": null, "capabilities": null, "more": null}',
      },
      {
        source: '/d/2.conflist',
        text: '{"name": "b", "plugins": [{"type": "y", "name": null}, {"type": "z"}]}',
      },
    ])
    assert.equal(problems, [])
    assert.equal(networks.get('a')?.config, {
      name: 'a',
      plugins: [{ name: 'a', type: 'x', more: null }],
    })
    assert.equal(networks.get('b')?.config.plugins, [{ type: 'y' }, { type: 'z' }])
  })

  it('does not stand for a name or a type', () => {
    const { networks, problems } = readCatalogue([
      { source: '/d/1.conf', text: '{"name": null, "type": "x"}' },
      { source: '/d/2.conf', text: '{"name": "b", "type": null}' },
    ])
    assert.is(networks.size, 0)
    assert.is(problems.length, 2)
  })
})
