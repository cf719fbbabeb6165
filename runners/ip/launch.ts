/**
 * Decides how the two programs of an ADD are started, as one: when the address plugin asks for its lock, which the
 * container's program then takes; at once when it will not. Refuses to start them twice.
 */
import type { Locked } from '../node/flock.js'
import { lockDescriptor } from '../node/flock.js'
import type { ContainerSession } from './container-session.js'
import type { Coprocess } from './coprocess.js'
import { batchArguments } from './host-session.js'
import type { Pair, Programs } from './programs.js'

/** The start of the programs of one ADD. */
export interface Launch {
  /** Starts them now, unless they are. */
  now(): void
  /** Starts them with a lock to take; where they are started already, takes it otherwise. */
  lock(descriptor: number, signal: AbortSignal): Promise<Locked>
  /** The host's program, as soon as it is started. */
  readonly host: Promise<Coprocess>
}

/** The launch for a container's namespace. */
export const createLaunch = (
  programs: Programs,
  netns: string,
  container: () => ContainerSession,
): Launch => {
  let resolve: (host: Coprocess) => void = () => {}
  let isLaunched = false
  const host = new Promise<Coprocess>((done) => {
    resolve = done
  })
  const start = (foreground: string, descriptor?: number): Pair => {
    isLaunched = true
    const pair = programs.startPair(batch, foreground, [`--net=${netns}`], descriptor)
    resolve(pair.host)
    return pair
  }
  return {
    host,
    now: () => {
      if (isLaunched) return
      const pair = start('nsenter "$1" sh')
      container().take(pair.container, pair.feed)
    },
    lock: (descriptor, signal) => {
      if (isLaunched) return lockDescriptor(descriptor, signal)
      const pair = start(lockingShell, descriptor)
      return container().lock(pair.container, pair.feed, descriptor, signal)
    },
  }
}

const batch = ['ip', ...batchArguments].join(' ')
const lockingShell = 'flock -F -x /proc/self/fd/3 nsenter "$1" sh'
