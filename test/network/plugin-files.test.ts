import * as assert from 'uvu/assert'
import { plan } from '../../lib/index.js'
import { readCatalogue } from '../../lib/network/catalogue.js'
import type { DefinitionFile } from '../../lib/network/network.js'
import {
  maximumPluginFiles,
  pluginFolderIn,
  pluginFolderOf,
} from '../../lib/network/plugin-files.js'
import { explain } from '../../lib/plan/explain.js'
import { briefly } from '../plan/fixtures.js'
import { describe } from '../suite.js'

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
const file = (source: string, value: unknown): DefinitionFile => ({ source, text: text(value) })
const plugin = (source: string, value: unknown): DefinitionFile => ({
  ...file(source, value),
  isPlugin: true,
})
const list = (name: string, more: object = {}) => file(`/d/${name}.conflist`, { name, ...more })
const bridge = { plugins: [{ type: 'bridge' }] }

const typesOf = (name: string, ...files: readonly DefinitionFile[]): readonly string[] =>
  readCatalogue(files)
    .networks.get(name)
    ?.config.plugins.map(({ type }) => type) ?? []

describe('files of plugins (S-006 to S-010; reference/cni.md 2.3)', (it) => {
  it('complete the list beside whose folder they lie, by the bytes of their names', () => {
    const files = [
      plugin('/d/a/9.conf', { type: 'nine' }),
      plugin('/d/a/\u{1f600}.conf', { type: 'face' }),
      plugin('/d/a/\ufb01.conf', { type: 'ligature' }),
      list('a', bridge),
      plugin('/d/a/10.conf', { type: 'ten' }),
    ]
    assert.equal(typesOf('a', ...files), ['bridge', 'ten', 'nine', 'ligature', 'face'])
    assert.equal(readCatalogue(files).networks.get('a')?.origin, {
      kind: 'file',
      file: '/d/a.conflist',
      plugins: ['/d/a/10.conf', '/d/a/9.conf', '/d/a/\ufb01.conf', '/d/a/\u{1f600}.conf'],
    })
  })

  it('belong to that list alone: by its name, not by its file, and in its own directory', () => {
    const files = [
      file('/d/1.conflist', { name: 'a', ...bridge }),
      file('/d/b.conflist', { name: 'b', ...bridge }),
      file('/e/a.conflist', { name: 'c', ...bridge }),
      plugin('/d/a/1.conf', { type: 'x' }),
      plugin('/d/1/1.conf', { type: 'y' }),
      plugin('/e/a/1.conf', { type: 'z' }),
    ]
    assert.equal(typesOf('a', ...files), ['bridge', 'x'])
    assert.equal(typesOf('b', ...files), ['bridge'])
    assert.equal(typesOf('c', ...files), ['bridge'])
    assert.equal(readCatalogue(files).problems, [])
  })

  it('are no networks of their own, and other extensions than .conf are no plugins', () => {
    const files = [
      list('a', bridge),
      plugin('/d/a/1.conf', { name: 'x', type: 'x' }),
      plugin('/d/a/2.json', { type: 'y' }),
      plugin('/d/a/3.conflist', { name: 'z', ...bridge }),
    ]
    assert.equal([...readCatalogue(files).networks.keys()], ['a'])
    assert.equal(typesOf('a', ...files), ['bridge', 'x'])
  })

  it('make a list of what has no "plugins"; none of both is an error of the list', () => {
    assert.equal(typesOf('a', list('a'), plugin('/d/a/1.conf', { type: 'x' })), ['x'])
    assert.is(
      briefly(readCatalogue([list('a')]).problems),
      'broken-network-file /d/a.conflist#/plugins',
    )
  })

  it('are not looked at where loadOnlyInlinedPlugins is set (S-007, S-008)', () => {
    const inlined = { loadOnlyInlinedPlugins: 'TRUE' }
    const broken = plugin('/d/a/1.conf', '{')
    assert.equal(typesOf('a', list('a', { ...bridge, ...inlined }), broken), ['bridge'])
    const { problems } = readCatalogue([list('a', inlined), broken])
    assert.is(briefly(problems), 'broken-network-file /d/a.conflist#/plugins')
    assert.match(problems[0]?.message ?? '', '"loadOnlyInlinedPlugins" is true')
  })

  it('add nothing to a single configuration', () => {
    const files = [
      file('/d/a.conf', { name: 'a', type: 'b' }),
      plugin('/d/a/1.conf', { type: 'x' }),
    ]
    assert.equal(typesOf('a', ...files), ['b'])
  })

  it('broken break their network alone, which no later definition stands in for', () => {
    const later = file('/d/z.conf', { name: 'a', type: 'later' })
    for (const [what, one, at] of [
      ['no JSON', plugin('/d/a/1.conf', '{'), '/d/a/1.conf#'],
      ['no type', plugin('/d/a/1.conf', {}), '/d/a/1.conf#/type'],
      ['null', plugin('/d/a/1.conf', null), '/d/a/1.conf#'],
      ['unreadable', { ...plugin('/d/a/1.conf', ''), fault: 'EACCES' }, '/d/a/1.conf#'],
      ['a folder', { ...plugin('/d/a/', ''), fault: 'EACCES' }, '/d/a/#'],
    ] as const) {
      const files = [list('a', bridge), list('b', bridge), one, later]
      const { networks, problems, broken } = readCatalogue(files)
      assert.equal([...networks.keys()], ['b'], what)
      assert.equal(briefly(problems), `broken-network-file ${at}`, what)
      assert.is(problems[0]?.severity, 'warning')
      assert.is(broken?.get('a')?.path, at)
      const planned = plan({ networks: 'b', files })
      assert.ok(planned.ok, what)
      assert.ok(planned.ok && briefly(planned.plan.warnings) === briefly(problems), what)
      const refused = plan({ networks: 'a', files })
      assert.ok(!refused.ok)
      assert.is(refused.ok ? '' : briefly(refused.problems), 'unknown-network networks#/0')
      assert.is(refused.ok ? '' : refused.problems[0]?.hint, `mend ${at.replace(/#$/, '')}`)
    }
  })

  it('are told all at once, and beyond a number not at all', () => {
    const some = [1, 2].map((index) => plugin(`/d/a/${index}.conf`, '{'))
    assert.is(readCatalogue([list('a'), ...some]).problems.length, 2)
    const many = Array.from({ length: maximumPluginFiles + 1 }, (_, index) =>
      plugin(`/d/a/${index}.conf`, { type: 'x' }),
    )
    assert.is(briefly(readCatalogue([list('a'), ...many]).problems), 'broken-network-file /d/a/#')
    assert.is(typesOf('a', list('a'), ...many.slice(1)).length, maximumPluginFiles)
  })
})

describe('the folder of a list (X-09; S-003)', (it) => {
  it('is its name, which is validated before any path is made of it', () => {
    assert.is(pluginFolderOf({ name: 'a.B-c_1' }), 'a.B-c_1')
    for (const name of [
      '../etc',
      '..',
      '.',
      '',
      'a/b',
      '/etc',
      'a\0',
      '.a',
      'ä',
      1,
      null,
      undefined,
    ])
      assert.is(pluginFolderOf({ name }), undefined, String(name))
    for (const value of [null, [], 'a']) assert.is(pluginFolderOf(value), undefined)
  })

  it('is none where loadOnlyInlinedPlugins is set', () => {
    assert.is(pluginFolderOf({ name: 'a', loadOnlyInlinedPlugins: true }), undefined)
    assert.is(pluginFolderOf({ name: 'a', loadOnlyInlinedPlugins: 'True' }), undefined)
    assert.is(pluginFolderOf({ name: 'a', loadOnlyInlinedPlugins: false }), 'a')
  })

  it('is one of .conflist files whose text can be read', () => {
    assert.is(pluginFolderIn(file('/d/x.conflist', { name: 'a' })), 'a')
    assert.is(pluginFolderIn(file('/d/x.conf', { name: 'a' })), undefined)
    assert.is(pluginFolderIn(file('/d/x.conflist', '{')), undefined)
    assert.is(pluginFolderIn(file('/d/x.conflist', '['.repeat(1000))), undefined)
  })
})

describe('explaining a network with files of plugins', (it) => {
  it('names the file of each plugin', () => {
    const files = [list('a', bridge), plugin('/d/a/1.conf', { type: 'sbr', x: 1 })]
    const planned = plan({ networks: 'a', files })
    const said = planned.ok ? explain(planned.plan) : ''
    assert.match(said, /type: \/d\/a\.conflist/)
    assert.match(said, /type and x: \/d\/a\/1\.conf/)
  })
})
