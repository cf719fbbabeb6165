/**
 * Decides what the package's declarations are: one file a subpath, as .d.ts and .d.cts. Refuses to let the types of
 * fp-ts and io-ts out anywhere but at ./fp.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rollup } from 'rollup'
import { dts } from 'rollup-plugin-dts'
import ts from 'typescript'

const complete = '.cache/types'
const plain = '.cache/types-plain'
const functional = './fp'
const compiler = 'node_modules/typescript/bin/tsc'

/** Declarations of every source file, as tsc writes them. */
const emit = () => {
  for (const folder of [complete, plain]) rmSync(folder, { recursive: true, force: true })
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error('the declarations could not be written: see the errors above')
}

/**
 * A codec shares the name of its type, so that a bundler keeps both. This drops the codec's half from a declaration
 * file: `export declare const X` beside `export interface X` or `export type X`.
 */
export const withoutCodecs = (text) => {
  const file = ts.createSourceFile('x.d.ts', text, ts.ScriptTarget.Latest, true)
  const types = new Set(
    file.statements
      .filter((node) => ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node))
      .map((node) => node.name.text),
  )
  const isCodec = (node) =>
    ts.isVariableStatement(node) &&
    node.declarationList.declarations.every(({ name }) => types.has(name.getText()))
  return file.statements
    .filter((node) => !isCodec(node))
    .map((node) => node.getFullText())
    .join('')
}

/** The declarations once more, without the codecs. */
const copyWithoutCodecs = () => {
  cpSync(complete, plain, { recursive: true })
  for (const name of readdirSync(plain, { recursive: true })) {
    if (!name.endsWith('.d.ts')) continue
    const path = join(plain, name)
    writeFileSync(path, withoutCodecs(readFileSync(path, 'utf8')))
  }
}

/** Writes the declarations of some entries; what they share goes into files beside them. */
const bundle = async (entries, folder, shared) => {
  const input = Object.fromEntries(
    entries.map(({ name, source }) => [name, join(folder, source.replace(/\.ts$/, '.d.ts'))]),
  )
  // One warning matters most: a type in a public signature that no entry exports cannot be named by those who use it.
  const onLog = (level, { message }) => {
    if (level === 'warn') throw new Error(`declarations: ${message}`)
  }
  const build = await rollup({ input, onLog, external: /^[^./]/, plugins: [dts()] })
  for (const extension of ['d.ts', 'd.cts']) {
    await build.write({
      dir: 'dist',
      format: 'es',
      entryFileNames: `[name].${extension}`,
      chunkFileNames: ({ name }) => `${shared}/${name.replace(/\.d$/, '')}.${extension}`,
    })
  }
  await build.close()
}

/** Writes all declarations below dist. */
export const writeTypes = async (entries) => {
  emit()
  copyWithoutCodecs()
  await bundle(
    entries.filter(({ subpath }) => subpath !== functional),
    plain,
    'types',
  )
  await bundle(
    entries.filter(({ subpath }) => subpath === functional),
    complete,
    'types-fp',
  )
}
