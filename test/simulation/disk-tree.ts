/**
 * Decides what a simulated disk holds, and what of it is left when the power goes: what was synced, and of the rest what
 * chance leaves, in any order; of a file's text perhaps a part.
 */
import type { Random } from './random.js'

export interface DiskFile {
  readonly kind: 'file'
  readonly ino: bigint
  text: string
  /** What a power cut leaves of it for sure. */
  synced: string
}

export interface DiskDirectory {
  readonly kind: 'directory'
  readonly ino: bigint
  entries: Map<string, DiskNode>
  synced: Map<string, DiskNode>
  /** Since the last sync, in order. */
  changes: Change[]
}

export type DiskNode = DiskFile | DiskDirectory

/** What happens to a directory as a whole or not at all. A rename is one: no file system leaves half of it. */
type Change =
  | { readonly kind: 'link'; readonly name: string; readonly node: DiskNode }
  | { readonly kind: 'unlink'; readonly name: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string; readonly node: DiskNode }

export interface DiskTree {
  readonly root: DiskDirectory
  /** The node of an absolute path. */
  find(path: string): DiskNode | undefined
  newFile(): DiskFile
  newDirectory(): DiskDirectory
  change(directory: DiskDirectory, change: Change): void
  sync(node: DiskNode): void
  /** Writes everything that is not synced. */
  syncAll(): void
  cutPower(random: Random): void
  /** The texts of all files by path. */
  texts(): Map<string, string>
}

export const createDiskTree = (): DiskTree => {
  let inodes = 1n
  // What a power cut may change.
  const directories = new Set<DiskDirectory>()
  const dirty = new Set<DiskFile>()

  const newDirectory = (): DiskDirectory => {
    const node: DiskDirectory = {
      kind: 'directory',
      ino: inodes++,
      entries: new Map(),
      synced: new Map(),
      changes: [],
    }
    directories.add(node)
    return node
  }
  const root = newDirectory()
  const apply = (entries: Map<string, DiskNode>, change: Change): void => {
    if (change.kind === 'unlink') entries.delete(change.name)
    else if (change.kind === 'link') entries.set(change.name, change.node)
    else {
      entries.delete(change.from)
      entries.set(change.to, change.node)
    }
  }
  const textsBelow = (directory: DiskDirectory, path: string, found: Map<string, string>): void => {
    for (const [name, node] of directory.entries) {
      if (node.kind === 'file') found.set(`${path}/${name}`, node.text)
      else textsBelow(node, `${path}/${name}`, found)
    }
  }
  const sync = (node: DiskNode): void => {
    if (node.kind === 'file') node.synced = node.text
    else {
      node.synced = new Map(node.entries)
      node.changes = []
    }
  }
  return {
    root,
    find: (path) => {
      let node: DiskNode | undefined = root
      for (const name of path.split('/')) {
        if (name === '') continue
        node = node?.kind === 'directory' ? node.entries.get(name) : undefined
      }
      return node
    },
    newFile: () => {
      const node: DiskFile = { kind: 'file', ino: inodes++, text: '', synced: '' }
      dirty.add(node)
      return node
    },
    newDirectory,
    change: (directory, change) => {
      directory.changes.push(change)
      apply(directory.entries, change)
    },
    sync,
    syncAll: () => {
      for (const node of [...directories, ...dirty]) sync(node)
      dirty.clear()
    },
    cutPower: (random) => {
      // Everything that was not synced is lost, or nothing, or each as it comes.
      const luck = random.pick(['none', 'all', 'some', 'some'] as const)
      for (const directory of directories) {
        const entries = new Map(directory.synced)
        for (const change of directory.changes) {
          if (luck === 'all' || (luck === 'some' && random.oneIn(2))) apply(entries, change)
        }
        directory.entries = entries
        directory.synced = new Map(entries)
        directory.changes = []
      }
      for (const file of dirty) {
        if (file.text !== file.synced && luck !== 'none') {
          const torn = file.text.slice(0, random.below(file.text.length + 1))
          file.synced = luck === 'all' ? file.text : random.pick([file.synced, torn, file.text])
        }
        file.text = file.synced
      }
      dirty.clear()
    },
    texts: () => {
      const found = new Map<string, string>()
      textsBelow(root, '', found)
      return found
    },
  }
}
