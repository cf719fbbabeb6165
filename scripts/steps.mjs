/** Decides how the steps of a longer run are carried out and counted: output as it comes, the closing line as numbers. */
import { spawn } from 'node:child_process'

/** Reads a run's closing line: `N passed, N failed[, N skipped]`. Undefined when there is none. */
export const readCounts = (text) => {
  const last = text.trimEnd().split('\n').pop()
  const found = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(last)
  if (found === null) return undefined
  const [passed, failed, skipped = 0] = found.slice(1).map((digits) => Number(digits ?? 0))
  return { passed, failed, skipped }
}

/** The closing line. */
export const printCounts = ({ passed, failed, skipped }) =>
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)

/** Runs a program to its end and shows what it prints. Resolves with its exit code and its standard output. */
export const run = (program, args, env = process.env) =>
  new Promise((resolve) => {
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
      process.stdout.write(text)
    })
    child.on('error', ({ message }) => {
      console.error(message)
      resolve({ code: 1, stdout })
    })
    child.on('close', (code) => resolve({ code: code ?? 1, stdout }))
  })
