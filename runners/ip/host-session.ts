/**
 * Decides how commands are carried out in the node's own namespace: one `ip -batch` that is given lines and answers with
 * readings, sysctls written by this process. Refuses sysctls outside of net.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { type Command, show } from '../../lib/native/command.js'
import { isTolerated } from '../../lib/native/kernel.js'
import type { Coprocess } from './coprocess.js'
import { type Failure, failedLine, failureOf, kernelWords } from './failure.js'
import type { NamespaceSession, Performed, Undo } from './performed.js'
import type { Programs } from './programs.js'
import { sysctlFile } from './sysctl-file.js'

/**
 * The session of the node's namespace. Nothing is started before the first command. `first`: an `ip -batch` that somebody
 * starts for it; undefined where there is none.
 */
export const createHostSession = (
  programs: Programs,
  first?: () => Promise<Coprocess | undefined>,
): NamespaceSession => {
  let batch: Batch | undefined
  const used: Batch[] = []
  let given = first
  const open = async (): Promise<Batch> => {
    if (batch !== undefined) return batch
    const process = await given?.()
    given = undefined
    batch = { process: process ?? programs.start('ip', ...batchArguments), lines: 0 }
    used.push(batch)
    return batch
  }
  /** Carries out lines of `ip`; a tolerated failure ends the program, and the rest goes to another one. */
  const run = async (segment: readonly IpCommand[]): Promise<Performed> => {
    const readings: unknown[] = []
    const undo: Undo[] = []
    let rest = segment
    while (rest.length > 0) {
      const current = await open()
      const sent = await send(current, rest, readings)
      if (sent.failed !== undefined) batch = undefined
      for (const command of rest.slice(0, sent.done)) {
        const own = undoOf(command)
        // Where nobody knows what was done, an interface of the container may be one that was there before.
        undo.push(...(sent.isUnsure ? own.filter(({ where }) => where === 'host') : own))
      }
      const { failed } = sent
      if (failed === undefined) break
      const words = await reasonOf(current)
      if (failed.kind !== 'ip' || !isTolerated(words, failed.tolerates)) {
        return { readings, undo, failure: failureOf(failed, words, 'host') }
      }
      rest = rest.slice(sent.done + 1)
    }
    return { readings, undo }
  }
  return {
    perform: async (commands) => {
      const readings: unknown[] = []
      const undo: Undo[] = []
      for (const part of partsOf(commands)) {
        const performed = Array.isArray(part) ? await run(part) : access(part as FileCommand)
        readings.push(...performed.readings)
        undo.push(...performed.undo)
        if (performed.failure !== undefined) {
          return { readings, undo, failure: performed.failure }
        }
      }
      return { readings, undo }
    },
    close: async () => {
      const [idle, last] = [batch?.process, used.filter((one) => one !== batch)]
      batch = undefined
      // All that it was given is done: without a word more it ends by itself.
      idle?.end()
      idle?.release()
      for (const { process } of last) process.end()
      await Promise.all(last.map(({ process }) => process.ended))
    },
  }
}

/** What `ip` is started with. */
export const batchArguments: readonly string[] = ['-json', '-details', '-batch', '-']

type IpCommand = Command & { readonly kind: 'ip' | 'show' }
type FileCommand = Exclude<Command, IpCommand>

interface Batch {
  readonly process: Coprocess
  /** How many lines it was given. */
  lines: number
}

/** The link that every namespace has: its reading tells that all lines before it are done. */
const barrier = show('address', 'show', 'dev', 'lo') as IpCommand

/** What became of lines. */
interface Sent {
  /** How many may have been carried out. All of them when the program ended without a word about one. */
  readonly done: number
  /** The line at which it ended. */
  readonly failed?: IpCommand
  readonly isUnsure?: boolean
}

/** Sends lines and waits for their readings. */
const send = async (
  batch: Batch,
  commands: readonly IpCommand[],
  readings: unknown[],
): Promise<Sent> => {
  const isRead = commands.at(-1)?.kind === 'show'
  const lines = isRead ? commands : [...commands, barrier]
  const first = batch.lines + 1
  batch.lines += lines.length
  batch.process.write(lines.map(({ words }) => `${words.join(' ')}\n`).join(''))
  let shows = commands.filter(({ kind }) => kind === 'show').length + (isRead ? 0 : 1)
  for (; shows > 0; shows--) {
    const line = await batch.process.line()
    if (line === undefined) {
      const { stderr, startError } = await batch.process.ended
      const number = failedLine(stderr)
      if (number === undefined) {
        const done = startError === undefined ? commands.length : 0
        return { done, failed: lines[0] as IpCommand, isUnsure: true }
      }
      const done = Math.min(number - first, commands.length)
      return { done, failed: lines[number - first] ?? barrier }
    }
    if (shows > 1 || isRead) readings.push(readingOf(line))
  }
  return { done: commands.length }
}

const reasonOf = async ({ process }: Batch): Promise<string> => {
  const { stderr, startError, exitCode } = await process.ended
  return startError ?? (kernelWords(stderr) || `exit code ${exitCode ?? 'none'}`)
}

/** A line of `ip -json`, or undefined when it is none. */
export const readingOf = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** What undoes a command. */
export const undoOf = (command: Command): readonly Undo[] => {
  if (command.kind !== 'ip') return []
  const { undo, containerUndo } = command
  return [
    ...(undo === undefined ? [] : [{ where: 'host', words: undo } as const]),
    ...(containerUndo === undefined ? [] : [{ where: 'container', words: containerUndo } as const]),
  ]
}

/** Runs of lines for `ip`, and what is done by files between them. */
const partsOf = (commands: readonly Command[]): readonly (IpCommand[] | FileCommand)[] => {
  const parts: (IpCommand[] | FileCommand)[] = []
  for (const command of commands) {
    const last = parts.at(-1)
    if (command.kind === 'sysctl' || command.kind === 'read') parts.push(command)
    else if (Array.isArray(last)) last.push(command)
    else parts.push([command])
  }
  return parts
}

const access = (command: FileCommand): Performed => {
  const file = sysctlFile(command.path)
  try {
    const text = existsSync(file) ? readFileSync(file, 'utf8').split('\n')[0] : ''
    if (command.kind === 'read') return { readings: [text], undo: [] }
    if (text !== command.value) writeFileSync(file, command.value)
    return { readings: [], undo: [] }
  } catch (error) {
    const failure: Failure = failureOf(command, String(error), 'host')
    return command.kind === 'sysctl' && !command.required
      ? { readings: [], undo: [] }
      : { readings: [], undo: [], failure }
  }
}
