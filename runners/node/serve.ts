/**
 * Decides how a Plugin lives in a process: environment, stdin, signals, stdout and exit code. Refuses to end before its
 * answer is written, and to wait for ever for the stdin of a VERSION.
 */
import { constants, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import type { Plugin } from '../../lib/plugin.js'
import type { Stored } from '../../lib/ports/index.js'
import { defaultLimit, readDescriptorBounded } from './bounded-read.js'
import { networkNamespaceAt } from './network-namespace.js'
import { isNotReady, pauseBriefly } from './pause.js'

/** How long a VERSION waits for its stdin, in milliseconds. */
export const versionPatience = 500

/**
 * Answers the one request that this process was started for, and sets the exit code. From the moment the request is
 * read, SIGTERM, SIGINT and SIGHUP fire the handler's signal: an ADD is undone before the process ends. Until then they
 * end it, as nothing has happened yet.
 */
export const servePlugin = async (plugin: Plugin): Promise<void> => {
  const controller = new AbortController()
  const interrupt = () => controller.abort()
  const response = await plugin.respond({
    env: process.env,
    readStdin: async (verb) => {
      if (verb === 'VERSION') return readSoon()
      const stdin = readAll()
      for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, interrupt)
      return stdin
    },
    isOwnNamespace: (path) => networkNamespaceAt(path).kind === 'same',
    signal: controller.signal,
  })
  writeAll(2, response.stderr)
  // A result that nobody got is no success.
  process.exit(writeAll(1, response.stdout) ? response.exitCode : 1)
}

const readAll = (): Stored<string> => {
  const text = readDescriptorBounded(0, defaultLimit)
  return text.ok ? { ok: true, value: text.text } : { ok: false, message: text.message }
}

/** A file is read to its end; of a pipe, what is there soon. A terminal is not asked. */
const readSoon = async (): Promise<Stored<string>> => {
  try {
    const kind = fstatSync(0)
    if (kind.isFile()) return readAll()
    if (kind.isFIFO()) return { ok: true, value: firstOfPipe() }
    if (kind.isSocket()) return { ok: true, value: await firstOfSocket() }
  } catch {
    // Closed, or no /proc: there is nothing to read.
  }
  return { ok: true, value: '' }
}

/**
 * What comes first through a pipe within the patience. A version object is small: that is all of it. Opened anew, the
 * pipe does not block us, and its other holders see nothing of it.
 */
const firstOfPipe = (): string => {
  const descriptor = openSync('/proc/self/fd/0', constants.O_RDONLY | constants.O_NONBLOCK)
  const chunk = Buffer.allocUnsafe(64 * 1024)
  for (let attempt = 0; attempt < versionPatience; attempt++) {
    try {
      return chunk.toString('utf8', 0, readSync(descriptor, chunk))
    } catch (error) {
      if (!isNotReady(error)) return ''
      pauseBriefly()
    }
  }
  return ''
}

/**
 * The same of a socket, which cannot be opened anew. A stream, since `fs.read` cannot be called off: the process could
 * not exit while it waits. Loading it takes 4 ms, but runtimes written in Go use pipes.
 */
const firstOfSocket = (): Promise<string> =>
  new Promise((resolve) => {
    const { stdin } = process
    const finish = (text: string): void => {
      clearTimeout(timer)
      stdin.destroy()
      resolve(text)
    }
    const timer = setTimeout(() => finish(''), versionPatience)
    stdin.setEncoding('utf8').once('data', finish)
    for (const end of ['end', 'error', 'close'] as const) stdin.on(end, () => finish(''))
  })

/** Writes everything, also to a pipe that is full at the moment. False: the reader is gone, or the disk is full. */
const writeAll = (descriptor: number, text: string): boolean => {
  const bytes = Buffer.from(text)
  let offset = 0
  while (offset < bytes.length) {
    try {
      offset += writeSync(descriptor, bytes, offset)
    } catch (error) {
      if (!isNotReady(error)) return false
      pauseBriefly()
    }
  }
  return true
}
