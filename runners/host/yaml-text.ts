/**
 * Decides which YAML texts are read at all: at most 1 MiB, 64 levels, 100 000 tokens. Refuses the rest before the
 * parser composes them: it takes minutes over some short texts, and deep ones can end the whole process.
 */
import { Composer, type Document, LineCounter, Parser } from 'yaml'
import { isObject, type JsonObject, maximumDepth, maximumLength } from '../../lib/cni/json.js'

/** The values of a text's documents, empty ones as null; or what is wrong with it, in words. */
export type YamlValues =
  | { readonly ok: true; readonly values: readonly unknown[] }
  | { readonly ok: false; readonly messages: readonly string[] }

const mostTokens = 100_000
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
    const tokens = [...new Parser(lines.addNewLine).parse(text)]
    const fault = faultOf(tokens)
    if (fault !== undefined) return refuse(fault)
    const options = { prettyErrors: false, logLevel: 'silent', lineCounter: lines } as const
    const documents = [...new Composer(options).compose(tokens)]
    const messages = documents.flatMap((one) => one.errors).map(describe(lines))
    if (messages.length > 0) return { ok: false, messages: messages.slice(0, mostMessages) }
    return { ok: true, values: documents.map(resolve) }
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

const resolve = (document: Document.Parsed): unknown =>
  document.toJS({ maxAliasCount: mostAliases })

const refuse = (message: string): YamlValues => ({ ok: false, messages: [message] })

const describe =
  (lines: LineCounter) =>
  ({ message, pos }: { readonly message: string; readonly pos: readonly [number, number] }) => {
    const { line, col } = lines.linePos(pos[0])
    return `line ${line}, column ${col}: ${message}`
  }

// The tokens are a tree, and as deep as a stranger likes: walked without recursion.
const faultOf = (tokens: readonly unknown[]): string | undefined => {
  const open: { readonly value: JsonObject; readonly depth: number }[] = []
  const add = (value: unknown, depth: number): void => {
    if (isObject(value)) open.push({ value, depth })
  }
  for (const token of tokens) add(token, 0)
  let count = 0
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (++count > mostTokens) return `more than ${mostTokens} tokens`
    if (next.depth > maximumDepth) return `nested deeper than ${maximumDepth} levels`
    for (const [key, value] of Object.entries(next.value)) {
      if (!Array.isArray(value)) add(value, next.depth)
      else for (const one of value) add(one, key === 'items' ? next.depth + 1 : next.depth)
    }
  }
  return undefined
}
