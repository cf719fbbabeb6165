/** Decides on what `metacni net` works: plugin binaries under a time limit, and a result cache on disk. */
import type { Log } from '../../lib/index.js'
import { createExecRunner } from '../../runners/exec/index.js'
import { createResultCache } from '../../runners/host/result-cache.js'
import { timeout } from '../../runners/wrap/timeout.js'
import type { NetPorts } from './net-cache.js'
import type { NetPlaces } from './net-request.js'
import { noteLog } from './note-log.js'
import type { Terminal } from './terminal.js'

/** The options of every command of `metacni net`. */
export interface NetOptions {
  readonly output: string
  /** Seconds that one plugin may take. */
  readonly timeout: number
}

/** The ports of one command. */
export const openPorts = (
  options: Pick<NetOptions, 'timeout'>,
  { cacheDirectory }: Pick<NetPlaces, 'cacheDirectory'>,
  terminal: Terminal,
): NetPorts => {
  const runner = timeout(createExecRunner({ env: terminal.env }), options.timeout * 1000)
  const log: Log = noteLog(terminal)
  return { cache: createResultCache({ directory: cacheDirectory }), runner, log }
}
