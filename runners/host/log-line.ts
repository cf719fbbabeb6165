/**
 * Decides how a log line looks, and that it is one line. Refuses to print what a terminal or a reader of lines could
 * take for more than text.
 */
import type { Clock, LogLevel } from '../../lib/ports/index.js'

/** What a line says beside its message. */
export type Fields = Readonly<Record<string, unknown>>

/** `time level message key=value`: what is not plain is quoted as JSON. Without the newline. */
export const textLine = (
  clock: Clock,
  level: LogLevel,
  message: string,
  fields: Fields,
): string => {
  const isPlain = !message.includes('=') && !unprintable.test(message)
  const words = [timeOf(clock), level, isPlain ? message : quoteText(message)]
  for (const [key, value] of Object.entries(fields)) {
    words.push(`${word(key)}=${word(typeof value === 'string' ? value : jsonOf(value))}`)
  }
  return words.join(' ')
}

/** One JSON object; a field cannot take the place of `time`, `level` or `message`. Without the newline. */
export const jsonLine = (
  clock: Clock,
  level: LogLevel,
  message: string,
  fields: Fields,
): string => {
  const line: Record<string, unknown> = { time: timeOf(clock), level, message }
  for (const [key, value] of Object.entries(fields)) {
    if (!Object.hasOwn(line, key) && key !== '__proto__') line[key] = JSON.parse(jsonOf(value))
  }
  return spellOut(JSON.stringify(line))
}

const timeOf = (clock: Clock): string => {
  try {
    return new Date(clock.now()).toISOString()
  } catch {
    return '-'
  }
}

// What a terminal or a reader of lines could take for more than text: controls, line ends, changes of direction.
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

const spellOut = (text: string): string =>
  text.replace(new RegExp(unprintable, 'gu'), (found) =>
    found
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  )

const quoteText = (text: string): string => spellOut(JSON.stringify(text))

// Quoted, a stranger's text cannot begin a line of its own or add a field.
const word = (text: string): string =>
  text === '' || /[\s="]/.test(text) || unprintable.test(text) ? quoteText(text) : text

const jsonOf = (value: unknown): string => {
  try {
    return JSON.stringify(value instanceof Error ? value.message : value) ?? 'null'
  } catch {
    return '"..."'
  }
}
