/**
 * Decides what a fuzzed input looks like: a valid one that was changed, as a value or as a text, or something made up of the
 * grammar's own pieces. Equal choices, equal inputs.
 */
import type { Random } from '../simulation/random.js'

/** What a decoder is fed from. */
export interface Grammar {
  /** Inputs that are right: most others are made of them. */
  readonly samples: readonly string[]
  /** Whether they are JSON: then they are changed as values, too. */
  readonly isJson: boolean
  /** Pieces of the grammar, beside those that every grammar gets. */
  readonly pieces: readonly string[]
}

/** Keys that reach a prototype when they are assigned, and keys that look like nothing. */
const keys = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '', ' ', '0']

const texts = [
  ...keys,
  ...[
    'ADD',
    'eth0',
    'a',
    'A',
    '.',
    '..',
    '../../etc/passwd',
    '/',
    '/etc/passwd',
    'a/b',
    '-a',
    'a b',
  ],
  ...[
    '10.0.0.2/24',
    '10.0.0.02/24',
    '::ffff:10.0.0.2/120',
    'fe80::1%eth0',
    '::/0',
    '1.2.3.4',
    '::',
  ],
  ...[
    '0.1.0',
    '0.2.0',
    '0.3.1',
    '0.4.0',
    '1.0.0',
    '1.1.0',
    '1.2.0',
    '01',
    '+1',
    '1.0.0-rc1',
    'junk',
  ],
  ...[
    'true',
    'null',
    '0a:58:0a:f4:02:06',
    'x'.repeat(16),
    'é'.repeat(8),
    '%s%n',
    '$(id)',
    '`id`',
    ';',
  ],
  ...[
    '\0',
    '\u0085',
    '\u00a0',
    '\ufeff',
    '\u2028',
    '\ud800',
    '\u{1f600}',
    '\x1b[31m',
    '\n',
    '\\',
    '"',
  ],
]

const numbers = [
  0,
  -0,
  1,
  -1,
  0.5,
  1e300,
  -1e300,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 53 + 2,
  255,
  65536,
]

/** A text that some decoder may take for something. */
export const anyText = (random: Random, pieces: readonly string[] = []): string => {
  if (random.oneIn(40)) return random.pick(texts).repeat(random.below(2000))
  const pool = pieces.length > 0 && random.oneIn(2) ? pieces : texts
  if (random.oneIn(3)) return random.pick(pool) + random.pick(texts)
  return random.pick(pool)
}

const maximumDepth = 3

/** A JSON value of any shape; its objects have hostile keys as their own. */
export const anyValue = (random: Random, pieces: readonly string[], depth = 0): unknown => {
  const kind = random.below(depth < maximumDepth ? 9 : 6)
  if (kind === 0) return null
  if (kind === 1) return random.oneIn(2)
  if (kind === 2) return random.pick(numbers)
  if (kind < 6) return anyText(random, pieces)
  const length = random.oneIn(20) ? random.below(200) : random.below(4)
  const items = Array.from({ length }, () => anyValue(random, pieces, depth + 1))
  if (kind === 6) return items
  return Object.fromEntries(items.map((item) => [anyKey(random, pieces), item]))
}

const anyKey = (random: Random, pieces: readonly string[]): string =>
  random.oneIn(3) || pieces.length === 0 ? random.pick(keys) : random.pick(pieces)

/** An input for a decoder. */
export const makeInput = (random: Random, { samples, isJson, pieces }: Grammar): string => {
  const choice = random.below(20)
  if (choice === 0) return anyText(random, pieces)
  if (choice < 3) return madeUp(random, isJson, pieces)
  let text = random.pick(samples)
  if (isJson && choice < 13) text = changeValues(random, text, samples, pieces)
  if (!isJson || choice >= 11) {
    for (let times = 1 + random.below(3); times > 0; times--)
      text = changeText(random, text, pieces)
  }
  return text
}

const madeUp = (random: Random, isJson: boolean, pieces: readonly string[]): string => {
  if (isJson) return JSON.stringify(anyValue(random, pieces))
  return Array.from({ length: random.below(12) }, () => anyText(random, pieces)).join('')
}

/** The text of a value in which one to three places are something else. */
const changeValues = (
  random: Random,
  text: string,
  samples: readonly string[],
  pieces: readonly string[],
): string => {
  let value: unknown = JSON.parse(text)
  for (let times = 1 + random.below(3); times > 0; times--) {
    value = changeValue(random, value, samples, pieces)
  }
  return JSON.stringify(value)
}

const changeValue = (
  random: Random,
  value: unknown,
  samples: readonly string[],
  pieces: readonly string[],
): unknown => {
  const inner = (one: unknown) => changeValue(random, one, samples, pieces)
  const isInner = typeof value === 'object' && value !== null && !random.oneIn(6)
  if (isInner && Array.isArray(value)) {
    if (value.length === 0 || random.oneIn(6)) return changeList(random, value, pieces)
    const at = random.below(value.length)
    return value.map((one, index) => (index === at ? inner(one) : one))
  }
  if (isInner) {
    const entries = Object.entries(value)
    if (entries.length === 0 || random.oneIn(5)) {
      return Object.fromEntries(changeEntries(random, entries, pieces))
    }
    const at = random.below(entries.length)
    return Object.fromEntries(
      entries.map(([key, one], index) => [key, index === at ? inner(one) : one]),
    )
  }
  if (random.oneIn(12)) return deep(value, random.below(80))
  if (random.oneIn(12)) return JSON.parse(random.pick(samples))
  if (typeof value === 'string' && random.oneIn(2)) return changeText(random, value, pieces)
  return anyValue(random, pieces)
}

const changeList = (
  random: Random,
  list: readonly unknown[],
  pieces: readonly string[],
): readonly unknown[] => {
  switch (random.below(4)) {
    case 0:
      return []
    case 1:
      return [...list, anyValue(random, pieces)]
    case 2:
      return list.length === 0 ? [null] : list.slice(1)
    default:
      return Array.from({ length: random.below(6) }, () => list).flat()
  }
}

const changeEntries = (
  random: Random,
  entries: readonly (readonly [string, unknown])[],
  pieces: readonly string[],
): readonly (readonly [string, unknown])[] => {
  const at = random.below(Math.max(1, entries.length))
  switch (random.below(4)) {
    case 0:
      return entries.filter((_, index) => index !== at)
    case 1:
      return [...entries, [anyKey(random, pieces), anyValue(random, pieces)]]
    case 2:
      return entries.map(([key, one], index) => [index === at ? changeCase(key) : key, one])
    default:
      return entries.map(([key, one], index) => [index === at ? anyKey(random, pieces) : key, one])
  }
}

const changeCase = (key: string): string =>
  key === key.toLowerCase() ? key.toUpperCase() : key.toLowerCase()

const deep = (value: unknown, levels: number): unknown => {
  let whole = value
  for (let level = 0; level < levels; level++) whole = level % 2 === 0 ? [whole] : { a: whole }
  return whole
}

/** A text with one piece removed, put in, doubled, replaced or cut off. */
const changeText = (random: Random, text: string, pieces: readonly string[]): string => {
  const from = random.below(text.length + 1)
  const to = Math.min(text.length, from + random.below(random.oneIn(3) ? text.length + 1 : 4))
  const before = text.slice(0, from)
  const after = text.slice(to)
  switch (random.below(7)) {
    case 0:
      return before + after
    case 1:
      return before + anyText(random, pieces) + after
    case 2:
      return before + text.slice(from, to).repeat(random.below(8)) + after
    case 3:
      return before
    case 4:
      return random.pick(['\ufeff', ' ', '\n', '[', '{', '"', 'null']) + text
    case 5:
      return text + random.pick(['x', '}', ']', ',', ';', '\0', text])
    default:
      return (
        before +
        random.pick(['"', ',', ':', '{', '}', '[', ']', '-', '9', 'e', '\\']) +
        text.slice(from + 1)
      )
  }
}
