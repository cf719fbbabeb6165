/**
 * Decides how a test knows that something touches no file, starts no process and opens no connection: every function that
 * could is replaced for its duration by one that tells and throws.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module'

const require = createRequire(import.meta.url)

// `node:fs` alone would do for files: `fs/promises` is a part of it, and streams go through it.
const modules = [
  'fs',
  'fs/promises',
  'child_process',
  'net',
  'dgram',
  'dns',
  'http',
  'https',
  'tls',
]

type Functions = Record<string, unknown>

/** What was called while something ran sealed: `fs.openSync`. */
export interface Seal {
  /** The calls since the last time that somebody asked. */
  taken(): readonly string[]
  /** Puts everything back. */
  open(): void
}

/** Seals the process. Whoever imports a function by name meets the replaced one, too. */
export const seal = (): Seal => {
  let calls: string[] = []
  const undo: (() => void)[] = []
  for (const name of modules) {
    const functions: Functions = require(`node:${name}`)
    for (const [key, value] of Object.entries(functions)) {
      if (typeof value !== 'function' || /^(?:_|[A-Z])/.test(key)) continue
      const told = (): never => {
        calls.push(`${name}.${key}`)
        throw new Error(`${name}.${key} was called`)
      }
      try {
        functions[key] = told
      } catch {
        continue // a getter without a setter: nothing that acts
      }
      undo.push(() => {
        functions[key] = value
      })
    }
  }
  syncBuiltinESMExports()
  return {
    taken: () => {
      const found = calls
      calls = []
      return found
    },
    open: () => {
      for (const one of undo) one()
      syncBuiltinESMExports()
    },
  }
}
