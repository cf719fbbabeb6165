/**
 * Decides whether the built files and package.json agree. Refuses subpaths without files, files without a subpath,
 * imports that nobody would install, dependencies that nothing imports, and a program that cannot stand alone.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { entries, manifest, programs } from './entries.mjs'

const leaves = (value) =>
  typeof value === 'string' ? [value] : Object.values(value).flatMap(leaves)
const account = (name) => JSON.parse(readFileSync(`.cache/build/${name}.json`, 'utf8'))
const packageOf = (specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)[0]
const isBuiltin = (specifier) => specifier.startsWith('node:') || builtinModules.includes(specifier)

/** Every path that package.json promises, and that is not there. */
const missing = () =>
  [...leaves(manifest().exports), ...leaves(manifest().bin)]
    .filter((path) => !existsSync(path))
    .map((path) => `package.json names ${path}, which does not exist`)

/** Conditions whose `types` do not come first: TypeScript takes the first that matches. */
const misordered = () =>
  entries().flatMap(({ subpath, conditions }) =>
    Object.entries(conditions)
      .filter(([, target]) => Object.keys(target)[0] !== 'types')
      .map(([condition]) => `exports["${subpath}"].${condition} does not begin with types`),
  )

/** Built files that no subpath leads to, directly or through another file. */
const unreachable = () => {
  const named = new Set(leaves(manifest().exports).map((path) => join(path)))
  const queue = [...named]
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    for (const next of relativeImports(path)) {
      if (!named.has(next)) queue.push(next)
      named.add(next)
    }
  }
  return readdirSync('dist', { recursive: true })
    .map((name) => join('dist', name))
    .filter((path) => statSync(path).isFile() && !path.startsWith('dist/bin/') && !named.has(path))
    .map((path) => `${path} was built, but no subpath of package.json leads to it`)
}

const relativeImports = (path) => {
  if (!existsSync(path) || path.endsWith('.json')) return []
  const declares = /\.d\.c?ts$/.test(path)
  const found = readFileSync(path, 'utf8').matchAll(
    /(?:from|import|require)\s*\(?["'](\.[^"']+)["']/g,
  )
  return [...found].map(([, specifier]) => {
    const target = join(path, '..', specifier)
    return declares ? target.replace(/\.(c?)js$/, '.d.$1ts') : target
  })
}

/** The packages that the library imports at run time. */
const imported = () => {
  const outputs = Object.values(account('library-esm').outputs)
  const paths = outputs.flatMap(({ imports }) => imports.filter(({ external }) => external))
  return new Set(
    paths
      .map(({ path }) => path)
      .filter((path) => !isBuiltin(path))
      .map(packageOf),
  )
}

const undeclared = () =>
  [...imported()]
    .filter((name) => !(name in (manifest().dependencies ?? {})))
    .map((name) => `the library imports ${name}, which is not in dependencies`)

/** Packages that every user would install for nothing. */
export const findUnused = () => {
  const used = imported()
  return Object.keys(manifest().dependencies ?? {})
    .filter((name) => !used.has(name))
    .map((name) => `${name} is in dependencies, but the library does not import it`)
}

/** What a program still needs beside Node and its late files, and late files that it never asks for. */
const incomplete = () => {
  const imports = programs().flatMap(({ name }) =>
    Object.values(account(`${name}-cjs`).outputs).flatMap((output) =>
      output.imports.filter(({ path }) => !isBuiltin(path)).map(({ path }) => ({ name, path })),
    ),
  )
  const asked = new Set([
    ...programs().map(({ name }) => `${name}.cjs`),
    ...imports.map(({ path }) => join(path)),
  ])
  return [
    ...imports
      .filter(({ path }) => !existsSync(join('dist/bin', path)))
      .map(({ name, path }) => `${name} is to stand alone, but imports ${path}`),
    ...readdirSync('dist/bin')
      .filter((file) => file.endsWith('.cjs') && !asked.has(file))
      .map((file) => `dist/bin/${file} was built, but no program loads it`),
  ]
}

/** What is wrong with the built package; nothing when it is sound. */
export const findFaults = () => [
  ...missing(),
  ...misordered(),
  ...unreachable(),
  ...undeclared(),
  ...incomplete(),
]

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const faults = [...findFaults(), ...findUnused()]
  for (const fault of faults) console.error(fault)
  process.exitCode = faults.length === 0 ? 0 : 1
}
