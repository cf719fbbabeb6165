/**
 * Decides what can be asked of a node's records beside an operation: whether there are any, of one container or at all.
 * Refuses to call empty what cannot be read.
 */
import type { Journal } from '../../lib/index.js'

/** What can be asked. */
export interface NodeRecords {
  /** Whether something is recorded of a container under this CNI_IFNAME, or could not be read. */
  isRecorded(containerId: string, ifname: string, signal: AbortSignal): Promise<boolean>
  /** Where the records lie, when there are none. */
  emptyDirectory(): Promise<string | undefined>
}

/** The records of a journal in a directory; undefined: it has no place. */
export const recordsIn = (journal: Journal, directory: string | undefined): NodeRecords => ({
  isRecorded: async (containerId, ifname, signal) => {
    const opened = await journal.open(containerId, 'existing', signal)
    if (!opened.ok) return true
    const { records, corrupt, close } = opened.value
    await close()
    return records.has(ifname) || corrupt.some((one) => one.ifname === ifname)
  },
  emptyDirectory: async () => {
    const listed = await journal.list()
    return listed.ok && listed.value.length === 0 ? directory : undefined
  },
})
