import { cpSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { describe } from '../suite.js'
import { type Files, inFolder, node, project } from './sandbox.js'

/** What a checker prints of a folder with these files and the project's settings. */
const check = (files: Files, program: string, ...args: readonly string[]) =>
  inFolder(files, (folder) => {
    for (const name of ['biome.json', 'package.json', 'tsconfig.json']) {
      cpSync(join(project, name), join(folder, name))
    }
    const { status, stdout, stderr } = node(folder, [join(project, program), ...args])
    return { status, text: `${stdout}${stderr}` }
  })

/** One run over all files: each is wrong in one way, and the lines that name it say which. */
type Case = readonly [title: string, path: string, text: string, finding: string]

const filesOf = (cases: readonly Case[]): Files =>
  Object.fromEntries(cases.map(([, path, text]) => [path, text]))

describe('the purity check refuses', (it) => {
  const cases: readonly Case[] = [
    ['throw in lib', 'lib/cni/a.ts', "throw new Error('x')", 'throw'],
    ['a module of Node in lib', 'lib/cni/b.ts', "import { join } from 'node:path'", 'node:path'],
    ['the clock', 'lib/cni/c.ts', 'export const now = () => new Date()', 'Date'],
    ['chance', 'lib/cni/d.ts', 'export const n = () => Math.random()', 'Math.random'],
    ['the console', 'lib/cni/e.ts', "console.log('x')", 'console'],
    ['the process', 'lib/cni/f.ts', 'export const env = process.env', 'process'],
    ['the global object', 'lib/cni/g.ts', "export const p = globalThis['process']", 'globalThis'],
    ['a text that runs', 'lib/cni/h.ts', "export const f = new Function('x')", 'Function'],
    [
      'an order of the machine',
      'lib/cni/i.ts',
      "export const o = 'a'.localeCompare('b')",
      'locale',
    ],
    ['a timer', 'lib/cni/j.ts', 'setTimeout(() => {}, 1)', 'setTimeout'],
    ['state in a module', 'lib/cni/k.ts', 'let count = 0', 'let'],
    ['a late import', 'lib/drive.ts', "export const m = import('./cni/a.js')", 'import()'],
    ['an async function', 'lib/engine/a.ts', 'export const f = async () => {}', 'asynchronous'],
    ['await', 'lib/engine/b.ts', 'await 1', 'asynchronous'],
    ['a promise', 'lib/plan/a.ts', 'export type P = Promise<void>', 'asynchronous'],
    ['a task', 'lib/plan/b.ts', "import type { Task } from 'fp-ts/lib/Task.js'", 'asynchronous'],
    [
      'tasks that start at once, by namespace',
      'runners/exec/a.ts',
      "import * as TE from 'fp-ts/lib/TaskEither.js'\nexport const f = TE.traverseArray",
      'TE.traverseArray',
    ],
    [
      'tasks that start at once, by name',
      'runners/exec/b.ts',
      "import { ApplicativePar as P } from 'fp-ts/lib/Task.js'\nexport const f = P",
      'ApplicativePar',
    ],
    [
      'tasks that start at once, in the second face',
      'lib/fp.ts',
      "import { apS } from 'fp-ts/lib/TaskEither.js'\nexport const f = apS",
      'apS',
    ],
  ]
  const { status, text } = check(filesOf(cases), 'scripts/source-rules.mjs')
  const lines = text.split('\n')
  for (const [title, path, , finding] of cases) {
    it(title, () => {
      const found = lines.filter((line) => line.startsWith(`${path}:`))
      assert.match(found.join('\n'), finding)
      assert.is(status, 1)
    })
  }
})

describe('the purity check accepts', (it) => {
  it('words in comments, texts, keys and members', () => {
    const text = `// throw new Date, process.env, Math.random() and await console
      export const text = 'throw process.env'
      export const record = { process: 1, Date: 2 }
      export const other = record.process + record.Date
      export interface Clock { Date(): number; console: string }
      export const { process: renamed } = record\n`
    const { status, text: said } = check({ 'lib/cni/a.ts': text }, 'scripts/source-rules.mjs')
    assert.is(said, '')
    assert.is(status, 0)
  })

  it('promises in the loop, its faces and the ports, and sequences of tasks', () => {
    const waiting = 'export const f = async (p: Promise<void>) => await p\n'
    const files = {
      'lib/drive.ts': waiting,
      'lib/index.ts': waiting,
      'lib/fp.ts': `import * as TE from 'fp-ts/lib/TaskEither.js'\nexport const f = TE.traverseSeqArray\n`,
      'lib/ports/index.ts': 'export interface A { run(): Promise<void> }\n',
      'runners/exec/index.ts': `import * as E from 'fp-ts/lib/Either.js'\nexport const f = E.traverseArray\n${waiting}`,
    }
    const { status, text } = check(files, 'scripts/source-rules.mjs')
    assert.is(text, '')
    assert.is(status, 0)
  })
})

describe('the layer check', (it) => {
  const to = (path: string) => `import { a } from '${path}'\nexport const b = a\n`
  const type = (path: string) => `import type { A } from '${path}'\nexport type B = A\n`
  const leaf = 'export const a = 1\nexport type A = 1\n'
  const sound: Files = {
    'lib/cni/a.ts': leaf,
    'lib/network/a.ts': leaf,
    'lib/plan/a.ts': leaf,
    'lib/engine/a.ts': leaf,
    'lib/profile/a.ts': leaf,
    'lib/ipam/a.ts': leaf,
    'lib/ports/index.ts': type('../engine/a.js'),
    'lib/drive.ts': to('./engine/a.js'),
    'lib/index.ts': to('./profile/a.js'),
    'lib/plan/down.ts': to('../network/a.js'),
    'lib/profile/down.ts': to('../plan/a.js'),
    'lib/cni/packages.ts': "import * as E from 'fp-ts/lib/Either.js'\nexport const b = E\n",
    'runners/node/a.ts': leaf,
    'runners/exec/a.ts': leaf,
    'runners/exec/index.ts': `${to('../node/a.js')}export * from '../../lib/cni/a.js'\nexport * from 'execa'\n`,
    'examples/metacni/a.ts': leaf,
    'examples/metacni/index.ts': `${to('../../runners/exec/index.js')}export * from 'commander'\n`,
  }
  const cases: readonly Case[] = [
    ['cni that looks at network', 'lib/cni/x.ts', to('../network/a.js'), 'lib/cni'],
    ['network that looks at plan', 'lib/network/x.ts', to('../plan/a.js'), 'lib/network'],
    ['plan that looks at engine', 'lib/plan/x.ts', to('../engine/a.js'), 'lib/plan'],
    ['plan that looks at a type of engine', 'lib/plan/y.ts', type('../engine/a.js'), 'lib/plan'],
    ['plan that looks at profile', 'lib/plan/z.ts', to('../profile/a.js'), 'lib/plan'],
    ['engine that looks at ports', 'lib/engine/x.ts', type('../ports/index.js'), 'lib/engine'],
    ['engine that looks at ipam', 'lib/engine/y.ts', to('../ipam/a.js'), 'lib/engine'],
    ['ipam that looks at network', 'lib/ipam/x.ts', to('../network/a.js'), 'lib/ipam'],
    ['profile that looks at engine', 'lib/profile/x.ts', to('../engine/a.js'), 'lib/profile'],
    ['ports that hold more than types', 'lib/ports/x.ts', to('../cni/a.js'), 'ports-are-types'],
    ['lib that looks at runners', 'lib/cni/y.ts', to('../../runners/node/a.js'), 'lib/cni'],
    ['the face that looks at runners', 'lib/fp.ts', to('../runners/node/a.js'), 'lib-faces'],
    [
      'the engine that looks at a profile',
      'lib/create-engine.ts',
      to('./profile/a.js'),
      'create-e',
    ],
    ['a file of lib without a room', 'lib/util.ts', to('./cni/a.js'), 'lib-rooms'],
    ['a package too much in lib', 'lib/cni/z.ts', "import 'debug'\n", 'lib-packages'],
    ['Node in lib', 'lib/cni/w.ts', "import 'node:fs'\n", 'lib-packages'],
    ['a runner that looks at another', 'runners/memory/x.ts', to('../exec/a.js'), 'runners'],
    [
      'a runner that looks at a profile',
      'runners/exec/x.ts',
      to('../../lib/profile/a.js'),
      'runners',
    ],
    [
      'a runner that looks at an example',
      'runners/exec/y.ts',
      to('../../examples/metacni/a.js'),
      'runners',
    ],
    [
      'a runner with a package of ours alone',
      'runners/exec/z.ts',
      "import 'commander'\n",
      'runners-packages',
    ],
    ['execa outside its runner', 'runners/memory/y.ts', "import 'execa'\n", 'execa'],
    ['an example that looks at another', 'examples/multus/x.ts', to('../metacni/a.js'), 'examples'],
    ['a file that imports itself through another', 'lib/cni/p.ts', type('./q.js'), 'cycles'],
    ['an import that leads nowhere', 'lib/cni/v.ts', to('./nothing.js'), 'unresolved'],
  ]
  const cruiser = 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'
  const settings = ['--config', join(project, 'scripts/layers.mjs'), '--output-type', 'json']
  const violations = (files: Files): readonly { from: string; rule: { name: string } }[] => {
    const { text } = check(files, cruiser, ...settings, 'lib', 'runners', 'examples')
    return JSON.parse(text).summary.violations
  }

  it('accepts the arrows that point down', () => {
    assert.equal(violations(sound), [])
  })

  const found = violations({
    ...sound,
    ...filesOf(cases),
    'lib/cni/q.ts': `${type('./p.js')}export type A = 1\n`,
  })
  for (const [title, path, , rule] of cases) {
    it(`refuses ${title}`, () => {
      const rules = found
        .filter(({ from }) => from === path)
        .map((violation) => violation.rule.name)
      assert.match(rules.join(' '), rule)
    })
  }
})

describe('the style check refuses', (it) => {
  const cases: readonly Case[] = [
    ['fp-ts as a whole', 'lib/a.ts', "export * from 'fp-ts'\n", 'noRestrictedImports'],
    ['a folder of fp-ts', 'lib/b.ts', "export * from 'fp-ts/Either'\n", 'noRestrictedImports'],
    [
      'fp-ts as ES modules',
      'lib/c.ts',
      "export * from 'fp-ts/es6/Either.js'\n",
      'noRestrictedImports',
    ],
    [
      'the barrel of fp-ts',
      'lib/d.ts',
      "export * from 'fp-ts/lib/index.js'\n",
      'noRestrictedImports',
    ],
    [
      'the inside of io-ts',
      'lib/e.ts',
      "export * from 'io-ts/lib/PathReporter.js'\n",
      'noRestrictedI',
    ],
    ['uvu without its guard', 'test/a.test.ts', "export * from 'uvu'\n", 'noRestrictedImports'],
    ['another style', 'lib/f.ts', 'export const a = "x";\n', 'format'],
    [
      'a name in another case',
      'lib/fileName.ts',
      'export const a = 1\n',
      'useFilenamingConvention',
    ],
    ['a file over 300 lines', 'lib/g.ts', 'export {}\n'.repeat(301), 'noExcessiveLinesPerFile'],
    ['an import that is not used', 'lib/h.ts', "import { a } from './f.js'\n", 'noUnusedImports'],
    ['an error that is hushed', 'lib/i.ts', '// @ts-ignore\nexport const a = 1\n', 'noTsIgnore'],
  ]
  const biome = 'node_modules/@biomejs/biome/bin/biome'
  const options = ['ci', '--colors=off', '--max-diagnostics=none', '.']
  const { status, text } = check(filesOf(cases), biome, ...options)
  for (const [title, path, , rule] of cases) {
    it(title, () => {
      const found = text.split('\n').filter((line) => line.startsWith(path) && line.includes(rule))
      assert.is.not(found.length, 0)
      assert.is(status, 1)
    })
  }

  it('nothing in a file that follows it', () => {
    const files = { 'lib/a.ts': "export * from 'fp-ts/lib/Either.js'\nexport * from 'io-ts'\n" }
    const sound = check(files, biome, ...options)
    assert.is(sound.status, 0, sound.text)
  })
})

describe('npm run lint', (it) => {
  const clean = 'export const a = 1\n'

  it('fails when one of its checks does, and names it', () => {
    const { status, text } = check(
      { 'lib/cni/a.ts': 'let a = 1\n\nexport const b = () => a++\n' },
      'scripts/lint.mjs',
    )
    assert.match(text, 'lint: purity failed')
    assert.not.match(text, 'lint: layers failed')
    assert.is(status, 1)
  })

  it('succeeds over sound sources', () => {
    const { status, text } = check({ 'lib/cni/a.ts': clean }, 'scripts/lint.mjs')
    assert.is(status, 0, text)
  })
})
