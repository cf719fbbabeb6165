/** Assembles what carries a plan out on a node: plugin binaries with a time limit, records below `cniDir`. */
import { createEngine, type Engine, type Log, type MetaConfiguration } from '../../lib/index.js'
import { createStarterRunner } from '../../runners/exec/core.js'
import { createHostJournal } from '../../runners/host/journal.js'
import { start } from '../../runners/node/start.js'
import { timeout } from '../../runners/wrap/timeout.js'

/** What an engine depends on. */
export interface EngineNeeds {
  readonly meta: MetaConfiguration
  /** The environment of every plugin, below the CNI_* variables of its call. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Log
}

/** Where the TKE fork keeps its records by default: pods that it attached are deleted by them. */
const forkDirectory = '/var/lib/cni/networks/multus'

/** The engine for a configuration. */
export const createNodeEngine = ({ meta, env, log }: EngineNeeds): Engine => {
  const runner = timeout(createStarterRunner({ env, start }), meta.timeout * 1000)
  const journal = createHostJournal({ directory: meta.cniDir, foreign: [forkDirectory], log })
  return createEngine({ runner, journal, clock: { now: Date.now }, log })
}
