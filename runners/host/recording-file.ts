/**
 * Decides where recordings lie: appended to a file that is named, or each in a new file of a directory; mode 0600. Refuses
 * what is no regular file, so that no pipe holds an operation up, and a file that holds something else.
 */
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Stored } from '../../lib/ports/index.js'

/** A file of recordings, open. */
export interface RecordingFile {
  readonly file: string
  /** Appends a line whole, or throws what the system says. */
  write(line: string): void
  close(): void
}

/**
 * Opens a file for recordings and makes it when it is missing, its directory not. What a crash cut short stays a line of
 * its own. A file that begins with something else than a recording is left as it is.
 */
export const openRecordingFile = (file: string): Stored<RecordingFile> => open(file, 0)

/** Makes a new file in a directory, whose name begins with the time: the names are in the order of the beginnings. */
export const openRecordingIn = (directory: string, now: number): Stored<RecordingFile> => {
  const time = new Date(now).toISOString().replaceAll(/[-:]/g, '')
  // The global `crypto` is loaded when it is used; node:crypto would be at every start.
  const name = `${time}-${process.pid}-${crypto.randomUUID().slice(0, 8)}.jsonl`
  return open(join(directory, name), constants.O_EXCL)
}

// O_NONBLOCK: a pipe without a reader is refused and not waited for. Reading: whether the last line is whole.
const { O_RDWR, O_APPEND, O_CREAT, O_NONBLOCK, O_NOCTTY } = constants
const flags = O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY

const open = (file: string, more: number): Stored<RecordingFile> => {
  let descriptor: number | undefined
  try {
    descriptor = openSync(file, flags | more, 0o600)
    const stats = fstatSync(descriptor)
    if (!stats.isFile()) {
      closeSync(descriptor)
      return { ok: false, message: `${file} is not a regular file` }
    }
    if (stats.size > 0 && !isRecording(descriptor, stats.size)) {
      closeSync(descriptor)
      return { ok: false, message: `${file} holds something else than recordings` }
    }
    if (stats.size > 0 && !endsLine(descriptor, stats.size)) writeSync(descriptor, '\n')
    return { ok: true, value: recordingFile(file, descriptor) }
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor)
    const reason = error instanceof Error ? error.message : String(error)
    return { ok: false, message: reason }
  }
}

/** How a line of a recording begins. Blanks are for those that somebody has gone over. */
const beginning = /^\s*\{\s*"(?:recording"\s*:\s*"metacni"|operation"\s*:\s*")/
const beginnings = ['{"recording":"metacni"', '{"operation":"']

/** By its first characters: the first line alone may have megabytes. It may have been cut short, as after a crash. */
const isRecording = (descriptor: number, size: number): boolean => {
  const head = Buffer.alloc(Math.min(size, 4096))
  const text = head.toString('utf8', 0, readSync(descriptor, head, 0, head.length, 0))
  if (beginning.test(text)) return true
  const isWhole = size <= head.length
  return isWhole && beginnings.some((one) => one.startsWith(text.trim()))
}

const endsLine = (descriptor: number, size: number): boolean => {
  const last = Buffer.alloc(1)
  return readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] === newline
}

const newline = 0x0a

const recordingFile = (file: string, opened: number): RecordingFile => {
  let descriptor: number | undefined = opened
  return {
    file,
    write: (line) => {
      if (descriptor === undefined) return
      const bytes = Buffer.from(line)
      // A full disk takes a part of it.
      for (let from = 0; from < bytes.length; ) from += writeSync(descriptor, bytes, from)
    },
    close: () => {
      if (descriptor !== undefined) closeSync(descriptor)
      descriptor = undefined
    },
  }
}
