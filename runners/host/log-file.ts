/**
 * Decides where log lines go: to stderr and to a file. Refuses to throw: a log that cannot be written is told once, on
 * stderr, and forgotten.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs'
import type { Clock, Log, LogLevel } from '../../lib/ports/index.js'
import { jsonLine, textLine } from './log-line.js'

/** How a log is written. */
export interface HostLogOptions {
  /** Lines below it are dropped: debug < info < error < panic. Default: `info`. */
  readonly level?: LogLevel
  /** Appended to as well; made with mode 0600 when missing, its directory is not. */
  readonly file?: string
  /** `text`: `key=value`. `json`: one object a line. Default: `text`. */
  readonly format?: 'text' | 'json'
  readonly clock: Clock
  /** Takes each line for stderr, with its newline. Default: descriptor 2. False: the file alone. */
  readonly stderr?: ((line: string) => void) | false
}

/** A Log whose file can be closed; it is opened again by the next line. */
export interface HostLog extends Log {
  close(): void
}

const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, error: 2, panic: 3 }

/** A Log on stderr and, when `file` is given, in a file. */
export const createHostLog = (options: HostLogOptions): HostLog => {
  const { level: least = 'info', format = 'text', clock, stderr = writeStderr } = options
  const complain = (line: string): void => attempt(() => (stderr || writeStderr)(line))
  const file = options.file === undefined ? undefined : createAppender(options.file, complain)
  return {
    write: (level, message, fields = {}) => {
      if (ranks[level] < ranks[least]) return
      attempt(() => {
        const line = `${(format === 'json' ? jsonLine : textLine)(clock, level, message, fields)}\n`
        if (stderr !== false) attempt(() => stderr(line))
        file?.append(line)
      })
    },
    close: () => file?.close(),
  }
}

interface Appender {
  append(line: string): void
  close(): void
}

const createAppender = (file: string, complain: (line: string) => void): Appender => {
  let descriptor: number | undefined
  let broken = false
  const close = (): void => {
    if (descriptor !== undefined) attempt(() => closeSync(descriptor as number))
    descriptor = undefined
  }
  return {
    append: (line) => {
      if (broken) return
      try {
        descriptor ??= openSync(file, flags, 0o600)
        writeSync(descriptor, line)
      } catch (error) {
        broken = true
        close()
        complain(`log file ${file} cannot be written: ${String(error)}\n`)
      }
    },
    close,
  }
}

// O_NONBLOCK: a pipe without a reader must not hold the plugin up.
const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants
const flags = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK

const writeStderr = (line: string): void => {
  writeSync(2, line)
}

const attempt = (work: () => void): void => {
  try {
    work()
  } catch {
    // There is nowhere left to tell it.
  }
}
