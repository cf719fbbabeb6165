/**
 * Decides how commands are carried out in a container's namespace: one shell behind `nsenter`, which can be started
 * before it is needed; `ip` alone where there is nothing but lines for it. Refuses to go on after a failure.
 */
import type { Command } from '../../lib/native/command.js'
import { isTolerated } from '../../lib/native/kernel.js'
import { type Locked, lockDescriptor } from '../node/flock.js'
import {
  type ContainerScript,
  containerScript,
  doneMark,
  failureMark,
  textMark,
} from './container-script.js'
import type { Coprocess, Ended } from './coprocess.js'
import { failedLine, failureOf, kernelWords } from './failure.js'
import { goneWatch, isBefore } from './gone-link.js'
import { batchArguments, readingOf, undoOf } from './host-session.js'
import type { NamespaceSession, Undo } from './performed.js'
import type { Feed, Programs } from './programs.js'

/** A session of a container's namespace. */
export interface ContainerSession extends NamespaceSession {
  /** A shell in the container that is there already. */
  take(shell: Coprocess, feed: Feed): void
  /** Gives the lock back; without one nothing. */
  unlock(): void
  /**
   * A program that becomes the shell when it has taken the lock on `descriptor`, which it was given as 3. The lock is held
   * until the shell gets its first commands.
   */
  lock(becoming: Coprocess, feed: Feed, descriptor: number, signal: AbortSignal): Promise<Locked>
}

/** The session of the namespace at `netns`. */
export const createContainerSession = (netns: string, programs: Programs): ContainerSession => {
  const used: Coprocess[] = []
  let shell: Coprocess | undefined
  let isLocking = false
  let feed: Feed | undefined
  const enter = (...command: readonly string[]): Coprocess => {
    const process = programs.start('nsenter', `--net=${netns}`, ...command)
    used.push(process)
    return process
  }
  const openShell = (): Coprocess => {
    shell ??= enter('sh')
    return shell
  }
  const attempt = async (commands: readonly Command[], isLast: boolean): Promise<Attempt> => {
    const isPlain = commands.every(({ kind }) => kind === 'ip' || kind === 'show')
    if (shell === undefined && isLast && isPlain) {
      const process = enter('ip', ...batchArguments)
      process.write(
        commands.map((one) => ('words' in one ? `${one.words.join(' ')}\n` : '')).join(''),
      )
      process.end()
      const seen: unknown[] = []
      const outcome = outcomeOf(process, { text: '', items: [{ commands }] }, seen)
      const last = commands.at(-1)
      if (last?.kind !== 'ip' || last.gone === undefined) return outcome
      const shows = commands.filter(({ kind }) => kind === 'show').length
      const isGone = goneWatch(last.gone, process.pid ?? 0, netns)
      if (!(await isBefore(() => seen.length >= shows && isGone(), outcome))) return outcome
      // It is in the kernel, and ends there by itself.
      used.splice(used.indexOf(process), 1)
      process.release()
      return { seen, words: '' }
    }
    const lead = feed === undefined || !isLast ? undefined : leadOf(commands)
    if (feed !== undefined && shell !== undefined && lead !== undefined) {
      const [process, lines] = [shell, feed]
      shell = undefined
      feed = undefined
      const script = lead === 0 ? '' : containerScript(commands.slice(0, lead), false).text
      process.write((isLocking ? unlock : '') + script)
      process.end()
      isLocking = false
      return fed(process, lines, commands, lead)
    }
    feed?.end()
    feed = undefined
    const script = containerScript(commands, isLast)
    const process = openShell()
    process.write(isLocking ? unlock + script.text : script.text)
    isLocking = false
    if (isLast) process.end()
    const outcome = await outcomeOf(process, script)
    if (isLast || outcome.failed !== undefined) shell = undefined
    return outcome
  }
  return {
    unlock: () => {
      if (isLocking) shell?.write(unlock)
      isLocking = false
    },
    take: (process, feeding) => {
      used.push(process)
      process.write(startIp)
      shell = process
      feed = feeding
    },
    lock: async (process, feeding, descriptor, signal) => {
      used.push(process)
      process.write(`${startIp}echo ${doneMark}\n`)
      const line = await process.line()
      if (line === doneMark && shell === undefined) {
        shell = process
        feed = feeding
        isLocking = true
        return { kind: 'locked' }
      }
      process.end()
      feeding.end()
      // Another flock(1), which does not become what it runs; or no such namespace, which is told later.
      return signal.aborted ? { kind: 'aborted' } : lockDescriptor(descriptor, signal)
    },
    perform: async (commands, isLast) => {
      const readings: unknown[] = []
      const undo: Undo[] = []
      let rest = commands
      while (rest.length > 0) {
        const { seen, failed, words, isUnsure = false } = await attempt(rest, isLast)
        readings.push(...seen)
        const done = isUnsure ? rest.length : (failed ?? rest.length)
        for (const one of rest.slice(0, done)) undo.push(...ownUndo(one))
        const command = failed === undefined ? undefined : rest[failed]
        if (command === undefined) break
        if (command.kind !== 'ip' || !isTolerated(words, command.tolerates)) {
          return { readings, undo, failure: failureOf(command, words, 'container') }
        }
        rest = rest.slice((failed ?? rest.length) + 1)
      }
      return { readings, undo }
    },
    close: async () => {
      feed?.end()
      for (const process of used) process.end()
      await Promise.all(used.map(({ ended }) => ended))
    },
  }
}

// flock(1) opens what it was given as 3 again, as 4 (`lockingShell`), and has its lock there; the shell keeps both.
const unlock = 'exec 3>&- 4>&-\n'

// What the first commands will need is started while others work: it waits for its lines.
const startIp = `ip ${batchArguments.join(' ')} <&7 3<&- 4<&- 7<&- &\nexec 7<&-\n`

/** How many sysctls lead a run of lines for `ip` that ends with a reading; undefined for another order. */
const leadOf = (commands: readonly Command[]): number | undefined => {
  const lead = commands.findIndex(({ kind }) => kind !== 'sysctl')
  const isRun = commands.slice(lead).every(({ kind }) => kind === 'ip' || kind === 'show')
  return lead >= 0 && isRun && commands.at(-1)?.kind === 'show' ? lead : undefined
}

/** Waits for the leading sysctls, then gives the lines to the `ip` that waits for them. */
const fed = async (
  process: Coprocess,
  feed: Feed,
  commands: readonly Command[],
  lead: number,
): Promise<Attempt> => {
  const items = commands.slice(0, lead).map((command) => ({ commands: [command] }))
  const led: Attempt =
    lead === 0 ? { seen: [], words: '' } : await outcomeOf(process, { text: '', items })
  if (led.failed !== undefined) {
    feed.end()
    return led
  }
  const lines = commands.slice(lead)
  feed.write(lines.map((one) => ('words' in one ? `${one.words.join(' ')}\n` : '')).join(''))
  feed.end()
  const seen: unknown[] = []
  for (let shows = lines.filter(({ kind }) => kind === 'show').length; shows > 0; shows--) {
    const line = await process.line()
    if (line !== undefined) {
      seen.push(readingOf(line))
      continue
    }
    const ended = await process.ended
    const number = failedLine(ended.stderr)
    const words = ended.startError ?? (kernelWords(ended.stderr) || 'ip ended without a word')
    return { seen, failed: lead + (number ?? 1) - 1, words, isUnsure: number === undefined }
  }
  return { seen, words: '' }
}

interface Attempt {
  readonly seen: readonly unknown[]
  /** The position of the command that failed. */
  readonly failed?: number
  readonly words: string
  /** The program was killed: any of the commands may have been carried out. */
  readonly isUnsure?: boolean
}

const ownUndo = (command: Command): readonly Undo[] =>
  undoOf(command).map(({ words }) => ({ where: 'container', words }))

const outcomeOf = async (
  process: Coprocess,
  { items }: ContainerScript,
  seen: unknown[] = [],
): Promise<Attempt> => {
  for (;;) {
    const line = await process.line()
    if (line === undefined) {
      const ended = await process.ended
      if (ended.exitCode === 0) return { seen, words: '' }
      // Either the last run of lines, which took the shell's place, or the namespace could not be entered.
      const isEntered = failedLine(ended.stderr) !== undefined
      return { seen, ...failureIn(items, isEntered ? items.length - 1 : 0, ended) }
    }
    if (line === doneMark) return { seen, words: '' }
    if (line.startsWith(failureMark)) {
      return { seen, ...failureIn(items, Number(line.slice(1)), await process.ended) }
    }
    seen.push(line.startsWith(textMark) ? line.slice(1) : readingOf(line))
  }
}

const failureIn = (
  items: ContainerScript['items'],
  index: number,
  { stderr, startError, exitCode }: Ended,
): Required<Omit<Attempt, 'seen'>> => {
  const before = items.slice(0, index).reduce((sum, { commands }) => sum + commands.length, 0)
  const failed = before + (failedLine(stderr) ?? 1) - 1
  const words = startError ?? (kernelWords(stderr) || `exit code ${exitCode ?? 'none'}`)
  return { failed, words, isUnsure: exitCode === undefined && startError === undefined }
}
