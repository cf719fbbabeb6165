import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { describe } from '../suite.js'
import { type Files, inFolder, node, project } from './sandbox.js'

const manifest = {
  bin: { a: 'dist/bin/a.cjs' },
  dependencies: { debug: '4' },
  exports: {
    '.': { import: { types: './dist/index.d.ts', default: './dist/index.js' } },
    './schema.json': './schema.json',
  },
}

/** esbuild's account of one built file that imports these. */
const account = (...paths: readonly string[]): string =>
  JSON.stringify({
    inputs: {},
    outputs: { 'x.js': { imports: paths.map((path) => ({ path, external: true })) } },
  })

/** A package in which everything agrees. */
const sound: Files = {
  'package.json': JSON.stringify(manifest),
  'schema.json': '{}',
  'dist/index.js': "import './chunk.js'\n",
  'dist/chunk.js': '\n',
  'dist/index.d.ts': "import './types/a.js'\n",
  'dist/types/a.d.ts': '\n',
  'dist/bin/a.cjs': '\n',
  'dist/bin/a-late.cjs': '\n',
  '.cache/build/library-esm.json': account('debug', 'node:fs', 'node:path'),
  '.cache/build/a-cjs.json': account('node:fs', './a-late.cjs'),
}

const check = (files: Files) =>
  inFolder(files, (folder) => {
    const { status, stderr } = node(folder, [join(project, 'scripts/package-faults.mjs')])
    return { status, text: stderr }
  })

describe('the build accepts', (it) => {
  it('a package whose files and package.json agree', () => {
    assert.equal(check(sound), { status: 0, text: '' })
  })
})

describe('the build refuses', (it) => {
  const without = (...paths: readonly string[]): Files =>
    Object.fromEntries(Object.entries(sound).filter(([path]) => !paths.includes(path)))
  const types = { default: './dist/index.js', types: './dist/index.d.ts' }
  const turned = {
    ...manifest,
    exports: { '.': { import: types }, './schema.json': './schema.json' },
  }
  const cases: readonly (readonly [title: string, files: Files, words: string])[] = [
    [
      'a subpath without its file',
      without('dist/index.d.ts', 'dist/types/a.d.ts'),
      'names ./dist/index.d.ts, which',
    ],
    ['a schema that is missing', without('schema.json'), 'names ./schema.json'],
    [
      'types behind another condition',
      { ...sound, 'package.json': JSON.stringify(turned) },
      'begin with types',
    ],
    ['a file that no subpath leads to', { ...sound, 'dist/lost.js': '' }, 'dist/lost.js was built'],
    [
      'declarations that no subpath leads to',
      { ...sound, 'dist/types/b.d.ts': '' },
      'dist/types/b.d.ts was',
    ],
    [
      'an import that nobody would install',
      { ...sound, '.cache/build/library-esm.json': account('debug', '@scope/other/part.js') },
      'imports @scope/other, which is not',
    ],
    [
      'a dependency for nothing',
      { ...sound, '.cache/build/library-esm.json': account('node:fs') },
      'debug is in dependencies, but',
    ],
    [
      'a program that needs a package',
      { ...sound, '.cache/build/a-cjs.json': account('yaml', './a-late.cjs') },
      'a is to stand alone, but imports yaml',
    ],
    [
      'a late file that no program loads',
      { ...sound, '.cache/build/a-cjs.json': account('node:fs') },
      'dist/bin/a-late.cjs was built, but',
    ],
  ]
  for (const [title, files, words] of cases) {
    it(title, () => {
      const { status, text } = check(files)
      assert.match(text, words)
      assert.is(text.trimEnd().split('\n').length, 1, text)
      assert.is(status, 1)
    })
  }
})

describe('the public declarations', (it) => {
  const strip = (text: string): string =>
    inFolder({ 'in.d.ts': text }, (folder) => {
      const script = `import { withoutCodecs } from ${JSON.stringify(join(project, 'scripts/types.mjs'))}
        import { readFileSync } from 'node:fs'
        process.stdout.write(withoutCodecs(readFileSync('in.d.ts', 'utf8')))`
      const { stdout, stderr } = node(folder, ['--input-type=module', '-e', script])
      assert.is(stderr, '')
      return stdout
    })

  it('lose a codec that shares the name of its type, and nothing else', () => {
    const kept = 'export interface A {\n    readonly a: string;\n}\nexport declare const b: 1;'
    assert.is(strip(`export declare const A: t.Type<string>;\n${kept}`), `\n${kept}`)
    assert.is(strip(kept), kept)
  })
})
