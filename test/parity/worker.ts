/**
 * Decides how a row is carried out inside its node: the part of a runtime, over any Runner, with a reading before the
 * first step and after each. Takes a WorkOrder as JSON on stdin and prints a Run. Knows nothing of what is right.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Answer } from '../../lib/cni/invocation.js'
import { isObject, type JsonObject } from '../../lib/cni/json.js'
import type { Runner } from '../../lib/ports/index.js'
import { type CleanFailures, checkCleanFailures, type FailingEngine } from './clean-failure.js'
import { type RawReading, read } from './reading.js'
import type { Row, Step } from './row.js'

/** Which engine does what: their names in the table that `work` is given. */
export type Engines = Readonly<Record<Step['verb'], string>>

/** What a worker is told. */
export interface WorkOrder {
  readonly row: Row
  readonly engines: Engines
  /** The directory of the plugin binaries. */
  readonly plugins: string
  /** Look for what failures leave behind, with this engine; see clean-failure.ts. */
  readonly failures?: string
}

/** What one step came to. */
export interface StepRun {
  readonly answer: Answer
  /** The parsed result of the last plugin, or null. */
  readonly result: JsonObject | null
  readonly reading: RawReading
  readonly milliseconds: number
}

/** What a row came to, or why its node could not be prepared. */
export type Run =
  | { readonly kind: 'run'; readonly first: RawReading; readonly steps: readonly StepRun[] }
  | { readonly kind: 'failures'; readonly failures: CleanFailures }
  | { readonly kind: 'impossible'; readonly reason: string }

/** Makes a runner. `plugins` is the directory of the binaries. */
export type EngineMaker = (plugins: string) => Runner

/** The engines of a worker, by name. */
export interface EngineTable {
  readonly engines: Readonly<Record<string, EngineMaker>>
  readonly failing: Readonly<Record<string, (plugins: string) => FailingEngine>>
}

const shell = (script: string): void => {
  const helpers = 'cn() { namespace=$1; shift; nsenter --net=/run/netns/$namespace "$@"; }\n'
  execFileSync('/bin/sh', ['-ec', helpers + script], { encoding: 'utf8', stdio: 'pipe' })
}

const wordsOf = (error: unknown): string => {
  const stderr = isObject(error) ? error.stderr : undefined
  return typeof stderr === 'string' && stderr.trim() !== '' ? stderr.trim() : String(error)
}

const parsed = (answer: Answer): JsonObject | null => {
  if (answer.kind !== 'success' || answer.stdout.trim() === '') return null
  const value: unknown = JSON.parse(answer.stdout)
  return isObject(value) ? value : null
}

/** A runtime's memory: the last result of each attachment, and how it calls a list. */
export const createCaller = (row: Row, plugins: string) => {
  const results = new Map<string, JsonObject>()
  const call = async (runner: Runner, step: Step): Promise<Answer> => {
    const container = step.container ?? 'a'
    const ifname = step.ifname ?? 'eth0'
    const key = `${container} ${ifname}`
    const env = {
      CNI_COMMAND: step.verb,
      CNI_CONTAINERID: `parity-${container}`,
      CNI_NETNS: step.netns ?? `/run/netns/${container}`,
      CNI_IFNAME: ifname,
      CNI_ARGS: step.args ?? '',
      CNI_PATH: plugins,
    }
    const list = row.plugins.map((plugin, index) =>
      index === 0 ? { ...plugin, ...step.change } : plugin,
    )
    let previous: JsonObject | undefined = step.verb === 'ADD' ? undefined : results.get(key)
    let answer: Answer = { kind: 'success', stdout: '' }
    for (const plugin of step.verb === 'DEL' ? list.reverse() : list) {
      const head = { cniVersion: row.cniVersion ?? '1.0.0', name: 'parity' }
      const stdin = { ...head, ...plugin, ...(previous && { prevResult: previous }) }
      const path = [plugins]
      const type = String(plugin.type)
      const signal = AbortSignal.timeout(120_000)
      answer = await runner.run({ type, verb: step.verb, stdin, env, path }, signal)
      if (answer.kind !== 'success') return answer
      if (step.verb === 'ADD') previous = parsed(answer) ?? previous
    }
    if (step.verb === 'ADD' && previous !== undefined) results.set(key, previous)
    return answer
  }
  return call
}

const carryOut = async (order: WorkOrder, table: EngineTable): Promise<Run> => {
  const { row, plugins } = order
  const extent = {
    withTables: row.needs?.includes('iptables') === true,
    withSecond: /"b"|cn b/.test(JSON.stringify(row)),
  }
  try {
    if (row.setup !== undefined) shell(row.setup)
  } catch (error) {
    return { kind: 'impossible', reason: wordsOf(error) }
  }
  if (order.failures !== undefined) {
    const engine = table.failing[order.failures]?.(plugins)
    if (engine === undefined) throw new Error(`no failing engine ${order.failures}`)
    const caller = createCaller(row, plugins)
    const failures = await checkCleanFailures(row, engine, caller, () => read(extent), shell)
    return { kind: 'failures', failures }
  }
  const runners = new Map<string, Runner>()
  const runnerOf = (name: string): Runner => {
    const known = runners.get(name) ?? table.engines[name]?.(plugins)
    if (known === undefined) throw new Error(`no engine ${name}`)
    runners.set(name, known)
    return known
  }
  const call = createCaller(row, plugins)
  const first = await read(extent)
  const steps: StepRun[] = []
  for (const step of row.steps) {
    try {
      if (step.before !== undefined) shell(step.before)
    } catch (error) {
      return { kind: 'impossible', reason: wordsOf(error) }
    }
    const started = performance.now()
    const answer = await call(runnerOf(order.engines[step.verb]), step)
    const milliseconds = performance.now() - started
    const reading = await read(extent)
    steps.push({ answer, result: parsed(answer), reading, milliseconds })
  }
  return { kind: 'run', first, steps }
}

/** The program: one order, one run. */
export const work = async (table: EngineTable): Promise<void> => {
  const order = JSON.parse(readFileSync(0, 'utf8')) as WorkOrder
  const run = await carryOut(order, table)
  process.stdout.write(JSON.stringify(run))
}
