/**
 * Decides how long the node's delays last: in virtual time unless a test asks for the wall clock. Virtual time stands
 * still while anything can still happen, so that a run is the same on every machine.
 */
import type { Clock } from '../../lib/ports/index.js'
import { onAbort, sleep } from '../node/abort.js'
import { turn } from './driver-process.js'

/** A clock by which one can wait. */
export interface NodeTime extends Clock {
  /** Resolves after so many milliseconds, or as soon as `signal` fires. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}

/** A clock that moves when it is told to, or when everybody waits for it. */
export interface VirtualTime extends NodeTime {
  /** Moves on and wakes the sleepers on the way, in the order of their times; resolves when they have gone on. */
  advance(milliseconds: number): Promise<void>
}

/** `start`: milliseconds since the epoch, 0 by default. `byHand`: only `advance` moves the clock. */
export interface VirtualTimeOptions {
  readonly start?: number
  readonly byHand?: boolean
}

interface Sleeper {
  readonly due: number
  readonly wake: () => void
}

/** Virtual time. Unless `byHand`, it jumps to the next sleeper once nothing else is left to run. */
export const createVirtualTime = (options: VirtualTimeOptions = {}): VirtualTime => {
  const sleepers = new Set<Sleeper>()
  let now = options.start ?? 0
  let isJumping = false

  const wakeNext = (limit: number): boolean => {
    const next = [...sleepers].sort((a, b) => a.due - b.due)[0]
    if (next === undefined || next.due > limit) return false
    sleepers.delete(next)
    now = Math.max(now, next.due)
    next.wake()
    return true
  }
  const jump = async (): Promise<void> => {
    if (isJumping) return
    isJumping = true
    await turn()
    while (wakeNext(Number.POSITIVE_INFINITY)) await turn()
    isJumping = false
  }

  return {
    now: () => now,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve()
        const leave = (): void => {
          sleepers.delete(sleeper)
          release?.()
          resolve()
        }
        const sleeper = { due: now + Math.max(0, milliseconds), wake: leave }
        sleepers.add(sleeper)
        const release = signal && onAbort(signal, leave)
        if (!options.byHand) void jump()
      }),
    advance: async (milliseconds) => {
      const end = now + milliseconds
      await turn()
      while (wakeNext(end)) await turn()
      now = Math.max(now, end)
    },
  }
}

/** The wall clock, for demonstrations. */
export const wallTime: NodeTime = {
  now: () => Date.now(),
  sleep,
}
