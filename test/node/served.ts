/** Decides how the tests serve a plugin: as a program of its own, one file, started as a runtime does. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const project = fileURLToPath(new URL('../..', import.meta.url))
const directory = mkdtempSync(join(tmpdir(), 'metacni-serve-'))
process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
const library = join(directory, 'library.mjs')
buildSync({
  stdin: {
    contents: `export { definePlugin } from './lib/plugin.ts'
      export { servePlugin } from './runners/node/serve.ts'`,
    resolveDir: project,
  },
  outfile: library,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  alias: { 'fp-ts/lib': 'fp-ts/es6' },
  mainFields: ['module', 'main'],
  logLevel: 'error',
})

let programs = 0

/** A program: the body of a module, which knows `definePlugin`, `servePlugin`, `done` and `result`. */
export const programOf = (body: string): string => {
  const file = join(directory, `${programs++}.mjs`)
  writeFileSync(
    file,
    `import { definePlugin, servePlugin } from ${JSON.stringify(library)}
     const done = async () => ({ ok: true })
     const result = { cniVersion: '1.1.0', ips: [{ address: '10.0.0.2/24' }] }
     const add = async () => ({ ok: true, value: result })
     ${body}`,
  )
  return file
}

/** How it ended. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A program that runs. */
export interface Served {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

/** The configuration on stdin. */
export const configuration = '{"cniVersion":"1.0.0","name":"a","type":"t"}'

/** Starts a program with a request. `words` stand before it: a shell. Without `stdin` that stays open. */
export const start = (
  file: string,
  verb: string,
  { stdin, words = [] }: { readonly stdin?: string; readonly words?: readonly string[] } = {},
): Served => {
  const [command = '', ...args] = [...words, process.execPath, file]
  const env = {
    PATH: process.env.PATH ?? '',
    CNI_COMMAND: verb,
    CNI_CONTAINERID: 'c1',
    CNI_NETNS: '/run/netns/none',
    CNI_IFNAME: 'eth0',
    CNI_PATH: '/opt/cni/bin',
  }
  const child = spawn(command, args, { env, stdio: 'pipe' })
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      texts[name] += chunk
    })
  }
  child.stdin.on('error', () => {}) // it did not read all of it
  if (stdin !== undefined) child.stdin.end(stdin)
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...texts }))
  })
  return { child, ended }
}

/** Serves one request of a program to its end. */
export const serve = (body: string, verb: string, stdin: string = configuration): Promise<Ended> =>
  start(programOf(body), verb, { stdin }).ended
