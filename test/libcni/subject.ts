/** What is compared with Go: questions, answers, and what of them is meant to be different. */
import type { Grammar } from '../fuzz/inputs.js'
import type { Random } from '../simulation/random.js'

/** What Go is asked. */
export interface Question {
  readonly kind: string
  readonly text: string
}

/** What was accepted, under a key of its own. What was refused has no key. */
export type Answer = Readonly<Record<string, unknown>>

/** One kind of question. */
export interface Subject extends Grammar {
  readonly kind: string
  /** The question that an input stands for; undefined where Go cannot be asked it, or would be asked something else. */
  question(input: string, random: Random): string | undefined
  /** What metacni answers. */
  answer(question: string): Answer | Promise<Answer>
  /** What Go said, without what metacni never says. */
  trim?(answer: Answer): Answer
  /** Why two answers may differ: the place in docs/compatibility.md. Undefined: they may not. */
  excuse?(question: string, ours: Answer, theirs: Answer): string | undefined
}
