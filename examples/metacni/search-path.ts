/**
 * Decides where plugins are looked for: where somebody says so, then where the record says so, else in the usual
 * directories. Refuses nothing; what is not there is passed over by whoever searches.
 */
import { resolve } from 'node:path'
import { isObject } from '../../lib/cni/json.js'
import type { Journal, MetaConfiguration } from '../../lib/index.js'
import type { Terminal } from './terminal.js'

/** The options that name directories of plugins. */
export interface SearchOptions {
  readonly binDir?: readonly string[]
  readonly config?: string
}

/** Every directory, as absolute paths: CNI_PATH, then every --bin-dir, then the configuration's binDir; each once. */
export const searchPath = (
  env: Terminal['env'],
  { binDir = [] }: SearchOptions,
  meta: MetaConfiguration,
): readonly string[] => absolute([...inEnvironment(env), ...binDir, meta.binDir])

/** Those that somebody names: they come before the record's. Without --config its binDir is nobody's wish. */
export const namedPath = (
  env: Terminal['env'],
  { binDir = [], config }: SearchOptions,
  meta: MetaConfiguration,
): readonly string[] =>
  absolute([...inEnvironment(env), ...binDir, ...(config === undefined ? [] : [meta.binDir])])

const inEnvironment = ({ CNI_PATH = '' }: Terminal['env']): readonly string[] =>
  CNI_PATH.split(':').filter((directory) => directory !== '')

const absolute = (directories: readonly string[]): readonly string[] => [
  ...new Set(directories.map((one) => resolve(one))),
]

/** A journal in which records that name no directory, as those of Go plugins' files, have these. */
export const withSearchPath = (journal: Journal, path: readonly string[]): Journal => ({
  list: () => journal.list(),
  open: async (containerId, mode, signal) => {
    const opened = await journal.open(containerId, mode, signal)
    if (!opened.ok) return opened
    const records = new Map<string, unknown>()
    for (const [ifname, record] of opened.value.records) records.set(ifname, located(record, path))
    return { ok: true, value: { ...opened.value, records } }
  },
})

const located = (record: unknown, path: readonly string[]): unknown => {
  if (!isObject(record) || !isObject(record.sandbox)) return record
  const known = record.sandbox.path
  const isNowhere = Array.isArray(known) && known.length === 0
  return isNowhere ? { ...record, sandbox: { ...record.sandbox, path } } : record
}
