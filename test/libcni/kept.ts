/** Decides which of Go's answers are kept, so that those who have no Go can be held against them (answers.jsonl). */
import { readFileSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { Answer } from './subject.js'

const file = new URL('answers.jsonl', import.meta.url)

/** A question and what Go said. */
export interface Kept {
  readonly kind: string
  readonly text: string
  readonly said: Answer
}

/** Of each kind, of what Go takes and of what it refuses: so many, and so many characters. */
const most = 400
const longest = 25_000

/** All that is kept. */
export const readKept = (): readonly Kept[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Kept)

/** Chooses from what was asked, in its order, and writes it. */
export const writeKept = (asked: readonly Kept[]): void => {
  const kept = new Map<string, { count: number; length: number }>()
  const lines = asked.flatMap((one) => {
    const line = `${JSON.stringify(one)}\n`
    const answer = `${one.kind} ${isRefusal(one.said) ? 'refused' : 'taken'}`
    const { count, length } = kept.get(answer) ?? { count: 0, length: 0 }
    if (count >= most || length + line.length > longest) return []
    kept.set(answer, { count: count + 1, length: length + line.length })
    return [line]
  })
  writeFileSync(file, lines.join(''))
}

/** Whether Go takes nothing of a question. */
export const isRefusal = (said: Answer): boolean =>
  isDeepStrictEqual(said, {}) ||
  said.code !== undefined ||
  Object.values(said).every((one) => one === false)
