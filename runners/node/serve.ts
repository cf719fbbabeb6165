/**
 * Decides how a Plugin lives in a process: environment, stdin, signals, stdout and exit code. Refuses to end before its
 * answer is written, and to wait for ever for the stdin of a VERSION.
 */
import { fstatSync, read, writeSync } from 'node:fs'
import type { Plugin } from '../../lib/plugin.js'
import type { Stored } from '../../lib/ports/index.js'
import { defaultLimit, readDescriptorBounded } from './bounded-read.js'
import { networkNamespaceAt } from './network-namespace.js'

/** How long a VERSION waits for its stdin, in milliseconds. */
export const versionPatience = 500

/**
 * Answers the one request that this process was started for, and sets the exit code. SIGTERM, SIGINT and SIGHUP fire
 * the handler's signal: an ADD is undone before the process ends.
 */
export const servePlugin = async (plugin: Plugin): Promise<void> => {
  const controller = new AbortController()
  const interrupt = () => controller.abort()
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, interrupt)
  const response = await plugin.respond({
    env: process.env,
    readStdin: async (verb) => (verb === 'VERSION' ? readSoon() : readAll()),
    isOwnNamespace: (path) => networkNamespaceAt(path).kind === 'same',
    signal: controller.signal,
  })
  writeAll(2, response.stderr)
  writeAll(1, response.stdout)
  process.exit(response.exitCode)
}

const readAll = (): Stored<string> => {
  const text = readDescriptorBounded(0, defaultLimit)
  return text.ok ? { ok: true, value: text.text } : { ok: false, message: text.message }
}

/** A file is read to its end; of a pipe, what is there soon. A terminal is not asked. */
const readSoon = (): Promise<Stored<string>> => {
  const nothing = { ok: true, value: '' } as const
  try {
    const kind = fstatSync(0)
    if (kind.isFile()) return Promise.resolve(readAll())
    if (!kind.isFIFO() && !kind.isSocket()) return Promise.resolve(nothing)
  } catch {
    return Promise.resolve(nothing)
  }
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(nothing), versionPatience)
    // A version object is small: the first bytes that come are all of it.
    read(0, Buffer.alloc(64 * 1024), 0, 64 * 1024, null, (error, count, buffer) => {
      clearTimeout(timer)
      resolve(error ? nothing : { ok: true, value: buffer.toString('utf8', 0, count) })
    })
  })
}

/** Writes everything, also to a pipe that is full at the moment. A reader that is gone is no reason to fail. */
const writeAll = (descriptor: number, text: string): void => {
  const bytes = Buffer.from(text)
  let offset = 0
  while (offset < bytes.length) {
    try {
      offset += writeSync(descriptor, bytes, offset)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }
}
