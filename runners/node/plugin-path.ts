/**
 * Decides which file a plugin's `type` names in a search path, exactly as libcni's FindInPath (reference/cni.md 2.6):
 * the first regular file, symbolic links followed, execute bit not looked at. Refuses names with a slash.
 */
import { statSync } from 'node:fs'

/** The path of a plugin's program, or why there is none. */
export type Found =
  | { readonly ok: true; readonly file: string }
  | { readonly ok: false; readonly message: string }

/** Looks a plugin up in directories, in order. An empty directory name is the working directory. */
export const findPlugin = (type: string, directories: readonly string[]): Found => {
  if (type === '') return missing('no plugin name provided')
  if (type.includes('/')) return missing(`invalid plugin name: ${type}`)
  if (directories.length === 0) return missing('no paths provided: CNI_PATH is empty')
  for (const directory of directories) {
    // A path without a slash would be looked for in PATH.
    const file = directory === '' ? `./${type}` : `${directory}/${type}`
    if (isRegularFile(file)) return { ok: true, file }
  }
  return missing(`failed to find plugin "${type}" in path [${directories.join(' ')}]`)
}

const missing = (message: string): Found => ({ ok: false, message })

const isRegularFile = (file: string): boolean => {
  try {
    return statSync(file, { throwIfNoEntry: false })?.isFile() === true
  } catch {
    return false // EACCES, ELOOP, a NUL in the name: not there for us
  }
}
