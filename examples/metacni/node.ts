/**
 * Decides on what a plan is carried out: the machine, with its plugin binaries or without, or a simulated node; and where the
 * records lie. Refuses a state directory that belongs to the other runner.
 */
import { resolve } from 'node:path'
import { at, failure } from '../../lib/cni/problem.js'
import {
  type Added,
  createEngine,
  type Engine,
  type Journal,
  type Log,
  type MetaConfiguration,
  type Problem,
} from '../../lib/index.js'
import { createExecRunner } from '../../runners/exec/index.js'
import { withResultCache } from '../../runners/host/cached-journal.js'
import { createHostJournal } from '../../runners/host/journal.js'
import { createResultCache } from '../../runners/host/result-cache.js'
import { timeout } from '../../runners/wrap/timeout.js'
import { interfacesOfResults, interfaceTable } from './interface-table.js'
import { type NodeRecords, recordsIn } from './node-records.js'
import { noteLog } from './note-log.js'
import type { OpenedMaker } from './recording.js'
import { searchPath, withSearchPath } from './search-path.js'
import {
  chooseRunner,
  makeStateDirectory,
  placesBeside,
  type RunnerName,
} from './state-directory.js'
import type { Terminal } from './terminal.js'
import type { TableText } from './text-table.js'

/** The options that say on what a plan is carried out. */
export interface NodeOptions {
  readonly binDir?: readonly string[]
  readonly stateDir?: string
  /** Seconds. */
  readonly timeout?: number
  readonly runner?: RunnerName
  /** The file in which what is done is written down, too. */
  readonly record?: string
}

/** What plans are carried out on. */
export interface Node extends NodeRecords {
  readonly runner: RunnerName
  readonly engine: Engine
  /** Where plugins are looked for. */
  readonly path: readonly string[]
  /** What there is to see of a pod after its ADD. */
  tables(netns: string, added: Added): readonly TableText[]
  /** Lets the next command in. */
  close(): Promise<void>
}

/** A node, or why it cannot be had. */
export type OpenedNode =
  | { readonly ok: true; readonly value: Node }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Opens the node that the options mean; `existing` creates nothing. The signal ends the waiting for whoever uses it. */
export const openNode = async (
  options: NodeOptions,
  meta: MetaConfiguration,
  mode: 'create' | 'existing',
  terminal: Terminal,
  signal: AbortSignal,
): Promise<OpenedNode> => {
  // A simulated node without a place lives for the call; what plugin binaries did must never be forgotten.
  const place = options.stateDir ?? (options.runner === 'memory' ? undefined : meta.cniDir)
  const directory = place === undefined ? undefined : resolve(place)
  const runner = chooseRunner(options.runner, directory)
  if (!runner.ok) return { ok: false, problems: [runner.problem] }
  const maker = await makerFor(options.record, terminal)
  if (!maker.ok) return { ok: false, problems: [maker.problem] }
  const { engineOn } = maker.value
  const milliseconds = (options.timeout ?? meta.timeout) * 1000
  const log = noteLog(terminal)
  const path = searchPath(terminal.env, options, meta)
  if (runner.value === 'memory' || directory === undefined) {
    const { openMemoryNode } = await import('./memory-node.js')
    const opened = await openMemoryNode(directory, mode, log, signal)
    if (!opened.ok) {
      maker.value.close()
      return opened
    }
    const { runner: simulated, journal, tables } = opened.value
    const engine = engineOn({ runner: timeout(simulated, milliseconds), journal, log })
    const close = async () => {
      maker.value.close()
      await opened.value.close()
    }
    const records = recordsIn(journal, directory)
    return { ok: true, value: { runner: 'memory', engine, path, ...records, tables, close } }
  }
  const unmade = mode === 'create' ? makeStateDirectory(directory) : undefined
  if (unmade !== undefined) {
    maker.value.close()
    return { ok: false, problems: [failure('unreadable-directory', at(directory), unmade)] }
  }
  const exec = createExecRunner({ env: terminal.env })
  const acting =
    runner.value === 'ip' ? (await import('./ip-node.js')).ipRunner(exec, terminal.env) : exec
  const journal = withSearchPath(openJournal(options, meta, directory, log), path)
  const engine = engineOn({ runner: timeout(acting, milliseconds), journal, log })
  const close = async () => maker.value.close()
  const tables = (_: string, added: Added) => [interfaceTable(interfacesOfResults(added))]
  const records = recordsIn(journal, directory)
  return { ok: true, value: { runner: runner.value, engine, path, ...records, tables, close } }
}

/** Makes plain engines, or with a file engines that are recorded. */
export const makerFor = async (
  file: string | undefined,
  terminal: Terminal,
): Promise<OpenedMaker> => {
  if (file === undefined) return { ok: true, value: { engineOn: createEngine, close: () => {} } }
  const { openRecording } = await import('./recording.js')
  return openRecording(file, terminal)
}

/** The records of plugin binaries, as the drop-in `multus` keeps them: what it has attached is undone whole. */
const openJournal = (
  options: NodeOptions,
  meta: MetaConfiguration,
  directory: string,
  log: Log,
): Journal => {
  const { foreign, cacheDirectory } = placesBeside(options, meta, directory)
  const own = createHostJournal({ directory, foreign, log })
  // The record knows what has names too long for a file of the cache.
  const cache = createResultCache({ directory: cacheDirectory, onTooLong: () => {} })
  return withResultCache(own, { cache, log })
}
