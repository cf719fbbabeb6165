/** Decides how a test file is written: a sentence a test, always run, never for ever. */
import { suite, type Test } from 'uvu'

// A test of seconds takes minutes where others use the machine, too. Only what hangs takes longer.
const limitMilliseconds = 300_000

/** A group of tests. Runs by itself, so that no file can forget to. A test that never settles fails by name. */
export const describe = (name: string, body: (it: It) => void): void => {
  const tests = suite(name)
  const add = (title: string, run: () => unknown, limit = limitMilliseconds): void => {
    tests(title, () => withLimit(title, run, limit))
  }
  const it = add as It
  it.skip = (title, reason) => {
    console.log(`skipped: ${name}: ${title}: ${reason}`)
    tests.skip(title, () => {})
  }
  body(it)
  tests.run()
}

export interface It {
  (title: string, run: () => unknown, limitMilliseconds?: number): void
  /** Leaves a test out, with the reason that the closing lines will repeat. */
  skip(title: string, reason: string): void
}

const withLimit = async (title: string, run: () => unknown, limit: number): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${title}: not settled after ${limit} ms`)), limit)
  })
  try {
    await Promise.race([Promise.resolve().then(run), late])
  } finally {
    clearTimeout(timer)
  }
}

export type { Test }
