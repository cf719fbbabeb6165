/**
 * Decides how a Plugin lives in a process: environment, stdin, signals, stdout and exit code. Refuses to end before its
 * answer is written, without a word where it cannot be.
 */
import { writeSync } from 'node:fs'
import { requestLimits } from '../../lib/cni/json.js'
import type { PluginResponse } from '../../lib/cni/plugin-response.js'
import type { Plugin } from '../../lib/plugin.js'
import type { Stored } from '../../lib/ports/index.js'
import { readDescriptorBounded } from './bounded-read.js'
import { answerOrLoss } from './lost-answer.js'
import { namespacePlace, networkNamespaceAt } from './network-namespace.js'
import { isNotReady, pauseBriefly } from './pause.js'
import { readVersionStdin } from './version-stdin.js'

/** What else a process does. */
export interface ServeOptions {
  /** Told when the answer cannot be written to stdout, and why. Default: a line on stderr. */
  readonly onUnwritten?: (why: string, response: PluginResponse) => void
}

/**
 * Answers the one request that this process was started for, and sets the exit code. From the moment the request is
 * read, SIGTERM, SIGINT and SIGHUP fire the handler's signal: an ADD is undone before the process ends. Until then they
 * end it, as nothing has happened yet. A handler that never answers or ends the process itself, and an error that
 * nobody catches while it runs, are code 999. What it prints through process.stdout or the console goes to stderr.
 */
export const servePlugin = async (
  plugin: Plugin,
  { onUnwritten = complain }: ServeOptions = {},
): Promise<void> => {
  const controller = new AbortController()
  const interrupt = () => controller.abort()
  const answer = (response: PluginResponse): number => {
    writeAll(2, response.stderr)
    const fault = writeAll(1, response.stdout)
    if (fault === undefined) return response.exitCode
    try {
      onUnwritten(fault, response)
    } catch {
      complain(fault)
    }
    return 1 // A result that nobody got is no success.
  }
  await answerOrLoss(
    (begin) =>
      plugin.respond({
        env: process.env,
        readStdin: async (verb) => {
          if (verb === 'VERSION') return { ok: true, value: await readVersionStdin() }
          const stdin = readAll()
          for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, interrupt)
          begin(verb, stdin.ok ? stdin.value : '')
          return stdin
        },
        isOwnNamespace: (path) => networkNamespaceAt(path).kind === 'same',
        namespaceId: (path) => namespacePlace(path).netnsId,
        signal: controller.signal,
      }),
    answer,
  )
}

const complain = (why: string): void => {
  writeAll(2, `the answer cannot be written to stdout: ${why}\n`)
}

const readAll = (): Stored<string> => {
  const text = readDescriptorBounded(0, requestLimits.length)
  return text.ok ? { ok: true, value: text.text } : { ok: false, message: text.message }
}

/** Writes everything, also to a pipe that is full at the moment. Why not: the reader is gone, or the disk is full. */
const writeAll = (descriptor: number, text: string): string | undefined => {
  const bytes = Buffer.from(text)
  let offset = 0
  while (offset < bytes.length) {
    try {
      offset += writeSync(descriptor, bytes, offset)
    } catch (error) {
      if (!isNotReady(error)) return error instanceof Error ? error.message : String(error)
      pauseBriefly()
    }
  }
  return undefined
}
