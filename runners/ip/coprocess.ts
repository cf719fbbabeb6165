/**
 * Decides how a program is talked to while it runs: lines in, lines out, its last words when it ends. Refuses more output
 * than a limit, and to leave anything of it alive once it was stopped.
 */
import type { ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { awaitEnding, defaultPatience, killGroup } from '../node/process-group.js'

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

/** A program that could not be started. */
export const unstarted = (startError: string): Coprocess => ({
  write: () => {},
  end: () => {},
  line: async () => undefined,
  ended: Promise.resolve({ exitCode: undefined, stderr: '', startError }),
  stop: async () => true,
  release: () => {},
  pid: undefined,
})

/**
 * A program at some pipes of a child: the child itself, which has 0, or one that it has started. Without a pipe of its own
 * stderr is told from the lines of stdout by how they begin.
 */
export const coprocessOf = (
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
