/**
 * Decides which programs of a call run, and that they end with it. Refuses to start one after they were stopped, and to
 * leave anything of one alive.
 */
import type { ChildProcess } from 'node:child_process'
import type { Writable } from 'node:stream'
import { childProcess } from '../node/child-process.js'
import { hasGroup } from '../node/process-group.js'
import { type Coprocess, coprocessOf, unstarted } from './coprocess.js'

/** The environment of a program. */
export type ProgramEnvironment = Readonly<Record<string, string>>

/** The two programs of one ADD. */
export interface Pair {
  /** `ip -batch` in the node's namespace. */
  readonly host: Coprocess
  /** A shell in the container's. */
  readonly container: Coprocess
  /** What the shell has open as 7, for a program of its own. */
  readonly feed: Feed
}

/** A pipe into a program. */
export interface Feed {
  write(text: string): void
  end(): void
}

/** The programs of one call. */
export interface Programs {
  /** Starts one; it is looked for in the PATH of the environment. After `stop` none can be started. */
  start(file: string, ...args: readonly string[]): Coprocess
  /** The same; only the lines that `keeps` takes are kept, and count against the limit. */
  startKeeping(
    keeps: (line: string) => boolean,
    file: string,
    ...args: readonly string[]
  ): Coprocess
  /**
   * Starts a shell that starts `background` and becomes `foreground`, both command lines of shells, with `args` as $1 and
   * so on. A process of ours is large, and starting a second one takes it two milliseconds; so does every pipe its share:
   * what both say on stderr comes with their lines, and is told from them. `descriptor` is 3 to both.
   */
  startPair(
    background: string,
    foreground: string,
    args: readonly string[],
    descriptor?: number,
  ): Pair
  /** Kills all of them; true when nothing of them is left. */
  stop(): Promise<boolean>
  /** Whether one of them was ended because it printed too much. */
  hasOverflowed(): boolean
}

/** The programs of a call, none yet. */
export const createPrograms = (env: ProgramEnvironment): Programs => {
  const started = new Set<Coprocess>()
  const over = new Set<Coprocess>()
  let isStopped = false
  let hasOverflowed = false
  const onOverflow = (): void => {
    hasOverflowed = true
  }
  /** A child with its pipes, or why there is none: without memory or descriptors Node throws, or gives no pipes. */
  const spawn = (file: string, args: readonly string[], stdio: Stdio): ChildProcess | string => {
    try {
      const child = childProcess().spawn(file, args, { env, stdio: [...stdio], detached: true })
      child.on('error', () => {}) // told to whoever talks to it; without pipes to nobody
      return Array.isArray(child.stdio) ? child : `${file}: no pipes could be had for it`
    } catch (error) {
      return `${file}: ${String(error)}`
    }
  }
  const keep = (program: Coprocess): Coprocess => {
    started.add(program)
    void program.ended.then(() => over.add(program))
    return program
  }
  const start = (
    keeps: (line: string) => boolean,
    file: string,
    args: readonly string[],
  ): Coprocess => {
    if (isStopped) return unstarted(stopped)
    const child = spawn(file, args, ['pipe', 'pipe', 'pipe'])
    return typeof child === 'string'
      ? unstarted(child)
      : keep(coprocessOf(child, [0, 1, 2], onOverflow, keeps))
  }
  return {
    start: (file, ...args) => start(() => true, file, args),
    startKeeping: (keeps, file, ...args) => start(keeps, file, args),
    startPair: (background, foreground, args, descriptor) => {
      if (isStopped) return unstartedPair(stopped)
      const text = `${background} <&4 >&5 2>&5 3<&- 4<&- 5>&- 7<&- & exec 2>&1 4<&- 5>&-; exec ${foreground}`
      const stdio = ['pipe', 'pipe', 'ignore', descriptor ?? 'ignore', 'pipe', 'pipe'] as const
      const child = spawn('sh', ['-c', text, 'sh', ...args], [...stdio, 'ignore', 'pipe'])
      if (typeof child === 'string') return unstartedPair(child)
      const container = keep(coprocessOf(child, [0, 1], onOverflow))
      const [feed] = child.stdio.slice(7) as unknown as [Writable]
      feed.on('error', () => {}) // EPIPE, as above
      return {
        host: coprocessOf(child, [4, 5], onOverflow),
        container,
        feed: { write: (lines) => void feed.write(lines), end: () => void feed.end() },
      }
    },
    stop: async () => {
      isStopped = true
      // The number of a program that is gone with all of its group may be somebody else's by now.
      const left = [...started].filter((one) => !over.has(one) || hasGroup(one.pid))
      return (await Promise.all(left.map((one) => one.stop()))).every(Boolean)
    },
    hasOverflowed: () => hasOverflowed,
  }
}

type Stdio = readonly ('pipe' | 'ignore' | number)[]

const stopped = 'the call was stopped'

const unstartedPair = (startError: string): Pair => {
  const none = unstarted(startError)
  return { host: none, container: none, feed: none }
}
