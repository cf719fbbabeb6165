/**
 * Decides how scratch files of the Go plugins become records of a journal, so that a node can be upgraded under its pods:
 * read while we have none of our own, removed once ours is on disk or everything is undone. Refuses to lose one that
 * cannot be read: it is set aside like a record.
 */
import { join } from 'node:path'
import { isContainerId } from '../../lib/cni/identifier.js'
import { usualIfname } from '../../lib/engine/foreign.js'
import type { EngineRecord } from '../../lib/engine/record.js'
import type { Journal, JournalEntry, Log, Stored } from '../../lib/ports/index.js'
import type { FileSystem } from '../node/file-system.js'
import type { Lock } from '../node/flock.js'
import { removeFile, setFileAside } from './file-changes.js'
import {
  isScratchFile,
  listScratchFiles,
  readScratchFile,
  type ScratchFile,
} from './scratch-file.js'
import { lockScratchFile } from './scratch-lock.js'
import { readableIn, withStandIns } from './stand-ins.js'

/** Where the Go plugins' files lie. */
export interface ForeignJournalOptions {
  readonly directories: readonly string[]
  readonly files: FileSystem
  readonly lock: Lock
  readonly log?: Log | undefined
}

/** A journal that knows the Go plugins' scratch files too. */
export const withScratchFiles = (journal: Journal, options: ForeignJournalOptions): Journal => {
  const { directories, files } = options
  return {
    list: async () => {
      const own = await journal.list()
      if (!own.ok) return own
      try {
        const foreign = directories.flatMap((directory) => listScratchFiles(directory, files))
        return { ok: true, value: [...new Set([...own.value, ...foreign])] }
      } catch (error) {
        return failed(`cannot list scratch files: ${String(error)}`)
      }
    },
    open: async (containerId, mode, signal) => {
      try {
        const places = placesOf(directories, containerId).filter((one) => isScratchFile(one, files))
        return places.length === 0
          ? await journal.open(containerId, mode, signal)
          : await openScratch(journal, places, containerId, mode, signal, options)
      } catch (error) {
        return failed(`cannot read the scratch file of ${containerId}: ${String(error)}`)
      }
    },
  }
}

const placesOf = (directories: readonly string[], containerId: string): readonly string[] =>
  isContainerId(containerId) ? directories.map((directory) => join(directory, containerId)) : []

const openScratch = async (
  journal: Journal,
  places: readonly string[],
  containerId: string,
  mode: 'create' | 'existing',
  signal: AbortSignal,
  { files, lock, log }: ForeignJournalOptions,
): Promise<Stored<JournalEntry>> => {
  // Our own record needs a folder; a disk that takes none keeps nobody from a DEL.
  let opened = await journal.open(containerId, 'create', signal)
  if (!opened.ok && mode === 'existing') opened = await journal.open(containerId, mode, signal)
  if (!opened.ok) return opened
  const entry = opened.value
  const unlocks: (() => void)[] = []
  const close = async (): Promise<void> => {
    for (const unlock of unlocks.splice(0)) unlock()
    await entry.close()
  }
  try {
    for (const file of places) {
      const locked = await lockScratchFile(file, lock, signal, files)
      if (locked.kind === 'locked') unlocks.push(locked.unlock)
      if (locked.kind === 'unlocked') {
        log?.write('error', 'containers are not locked', { containerId, reason: locked.reason })
      }
      if (locked.kind === 'failed') {
        await close()
        return failed(`cannot lock ${file}: ${locked.message}`)
      }
    }
    // Under the locks: another DEL may have been faster.
    const found = places.flatMap((file) => readScratchFile(file, containerId, files) ?? [])
    for (const one of found) {
      // GC leaves that of a valid container alone: then nobody else says why no plugin is told what is valid.
      if (one.kind === 'corrupt')
        log?.write('error', 'a scratch file cannot be read', { containerId, reason: one.message })
    }
    return { ok: true, value: { ...(await withScratch(entry, containerId, found, files)), close } }
  } catch (error) {
    await close()
    throw error
  }
}

const failed = (message: string): Stored<never> => ({ ok: false, message })

const withScratch = async (
  entry: JournalEntry,
  containerId: string,
  found: readonly ScratchFile[],
  files: FileSystem,
): Promise<JournalEntry> => {
  const readable = readableIn(entry, containerId)
  const standIns = new Map<string, EngineRecord>()
  // By interface name: the file that our own record replaces.
  const replaced = new Map<string, string>()
  for (const scratch of found) {
    if (scratch.kind === 'nothing') await removeFile(scratch.file, files)
    if (scratch.kind !== 'record') continue
    const { ifname } = scratch.record.sandbox
    // Of two files for one name the other waits until the first one is undone.
    if (replaced.has(ifname)) continue
    replaced.set(ifname, scratch.file)
    // Our own record of the name is the newer one: of a DEL that died before it had removed the file.
    if (!readable.has(ifname)) standIns.set(ifname, scratch.record)
  }
  const inner = withStandIns(entry, containerId, standIns)
  const spoiled = new Map<string, ScratchFile & { readonly kind: 'corrupt' }>()
  for (const scratch of found) {
    const { records, corrupt } = inner
    const isTaken = records.has(usualIfname) || corrupt.some((one) => one.ifname === usualIfname)
    // A file that cannot be read goes by the usual name.
    if (scratch.kind === 'corrupt') spoiled.set(isTaken ? scratch.file : usualIfname, scratch)
  }
  const forget = async (ifname: string): Promise<Stored<void>> => {
    const file = replaced.get(ifname)
    if (file === undefined) return { ok: true, value: undefined }
    const removed = await removeFile(file, files)
    if (removed.ok) replaced.delete(ifname)
    return removed
  }
  return {
    records: inner.records,
    corrupt: [
      ...inner.corrupt,
      ...[...spoiled].map(([ifname, { message }]) => ({ ifname, message })),
    ],
    fileOf: (ifname) => inner.fileOf?.(ifname),
    save: async (ifname, record) => {
      const saved = await inner.save(ifname, record)
      return saved.ok ? forget(ifname) : saved
    },
    remove: async (ifname) => {
      const removed = await inner.remove(ifname)
      return removed.ok ? forget(ifname) : removed
    },
    quarantine: async (ifname) => {
      const scratch = spoiled.get(ifname)
      if (scratch === undefined) return inner.quarantine(ifname)
      const aside = await setFileAside(scratch.file, files)
      if (aside.ok) spoiled.delete(ifname)
      return aside
    },
    close: () => inner.close(),
  }
}
