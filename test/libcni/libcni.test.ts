import * as assert from 'uvu/assert'
import { describe } from '../suite.js'
import { judge, questionsOf, subjects } from './compare.js'
import { readKept } from './kept.js'
import { ask, buildOracle } from './oracle.js'
import type { Answer, Subject } from './subject.js'

/** Each question must be answered as Go answers it, or differently for a reason that has a name. */
const compare = async (
  subject: Subject,
  pairs: readonly (readonly [text: string, said: Answer])[],
): Promise<void> => {
  for (const [text, said] of pairs) {
    const verdict = await judge(subject, text, said)
    if (verdict.kind !== 'different') continue
    assert.equal(verdict.ours, verdict.theirs, `${subject.kind}: ${text.slice(0, 500)}`)
  }
}

describe('what libcni, skel and net of Go say (reference/cni.md 1.1 to 1.4, 2.1, 2.2, 3)', (it) => {
  const kept = readKept()
  for (const subject of subjects) {
    const pairs = kept
      .filter(({ kind }) => kind === subject.kind)
      .map(({ text, said }) => [text, said] as const)
    it(`is said here: ${subject.kind}, ${pairs.length} answers`, async () => {
      assert.ok(pairs.length > 50)
      await compare(subject, pairs)
    })
  }
})

const oracle = buildOracle()

describe('what they say when they are asked now', (it) => {
  for (const subject of subjects) {
    const title = `is said here: ${subject.kind}`
    if (!oracle.ok) it.skip(title, oracle.reason)
    else {
      const { program } = oracle
      it(title, async () => {
        const texts = questionsOf(subject, 1_000_000, 500)
        const answers = ask(
          program,
          texts.map((text) => ({ kind: subject.kind, text })),
        )
        await compare(
          subject,
          texts.map((text, index) => [text, answers[index] ?? {}] as const),
        )
      })
    }
  }
})
