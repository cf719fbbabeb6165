/**
 * Decides which containers a journal on disk has records of. Refuses to lock anything: what it lists may be gone when
 * somebody opens it, and opening says so.
 */
import { join } from 'node:path'
import type { Stored } from '../../lib/ports/index.js'
import { readFileBounded } from '../node/bounded-read.js'
import type { FileSystem } from '../node/file-system.js'
import { hashedPrefix } from './journal-keys.js'
import { recordLimit } from './journal-records.js'

/** The container ids of the folders in `root` that hold records; of a hashed folder, the id that its records tell. */
export const listContainers = (root: string, files: FileSystem): Stored<readonly string[]> => {
  try {
    const ids: string[] = []
    for (const entry of files.readdirSync(root, { withFileTypes: true })) {
      const id = entry.isDirectory() ? idOf(root, entry.name, files) : undefined
      if (id !== undefined) ids.push(id)
    }
    return { ok: true, value: ids }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    // Nothing was ever recorded here.
    return code === 'ENOENT' ? { ok: true, value: [] } : { ok: false, message }
  }
}

const idOf = (root: string, folder: string, files: FileSystem): string | undefined => {
  const records = recordsIn(join(root, folder), files)
  if (records.length === 0) return undefined
  if (!folder.startsWith(hashedPrefix)) return folder
  for (const file of records) {
    const read = readFileBounded(file, recordLimit, files)
    const id = read.ok ? containerIdOf(read.text) : undefined
    if (id !== undefined) return id
  }
  return undefined
}

// A folder that its holder removes meanwhile has none, and must not hide the others.
const recordsIn = (folder: string, files: FileSystem): readonly string[] => {
  try {
    const names = files.readdirSync(folder).filter((name) => name.endsWith('.json'))
    return names.map((name) => join(folder, name))
  } catch {
    return []
  }
}

const containerIdOf = (text: string): string | undefined => {
  try {
    const id: unknown = JSON.parse(text)?.sandbox?.containerId
    return typeof id === 'string' ? id : undefined
  } catch {
    return undefined
  }
}
