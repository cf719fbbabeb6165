/**
 * Assembles what carries a plan out on a node: plugin binaries with a time limit, records below `cniDir`. Loaded when
 * there is something to carry out: VERSION and a refused ADD do without node:child_process.
 */
import { createEngine, type Engine, type Log, type MetaConfiguration } from '../../lib/index.js'
import { createStarterRunner } from '../../runners/exec/core.js'
import { createHostJournal } from '../../runners/host/journal.js'
import { start } from '../../runners/node/start.js'
import { timeout } from '../../runners/wrap/timeout.js'

/** The engine for a configuration, on plugins with this environment. */
export const createNodeEngine = (
  meta: MetaConfiguration,
  env: Readonly<Record<string, string | undefined>>,
  log: Log,
): Engine => {
  const runner = timeout(createStarterRunner({ env, start }), meta.timeout * 1000)
  const journal = createHostJournal({ directory: meta.cniDir, log })
  return createEngine({ runner, journal, clock: { now: Date.now }, log })
}
