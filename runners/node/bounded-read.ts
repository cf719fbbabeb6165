/**
 * Decides how much of a file or a stream is read: 1 MiB unless told otherwise, and as long as the caller allows.
 * Refuses what is not a regular file, so that no pipe in a directory can hang the reader.
 */
import { constants } from 'node:fs'
import type { Readable } from 'node:stream'
import { onAbort } from './abort.js'
import { type FileSystem, machineFiles } from './file-system.js'
import { isNotReady, pauseBriefly } from './pause.js'

/** The most that is read by default: 1 MiB, in bytes. */
export const defaultLimit = 1024 * 1024

/** A text, or why there is none. `code` is an errno name, or one of ours in capitals: it says which. */
export type Text =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly code: string; readonly message: string }

/** `code` of a Text that was longer than the limit. */
export const tooLarge = 'TOO_LARGE'
/** `code` of a file that is a pipe, a device, a socket. */
export const notRegular = 'NOT_REGULAR'
/** `code` of a stream that did not end in time. */
export const timedOut = 'TIMED_OUT'
/** `code` of a stream whose reader lost patience. */
export const aborted = 'ABORTED'

/** Whether a `code` says that no text can be there. Every other one may be the disk's fault, and a text be there. */
export const isNoText = (code: string): boolean =>
  ['ENOENT', 'EISDIR', 'ELOOP', 'ENXIO', notRegular, tooLarge].includes(code)

/** A regular file's text, as UTF-8; symbolic links are followed. A directory is refused with `EISDIR`. */
export const readFileBounded = (
  file: string | Buffer,
  limitBytes: number = defaultLimit,
  files: FileSystem = machineFiles,
): Text => {
  let descriptor: number | undefined
  try {
    // Without O_NONBLOCK, opening a pipe that has no writer would wait for one.
    descriptor = files.openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
    const stats = files.fstatSync(descriptor, { bigint: true })
    if (stats.isDirectory()) return failed('EISDIR', 'EISDIR: it is a directory')
    if (!stats.isFile()) return failed(notRegular, 'it is not a regular file')
    return readDescriptorBounded(descriptor, limitBytes, files)
  } catch (error) {
    return failureOf(error)
  } finally {
    if (descriptor !== undefined) files.closeSync(descriptor)
  }
}

/**
 * The text of an open descriptor up to its end, as UTF-8. Blocks as long as the other side does not write, also where
 * that side made the descriptor a non-blocking one: for stdin of a program whose caller is trusted to close it.
 */
export const readDescriptorBounded = (
  descriptor: number,
  limitBytes: number = defaultLimit,
  files: Pick<FileSystem, 'readSync'> = machineFiles,
): Text => {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(Math.min(64 * 1024, limitBytes + 1 - length))
      const count = readWaiting(descriptor, chunk, files)
      if (count === 0) return { ok: true, text: Buffer.concat(chunks).toString('utf8') }
      length += count
      if (length > limitBytes) return overLimit(limitBytes)
      chunks.push(chunk.subarray(0, count))
    }
  } catch (error) {
    return failureOf(error)
  }
}

const readWaiting = (
  descriptor: number,
  chunk: Buffer,
  files: Pick<FileSystem, 'readSync'>,
): number => {
  for (;;) {
    try {
      return files.readSync(descriptor, chunk, 0, chunk.length, null)
    } catch (error) {
      if (!isNotReady(error)) throw error
      pauseBriefly()
    }
  }
}

/** Bounds of a stream. */
export interface StreamBounds {
  /** In bytes. Default: 1 MiB. */
  readonly limitBytes?: number
  /** How long until its end, in milliseconds. Default: for ever. */
  readonly milliseconds?: number
  /** Ends the reading. */
  readonly signal?: AbortSignal
}

/** A stream's text up to its end, as UTF-8. A stream that passes a bound is destroyed. Never rejects. */
export const readStreamBounded = (stream: Readable, bounds: StreamBounds = {}): Promise<Text> => {
  const { limitBytes = defaultLimit, milliseconds, signal } = bounds
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let length = 0
    let timer: NodeJS.Timeout | undefined
    const finish = (text: Text): void => {
      clearTimeout(timer)
      release?.()
      if (!text.ok) stream.destroy()
      resolve(text)
    }
    const abort = (): void => finish(failed(aborted, 'reading was given up'))
    stream.on('error', (error) => finish(failureOf(error)))
    stream.on('close', () => finish(failed('EPIPE', 'it was closed before its end')))
    stream.on('end', () => finish({ ok: true, text: Buffer.concat(chunks).toString('utf8') }))
    stream.on('data', (data: Buffer | string) => {
      const chunk = typeof data === 'string' ? Buffer.from(data) : data
      length += chunk.length
      if (length > limitBytes) finish(overLimit(limitBytes))
      else chunks.push(chunk)
    })
    const release = signal && onAbort(signal, abort)
    if (signal?.aborted) return abort()
    if (milliseconds === undefined) return
    timer = setTimeout(
      () => finish(failed(timedOut, `it did not end within ${milliseconds} ms`)),
      milliseconds,
    )
  })
}

const overLimit = (limitBytes: number): Text =>
  failed(tooLarge, `it is longer than ${limitBytes} bytes`)

const failed = (code: string, message: string): Text => ({ ok: false, code, message })

const failureOf = (error: unknown): Text => {
  const { code, message } = error as Partial<NodeJS.ErrnoException>
  return failed(code ?? 'UNKNOWN', message ?? String(error))
}
