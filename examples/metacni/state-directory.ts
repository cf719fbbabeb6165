/**
 * Decides which runner a state directory belongs to. Refuses to mix them: what one runner attached, the other cannot
 * undo. exec and ip are one here: they leave the same on the machine.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { printable } from '../../lib/cni/printable.js'
import { at, failure, type Problem } from '../../lib/cni/problem.js'
import type { MetaConfiguration } from '../../lib/index.js'
import { forkDirectory } from '../../runners/host/journal.js'

/** Who carries plans out: plugin binaries, `ip` commands where they can, or a simulated node. */
export type RunnerName = 'exec' | 'ip' | 'memory'

/** The runner of a call, or why there is none. */
export type ChosenRunner =
  | { readonly ok: true; readonly value: RunnerName }
  | { readonly ok: false; readonly problem: Problem }

/** What lies beside the records of a node. */
export interface PlacesBeside {
  /** Where else the Go plugins may have scratch files. A directory that somebody names stands for itself alone. */
  readonly foreign: readonly string[]
  /** In whose `results` the result cache is. */
  readonly cacheDirectory: string
}

/** What lies beside the records in `directory`: the state directory that was asked for, or the configuration's. */
export const placesBeside = (
  { stateDir }: { readonly stateDir?: string },
  { cacheDir }: MetaConfiguration,
  directory: string,
): PlacesBeside => ({
  foreign: stateDir === undefined ? [forkDirectory] : [],
  cacheDirectory: resolve(cacheDir ?? directory),
})

/** What is said of a state directory that holds nothing: its name may be mistyped. */
export const nothingRecorded = (directory: string): string =>
  `nothing is recorded in ${printable(directory)}\n`

/** The file that holds the simulated node of a state directory. */
export const nodeFile = (directory: string): string => join(directory, 'node.json')

/** Without a wish: the simulated node where the directory holds one, else plugin binaries. */
export const chooseRunner = (
  asked: RunnerName | undefined,
  directory: string | undefined,
): ChosenRunner => {
  if (directory === undefined) return { ok: true, value: asked ?? 'exec' }
  const isSimulated = existsSync(nodeFile(directory))
  if ((asked === 'exec' || asked === 'ip') && isSimulated) {
    return refuse(`${directory} holds a simulated node, which the machine knows nothing of`)
  }
  if (asked === 'memory' && !isSimulated && hasRecords(directory)) {
    return refuse(
      `${directory} holds what was attached on this machine, which must be undone there`,
    )
  }
  return { ok: true, value: asked ?? (isSimulated ? 'memory' : 'exec') }
}

const hasRecords = (directory: string): boolean => {
  try {
    return readdirSync(join(directory, '.metacni')).length > 0
  } catch {
    return false
  }
}

const refuse = (message: string): ChosenRunner => {
  const hint = 'leave out --runner, or name another --state-dir'
  return { ok: false, problem: failure('bad-configuration', at('--runner'), message, hint) }
}

/** Makes a state directory with the place of its records, mode 0700. What went wrong, or undefined. */
export const makeStateDirectory = (directory: string): string | undefined => {
  try {
    make(join(directory, '.metacni'))
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

// Not `recursive`: below /proc, where nothing can be made, it would go on for ever.
const make = (directory: string): void => {
  if (existsSync(directory)) return
  if (dirname(directory) !== directory) make(dirname(directory))
  mkdirSync(directory, { mode: 0o700 })
}
