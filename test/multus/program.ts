/** Decides what the tests start as `multus`: the program as it ships, one file without anything beside it. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const project = fileURLToPath(new URL('../..', import.meta.url))

let built: string | undefined

/** The path of the program, bundled once a test file as scripts/build.mjs bundles it, without minifying. */
export const program = (): string => {
  if (built !== undefined) return built
  const folder = mkdtempSync(join(tmpdir(), 'metacni-multus-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  built = join(folder, 'multus')
  buildSync({
    absWorkingDir: project,
    entryPoints: ['examples/multus/index.ts'],
    outfile: built,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    mainFields: ['module', 'main'],
    alias: { 'fp-ts/lib': 'fp-ts/es6' },
    banner: { js: '#!/usr/bin/env node' },
    logLevel: 'error',
  })
  chmodSync(built, 0o755)
  return built
}

/** How a process ended and what it printed. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A process that was started. */
export interface Started {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

/** The environment of every program here: nothing of the caller's but what finds `node` and the tools. */
export const baseEnv = { PATH: process.env.PATH ?? '/usr/bin:/bin:/usr/sbin:/sbin' }

/** Starts a program; `stdin` is written to it at once, then closed. Undefined: it stays open. */
export const startProgram = (
  [file = '', ...args]: readonly string[],
  stdin: string | undefined,
  options: SpawnOptions,
): Started => {
  const child = spawn(file, args, { stdio: 'pipe', ...options })
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      texts[name] += chunk
    })
  }
  child.stdin?.on('error', () => {}) // it did not read all of it
  if (stdin !== undefined) child.stdin?.end(stdin)
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, ...texts }))
  })
  return { child, ended }
}
