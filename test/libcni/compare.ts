/** Decides whether metacni and Go say the same of the input of a seed. */
import { isDeepStrictEqual } from 'node:util'
import { makeInput } from '../fuzz/inputs.js'
import { randomFrom } from '../simulation/random.js'
import { list, single } from './configurations.js'
import { request } from './requests.js'
import { result, versionReply } from './results.js'
import type { Answer, Subject } from './subject.js'
import { address, name, version } from './texts.js'

/** All that is compared. */
export const subjects: readonly Subject[] = [
  address,
  name,
  version,
  result,
  versionReply,
  list,
  single,
  request,
]

/** What came of one comparison. */
export type Verdict =
  | { readonly kind: 'same' }
  | { readonly kind: 'meant'; readonly why: string }
  | { readonly kind: 'different'; readonly ours: Answer; readonly theirs: Answer }

/** The question of a seed, or undefined when it cannot be asked. */
export const questionOf = (subject: Subject, seed: number): string | undefined => {
  const random = randomFrom(seed)
  return subject.question(makeInput(random, subject), random)
}

/** The questions of so many seeds, and those of the samples. */
export const questionsOf = (subject: Subject, from: number, count: number): readonly string[] => {
  const random = randomFrom(from)
  const made = Array.from({ length: count }, (_, index) => questionOf(subject, from + index))
  const plain = subject.samples.map((sample) => subject.question(sample, random))
  return [...new Set([...plain, ...made])].filter((one) => one !== undefined)
}

/** Compares what is said of a question. */
export const judge = async (subject: Subject, question: string, said: Answer): Promise<Verdict> => {
  const theirs = subject.trim === undefined ? said : subject.trim(said)
  // As JSON, in which Go speaks: without what is undefined.
  const ours = JSON.parse(JSON.stringify(await subject.answer(question))) as Answer
  if (isDeepStrictEqual(ours, theirs)) return { kind: 'same' }
  const why = subject.excuse?.(question, ours, theirs)
  return why === undefined ? { kind: 'different', ours, theirs } : { kind: 'meant', why }
}
