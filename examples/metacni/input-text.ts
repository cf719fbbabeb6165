/**
 * Decides how a file that the user names is read: once, bounded, `-` is stdin. Refuses to read stdin twice, and what is
 * no regular file.
 */
import { createReadStream } from 'node:fs'
import { at, failure, type Problem, type ProblemCode } from '../../lib/cni/problem.js'
import type { SourceText } from '../../lib/index.js'
import { notRegular, readFileBounded, readStreamBounded } from '../../runners/node/bounded-read.js'
import type { Terminal } from './terminal.js'

/** A text, or the problem that kept it from being read. */
export type InputText =
  | { readonly ok: true; readonly value: SourceText }
  | { readonly ok: false; readonly problem: Problem }

/** Reads the files that the options of one command name. */
export interface InputReader {
  /** `code` is that of the problem when the file cannot be read. */
  read(file: string, code: ProblemCode, limitBytes?: number): Promise<InputText>
}

/** What a shell makes of `<(command)`: a pipe that somebody writes to. Any other pipe may have no writer for ever. */
const passedDescriptor = /^\/(dev|proc\/self)\/fd\/\d+$/

/** A reader for one command. The signal ends the waiting for stdin. */
export const createInputReader = (terminal: Terminal, signal?: AbortSignal): InputReader => {
  let isStdinTaken = false
  return {
    read: async (file, code, limitBytes) => {
      // /dev/stdin cannot be opened where it is a socket.
      const isStdin = file === '-' || file === '/dev/stdin'
      const source = isStdin ? 'stdin' : file
      const unreadable = (why: string, hint?: string): InputText => ({
        ok: false,
        problem: failure(code, at(source), `cannot be read: ${why}`, hint),
      })
      if (isStdin && isStdinTaken) return unreadable('stdin was read for another option already')
      if (isStdin) isStdinTaken = true
      const bounds = { ...(limitBytes && { limitBytes }), ...(signal && { signal }) }
      const text = isStdin
        ? await readStreamBounded(terminal.stdin, bounds)
        : passedDescriptor.test(file)
          ? await readStreamBounded(createReadStream(file), bounds)
          : readFileBounded(file, limitBytes)
      if (text.ok) return { ok: true, value: { source, text: text.text } }
      return unreadable(text.message, text.code === notRegular ? '- reads stdin' : undefined)
    },
  }
}
