/** Decides whether points can be played here, and with what: root, namespaces, strace, plugins, iptables. The programs are those of `dist`. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { findPlugins } from '../plugins.js'
import type { Tools } from './inject.js'
import { baseEnv } from './node.js'

/** The tools, or why there are none. */
export type FoundTools =
  | { readonly ok: true; readonly value: Tools }
  | { readonly ok: false; readonly reason: string }

const missing = (reason: string): FoundTools => ({ ok: false, reason })
const path = (relative: string): string =>
  fileURLToPath(new URL(`../../${relative}`, import.meta.url))

/** Looks for all of them; strace and plugins are unpacked below .cache where the machine has none. */
export const findTools = (): FoundTools => {
  if (process.getuid?.() !== 0) return missing('needs root')
  const namespaces = ask('unshare', '--net', '--mount', 'ip', 'link', 'set', 'lo', 'up')
  if (namespaces !== undefined) return missing(namespaces)
  const tables = ask('unshare', '--net', 'iptables', '-w', '-t', 'nat', '-S')
  if (tables !== undefined) return missing(tables)
  const plugins = findPlugins()
  if (!plugins.ok) return plugins
  const found = spawnSync(process.execPath, [path('scripts/strace.mjs')], { encoding: 'utf8' })
  if (found.status !== 0) return missing(found.stderr.trim())
  const strace = found.stdout.trim().split('\n')
  const [file = '', ...args] = strace
  // A tracer may be forbidden where strace itself is there.
  const traced = ask(file, ...args, '-o', '/dev/null', '-e', 'inject=getpid:error=EIO', 'true')
  if (traced !== undefined) return missing(traced)
  const files = { multus: path('dist/bin/multus.cjs'), metacni: path('dist/bin/metacni.cjs') }
  return { ok: true, value: { strace, plugins: plugins.directory, files } }
}

/** Why a command fails, or undefined. */
const ask = (file: string, ...args: readonly string[]): string | undefined => {
  const { status, error, stderr } = spawnSync(file, args, { encoding: 'utf8', env: baseEnv })
  if (status === 0) return undefined
  return `${[file, ...args].join(' ').slice(0, 60)}: ${error?.message ?? stderr.trim()}`
}
