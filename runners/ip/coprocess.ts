/**
 * Decides how a program is talked to while it runs: lines in, lines out, its last words when it ends. Refuses more output
 * than a limit, and to leave anything of it alive once it was stopped.
 */
import type { ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { childProcess } from '../node/child-process.js'
import { awaitEnding, defaultPatience, killGroup } from '../node/process-group.js'

/** The most that one program may print: 16 MiB, in bytes. */
const outputLimit = 16 * 1024 * 1024

/** What became of a program. */
export interface Ended {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined
  /** At most 64 KiB. */
  readonly stderr: string
  /** It could not be started: the reason. */
  readonly startError?: string
}

/** A program that runs. */
export interface Coprocess {
  write(text: string): void
  /** Its stdin ends. */
  end(): void
  /** The next line that it prints; undefined when there will be none. */
  line(): Promise<string | undefined>
  /** How it ended, with all of its stderr. */
  readonly ended: Promise<Ended>
  /** Kills it and its children; true when all of them are gone. */
  stop(): Promise<boolean>
}

/** The environment of a program. */
export type ProgramEnvironment = Readonly<Record<string, string>>

/** The programs of one call. */
export interface Programs {
  /** Starts one; it is looked for in the PATH of the environment. After `stop` none can be started. */
  start(file: string, ...args: readonly string[]): Coprocess
  /** The same, for a program that is given an open descriptor as its own number 3. */
  startWith(descriptor: number, file: string, ...args: readonly string[]): Coprocess
  /** Kills all of them; true when nothing of them is left. */
  stop(): Promise<boolean>
  /** Whether one of them was ended because it printed too much. */
  hasOverflowed(): boolean
}

/** The programs of a call, none yet. */
export const createPrograms = (env: ProgramEnvironment): Programs => {
  const started: Coprocess[] = []
  let isStopped = false
  let hasOverflowed = false
  const onOverflow = (): void => {
    hasOverflowed = true
  }
  const start = (file: string, args: readonly string[], descriptor?: number): Coprocess => {
    if (isStopped) return unstarted
    const program = startCoprocess(file, args, env, descriptor, onOverflow)
    started.push(program)
    return program
  }
  return {
    start: (file, ...args) => start(file, args),
    startWith: (descriptor, file, ...args) => start(file, args, descriptor),
    stop: async () => {
      isStopped = true
      return (await Promise.all(started.map((one) => one.stop()))).every(Boolean)
    },
    hasOverflowed: () => hasOverflowed,
  }
}

const unstarted: Coprocess = {
  write: () => {},
  end: () => {},
  line: async () => undefined,
  ended: Promise.resolve({ exitCode: undefined, stderr: '', startError: 'the call was stopped' }),
  stop: async () => true,
}

const startCoprocess = (
  file: string,
  args: readonly string[],
  env: ProgramEnvironment,
  descriptor: number | undefined,
  onOverflow: () => void,
): Coprocess => {
  const [stdin, stdout, stderr, child] = spawn(file, args, env, descriptor)
  const lines: string[] = []
  let rest = ''
  let said = ''
  let room = outputLimit
  let waiting: ((line: string | undefined) => void) | undefined
  let isOver = false
  const hand = (): void => {
    if (waiting === undefined || (lines.length === 0 && !isOver)) return
    const resolve = waiting
    waiting = undefined
    resolve(lines.shift())
  }
  stdin.on('error', () => {}) // EPIPE: it ended without reading all of it
  stdout.setEncoding('utf8').on('data', (text: string) => {
    room -= text.length
    if (room < 0) {
      onOverflow()
      return killGroup(child.pid ?? 0)
    }
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
    hand()
  })
  stderr.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < 65_536) said += text
  })
  const ended = new Promise<Ended>((resolve) => {
    child.on('error', (error) => {
      if (child.pid !== undefined) return
      isOver = true
      resolve({ exitCode: undefined, stderr: '', startError: error.message })
      hand()
    })
    child.on('close', (code) => {
      isOver = true
      resolve({ exitCode: code ?? undefined, stderr: said })
      hand()
    })
  })
  return {
    write: (text) => void stdin.write(text),
    end: () => void stdin.end(),
    line: () =>
      new Promise((resolve) => {
        waiting = resolve
        hand()
      }),
    ended,
    stop: async () => {
      if (child.pid === undefined) return true
      const ending = await awaitEnding(child.pid, ended, Promise.resolve(), defaultPatience)
      return ending.kind !== 'unkillable'
    },
  }
}

const spawn = (
  file: string,
  args: readonly string[],
  env: ProgramEnvironment,
  descriptor: number | undefined,
): [Writable, Readable, Readable, ChildProcess] => {
  const more = descriptor === undefined ? [] : [descriptor]
  const child = childProcess().spawn(file, args, {
    env,
    stdio: ['pipe', 'pipe', 'pipe', ...more],
    detached: true,
  })
  // Pipes were asked for: they are there, also when the program could not be started.
  return [child.stdin as Writable, child.stdout as Readable, child.stderr as Readable, child]
}
