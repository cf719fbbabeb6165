/**
 * Decides how a simulated disk answers: like node:fs, in memory, with numbered operations at which it fails or at which
 * the process dies. After the death of the process that mounted it, it does nothing more for it.
 */
import { constants } from 'node:fs'
import { basename, dirname } from 'node:path'
import { type DriverProcess, never } from '../../runners/memory/driver-process.js'
import { createLocks } from '../../runners/memory/locks.js'
import type { FileStatus, FileSystem, WritableFile } from '../../runners/node/file-system.js'
import type { Lock } from '../../runners/node/flock.js'
import { createDiskTree, type DiskDirectory, type DiskNode } from './disk-tree.js'
import type { Random } from './random.js'

/** What happens at an operation, or from it on. */
export type DiskFault =
  | { readonly kind: 'error' }
  | { readonly kind: 'full' | 'read-only'; readonly operations: number }
  | { readonly kind: 'crash'; readonly when: 'before' | 'after' }

/** What a process sees of a disk. */
export interface MountedDisk {
  readonly files: FileSystem
  /** flock(2): it ends with the descriptor or with the process. */
  readonly lock: Lock
}

/** A disk in memory. */
export interface SimulatedDisk {
  /** For the process that lives now. */
  mount(): MountedDisk
  /** How many operations were begun. */
  readonly operations: number
  /** Scripts a fault for the operation of this number, counted from 0. */
  faultAt(operation: number, fault: DiskFault): void
  /** No fault any more. */
  disarm(): void
  /** To be called between the lives of the process: what was not synced goes as chance has it. */
  cutPower(random: Random): void
  /** All texts by path. */
  texts(): ReadonlyMap<string, string>
  /** Puts a text on the disk for good, whatever was there, with all that was not synced. */
  put(path: string, text: string): void
  /** How many locks are held. */
  readonly locked: number
}

type Kind = 'look' | 'sync' | 'change' | 'grow'

export const createSimulatedDisk = (driver: DriverProcess): SimulatedDisk => {
  const tree = createDiskTree()
  const locks = createLocks()
  const faults = new Map<number, DiskFault>()
  const until = { full: 0, 'read-only': 0 }
  let operations = 0
  driver.onRestart(() => locks.clear())

  /** Why an operation fails, or undefined; the process may die of it. */
  const refusalOf = (kind: Kind, words: string): 'EIO' | 'ENOSPC' | 'EROFS' | undefined => {
    const number = operations++
    const fault = faults.get(number)
    if (fault?.kind === 'crash' && fault.when === 'before') driver.crash(`before ${words}`)
    if (fault?.kind === 'full' || fault?.kind === 'read-only') {
      until[fault.kind] = number + fault.operations
    }
    if (fault?.kind === 'error') return 'EIO'
    if (number < until['read-only'] && (kind === 'change' || kind === 'grow')) return 'EROFS'
    return number < until.full && kind === 'grow' ? 'ENOSPC' : undefined
  }

  const mount = (): MountedDisk => {
    const isAlive = driver.witness()
    const descriptors = new Map<number, { readonly node: DiskNode; at: number; unlock?(): void }>()
    let nextDescriptor = 3

    const operate = <A>(kind: Kind, call: string, path: string, work: () => A): A => {
      const words = `${call} '${path}'`
      if (!isAlive()) throw errorOf('EIO', words, call)
      const refusal = refusalOf(kind, words)
      const isLast = faults.get(operations - 1)?.kind === 'crash'
      if (refusal !== undefined) throw errorOf(refusal, words, call)
      if (!isAlive()) throw errorOf('EIO', words, call)
      const value = work()
      if (isLast) {
        driver.crash(`after ${words}`)
        throw errorOf('EIO', words, call)
      }
      return value
    }
    const nodeAt = (path: string, call: string): DiskNode => {
      const node = tree.find(path)
      if (node === undefined) throw errorOf('ENOENT', `${call} '${path}'`, call)
      return node
    }
    const directoryAt = (path: string, call: string): DiskDirectory => {
      const node = nodeAt(path, call)
      if (node.kind !== 'directory') throw errorOf('ENOTDIR', `${call} '${path}'`, call)
      return node
    }
    const unlink = (path: string): void =>
      operate('change', 'unlink', path, () => {
        if (nodeAt(path, 'unlink').kind === 'directory') throw errorOf('EISDIR', path, 'unlink')
        const directory = directoryAt(dirname(path), 'unlink')
        tree.change(directory, { kind: 'unlink', name: basename(path) })
      })
    const rename = (from: string, to: string): void =>
      operate('change', 'rename', from, () => {
        const node = nodeAt(from, 'rename')
        if (tree.find(to)?.kind === 'directory') throw errorOf('EISDIR', to, 'rename')
        const directory = directoryAt(dirname(to), 'rename')
        const change = { kind: 'rename', from: basename(from), to: basename(to), node } as const
        tree.change(directory, change)
      })
    const handleOf = (node: DiskNode, path: string): WritableFile => ({
      writeFile: async (text) => {
        const write = (part: string) => {
          if (node.kind === 'file') node.text = part
        }
        try {
          operate('grow', 'write', path, () => write(text))
        } catch (error) {
          // A disk that becomes full has taken a part.
          if (isAlive() && node.kind === 'file') write(text.slice(0, text.length / 2))
          throw error
        }
      },
      sync: async () => operate('sync', 'fsync', path, () => tree.sync(node)),
      close: async () => {},
    })
    const create = (path: string): WritableFile =>
      operate('grow', 'open', path, () => {
        const directory = directoryAt(dirname(path), 'open')
        const name = basename(path)
        if (directory.entries.has(name)) throw errorOf('EEXIST', path, 'open')
        const node = tree.newFile()
        tree.change(directory, { kind: 'link', name, node })
        return handleOf(node, path)
      })

    const files: FileSystem = {
      openSync: (path, flags) =>
        operate('look', 'open', String(path), () => {
          const node = nodeAt(String(path), 'open')
          const wantsDirectory = (flags & constants.O_DIRECTORY) !== 0
          if (wantsDirectory) directoryAt(String(path), 'open')
          descriptors.set(nextDescriptor, { node, at: 0 })
          return nextDescriptor++
        }),
      closeSync: (descriptor) => {
        if (isAlive()) descriptors.get(descriptor)?.unlock?.()
        descriptors.delete(descriptor)
      },
      readSync: (descriptor, buffer, offset, length) =>
        operate('look', 'read', String(descriptor), () => {
          const open = descriptors.get(descriptor)
          if (open?.node.kind !== 'file') throw errorOf('EISDIR', 'read', 'read')
          const count = Buffer.from(open.node.text).copy(buffer, offset, open.at, open.at + length)
          open.at += count
          return count
        }),
      fstatSync: (descriptor) => {
        const open = descriptors.get(descriptor)
        if (open === undefined) throw errorOf('EBADF', 'fstat', 'fstat')
        return statusOf(open.node)
      },
      statSync: (path) => operate('look', 'stat', path, () => statusOf(nodeAt(path, 'stat'))),
      lstatSync: (path) =>
        operate('look', 'lstat', path, () => {
          const node = tree.find(path)
          return node && statusOf(node)
        }),
      readdirSync: ((path: string, options?: { readonly withFileTypes: true }) =>
        operate('look', 'scandir', path, () => {
          const { entries } = directoryAt(path, 'scandir')
          return options === undefined
            ? [...entries.keys()]
            : [...entries].map(([name, node]) => ({ name, ...statusOf(node) }))
        })) as FileSystem['readdirSync'],
      mkdirSync: (path) =>
        operate('grow', 'mkdir', path, () => {
          const directory = directoryAt(dirname(path), 'mkdir')
          const name = basename(path)
          if (directory.entries.has(name)) throw errorOf('EEXIST', path, 'mkdir')
          tree.change(directory, { kind: 'link', name, node: tree.newDirectory() })
        }),
      rmdirSync: (path) =>
        operate('change', 'rmdir', path, () => {
          if (directoryAt(path, 'rmdir').entries.size > 0) throw errorOf('ENOTEMPTY', path, 'rmdir')
          const change = { kind: 'unlink', name: basename(path) } as const
          tree.change(directoryAt(dirname(path), 'rmdir'), change)
        }),
      unlinkSync: unlink,
      renameSync: rename,
      promises: {
        open: async (path, flags) =>
          flags === 'wx'
            ? create(path)
            : operate('look', 'open', path, () => handleOf(nodeAt(path, 'open'), path)),
        rename: async (from, to) => rename(from, to),
        unlink: async (path) => unlink(path),
      },
    }
    const lock: Lock = async (descriptor, signal) => {
      const open = descriptors.get(descriptor)
      if (!isAlive() || open === undefined) return never()
      const release = await locks.acquire(String(open.node.ino), signal)
      if (release === undefined) return { kind: 'aborted' }
      open.unlock = release
      return { kind: 'locked' }
    }
    return { files, lock }
  }

  return {
    mount,
    get operations() {
      return operations
    },
    faultAt: (operation, fault) => {
      faults.set(operation, fault)
    },
    disarm: () => {
      faults.clear()
      until.full = 0
      until['read-only'] = 0
    },
    cutPower: tree.cutPower,
    texts: tree.texts,
    put: (path, text) => {
      tree.syncAll()
      let directory = tree.root
      for (const name of dirname(path).split('/').filter(Boolean)) {
        const next = directory.entries.get(name) ?? tree.newDirectory()
        if (next.kind !== 'directory') throw new Error(`${path} is below a file`)
        if (!directory.entries.has(name)) tree.change(directory, { kind: 'link', name, node: next })
        tree.sync(directory)
        directory = next
      }
      const node = tree.newFile()
      node.text = text
      tree.sync(node)
      tree.change(directory, { kind: 'link', name: basename(path), node })
      tree.sync(directory)
    },
    get locked() {
      return locks.held().length
    },
  }
}

const statusOf = (node: DiskNode): FileStatus => ({
  dev: 1n,
  ino: node.ino,
  isFile: () => node.kind === 'file',
  isDirectory: () => node.kind === 'directory',
})

const meanings: Readonly<Record<string, string>> = {
  EIO: 'i/o error',
  ENOSPC: 'no space left on device',
  EROFS: 'read-only file system',
  ENOENT: 'no such file or directory',
  EEXIST: 'file already exists',
  ENOTDIR: 'not a directory',
  EISDIR: 'illegal operation on a directory',
  ENOTEMPTY: 'directory not empty',
  EBADF: 'bad file descriptor',
}

// Without the stack, which takes longer than all the rest and which nobody reads.
const errorOf = (code: string, words: string, syscall: string): Error => {
  const message = `${code}: ${meanings[code] ?? code}, ${words}`
  return Object.assign(Object.create(Error.prototype), { message, code, syscall })
}
