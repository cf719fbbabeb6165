/**
 * Decides whether two engines did the same: step by step the outcome, the result and the state of the node. After a
 * failed ADD nothing may be left (the binaries leave their interface; a native engine must not), and from there on it is
 * what is left in the end that counts.
 */
import type { Answer } from '../../lib/cni/invocation.js'
import { falseClaims } from './claims.js'
import { type Difference, describeDifference, differences, partOf } from './difference.js'
import { leftovers } from './leftovers.js'
import { type NormalReading, normalReading, normalResult } from './normal-form.js'
import type { Row, Step } from './row.js'
import type { Run } from './worker.js'

/** What is said of a row. `same` has no faults; `impossible` has the kernel's words. */
export type Verdict =
  | { readonly kind: 'same'; readonly note?: string }
  | { readonly kind: 'different'; readonly faults: readonly string[] }
  | { readonly kind: 'impossible'; readonly reason: string }

/** How strict to be. */
export interface Strictness {
  /** A failed ADD must leave nothing, whatever the reference leaves. Default: leaving what it leaves will do. */
  readonly cleanFailures?: boolean
}

const said = (answer: Answer): string => {
  if (answer.kind === 'success') return 'success'
  if (answer.kind === 'none') return `no answer: ${answer.reason.message}`
  return `${answer.error.code} ${[answer.error.msg, answer.error.details].filter(Boolean).join(': ')}`
}

const titleOf = (step: Step, index: number): string =>
  `step ${index + 1} (${[step.verb, step.container, step.ifname].filter(Boolean).join(' ')})`

/** What a kernel says that was built without something. */
const isKernelLacking = (text: string): boolean =>
  /not supported|unknown device type|missing kernel module|function not implemented/i.test(text)

/** How an answer misses what the row expects of the step, a line each. */
export const outcomeFaults = (step: Step, answer: Answer): readonly string[] => {
  if (step.flaw !== undefined && answer.kind === 'refused' && step.flaw.test(said(answer)))
    return []
  if (step.fails === undefined) {
    return answer.kind === 'success' ? [] : [`success expected: ${said(answer)}`]
  }
  if (answer.kind === 'success') return ['it should fail, and succeeds']
  if (answer.kind === 'none') return [said(answer)]
  const { code, says } = step.fails
  return [
    ...(answer.error.code === code ? [] : [`code ${code} expected: ${said(answer)}`]),
    ...(says.test(said(answer)) ? [] : [`a message like ${says} expected: ${said(answer)}`]),
  ]
}

/** Which attachments there should be after each step: a failed ADD leaves none, and asks for a DEL. */
const attachmentsAfter = (row: Row): readonly number[] => {
  const there = new Set<string>()
  return row.steps.map((step) => {
    const key = `${step.container ?? 'a'} ${step.ifname ?? 'eth0'}`
    if (step.verb === 'ADD' && step.fails === undefined) there.add(key)
    if (step.verb === 'DEL' && step.fails === undefined) there.delete(key)
    return there.size
  })
}

interface Seen {
  readonly first: NormalReading
  readonly readings: readonly NormalReading[]
}
const see = (row: Row, run: Run & { kind: 'run' }): Seen => ({
  first: normalReading(run.first, run.first, row),
  readings: run.steps.map(({ reading }) => normalReading(reading, run.first, row)),
})

const lines = (found: readonly Difference[], width: number): readonly string[] =>
  found.map((one) => describeDifference(one, width))

const isForgotten = (pointer: string): boolean => /^\/(host\/tables6?|files)(\/|$)/.test(pointer)

const isAsBefore = (first: NormalReading, pointer: string, actual: unknown): boolean =>
  differences(partOf(first, pointer), actual).length === 0

/** Compares two runs of a row; `reference` is right. `width`: how much of a value to show, in characters. */
export const judge = (
  row: Row,
  reference: Run,
  candidate: Run,
  { cleanFailures = false }: Strictness = {},
  width = 60,
): Verdict => {
  if (reference.kind === 'impossible') return reference
  if (candidate.kind === 'impossible') return candidate
  if (reference.kind !== 'run' || candidate.kind !== 'run') throw new Error('not two runs')
  const faults: string[] = []
  const [right, seen] = [see(row, reference), see(row, candidate)]
  const attached = attachmentsAfter(row)
  let hasFailed = false
  for (const [index, step] of row.steps.entries()) {
    const [expected, actual] = [reference.steps[index], candidate.steps[index]]
    const [state, now] = [right.readings[index], seen.readings[index]]
    if (!expected || !actual || !state || !now) throw new Error(`${row.name}: a step is missing`)
    const add = (...found: readonly string[]): void => {
      faults.push(...found.map((fault) => `${titleOf(step, index)}: ${fault}`))
    }
    const own = outcomeFaults(step, expected.answer)
    if (own.length > 0) {
      if (isKernelLacking(said(expected.answer))) {
        return { kind: 'impossible', reason: said(expected.answer) }
      }
      add(...own.map((fault) => `the row is wrong of the binary: ${fault}`))
    }
    add(...outcomeFaults(step, actual.answer))
    const results = [
      normalResult(expected.result, expected.reading, reference.first, row),
      normalResult(actual.result, actual.reading, candidate.first, row),
    ]
    if (step.verb === 'ADD' && expected.answer.kind === 'success') {
      if (row.flawedResult === undefined) {
        add(...lines(differences(results[0], results[1], '/result'), width))
      }
      const honest = falseClaims(expected.result, expected.reading)
      add(...falseClaims(actual.result, actual.reading).filter((one) => !honest.includes(one)))
    }
    const mayFail = step.fails !== undefined || step.flaw !== undefined
    if (mayFail && step.verb !== 'CHECK') hasFailed = true
    const unlike = differences(state, now).filter(
      // What the binaries forget to take away, another engine may.
      ({ pointer, actual }) =>
        step.verb !== 'DEL' || !isForgotten(pointer) || !isAsBefore(seen.first, pointer, actual),
    )
    if (unlike.length > 0 && !hasFailed) add(...lines(unlike, width))
    if (step.verb === 'ADD' && step.fails !== undefined && (cleanFailures || unlike.length > 0)) {
      add(...leftovers(seen.readings[index - 1] ?? seen.first, now).map((one) => `left: ${one}`))
    }
    if (step.verb === 'DEL' && attached[index] === 0) {
      const known = leftovers(right.first, state)
      const left = leftovers(seen.first, now).filter((one) => !known.includes(one))
      add(...left.map((one) => `left: ${one}`))
    }
  }
  return faults.length === 0 ? { kind: 'same' } : { kind: 'different', faults }
}

/** What is left after a step; a container's own interface may be gone, whoever made it. */
const leftAfter = (run: Seen, index: number): readonly string[] => {
  const now = run.readings[index]
  return now ? leftovers(run.first, now).filter((one) => !one.endsWith('nothing found')) : []
}

/**
 * Judges a run whose ADD and whose CHECK and DEL are of different engines: all goes well, and nothing is left. What the
 * reference leaves, too, when it is alone is not held against the pair.
 */
export const judgeCross = (row: Row, run: Run, reference?: Run): Verdict => {
  if (run.kind === 'impossible') return run
  if (run.kind !== 'run') throw new Error('not a run')
  const seen = see(row, run)
  const own = reference?.kind === 'run' ? see(row, reference) : undefined
  const attached = attachmentsAfter(row)
  const faults = row.steps.flatMap((step, index) => {
    const [made, now] = [run.steps[index], seen.readings[index]]
    if (!made || !now) return ['a step is missing']
    const known = own === undefined ? [] : leftAfter(own, index)
    const isOver = step.verb === 'DEL' && attached[index] === 0
    const left = isOver ? leftAfter(seen, index).filter((one) => !known.includes(one)) : []
    return [...outcomeFaults(step, made.answer), ...left.map((one) => `left: ${one}`)].map(
      (fault) => `${titleOf(step, index)}: ${fault}`,
    )
  })
  return faults.length === 0 ? { kind: 'same' } : { kind: 'different', faults }
}
