import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import vm from 'node:vm'
import { buildSync } from 'esbuild'
import ts from 'typescript'
import * as assert from 'uvu/assert'
import { describe, type It } from '../suite.js'
import { install, manifest, notBuilt, pack, specifiers } from './packed.js'
import { type Files, inFolder, node, project } from './sandbox.js'

/** A group of tests of the built package. */
const describeBuilt = (name: string, body: (it: It) => void): void =>
  describe(name, (it) => {
    if (notBuilt === undefined) body(it)
    else it.skip('all of it', notBuilt)
  })

/** Calls `body` with the folder of a user who has the package and these files. */
const asUser = <A>(files: Files, further: readonly string[], body: (folder: string) => A): A =>
  inFolder(
    files,
    (folder) => {
      install(folder, further)
      return body(folder)
    },
    true,
  )

const bin = (name: string): string => join(project, 'node_modules', name)

describeBuilt('the packed package', (it) => {
  it('has no fault that publint knows', () =>
    inFolder({}, (folder) => {
      const publint = bin('publint/src/cli.js')
      const { status, stdout, stderr } = node(folder, [publint, 'run', pack(), '--strict'])
      assert.is(status, 0, `${stdout}${stderr}`)
    }))

  it('has types that resolve for ES modules and CommonJS, as attw sees it', () =>
    inFolder({}, (folder) => {
      const attw = bin('@arethetypeswrong/cli/dist/index.js')
      const options = ['--profile', 'node16', '--no-color', '--no-emoji', '--format', 'ascii']
      const { status, stdout, stderr } = node(folder, [attw, pack(), ...options])
      assert.is(status, 0, `${stdout}${stderr}`)
    }))

  it('holds what package.json names, its licence and its history, and no sources', () =>
    asUser({}, [], (folder) => {
      const root = join(folder, 'node_modules/metacni')
      for (const path of ['LICENSE', 'CHANGELOG.md', 'dist/bin/LICENCES.txt']) {
        assert.ok(existsSync(join(root, path)), path)
      }
      for (const path of ['lib', 'test', 'tsconfig.json']) {
        assert.not.ok(existsSync(join(root, path)), path)
      }
    }))

  it('offers its schemas and its package.json', () =>
    asUser({}, [], (folder) => {
      const paths = ['schema/plan.json', 'schema/problem.json', 'package.json']
      const script = `for (const path of ${JSON.stringify(paths)}) require('metacni/' + path)`
      assert.is(node(folder, ['-e', script]).stderr, '')
    }))
})

describeBuilt('a user of the package', (it) => {
  const list = JSON.stringify(specifiers)
  const print = 'console.log(JSON.stringify(Object.keys(all).map((key) => [key, all[key]])))'

  it('gets the same names from import as from require, and hears nothing', () =>
    asUser({}, [], (folder) => {
      const esm = `const all = {}
        for (const path of ${list}) all[path] = Object.keys(await import(path)).sort()\n${print}`
      const cjs = `const all = {}
        for (const path of ${list}) all[path] = Object.keys(require(path)).sort()\n${print}`
      const imported = node(folder, ['--input-type=module', '-e', esm])
      const required = node(folder, ['--input-type=commonjs', '-e', cjs])
      assert.is(imported.stderr, '')
      assert.is(required.stderr, '')
      const names = new Map<string, readonly string[]>(JSON.parse(imported.stdout))
      assert.equal(new Map(JSON.parse(required.stdout)), names)
      for (const path of specifiers) assert.ok((names.get(path) ?? []).length > 0, path)
    }))

  const program = specifiers
    .map(
      (path, index) =>
        `import * as m${index} from '${path}'\nexport const n${index}: object = m${index}\n`,
    )
    .join('')
  const compiler = {
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    module: 'nodenext',
    target: 'es2022',
    noEmit: true,
  }

  it('compiles against the types of every subpath, in both kinds of module', () => {
    const files = {
      'a.mts': program,
      'b.cts': program,
      'tsconfig.json': JSON.stringify({
        compilerOptions: { ...compiler, lib: ['es2022'], types: ['node'] },
        files: ['a.mts', 'b.cts'],
      }),
    }
    asUser(files, ['@types/node'], (folder) => {
      const { stdout } = node(folder, [bin('typescript/bin/tsc'), '-p', '.'])
      assert.is(stdout, '')
    })
  })

  it('compiles the core for a page, with the types of the browser alone', () => {
    const files = {
      'a.ts': "import * as m from 'metacni'\nexport const n: object = m\n",
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          ...compiler,
          module: 'esnext',
          moduleResolution: 'bundler',
          lib: ['es2022', 'dom'],
          types: [],
        },
        files: ['a.ts'],
      }),
    }
    asUser(files, [], (folder) => {
      const { stdout } = node(folder, [bin('typescript/bin/tsc'), '-p', '.'])
      assert.is(stdout, '')
    })
  })
})

describeBuilt('the core', (it) => {
  /** The declaration files that a file leads to, itself included, and the packages that they name. */
  const closure = (path: string, files = new Set<string>(), packages = new Set<string>()) => {
    if (files.has(path)) return { files, packages }
    files.add(path)
    const { importedFiles, typeReferenceDirectives } = ts.preProcessFile(readFileSync(path, 'utf8'))
    for (const { fileName } of typeReferenceDirectives) packages.add(fileName)
    for (const { fileName } of importedFiles) {
      if (!fileName.startsWith('.')) packages.add(fileName)
      else closure(join(dirname(path), fileName.replace(/\.(c?)js$/, '.d.$1ts')), files, packages)
    }
    return { files, packages }
  }

  for (const extension of ['d.ts', 'd.cts']) {
    it(`names no type of fp-ts, io-ts or Node in index.${extension} and what it leads to`, () => {
      const { files, packages } = closure(join(project, `dist/index.${extension}`))
      assert.equal([...packages], [])
      for (const file of files) {
        const text = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest)
        assert.not.match(
          ts.createPrinter({ removeComments: true }).printFile(text),
          /\b(?:NodeJS|Buffer|fp-ts|io-ts)\b/,
        )
      }
    })
  }

  it('is found to name fp-ts where it does: in fp.d.ts', () => {
    const { packages } = closure(join(project, 'dist/fp.d.ts'))
    assert.ok([...packages].some((name) => name.startsWith('fp-ts/') || name === 'io-ts'))
  })

  it('is bundled for a page without anything of Node, and runs where there is no Node', () =>
    asUser({ 'a.js': "export * from 'metacni'\n" }, [], (folder) => {
      const { outputFiles, warnings } = buildSync({
        absWorkingDir: folder,
        entryPoints: ['a.js'],
        bundle: true,
        format: 'iife',
        globalName: 'metacni',
        platform: 'browser',
        write: false,
      })
      const text = outputFiles[0]?.text ?? ''
      assert.equal(warnings, [])
      assert.not.match(text, 'node:')
      const page = vm.createContext({ AbortController, TextEncoder })
      const names = vm.runInContext(`${text};Object.keys(metacni)`, page)
      assert.ok(names.length > 0)
    }))
})

describeBuilt('a program', (it) => {
  const program = (name: string): string => join(project, 'dist/bin', `${name}.cjs`)

  for (const name of ['metacni', 'multus']) {
    it(`${name} can be started by a shell`, () => {
      assert.match(readFileSync(program(name), 'utf8'), /^#!\/usr\/bin\/env node\n/)
      assert.is(statSync(program(name)).mode & 0o111, 0o111)
    })
  }

  it('multus answers when it is copied alone into a folder of its own', () =>
    inFolder(
      { multus: readFileSync(program('multus'), 'utf8'), 'stdin.json': '{"cniVersion":"1.0.0"}' },
      (folder) => {
        const script = 'node ./multus < stdin.json'
        const { stdout, stderr } = node(
          folder,
          [
            '-e',
            `process.stdout.write(require('node:child_process').execSync(${JSON.stringify(script)}))`,
          ],
          { CNI_COMMAND: 'VERSION' },
        )
        assert.is(stderr, '')
        assert.ok(JSON.parse(stdout).supportedVersions.includes('1.0.0'))
      },
      true,
    ))

  /** The source files that went into a program. */
  const inputs = (name: string): readonly string[] => {
    const account = readFileSync(join(project, `.cache/build/${name}-cjs.json`), 'utf8')
    return Object.keys(JSON.parse(account).inputs)
  }

  it('multus leaves out execa, which would cost every pod the loading of it', () => {
    const found = inputs('multus').filter((path) => path.includes('node_modules/execa/'))
    assert.equal(found, [])
  })

  for (const name of ['metacni', 'multus']) {
    it(`${name} holds no CommonJS half of fp-ts, which no bundler can shake`, () => {
      const found = inputs(name).filter((path) => /node_modules\/(?:fp|io)-ts\/lib\//.test(path))
      assert.equal(found, [])
    })
  }

  it('metacni shows its help', () => {
    const { status, stdout } = node(project, [program('metacni'), '--help'])
    assert.is(status, 0)
    assert.match(stdout, 'Usage: metacni')
  })
})

describe('package.json', (it) => {
  it('names every package that the library needs and its lock file names no registry', () => {
    assert.equal(Object.keys(manifest.dependencies), Object.keys(manifest.dependencies).sort())
    assert.not.match(readFileSync(join(project, 'package-lock.json'), 'utf8'), '"resolved"')
  })
})
