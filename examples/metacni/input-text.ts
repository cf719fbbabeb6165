/**
 * Decides how a file that the user names is read: once, bounded, `-` is stdin. Refuses to read stdin twice, and what is
 * no regular file.
 */
import { at, failure, type Problem, type ProblemCode } from '../../lib/cni/problem.js'
import type { SourceText } from '../../lib/index.js'
import { readFileBounded, readStreamBounded } from '../../runners/node/bounded-read.js'
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

/** A reader for one command. The signal ends the waiting for stdin. */
export const createInputReader = (terminal: Terminal, signal?: AbortSignal): InputReader => {
  let isStdinTaken = false
  return {
    read: async (file, code, limitBytes) => {
      const isStdin = file === '-'
      const source = isStdin ? 'stdin' : file
      const unreadable = (why: string): InputText => ({
        ok: false,
        problem: failure(code, at(source), `cannot be read: ${why}`),
      })
      if (isStdin && isStdinTaken) return unreadable('stdin was read for another option already')
      if (isStdin) isStdinTaken = true
      const limit = limitBytes === undefined ? {} : { limitBytes }
      const text = isStdin
        ? await readStreamBounded(terminal.stdin, { ...limit, ...(signal && { signal }) })
        : readFileBounded(file, limitBytes)
      return text.ok ? { ok: true, value: { source, text: text.text } } : unreadable(text.message)
    },
  }
}
