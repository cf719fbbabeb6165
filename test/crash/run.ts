/**
 * Decides how a call is carried out on a node: as it is, or with strace attached to one or both of the program's threads
 * that do its work. What it starts is not traced; with one thread traced, "the nth call" is the same one every time.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { baseEnv, type CrashNode } from './node.js'
import type { Call } from './programs.js'

const gate = fileURLToPath(new URL('gate.cjs', import.meta.url))

/** The threads of a program: Node's own, and the one that does the asynchronous work on files. */
export type Thread = 'main' | 'pool'

/** How a call ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** The words that end a call which does not end by itself: no plugin here takes five minutes. */
const patienceMilliseconds = 300_000

/** Carries out a call. */
export const run = (node: CrashNode, call: Call): Promise<Ended> =>
  settle(start(node, call, [], ['pipe', 'pipe', 'pipe']), call.stdin)

/**
 * Carries out a call with strace, which is given these options, attached to these threads before the program is loaded.
 */
export const runTraced = async (
  node: CrashNode,
  call: Call,
  { strace, threads, options }: Tracing,
): Promise<Ended> => {
  const child = start(node, call, ['--require', gate], ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'])
  const ended = settle(child, call.stdin)
  const text = await firstOf(child.stdio[4] as Readable)
  if (text === '') return ended
  const numbers: Readonly<Record<Thread, string>> = JSON.parse(text)
  const [file = '', ...words] = strace
  const attached = threads.flatMap((thread) => ['-p', numbers[thread]])
  const tracer = spawn(file, [...words, ...options, ...attached], {
    env: baseEnv,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const gone = new Promise((resolve) => tracer.on('close', resolve))
  await attachedTo(tracer, threads.length)
  ;(child.stdio[3] as Writable).end('x')
  const outcome = await ended
  await gone
  return outcome
}

/** How a call is traced. */
export interface Tracing {
  /** The command that is strace. */
  readonly strace: readonly string[]
  readonly threads: readonly Thread[]
  readonly options: readonly string[]
}

const start = (
  { enter }: CrashNode,
  { command, env }: Call,
  nodeOptions: readonly string[],
  stdio: 'pipe'[],
): ChildProcess => {
  const [file = '', ...args] = [...enter, process.execPath, ...nodeOptions, ...command]
  return spawn(file, args, { env: { ...baseEnv, UV_THREADPOOL_SIZE: '1', ...env }, stdio })
}

const settle = (child: ChildProcess, stdin: string): Promise<Ended> => {
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      texts[name] += chunk
    })
  }
  for (const stream of child.stdio) stream?.on('error', () => {}) // it died before it read all of it
  child.stdin?.end(stdin)
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMilliseconds)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    // Not `close`: plugins that outlive the program hold its stderr open.
    child.on('exit', (code, signal) => {
      clearTimeout(timer)
      setImmediate(() => resolve({ code, signal, ...texts }))
    })
  })
}

const firstOf = (stream: Readable): Promise<string> =>
  new Promise((resolve) => {
    let text = ''
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    stream.on('close', () => resolve(text))
  })

const attachedTo = (tracer: ChildProcess, count: number): Promise<void> =>
  new Promise((resolve, reject) => {
    let said = ''
    tracer.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk
      if ((said.match(/ attached$/gm)?.length ?? 0) >= count) resolve()
    })
    tracer.on('error', reject)
    tracer.on('exit', () => reject(new Error(`strace: ${said.trim()}`)))
  })
