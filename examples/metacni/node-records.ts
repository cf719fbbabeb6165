/**
 * Decides what can be asked of a node's records beside an operation: whether there are any, of one container or at all.
 * Refuses to call empty what cannot be read.
 */
import type { Journal } from '../../lib/index.js'

/** What can be asked. */
export interface NodeRecords {
  /** Whether anything is recorded of a container, or could not be read. */
  isRecorded(containerId: string, signal: AbortSignal): Promise<boolean>
  /** Where the records lie, when there are none. */
  emptyDirectory(): Promise<string | undefined>
}

/** The records of a journal in a directory; undefined: it has no place. */
export const recordsIn = (journal: Journal, directory: string | undefined): NodeRecords => ({
  isRecorded: async (containerId, signal) => {
    const opened = await journal.open(containerId, 'existing', signal)
    if (!opened.ok) return true
    const { records, corrupt, close } = opened.value
    await close()
    return records.size + corrupt.length > 0
  },
  emptyDirectory: async () => {
    const listed = await journal.list()
    return listed.ok && listed.value.length === 0 ? directory : undefined
  },
})
