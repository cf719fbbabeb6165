/** Decides how two values differ: by JSON pointers to the smallest parts that are not the same. */
import { isObject } from '../../lib/cni/json.js'

/** One place, and what each side has there; undefined where it has nothing. */
export interface Difference {
  readonly pointer: string
  readonly expected: unknown
  readonly actual: unknown
}

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')

const isEqual = (one: unknown, other: unknown): boolean => differences(one, other).length === 0

/** Elements of one list that the other lacks, in order; empty when the lists have the same elements. */
const missing = (list: readonly unknown[], other: readonly unknown[]): readonly unknown[] => {
  const rest = [...other]
  return list.filter((one) => {
    const index = rest.findIndex((candidate) => isEqual(one, candidate))
    if (index >= 0) rest.splice(index, 1)
    return index < 0
  })
}

/** All differences, in the order of the keys. */
export const differences = (
  expected: unknown,
  actual: unknown,
  pointer = '',
): readonly Difference[] => {
  if (Object.is(expected, actual)) return []
  const one = { pointer, expected, actual }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length && !expected.every(isObject)) {
      // Of words, such as flags, the ones that differ say more than all of them.
      const lacks = missing(expected, actual)
      const adds = missing(actual, expected)
      return lacks.length + adds.length === 0 ? [one] : [{ pointer, expected: lacks, actual: adds }]
    }
    const length = Math.max(expected.length, actual.length)
    return Array.from({ length }, (_, index) =>
      differences(expected[index], actual[index], `${pointer}/${index}`),
    ).flat()
  }
  if (isObject(expected) && isObject(actual)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].sort()
    return keys.flatMap((key) =>
      differences(
        Object.hasOwn(expected, key) ? expected[key] : undefined,
        Object.hasOwn(actual, key) ? actual[key] : undefined,
        `${pointer}/${escaped(key)}`,
      ),
    )
  }
  return [one]
}

/** The part of a value that a pointer names; undefined where there is none. */
export const partOf = (value: unknown, pointer: string): unknown => {
  const keys = pointer.split('/').slice(1)
  return keys.reduce((part: unknown, key) => {
    const name = key.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(part)) return part[Number(name)]
    return isObject(part) && Object.hasOwn(part, name) ? part[name] : undefined
  }, value)
}

/** A value on one line, cut where it gets long. */
const brief = (value: unknown, width: number): string => {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length <= width ? text : `${text.slice(0, width - 3)}...`
}

/** A difference on one line. */
export const describeDifference = ({ pointer, expected, actual }: Difference, width = 60): string =>
  `${pointer || '/'}: ${brief(expected, width)} expected, ${brief(actual, width)} found`
