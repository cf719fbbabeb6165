/**
 * Decides how the Journal lies on disk: `<directory>/.metacni/<container>/<interface>.json`, one flock a container.
 * Refuses nothing that it can keep; what a record says is the engine's business.
 */
import { dirname, join } from 'node:path'
import type { NamespaceAt } from '../../lib/engine/namespace.js'
import type { Journal, JournalEntry, Log, Stored } from '../../lib/ports/index.js'
import { syncDirectory, writeAtomically } from '../node/atomic-write.js'
import { type FileSystem, machineFiles } from '../node/file-system.js'
import { type Lock, lockDescriptor } from '../node/flock.js'
import { lookAtNamespace } from '../node/network-namespace.js'
import { withoutDepartedNamespaces } from './departed-namespaces.js'
import { removeFile, setFileAside } from './file-changes.js'
import { withScratchFiles } from './foreign-journal.js'
import { lockFolder } from './journal-folder.js'
import { containerKey, recordName } from './journal-keys.js'
import { listContainers } from './journal-list.js'
import { type Records, readRecords, recordLimit } from './journal-records.js'

/** Where a journal lies and what it may use. */
export interface HostJournalOptions {
  /** `cniDir`: made when it is missing, mode 0700. */
  readonly directory: string
  /**
   * Where else scratch files of the Go plugins may lie, by which their attachments are undone: those in `directory` are
   * always found. The TKE fork's default is `forkDirectory`.
   */
  readonly foreign?: readonly string[]
  /** Told when containers cannot be locked. */
  readonly log?: Log
  /** How a container is locked. Default: flock(1). */
  readonly lock?: Lock
  /** What it lies on. Default: the file systems of this machine. */
  readonly files?: FileSystem
  /** What lies at the path of a namespace. Default: what this machine says. */
  readonly view?: (path: string) => NamespaceAt
}

/** Where the TKE fork keeps its scratch files by default (reference/tke-multus.md 1.1). */
export const forkDirectory = '/var/lib/cni/networks/multus'

/** A Journal on disk. Its folder `.metacni` cannot be a container's: no container id begins with a dot. */
export const createHostJournal = (options: HostJournalOptions): Journal => {
  const { directory, foreign = [], log, files = machineFiles, lock = lockDescriptor } = options
  const directories = [...new Set([directory, ...foreign])]
  const own = createOwnJournal(options, lock, files)
  const { list, open } = withScratchFiles(own, { directories, files, lock, log })
  return {
    list,
    open: async (containerId, mode, signal) => {
      const opened = await open(containerId, mode, signal)
      if (!opened.ok) return opened
      const { view = lookAtNamespace } = options
      return stored(withoutDepartedNamespaces(opened.value, containerId, { view, log }))
    },
  }
}

const createOwnJournal = (
  { directory, log }: HostJournalOptions,
  lock: Lock,
  files: FileSystem,
): Journal => ({
  open: async (containerId, mode, signal) => {
    try {
      const folder = join(directory, '.metacni', await containerKey(containerId))
      const locked = await lockFolder(folder, mode, lock, signal, files)
      if (locked.kind === 'failed') return failed(locked.message)
      if (locked.kind === 'absent') return stored(absentEntry)
      if (locked.unlocked !== undefined) {
        log?.write('error', 'containers are not locked', { containerId, reason: locked.unlocked })
      }
      return openEntry(folder, locked.descriptor, files)
    } catch (error) {
      return failed(`cannot open the records of ${containerId}: ${String(error)}`)
    }
  },
  list: async () => listContainers(join(directory, '.metacni'), files),
})

const openEntry = (folder: string, descriptor: number, files: FileSystem): Stored<JournalEntry> => {
  try {
    return stored(createEntry(folder, descriptor, readRecords(folder, files), files))
  } catch (error) {
    files.closeSync(descriptor)
    return failed(`cannot read ${folder}: ${String(error)}`)
  }
}

const createEntry = (
  folder: string,
  descriptor: number,
  read: Records,
  files: FileSystem,
): JournalEntry => {
  let open = true
  // The folder's own entry is on disk for sure once a record in it is.
  let durable = read.records.size > 0
  const nameOf = (ifname: string): string | undefined =>
    read.names.get(ifname) ?? recordName(ifname)
  const change = async (ifname: string, work: (file: string) => Awaitable): Awaitable => {
    if (!open) return failed('the journal entry is closed')
    const name = nameOf(ifname)
    if (name === undefined) return failed(`${JSON.stringify(ifname)} cannot be an interface name`)
    return work(join(folder, name))
  }
  return {
    records: read.records,
    corrupt: read.corrupt,
    fileOf: (ifname) => {
      const name = read.names.get(ifname)
      return name && join(folder, name)
    },
    save: (ifname, record) =>
      change(ifname, async (file) => {
        const text = textOf(record)
        if (!text.ok) return text
        const synced = durable ? stored(undefined) : await syncParents(folder, files)
        if (!synced.ok) return synced
        durable = true
        return writeAtomically(file, text.value, files)
      }),
    remove: async (ifname) =>
      nameOf(ifname) === undefined
        ? stored(undefined)
        : change(ifname, (file) => removeFile(file, files)),
    quarantine: (ifname) => change(ifname, (file) => setFileAside(file, files)),
    close: async () => {
      if (!open) return
      open = false
      // While we hold the lock: whoever waits for it sees that the folder is gone, and makes a new one.
      try {
        files.rmdirSync(folder)
      } catch {
        // Records, or what was set aside, are still in it; or the disk is read-only.
      }
      files.closeSync(descriptor)
    },
  }
}

// Nothing is recorded where there is no folder: there is nothing to undo, and nothing to forget.
const absentEntry: JournalEntry = {
  records: new Map(),
  corrupt: [],
  save: async () => failed('the container was opened without creating its records'),
  remove: async () => stored(undefined),
  quarantine: async () => stored(undefined),
  close: async () => {},
}

type Awaitable = Promise<Stored<void>>

const syncParents = async (folder: string, files: FileSystem): Awaitable => {
  const synced = await syncDirectory(dirname(folder), files)
  return synced.ok ? syncDirectory(dirname(dirname(folder)), files) : synced
}

const textOf = (record: unknown): Stored<string> => {
  try {
    const text: string | undefined = JSON.stringify(record)
    if (text === undefined) return failed('the record is not JSON')
    return Buffer.byteLength(text) > recordLimit
      ? failed(`the record is longer than ${recordLimit} bytes`)
      : stored(text)
  } catch (error) {
    return failed(`the record is not JSON: ${String(error)}`)
  }
}

const stored = <A>(value: A): Stored<A> => ({ ok: true, value })
const failed = (message: string): Stored<never> => ({ ok: false, message })
