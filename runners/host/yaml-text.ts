/**
 * Decides which YAML texts are read at all: at most 1 MiB, 64 levels, 100 000 words and signs. Refuses the rest before the
 * parser composes them: it takes minutes over some short texts, and deep ones can end the whole process.
 */
import {
  Composer,
  type CST,
  type Document,
  isScalar,
  Lexer,
  LineCounter,
  Parser,
  visit,
} from 'yaml'
import { isObject, type JsonObject, maximumDepth, maximumLength } from '../../lib/cni/json.js'
import { quote } from '../../lib/cni/problem.js'

/** The values of a text's documents, empty ones as null; or what is wrong with it, in words. */
export type YamlValues =
  | { readonly ok: true; readonly values: readonly unknown[] }
  | { readonly ok: false; readonly messages: readonly string[] }

const mostLexemes = 100_000
const mostMessages = 10
/** How many aliases a document may resolve to before it counts as an attack. */
const mostAliases = 100

/** Decodes YAML, and JSON, which is YAML too. Never throws. */
export const decodeYaml = (text: string): YamlValues => {
  if (text.length > maximumLength) {
    return refuse(`${text.length} characters; ${maximumLength} is the limit`)
  }
  try {
    const lines = new LineCounter()
    lines.addNewLine(0)
    const parser = new Parser(lines.addNewLine)
    const tokens: CST.Token[] = []
    let count = 0
    for (const lexeme of new Lexer().lex(text)) {
      if (++count > mostLexemes) return refuse(`more than ${mostLexemes} words and signs`)
      for (const token of parser.next(lexeme)) tokens.push(token)
    }
    for (const token of parser.end()) tokens.push(token)
    if (isDeep(tokens)) return refuse(`nested deeper than ${maximumDepth} levels`)
    const documents = [...new Composer({ ...options, lineCounter: lines }).compose(tokens)]
    const messages = documents
      .flatMap((one) => [...one.errors, ...repeatedKeys(one)])
      .map(describe(lines))
    if (messages.length > 0) return { ok: false, messages: messages.slice(0, mostMessages) }
    return { ok: true, values: documents.map(resolve) }
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

// The library would compare each key with each.
const options = { prettyErrors: false, logLevel: 'silent', uniqueKeys: false } as const

interface Fault {
  readonly message: string
  readonly pos: readonly [number, number]
}

/** The keys of a document that their map has already. */
const repeatedKeys = (document: Document.Parsed): readonly Fault[] => {
  const faults: Fault[] = []
  visit(document, {
    Map: (_, { items }) => {
      const known = new Set<unknown>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        const { value, range } = key
        if (known.has(value)) {
          const [from, to] = range ?? [0, 0]
          faults.push({
            message: `keys must be unique: ${quote(value)} is there twice`,
            pos: [from, to],
          })
        }
        known.add(value)
      }
    },
  })
  return faults
}

const resolve = (document: Document.Parsed): unknown =>
  document.toJS({ maxAliasCount: mostAliases })

const refuse = (message: string): YamlValues => ({ ok: false, messages: [message] })

const describe =
  (lines: LineCounter) =>
  ({ message, pos }: Fault) => {
    const { line, col } = lines.linePos(pos[0])
    return `line ${line}, column ${col}: ${message}`
  }

// The tokens are a tree, and as deep as a stranger likes: walked without recursion.
const isDeep = (tokens: readonly unknown[]): boolean => {
  const open: { readonly token: JsonObject; readonly depth: number }[] = []
  const add = (value: unknown, depth: number): void => {
    if (isObject(value)) open.push({ token: value, depth })
  }
  for (const token of tokens) add(token, 0)
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.depth > maximumDepth) return true
    for (const [key, value] of Object.entries(next.token)) {
      if (!Array.isArray(value)) add(value, next.depth)
      else for (const one of value) add(one, key === 'items' ? next.depth + 1 : next.depth)
    }
  }
  return false
}
