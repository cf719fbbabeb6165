/** Decides how the JavaScript is built: the library as ESM and CJS, each program as one CJS file for a fast start. */
import { defineConfig, type Options } from 'tsup'
import { entries, programs } from './scripts/entries.mjs'
import { fpTsModules, lazyRunner } from './scripts/esbuild-plugins.mjs'

const shared: Options = {
  target: 'node20',
  dts: false,
  silent: true,
  removeNodeProtocol: false,
  metafile: true,
}

const library: Options = {
  ...shared,
  entry: Object.fromEntries(entries().map(({ name, source }) => [name, source])),
  format: ['esm', 'cjs'],
  outDir: 'dist',
  splitting: true,
}

const program = (entry: Record<string, string>): Options => ({
  ...shared,
  entry,
  format: ['cjs'],
  outDir: 'dist/bin',
  outExtension: () => ({ js: '.cjs' }),
  minify: true,
  noExternal: [/.*/],
  esbuildPlugins: [fpTsModules, lazyRunner],
})
