/**
 * Decides how a simulated call goes: what arrives, which faults hit it, when the driving process dies, and what a signal
 * stops. Never throws or rejects; after the driver's death it never answers.
 */
import * as E from 'fp-ts/lib/Either.js'
import { type Answer, type Invocation, noAnswer } from '../../lib/cni/invocation.js'
import type { Runner } from '../../lib/ports/index.js'
import { onAbort } from '../node/abort.js'
import {
  type Arrival,
  answerFrom,
  arrivalOf,
  callFrom,
  type PluginBehaviour,
  type PluginCall,
} from './call.js'
import { type DriverProcess, never } from './driver-process.js'
import { type Fault, type FaultScript, type FaultTarget, isNeverStarted } from './fault.js'
import type { InvocationLog } from './invocation-log.js'
import { patience, type RunningCall, type RunningCalls } from './running-calls.js'
import type { NodeTime } from './time.js'
import type { World } from './world.js'

/** What a simulated call needs of its node. */
export interface Simulation {
  readonly world: World
  readonly plugins: ReadonlyMap<string, PluginBehaviour>
  readonly script: FaultScript
  readonly driver: DriverProcess
  readonly time: NodeTime
  readonly log: InvocationLog
  readonly calls: RunningCalls
}

/** The runner of a simulated node. */
export const createMemoryRunner = (simulation: Simulation): Runner => ({
  run: (invocation, signal) => simulation.driver.whileAlive(run(simulation, invocation, signal)),
})

const run = async (
  simulation: Simulation,
  invocation: Invocation,
  signal: AbortSignal,
): Promise<Answer> => {
  try {
    if (simulation.driver.isDead) return await never()
    if (signal.aborted) return noAnswer('aborted', 'the call was stopped before it began', false)
    const arrival = arrivalOf(invocation)
    if (E.isLeft(arrival)) return arrival.left
    const { calls, log, time } = simulation
    const isAlive = simulation.driver.witness()
    const overlap = invocation.mayOverlap
      ? await calls.outlive(invocation, signal, isAlive)
      : undefined
    // It may have waited into another life, where nobody has asked for this.
    if (!isAlive()) return await never()
    if (overlap !== undefined) return overlap
    const entry = log.begin(invocation, arrival.right, time.now())
    const call = calls.begin(arrival.right, signal)
    const answer = await callPlugin(simulation, arrival.right, { call, index: entry.index })
    call.end()
    if (call.isAlive()) log.end(entry, answer)
    return answer
  } catch (error) {
    return noAnswer('runner-threw', `the simulated node failed: ${wordsOf(error)}`, true)
  }
}

/** Who makes a call: the runner, as the n-th of its calls, or a plugin; and the call of the runner that this is part of. */
type Caller = { readonly call: RunningCall } & (
  | { readonly index: number }
  | { readonly delegatedBy: string }
)

/** A plugin that was stopped does nothing more: this unwinds it. */
class Stopped extends Error {}

const callPlugin = async (
  simulation: Simulation,
  arrival: Arrival,
  caller: Caller,
): Promise<Answer> => {
  const { signal } = caller.call
  const behaviour = simulation.plugins.get(arrival.type)
  const { CNI_PATH: path = '' } = arrival.env
  if (behaviour === undefined) {
    const message = `failed to find plugin "${arrival.type}" in path [${path.replaceAll(':', ' ')}]`
    return noAnswer('not-found', message, false)
  }
  const call = callFrom(arrival, {
    signal,
    ...('delegatedBy' in caller && { delegatedBy: caller.delegatedBy }),
    delegate: async (type, config, changes) => {
      if (signal.aborted) throw new Stopped()
      const delegated = { type, config, env: { ...arrival.env, ...changes } }
      const by = { call: caller.call, delegatedBy: arrival.type }
      const answer = await callPlugin(simulation, delegated, by)
      if (signal.aborted) throw new Stopped()
      return answer
    },
  })
  return performWithFaults(simulation, behaviour, call, caller)
}

const performWithFaults = async (
  simulation: Simulation,
  behaviour: PluginBehaviour,
  call: PluginCall,
  caller: Caller,
): Promise<Answer> => {
  const { driver, time, script } = simulation
  const { isAlive, goesOn } = caller.call
  const where = `${call.verb} of ${call.type} for ${call.containerId}/${call.ifname}`
  // What the process itself was about to start is not; what one of its plugins starts is, when that goes on without it.
  const isBegun = (): boolean => {
    if ('index' in caller && !isAlive()) caller.call.end()
    return 'index' in caller ? isAlive() : goesOn()
  }
  if (isAlive()) driver.pass(`before ${where}`)
  if (!isBegun()) return never()
  const hits = script.faultsOf(targetOf(call, caller))
  for (const fault of hits) {
    if (fault.kind === 'delay') await time.sleep(fault.milliseconds, call.signal)
  }
  if (!goesOn()) return never()
  if (call.signal.aborted) return stopped()
  const fault = hits.find(({ kind }) => kind !== 'delay')
  if (fault?.kind === 'crash' && fault.when === 'before' && isAlive()) {
    driver.crash(`before ${where}`)
    if (!isBegun()) return never()
  }
  if (fault?.kind === 'crash' && fault.when === 'during' && isAlive()) {
    driver.crash(`during ${where}`, true)
    await time.sleep(fault.milliseconds, call.signal)
    if (!goesOn()) return never()
    if (call.signal.aborted) return stopped()
  }
  const own = isDone(fault) ? await perform(simulation, behaviour, call) : undefined
  if (fault?.kind === 'crash' && fault.when === 'after' && isAlive()) driver.crash(`after ${where}`)
  if (isAlive()) driver.pass(`after ${where}`)
  if (!goesOn()) return never()
  // What could not be started or stopped is that, whatever the script says.
  if (own?.kind === 'none' && fault?.kind !== 'no-answer') return own
  return fault === undefined ? (own ?? stopped()) : answerOf(fault, call)
}

const targetOf = (call: PluginCall, caller: Caller): FaultTarget => ({
  type: call.type,
  verb: call.verb,
  containerId: call.containerId,
  ifname: call.ifname,
  isDelegated: 'delegatedBy' in caller,
  ...('index' in caller && { index: caller.index }),
})

const isDone = (fault: Fault | undefined): boolean =>
  fault === undefined || !('effect' in fault) || fault.effect === 'done'

const answerOf = async (fault: Fault, call: PluginCall): Promise<Answer> => {
  switch (fault.kind) {
    case 'refuse':
      return answerFrom({ kind: 'refused', error: fault.error })
    case 'garbage':
      return { kind: 'success', stdout: fault.stdout }
    case 'no-answer':
      return noAnswer(fault.reason, `scripted: ${fault.reason}`, !isNeverStarted(fault.reason))
    case 'hang':
      await watch(call.signal).fired
      return stopped()
    default:
      return noAnswer('runner-threw', `a fault of kind ${fault.kind} has no answer`, true)
  }
}

// The plugin itself. A signal stops it: it must settle, and has five seconds of the node's time for it.
const perform = async (
  { world, time }: Simulation,
  behaviour: PluginBehaviour,
  call: PluginCall,
): Promise<Answer> => {
  const work = Promise.resolve()
    .then(() => behaviour(call, world))
    .then(answerFrom, (error) =>
      error instanceof Stopped
        ? stopped()
        : noAnswer(
            'runner-threw',
            `the simulated plugin ${call.type} threw: ${wordsOf(error)}`,
            true,
          ),
    )
  const watcher = watch(call.signal)
  const first = await Promise.race([work, watcher.fired])
  watcher.leave()
  if (first !== undefined) return first
  const done = new AbortController()
  const late = time.sleep(patience, done.signal)
  const ended = await Promise.race([work.then(() => true), late.then(() => false)])
  done.abort()
  return ended
    ? stopped()
    : noAnswer('unkillable', `${call.type} went on for ${patience} ms after it was stopped`, true)
}

const stopped = (): Answer => noAnswer('aborted', 'the call was stopped', true)

// A signal may outlive many calls: nobody listens longer than needed.
const watch = (signal: AbortSignal): { readonly fired: Promise<void>; leave(): void } => {
  let leave: () => void = () => {}
  const fired = new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else leave = onAbort(signal, resolve)
  })
  return { fired, leave }
}

const wordsOf = (error: unknown): string =>
  error instanceof Error ? error.message.slice(0, 400) : typeof error
