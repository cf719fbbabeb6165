/**
 * Decides how a program is talked to while it runs: lines in, lines out, its last words when it ends. Refuses more output
 * than a limit, and to leave anything of it alive once it was stopped.
 */
import type { ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { childProcess } from '../node/child-process.js'
import { awaitEnding, defaultPatience, hasGroup, killGroup } from '../node/process-group.js'

/** The most that one program may print: 16 MiB, in bytes. */
const outputLimit = 16 * 1024 * 1024

/** The most of stderr that is kept, in characters. */
const stderrLimit = 65_536

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
  /** Lets it end by itself: nothing of ours waits for it any more. */
  release(): void
  /** Undefined when it could not be started. */
  readonly pid: number | undefined
}

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

const unstarted = (startError: string): Coprocess => ({
  write: () => {},
  end: () => {},
  line: async () => undefined,
  ended: Promise.resolve({ exitCode: undefined, stderr: '', startError }),
  stop: async () => true,
  release: () => {},
  pid: undefined,
})

const unstartedPair = (startError: string): Pair => {
  const none = unstarted(startError)
  return { host: none, container: none, feed: none }
}

/**
 * A program at some pipes of a child: the child itself, which has 0, or one that it has started. Without a pipe of its own
 * stderr is told from the lines of stdout by how they begin.
 */
const coprocessOf = (
  child: ChildProcess,
  [input, output, words]: readonly [number, number, number?],
  onOverflow: () => void,
  keeps: (line: string) => boolean = () => true,
): Coprocess => {
  // Pipes were asked for: they are there, also when the program could not be started.
  const stdin = child.stdio[input] as Writable
  const stdout = child.stdio[output] as Readable
  const stderr = words === undefined ? undefined : (child.stdio[words] as Readable)
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
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    const kept = parts.filter(keeps)
    room -= kept.reduce((sum, { length }) => sum + length + 1, 0)
    if (room < rest.length) {
      onOverflow()
      killGroup(child.pid ?? 0)
      return
    }
    for (const part of kept) {
      if (stderr !== undefined || isLine(part)) lines.push(part)
      else if (said.length < stderrLimit) said += `${part}\n`
    }
    hand()
  })
  stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < stderrLimit) said += text
  })
  const outputs = [stdout, ...(stderr === undefined ? [] : [stderr])].map(
    (one) => new Promise((end) => one.on('close', end)),
  )
  const ended = new Promise<Ended>((resolve) => {
    const finish = (one: Ended): void => {
      isOver = true
      resolve(one)
      hand()
    }
    child.on('error', (error) => {
      if (child.pid !== undefined) return
      finish({ exitCode: undefined, stderr: '', startError: error.message })
    })
    const exited = new Promise<number | null>((exit) => child.on('exit', exit))
    // Of a program that the child has started only the end of its outputs is known.
    const code = input === 0 ? exited : Promise.resolve(null)
    void Promise.all([code, ...outputs]).then(([exitCode]) => {
      if (child.pid === undefined) return
      finish({ exitCode: (exitCode as number | null) ?? undefined, stderr: said })
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
    release: () => {
      stdin.destroy()
      stdout.destroy()
      stderr?.destroy()
      // The child of another one is still waited for.
      if (input === 0) child.unref()
    },
    pid: child.pid,
  }
}

/** What `ip -json` prints, and the marks of a script (container-script.ts). */
const isLine = (text: string): boolean => '[.!='.includes(text[0] ?? ' ')
