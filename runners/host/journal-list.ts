/**
 * Decides which containers a journal on disk has records of. Refuses to lock anything: what it lists may be gone when
 * somebody opens it, and opening says so.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Stored } from '../../lib/ports/index.js'
import { readFileBounded } from '../node/bounded-read.js'
import { hashedPrefix } from './journal-keys.js'
import { recordLimit } from './journal-records.js'

/** The container ids of the folders in `root`; of a hashed folder, the id that its records tell. */
export const listContainers = (root: string): Stored<readonly string[]> => {
  try {
    const ids: string[] = []
    for (const entry of readdirSync(root, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue
      const id = entry.name.startsWith(hashedPrefix) ? idIn(join(root, entry.name)) : entry.name
      if (id !== undefined) ids.push(id)
    }
    return { ok: true, value: ids }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    // Nothing was ever recorded here.
    return code === 'ENOENT' ? { ok: true, value: [] } : { ok: false, message }
  }
}

const idIn = (folder: string): string | undefined => {
  for (const name of readdirSync(folder)) {
    if (!name.endsWith('.json')) continue
    const read = readFileBounded(join(folder, name), recordLimit)
    const id = read.ok ? containerIdOf(read.text) : undefined
    if (id !== undefined) return id
  }
  return undefined
}

const containerIdOf = (text: string): string | undefined => {
  try {
    const id: unknown = JSON.parse(text)?.sandbox?.containerId
    return typeof id === 'string' ? id : undefined
  } catch {
    return undefined
  }
}
