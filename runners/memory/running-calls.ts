/**
 * Decides which calls of a simulated node run, which of them have outlived the process that made them, and who must wait
 * for those. Refuses to let a dead process stop anybody: its signals reach no plugin.
 */
import { type Answer, type Invocation, noAnswer } from '../../lib/cni/invocation.js'
import { onAbort } from '../node/abort.js'
import type { Arrival } from './call.js'
import type { DriverProcess } from './driver-process.js'
import type { NodeTime } from './time.js'

/** How long a stopped plugin may go on before it counts as unkillable, in milliseconds (design: Runner). */
export const patience = 5000

/** How often one looks whether an earlier call has ended, in milliseconds of the node's time. */
const pause = 5

/** A call of the runner, while its plugin runs. */
export interface RunningCall {
  /** The process that made it lives. */
  isAlive(): boolean
  /** The plugin does something yet: its process lives, or its death has spared it. */
  goesOn(): boolean
  /** Fires when the plugin is stopped. */
  readonly signal: AbortSignal
  end(): void
}

/** The calls of a node. */
export interface RunningCalls {
  begin(arrival: Arrival, signal: AbortSignal): RunningCall
  /** Waits for earlier calls that an invocation may overlap; the answer where it must not begin. */
  outlive(
    invocation: Invocation,
    signal: AbortSignal,
    isAlive: () => boolean,
  ): Promise<Answer | undefined>
  /** How many plugins go on although the process that started them is dead. */
  readonly orphans: number
}

interface Entry extends RunningCall {
  readonly arrival: Arrival
  stop(): void
}

/** No calls yet. */
export const createRunningCalls = (driver: DriverProcess, time: NodeTime): RunningCalls => {
  const entries = new Set<Entry>()
  const orphans = (): readonly Entry[] => {
    for (const entry of entries) if (!entry.goesOn()) entries.delete(entry)
    return [...entries].filter(({ isAlive }) => !isAlive())
  }
  const orphansOf = ({ type, env }: Invocation): readonly Entry[] =>
    orphans().filter(
      ({ arrival }) =>
        arrival.type === type &&
        arrival.env.CNI_CONTAINERID === env.CNI_CONTAINERID &&
        arrival.env.CNI_IFNAME === env.CNI_IFNAME,
    )

  return {
    begin: (arrival, signal) => {
      const isAlive = driver.witness()
      const controller = new AbortController()
      const stop = (): void => controller.abort()
      const forward = (): void => {
        if (isAlive()) stop()
      }
      const release = onAbort(signal, forward)
      const entry: Entry = {
        arrival,
        isAlive,
        goesOn: driver.pluginWitness(),
        signal: controller.signal,
        stop,
        end: () => {
          release()
          entries.delete(entry)
        },
      }
      entries.add(entry)
      return entry
    },
    outlive: async (invocation, signal, isAlive) => {
      while (orphansOf(invocation).length > 0 && !signal.aborted && isAlive())
        await time.sleep(pause, signal)
      const left = orphansOf(invocation)
      if (left.length === 0 || !isAlive()) return undefined
      for (const entry of left) entry.stop()
      const end = time.now() + patience
      while (orphansOf(invocation).length > 0 && time.now() < end) await time.sleep(pause)
      return orphansOf(invocation).length === 0
        ? noAnswer('aborted', 'an earlier call was still running and was killed', false)
        : noAnswer('unkillable', 'an earlier call is still running and cannot be killed', true)
    },
    get orphans() {
      return orphans().length
    },
  }
}
