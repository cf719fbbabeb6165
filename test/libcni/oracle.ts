/**
 * Decides how the Go library is asked: a program of its own (oracle/), built with the compiler and the libraries of the
 * node. Refuses nothing; says what is missing.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Answer, Question } from './subject.js'

const sources = fileURLToPath(new URL('oracle', import.meta.url))
const program = fileURLToPath(new URL('../../.cache/libcni-oracle', import.meta.url))

/** Where Debian puts the sources of golang-github-appc-cni-dev. */
const goPath = '/usr/share/gocode'

/** The program, or why there is none. */
export type Oracle =
  | { readonly ok: true; readonly program: string }
  | { readonly ok: false; readonly reason: string }

/** Builds it anew: the compiler knows when there is nothing to do. Others may run it meanwhile: it is replaced as a whole. */
export const buildOracle = (): Oracle => {
  if (!existsSync(`${goPath}/src/github.com/containernetworking/cni/libcni`)) {
    return {
      ok: false,
      reason: 'needs libcni: apt-get install golang-go golang-github-appc-cni-dev',
    }
  }
  mkdirSync(new URL('../../.cache', import.meta.url), { recursive: true })
  const env = { ...process.env, GO111MODULE: 'off', GOPATH: goPath, CGO_ENABLED: '0' }
  const made = `${program}-${process.pid}`
  const { status, stderr, error } = spawnSync('go', ['build', '-o', made, '.'], {
    cwd: sources,
    env,
    encoding: 'utf8',
  })
  if (status !== 0) return { ok: false, reason: `needs go: ${error?.message ?? stderr}` }
  renameSync(made, program)
  return { ok: true, program }
}

/** What Go answers, in the order of the questions. */
export const ask = (oracle: string, questions: readonly Question[]): readonly Answer[] => {
  const input = questions.map((question) => `${JSON.stringify(question)}\n`).join('')
  const { status, stdout, stderr } = spawnSync(oracle, ['decode'], {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  })
  if (status !== 0) throw new Error(stderr)
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer)
}
