/**
 * Assembles what carries a plan out on a node: plugin binaries with a time limit, records below `cniDir`, and beside them
 * the results in libcni's form, which stand in for a record that is lost.
 */
import {
  type CacheKey,
  createEngine,
  type Engine,
  type EnginePorts,
  type Log,
  type MetaConfiguration,
} from '../../lib/index.js'
import metadata from '../../package.json' with { type: 'json' }
import { createStarterRunner } from '../../runners/exec/core.js'
import { withResultCache } from '../../runners/host/cached-journal.js'
import { createHostJournal, forkDirectory } from '../../runners/host/journal.js'
import { openRecordingIn } from '../../runners/host/recording-file.js'
import { createResultCache } from '../../runners/host/result-cache.js'
import { start } from '../../runners/node/start.js'
import { type RecordingSink, record } from '../../runners/wrap/record.js'
import { timeout } from '../../runners/wrap/timeout.js'

/** What an engine depends on. */
export interface EngineNeeds {
  readonly meta: MetaConfiguration
  /** The environment of every plugin, below the CNI_* variables of its call. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Log
}

/** The engine for a configuration. */
export const createNodeEngine = ({ meta, env, log }: EngineNeeds): Engine => {
  const runner = timeout(createStarterRunner({ env, start }), meta.timeout * 1000)
  // Pods that the fork attached are deleted by its files.
  const own = createHostJournal({ directory: meta.cniDir, foreign: [forkDirectory], log })
  // Not libcni's own directory by default: a runtime whose GC goes over it would take what it does not know for stale.
  const directory = meta.cacheDir ?? meta.cniDir
  const onTooLong = (key: CacheKey) =>
    log.write('info', 'its names are too long to cache it', { ...key })
  const cache = createResultCache({ directory, onTooLong })
  const journal = withResultCache(own, { cache, log })
  const ports = { runner, journal, clock: { now: Date.now }, log }
  const recordings = env.METACNI_RECORD_DIR
  return recordings ? recordedEngine(ports, recordings) : createEngine(ports)
}

/** An engine whose operation is recorded, in a file of its own. A pod does not wait for a directory that is full. */
const recordedEngine = (ports: EnginePorts & { readonly log: Log }, directory: string): Engine => {
  const opened = openRecordingIn(directory, Date.now())
  if (!opened.ok) {
    ports.log.write('error', 'nothing is recorded', { reason: opened.message })
    return createEngine(ports)
  }
  const { file, write } = opened.value
  const sink: RecordingSink = (line) => {
    try {
      write(line)
    } catch (error) {
      // Told once: what throws is not called again.
      const reason = error instanceof Error ? error.message : String(error)
      ports.log.write('error', 'the recording ends early', { file, reason })
      throw error
    }
  }
  return record(ports, sink, { by: `multus ${metadata.version}` })
}
