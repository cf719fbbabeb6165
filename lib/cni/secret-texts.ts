/**
 * Decides where a text spells a secret out: `password=...`, `"token": "..."`, `--password ...`, `password is "..."`,
 * `Authorization: ...`, `curl -u admin:...`, a URL's password, a private key. Refuses none; each pass goes through a text of
 * 1 MiB once, whatever it holds.
 */
import { isSecretKey } from './secret-keys.js'

/** What stands in the place of a secret. */
export const mask = '***'

/** The text with what it spells out masked. Masking twice is masking once. */
export const maskSpelledOut = (text: string): string => {
  // Nearly every text of a configuration is one word.
  if (!/[:=\s]/.test(text)) return text
  const rest = patterns.reduce((all, [pattern, by]) => all.replace(pattern, by), text)
  return maskValues(
    maskValues(rest, loggedIn, () => true),
    named,
    isNamed,
  )
}

/** Whether the argument after this one is a secret, as in `["--password", "..."]`. */
export const isSecretFlag = (argument: string): boolean =>
  argument.length < 256 && /^--?[\w-]+$/.test(argument) && isSecretKey(argument)

/** Whether the argument after this one may be a user with a password, as in `["-u", "admin:..."]`. */
export const isLoginFlag = (argument: string): boolean =>
  /^(?:-[uU]|--(?:proxy-)?user)$/.test(argument)

/** A user with a password, without it. */
export const maskLogin = (login: string): string =>
  login.replace(/^([^:]{0,128}:)(?!\d{1,10}$)[\s\S]+$/, `$1${mask}`)

// Every quantifier that can fail is bounded, or cannot begin a second time within what it has gone through.
const patterns: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer[ \t]{1,4})[^\s"',;}&]+/gi, `$1${mask}`],
  [/(\\?\/\\?\/[^\s/@:]*:)[^\s/]+@/g, `$1${mask}@`],
  // Without `//` it is one only before a host: `admin:...@proxy:3128`, not `image:1.2@sha256:...`.
  [
    /(?<![\w.%+/@:-])((?!e?mail(?:to)?:)[\w.%+-]{1,64}:)[^\s/@:"'`,;]{1,256}@(?!sha\d)(?=\[|localhost|[\w-]{1,63}(?:\.\w|:\d|\/))/g,
    `$1${mask}@`,
  ],
  [/(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)[\s\S]*?(?=-----END|$)/g, `$1${mask}`],
  // What JSON.parse says quotes the text, and is not the same in every version of a runtime.
  [/(not valid JSON): [\s\S]*/g, '$1'],
]

/** A name, what stands between it and a value, and the quote that opens the value. */
const named =
  /(?<![\w-])(?<name>[\w-]+)(?:\\{0,7}["'`]?[ \t]{0,4}(?<sign>[:=]{1,2}>?)[ \t]{0,4}(?<open>\\{0,7}["'`])?|[ \t]{1,4}(?<is>is|was)[ \t]{1,4}(?<said>\\{0,7}["'`])|[ \t]{1,4}(?<after>\\{0,7}["'`])?)/g

// `--user 1000:1000` is who runs something.
const loggedIn =
  /(?<![\w-])(?:-[uU]|--(?:proxy-)?user)[ \t=]{0,4}(?<open>\\{0,7}["'`])?[^\s:"'`]{0,128}:(?!\d{1,10}(?:[\s"'`]|$))/g

type Groups = Readonly<Record<string, string | undefined>>

const isNamed = ({ name = '', sign, is, after }: Groups): boolean => {
  if (!isSecretKey(name)) return false
  if (sign !== undefined || is !== undefined || name.startsWith('-')) return true
  // `unknown key "mtu"` and `secret "web" not found` name no secret; `invalid password "..."` does.
  return after !== undefined && /pass|pwd|psk/i.test(name)
}

/** Masks the value after each match of a pattern that stands for a secret. */
const maskValues = (
  text: string,
  pattern: RegExp,
  isSecret: (groups: Groups) => boolean,
): string => {
  let shown = ''
  let from = 0
  for (const { index, 0: all, groups = {} } of text.matchAll(pattern)) {
    const begin = index + all.length
    if (begin < from || !isSecret(groups)) continue
    const end = valueEnd(text, begin, groups)
    if (end === begin) continue
    shown += text.slice(from, begin) + mask
    from = end
  }
  return shown + text.slice(from)
}

const valueEnd = (text: string, begin: number, groups: Groups): number => {
  const { name = '', sign, open = groups.said ?? groups.after } = groups
  if (open !== undefined) return quotedEnd(text, begin, open)
  const isHeader = sign === ':' && /(?:cookie|authorization)$/i.test(name)
  const bare = isHeader ? restOfHeader : word
  bare.lastIndex = begin
  return begin + (bare.exec(text)?.[0].length ?? 0)
}

const word = /(?:(?:bearer|basic) {1,4})?[^\s"',;}&]+/iy
const restOfHeader = /[^\r\n"'`\\]+/y

/** A quoted value ends at its quote, written as the first one; deeper backslashes are its own. Or with the line. */
const quotedEnd = (text: string, begin: number, open: string): number => {
  const quote = open.at(-1)
  const level = open.length - 1
  let backslashes = 0
  for (let at = begin; at < text.length; at++) {
    const character = text[at]
    if (character === '\n' || character === '\r') return at
    if (character === quote && backslashes < level) return at - backslashes
    if (character === quote && backslashes % (2 * level + 2) === level) return at - level
    backslashes = character === '\\' ? backslashes + 1 : 0
  }
  return text.length
}
