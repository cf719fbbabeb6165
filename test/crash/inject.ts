/**
 * Decides how a point becomes a run: strace attached to a thread of the program, or put before a plugin; and how the calls
 * are counted that points are made of.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isPoint, pluginCalls, readTrace, type TracedCall, traceOption } from './calls.js'
import { type CrashNode, places } from './node.js'
import type { Place } from './point.js'
import type { Call, ProgramFiles } from './programs.js'
import { type Ended, run, runTraced, type Thread } from './run.js'

/** What runs need beside the node. */
export interface Tools {
  /** The command that is strace. */
  readonly strace: readonly string[]
  /** The directory of the standard plugins. */
  readonly plugins: string
  readonly files: ProgramFiles
}

const threads: readonly Thread[] = ['main', 'pool']

/** Carries out a call in which something fails at a place. `hit` says whether the place was reached. */
export const runWithFault = async (
  node: CrashNode,
  call: Call,
  { fault, where, call: name, nth }: Place,
  { strace, plugins }: Tools,
): Promise<Ended & { readonly hit: boolean }> => {
  const what = fault === 'kill' ? 'signal=KILL' : `error=${fault}`
  const log = node.at('/var/lib/crash/strace')
  const options = ['-y', '-e', `trace=${name}`, '-e', `inject=${name}:${what}:when=${nth}`]
  const thread = threads.find((one) => one === where)
  let ended: Ended
  if (thread !== undefined) {
    const all = [...options, '-o', log]
    ended = await runTraced(node, call, { strace, threads: [thread], options: all })
  } else {
    const restore = wrap(node, where, join(plugins, where), [...strace, ...options])
    ended = await run(node, call)
    restore()
  }
  const said = existsSync(log) ? readFileSync(log, 'utf8') : ''
  rmSync(log, { force: true })
  return { ...ended, hit: fault === 'kill' ? said.includes('SIGKILL') : isStruck(said) }
}

/**
 * Whether an error struck a point. How often threads wake each other is chance: where there is one wake-up more than when
 * the calls were counted, the nth write is that, and libuv gives up when it fails.
 */
const isStruck = (said: string): boolean =>
  readTrace(said).some((one) => one.text.includes('(INJECTED)') && isPoint(one))

/**
 * Puts strace before a plugin. It follows the plugin's threads, and lets go of what the plugin starts. Go moves its work
 * from thread to thread: the nth call is that of the first thread which comes so far.
 */
const wrap = (
  node: CrashNode,
  type: string,
  plugin: string,
  words: readonly string[],
): (() => void) => {
  const file = node.at(`${places.plugins}/${type}`)
  const before = readFileSync(file)
  const options = [
    '-f',
    '-b',
    'execve',
    '-A',
    '-o',
    '/var/lib/crash/strace',
    '-E',
    'LD_LIBRARY_PATH',
  ]
  const [program = '', ...rest] = words
  const script = `#!/bin/sh\nexec ${[program, ...rest, ...options, plugin].map(quote).join(' ')}\n`
  writeFileSync(file, script, { mode: 0o755 })
  return () => writeFileSync(file, before, { mode: 0o755 })
}

const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** The calls that a run of the program makes, by thread. */
export const countCalls = async (
  node: CrashNode,
  call: Call,
  { strace }: Tools,
): Promise<readonly (TracedCall & { readonly where: Thread })[]> => {
  const log = node.at('/var/lib/crash/strace')
  const options = ['-y', '-e', traceOption(), '-o', log]
  const { code, stdout, stderr } = await runTraced(node, call, { strace, threads, options })
  if (code !== 0) throw new Error(`${call.command.join(' ')}: ${code}: ${stdout}${stderr}`)
  const calls = readTrace(readFileSync(log, 'utf8'))
  rmSync(log)
  // The main thread has the number of the process, which is the lower one.
  const numbers = [...new Set(calls.map(({ tracee }) => tracee))].sort(
    (a, b) => Number(a) - Number(b),
  )
  return calls.map((one) => ({ ...one, where: one.tracee === numbers[0] ? 'main' : 'pool' }))
}

/** The calls that a plugin makes: for each name as many as its busiest thread makes. */
export const countPluginCalls = async (
  node: CrashNode,
  call: Call,
  type: string,
  { strace, plugins }: Tools,
): Promise<readonly { readonly call: string; readonly nth: number }[]> => {
  const log = node.at('/var/lib/crash/strace')
  const restore = wrap(node, type, join(plugins, type), [...strace, '-e', traceOption(pluginCalls)])
  await run(node, call)
  restore()
  if (!existsSync(log)) return []
  const calls = readTrace(readFileSync(log, 'utf8'))
  rmSync(log)
  const seen = new Map(calls.map((one) => [`${one.call} ${one.nth}`, one]))
  return [...seen.values()]
}
