/**
 * Decides how the JavaScript is built: the library as ES modules (scripts/common-js.mjs makes
 * the other half), each program as one CommonJS file, everything inlined, for a fast start.
 */
import { defineConfig, type Options } from 'tsup'
import { entries, programs } from './scripts/entries.mjs'
import { account, esModules, late, versionAlone } from './scripts/esbuild-plugins.mjs'

const shared: Options = { target: 'node20', dts: false, silent: true, removeNodeProtocol: false }

const library: Options = {
  ...shared,
  entry: Object.fromEntries(entries().map(({ name, source }) => [name, source])),
  format: ['esm'],
  outDir: 'dist',
  esbuildPlugins: [account('library')],
}

const program = (name: string, entry: Record<string, string>, lateFiles = {}): Options => ({
  ...shared,
  entry,
  format: ['cjs'],
  outDir: 'dist/bin',
  outExtension: () => ({ js: '.cjs' }),
  minify: true,
  noExternal: [/.*/],
  // As require(): a late file must not start Node's loader of ES modules, which takes 20 ms.
  esbuildOptions: (options) => {
    options.supported = { 'dynamic-import': false }
  },
  esbuildPlugins: [late(lateFiles), esModules, versionAlone, account(name)],
})

/** What a program loads only when it needs it, as files beside it. None for multus: it is copied alone to a node. */
const lateFiles: Record<string, Record<string, string>> = {
  metacni: {
    'metacni-execa': 'runners/exec/execa-start.ts',
    'metacni-debug': 'runners/exec/debug-trace.ts',
    'metacni-add': 'examples/metacni/add.ts',
    'metacni-check': 'examples/metacni/check.ts',
    'metacni-del': 'examples/metacni/del.ts',
    'metacni-net': 'examples/metacni/net.ts',
    'metacni-net-gc': 'examples/metacni/net-gc.ts',
    'metacni-net-version': 'examples/metacni/net-version.ts',
    'metacni-ledger': 'examples/metacni/ledger.ts',
    'metacni-gc': 'examples/metacni/gc.ts',
    'metacni-record': 'examples/metacni/recording.ts',
    'metacni-replay': 'examples/metacni/replay.ts',
    'metacni-leaks': 'examples/metacni/leaks.ts',
    'metacni-ip': 'examples/metacni/ip-node.ts',
    'metacni-engines': 'examples/metacni/engines.ts',
    'metacni-memory': 'examples/metacni/memory-node.ts',
    'metacni-table': 'examples/metacni/text-table.ts',
    'metacni-yaml': 'examples/metacni/yaml-text.ts',
    'metacni-pod': 'runners/host/pod-manifest.ts',
  },
}

export default defineConfig([
  library,
  ...programs().map(({ name, source }) =>
    program(name, { [name]: source, ...lateFiles[name] }, lateFiles[name]),
  ),
])
