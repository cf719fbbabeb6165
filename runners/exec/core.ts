/**
 * Decides how one plugin call becomes one process: lookup, environment, stdin, retries of a busy program file
 * (reference/cni.md 2.5, 2.6). Refuses to know how a process is started: any Starter does, so this file needs no execa.
 */
import {
  type Answer,
  type CniEnvironment,
  type Invocation,
  noAnswer,
} from '../../lib/cni/invocation.js'
import type { Runner } from '../../lib/ports/index.js'
import { sleep } from '../node/abort.js'
import { outliveOrphans } from '../node/orphans.js'
import { findPlugin } from '../node/plugin-path.js'
import { formatFault } from '../node/program-format.js'
import { type Finished, type Starter, unstarted } from '../node/start.js'
import { answerOf, type Call } from './answer.js'
import { endOf, startOf, type Trace } from './trace.js'

/** Waits so many milliseconds, or until the signal fires. Never rejects. */
export type Sleep = (milliseconds: number, signal: AbortSignal) => Promise<void>

/** What the runner is made of. */
export interface ExecOptions {
  /** The environment of every plugin; the CNI_* variables of the call override it (SPEC, libcni). */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly start: Starter
  /** Told before and after every process; what it throws is dropped. */
  readonly trace?: Trace
  /** How it waits for a busy program file. Default: setTimeout. */
  readonly sleep?: Sleep
  /** The most that a plugin may print, in bytes. Default: 16 MiB. */
  readonly limitBytes?: number
}

/** The most that a plugin may print on stdout by default: 16 MiB, in bytes. */
export const defaultOutputLimit = 16 * 1024 * 1024

/** How often a program file that is being written (ETXTBSY) is tried, as in libcni. */
export const busyAttempts = 6
/** How long between two of these tries, in milliseconds. */
export const busyPause = 1_000

/** A Runner that starts plugin binaries with the given Starter. Its calls share nothing. */
export const createStarterRunner = (options: ExecOptions): Runner => ({
  run: async (invocation, signal) => {
    let started = false
    try {
      return await run(options, invocation, signal, () => {
        started = true
      })
    } catch (error) {
      return noAnswer('runner-threw', `the exec runner failed: ${String(error)}`, started)
    }
  },
})

const run = async (
  options: ExecOptions,
  invocation: Invocation,
  signal: AbortSignal,
  onStart: () => void,
): Promise<Answer> => {
  const { type, verb } = invocation
  const found = findPlugin(...lookupOf(invocation))
  if (!found.ok) return noAnswer('not-found', found.message, false)
  const stdin: string | undefined = JSON.stringify(invocation.stdin)
  if (stdin === undefined) return noAnswer('not-startable', 'stdin is not JSON', false)
  const call: Call = { type, verb, file: found.file }
  const fault = formatFault(found.file)
  if (fault !== undefined) {
    const startError = { code: 'ENOEXEC', message: fault }
    return answerOf(call, { ...unstarted, startError })
  }
  const overlap = invocation.mayOverlap ? await awaitOverlap(call, invocation, signal) : undefined
  if (overlap !== undefined) return overlap
  const program = {
    file: found.file,
    env: environmentOf(options.env, invocation.env),
    stdin,
    limitBytes: options.limitBytes ?? defaultOutputLimit,
    signal,
  }
  const pause = options.sleep ?? sleep
  for (let attempt = 1; ; attempt++) {
    tell(options.trace, () => startOf(invocation, found.file, attempt))
    onStart()
    const finished = await options.start(program)
    const answer = answerOf(call, finished)
    tell(options.trace, () => endOf(invocation, found.file, attempt, answer))
    if (!isBusy(finished) || attempt === busyAttempts) return answer
    await pause(busyPause, signal)
  }
}

/** Waits for an earlier call that nobody waits for any more; its answer, where this one must not begin. */
const awaitOverlap = async (
  { type, verb, file }: Call,
  { env }: Invocation,
  signal: AbortSignal,
): Promise<Answer | undefined> => {
  const orphan = { type, containerId: env.CNI_CONTAINERID, ifname: env.CNI_IFNAME }
  const end = await outliveOrphans(orphan, signal)
  if (end === 'gone') return undefined
  const name = `plugin "${type}" (${verb}, ${file})`
  return end === 'killed'
    ? noAnswer('aborted', `${name}: an earlier call was still running and was killed`, false)
    : noAnswer('unkillable', `${name}: an earlier call is still running and cannot be killed`, true)
}

// A caller without types must not make us throw, or look for what is no name.
const lookupOf = ({ type, path }: Invocation): [string, readonly string[]] => [
  typeof type === 'string' ? type : '',
  Array.isArray(path) ? path.filter((one) => typeof one === 'string') : [],
]

const isBusy = ({ startError }: Finished): boolean => startError?.code === 'ETXTBSY'

const tell = (trace: Trace | undefined, event: () => Parameters<Trace>[0]): void => {
  if (trace === undefined) return
  try {
    trace(event())
  } catch {
    // A trace must not decide what becomes of a call.
  }
}

const cniNames = [
  'CNI_COMMAND',
  'CNI_CONTAINERID',
  'CNI_NETNS',
  'CNI_IFNAME',
  'CNI_ARGS',
  'CNI_PATH',
] as const satisfies readonly (keyof CniEnvironment)[]

/** The environment of a plugin: `base`, and over it the six CNI_* variables, set even when empty. */
export const environmentOf = (
  base: ExecOptions['env'],
  cni: CniEnvironment,
): Readonly<Record<string, string>> => {
  const environment: [string, string][] = []
  for (const [name, value] of Object.entries(base)) {
    if (value !== undefined) environment.push([name, value])
  }
  for (const name of cniNames) {
    const value: unknown = cni[name]
    environment.push([name, typeof value === 'string' ? value : ''])
  }
  return Object.fromEntries(environment)
}
