/** Decides which plugins a machine has: what libcni would find in the given directories (reference/cni.md 2.6). */
import { readdirSync } from 'node:fs'
import { findPlugin } from '../node/plugin-path.js'

/** A plugin that is not there, and how a runtime would say so. */
export interface MissingBinary {
  readonly type: string
  readonly message: string
}

/** Those of the plugin types that have no program in the directories, each once, in their order. */
export const missingBinaries = (
  types: readonly string[],
  directories: readonly string[],
): readonly MissingBinary[] => {
  const missing: MissingBinary[] = []
  for (const type of new Set(types)) {
    const found = findPlugin(type, directories)
    if (!found.ok) missing.push({ type, message: found.message })
  }
  return missing
}

/** The names of all plugins that the directories have, sorted. Directories that cannot be listed have none. */
export const installedBinaries = (directories: readonly string[]): readonly string[] => {
  const names = new Set<string>()
  for (const directory of directories) {
    for (const name of namesIn(directory)) {
      if (findPlugin(name, [directory]).ok) names.add(name)
    }
  }
  return [...names].sort()
}

const namesIn = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
