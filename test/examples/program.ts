/** Runs an example as its readers do: from its source, with the names that users import. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface Ended {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a source file to its end. `env` is added to the test's own. */
export const runProgram = (
  file: string,
  { args = [], env = {}, stdin = '', cwd = process.cwd() }: ProgramOptions = {},
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const source = new URL(`../../${file}`, import.meta.url).pathname
    const tsx = import.meta.resolve('tsx')
    const child = spawn(process.execPath, ['--import', tsx, source, ...args], {
      cwd,
      env: { ...process.env, ...env },
    })
    const output = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text
      })
    }
    child.on('error', reject)
    child.on('close', (exitCode) => resolve({ exitCode, ...output }))
    child.stdin.on('error', () => {})
    child.stdin.end(stdin)
  })

export interface ProgramOptions {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly cwd?: string
}

/** A file of the project. */
export const textOf = (file: string): string =>
  readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
