/**
 * Decides how an io-ts failure reads: one Problem a wrong field, with a JSON Pointer to it. Refuses io-ts's own
 * PathReporter, whose text for one wrong field fills a screen (docs/decisions.md).
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { at, failure, type Problem, type ProblemCode, quote } from './problem.js'

/** The Problems of a failed decoding; none when it succeeded. `keys` lead to the decoded value inside `source`. */
export const reportFailures = (
  validation: t.Validation<unknown>,
  code: ProblemCode,
  source: string,
  keys: readonly (string | number)[] = [],
): readonly Problem[] => {
  if (!isLeft(validation)) return []
  const seen = new Map<string, Problem>()
  for (const error of validation.left) {
    const path = at(source, ...keys, ...pointerOf(error.context))
    const expected = error.context[error.context.length - 1]?.type.name ?? 'another value'
    const message = error.message ?? `expected ${expected}, got ${quote(error.value)}`
    if (!seen.has(path)) seen.set(path, failure(code, path, message))
  }
  return [...seen.values()]
}

// The members of an intersection or a union appear in the context under their index: no part of the input's path.
const pointerOf = (context: t.Context): readonly string[] => {
  const keys: string[] = []
  for (let i = 1; i < context.length; i++) {
    const parent = (context[i - 1]?.type as { readonly _tag?: string } | undefined)?._tag
    const key = context[i]?.key
    if (parent !== 'IntersectionType' && parent !== 'UnionType' && key !== undefined) keys.push(key)
  }
  return keys
}
