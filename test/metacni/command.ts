/** Decides how a test calls the command line: in its own process, with a world of the test's making. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { run } from '../../examples/metacni/command-line.js'
import type { Interrupt, Output } from '../../examples/metacni/terminal.js'
import { type Files, write } from '../package/sandbox.js'

/** What a command came to. */
export interface Ended {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** The world of a command. */
export interface World {
  readonly stdin?: string
  readonly env?: Readonly<Record<string, string>>
  /** Both outputs are terminals of this width. */
  readonly columns?: number
  /** Given the means to interrupt the command while it runs. */
  readonly interrupts?: (interrupt: (signal: Interrupt) => void) => void
}

/** Calls the command line. */
export const metacni = async (args: readonly string[], world: World = {}): Promise<Ended> => {
  let stdout = ''
  let stderr = ''
  const terminal = world.columns === undefined ? {} : { columns: world.columns }
  const output = (write: (text: string) => void): Output => ({
    write,
    isTerminal: world.columns !== undefined,
    ...terminal,
  })
  const listeners = new Set<(signal: Interrupt) => void>()
  world.interrupts?.((signal) => {
    for (const listener of listeners) listener(signal)
  })
  const exitCode = await run(args, {
    env: { PATH: process.env.PATH, ...world.env },
    stdin: Readable.from(world.stdin === undefined ? [] : [world.stdin]),
    stdout: output((text) => {
      stdout += text
    }),
    stderr: output((text) => {
      stderr += text
    }),
    onInterrupt: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    leave: () => {},
  })
  return { exitCode, stdout, stderr }
}

/** A temporary folder with files. */
export interface Folder {
  /** The path of something in it. */
  at(path: string): string
  read(path: string): string
}

/** Calls `body` with a new folder that holds the files, and removes it in the end. */
export const withFolder = async <A>(
  files: Files,
  body: (folder: Folder) => Promise<A>,
): Promise<A> => {
  const root = mkdtempSync(join(tmpdir(), 'metacni-'))
  try {
    write(root, files)
    const at = (path: string) => join(root, path)
    return await body({ at, read: (path) => readFileSync(at(path), 'utf8') })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** A network file. */
export const network = (config: object): string =>
  JSON.stringify({ cniVersion: '1.0.0', ...config })

/** The directory of a plugin `stub` that fails or waits as its configuration says. */
export const stubs = fileURLToPath(new URL('plugins', import.meta.url))

/** Makes a named pipe; the first line that is written to it. */
export const createMark = (path: string): (() => Promise<string>) => {
  execFileSync('mkfifo', ['-m', '600', path])
  return async () => (await readFile(path, 'utf8')).trim()
}
