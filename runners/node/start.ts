/**
 * Decides how a program is started with node:child_process alone, which is what a compiled plugin can afford: its own
 * process group, everything piped, output bounded. Refuses to throw: every way to fail is a field of Finished.
 */
import type { ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import { childProcess } from './child-process.js'
import { awaitEnding, defaultPatience } from './process-group.js'
import { createStop } from './stop.js'

/** A program to start. */
export interface Program {
  /** Path of the executable; must contain a slash, or the system looks for it in PATH. */
  readonly file: string
  /** Arguments after the path. Default: none. */
  readonly args?: readonly string[]
  /** The whole environment: nothing is added to it. */
  readonly env: Readonly<Record<string, string>>
  /** Written to stdin, then EOF. A program that does not read it is no error. */
  readonly stdin: string
  /** The most stdout it may write, in bytes; more ends it. */
  readonly limitBytes: number
  /** Ends it, and everything in its process group. */
  readonly signal: AbortSignal
}

/** Why a program could not be started: an errno name such as `ETXTBSY`, and the text that came with it. */
export interface StartError {
  readonly code: string
  readonly message: string
}

/** What became of a program. */
export interface Finished {
  /** False: no process ever ran. */
  readonly started: boolean
  /** Undefined when it was not started, was killed by a signal, or is `unkillable`. */
  readonly exitCode: number | undefined
  /** The name of the signal that ended it, such as `SIGKILL`. */
  readonly signal: string | undefined
  /** At most `limitBytes`. */
  readonly stdout: string
  /** At most 64 KiB; the rest was read and dropped. */
  readonly stderr: string
  readonly startError: StartError | undefined
  /** Ended because stdout passed `limitBytes`. */
  readonly overflow: boolean
  /** Ended, or never started, because the signal fired. */
  readonly aborted: boolean
  /** Something of it was still alive, or held its pipes, when the patience after SIGKILL was over. */
  readonly unkillable: boolean
}

/** Starts one program and waits for its end: exit and the end of both outputs. Never rejects. */
export type Starter = (program: Program) => Promise<Finished>

/** How much of stderr is kept: 64 KiB, in bytes. */
export const stderrLimit = 64 * 1024

/** A Starter on node:child_process. `patience`: milliseconds that a killed group may take to die. */
export const createStarter =
  (patience: number = defaultPatience): Starter =>
  async (program) => {
    if (program.signal.aborted) return { ...unstarted, aborted: true }
    let child: ChildProcess
    try {
      child = childProcess().spawn(program.file, program.args ?? [], {
        env: program.env,
        stdio: 'pipe',
        detached: true,
      })
    } catch (error) {
      return { ...unstarted, startError: startErrorOf(error) }
    }
    return watch(child, program, patience)
  }

/** The Starter that the per-pod plugin uses: `createStarter()` with its default patience. */
export const start: Starter = createStarter()

/** What a program that never ran comes to; starters add the reason. */
export const unstarted: Finished = {
  started: false,
  exitCode: undefined,
  signal: undefined,
  stdout: '',
  stderr: '',
  startError: undefined,
  overflow: false,
  aborted: false,
  unkillable: false,
}

/** A thrown value as a StartError; `UNKNOWN` when it has no code. */
export const startErrorOf = (error: unknown): StartError => {
  const { code, message } = error as Partial<NodeJS.ErrnoException>
  return { code: code ?? 'UNKNOWN', message: message ?? String(error) }
}

const watch = async (
  child: ChildProcess,
  program: Program,
  patience: number,
): Promise<Finished> => {
  const failed = new Promise<Error>((resolve) => child.on('error', resolve))
  const closed = new Promise<Exit>((resolve) => child.on('close', (...exit) => resolve(exit)))
  child.stdin?.on('error', () => {}) // EPIPE, ECONNRESET: it did not read all of it
  if (child.pid === undefined) {
    const error = await failed
    release(child)
    return { ...unstarted, startError: startErrorOf(error) }
  }
  const stop = createStop(program.signal)
  const stdout = collect(child.stdout, program.limitBytes, stop.overflow)
  const stderr = collect(child.stderr, stderrLimit)
  child.stdin?.end(program.stdin)
  const ending = await awaitEnding(child.pid, closed, stop.requested, patience)
  stop.release()
  release(child)
  const [exitCode, signal] = ending.kind === 'unkillable' ? [null, null] : ending.value
  return {
    started: true,
    exitCode: exitCode ?? undefined,
    signal: signal ?? undefined,
    stdout: stdout(),
    stderr: stderr(),
    startError: undefined,
    overflow: stop.reason() === 'overflow',
    aborted: stop.reason() === 'aborted' && ending.kind !== 'ended',
    unkillable: ending.kind === 'unkillable',
  }
}

type Exit = [code: number | null, signal: NodeJS.Signals | null]

// Lets our process end although a descendant of the child may hold the other ends.
const release = (child: ChildProcess): void => {
  child.stdin?.destroy()
  child.stdout?.destroy()
  child.stderr?.destroy()
  child.unref()
}

/** Keeps the first `limit` bytes of a stream and drops the rest, so that the writer never blocks. */
export const collect = (
  stream: Readable | null | undefined,
  limit: number,
  onOverflow: () => void = () => {},
): (() => string) => {
  const chunks: Buffer[] = []
  let room = limit
  stream?.on('error', () => {})
  stream?.on('data', (chunk: Buffer) => {
    if (chunk.length > room) onOverflow()
    if (room > 0) chunks.push(chunk.subarray(0, room))
    room = Math.max(0, room - chunk.length)
  })
  return () => Buffer.concat(chunks).toString('utf8')
}
