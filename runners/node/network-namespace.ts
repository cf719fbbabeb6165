/**
 * Decides what lies at the path of a network namespace: our own one, another one and which, or none (reference/cni.md 1.7).
 * Refuses to take a path for a name: what was found there yesterday may be another namespace today.
 */
import { readFileSync, readlinkSync, realpathSync, statfsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Sandbox } from '../../lib/cni/sandbox.js'
import type { NamespaceAt } from '../../lib/engine/namespace.js'

/** What a path is: our own namespace, another one (or another file), or nothing that can be looked at. */
export type NamespaceKind =
  | { readonly kind: 'same' }
  | { readonly kind: 'other' }
  | { readonly kind: 'missing'; readonly message: string }

/** Compares device and inode of `path` with those of /proc/self/ns/net. An empty path is missing. */
export const networkNamespaceAt = (path: string): NamespaceKind => {
  try {
    // Inode numbers of namespaces fit into a double, those of other files need not.
    const there = statSync(path, { bigint: true })
    const own = statSync('/proc/self/ns/net', { bigint: true })
    return { kind: there.dev === own.dev && there.ino === own.ino ? 'same' : 'other' }
  } catch (error) {
    return { kind: 'missing', message: error instanceof Error ? error.message : String(error) }
  }
}

// The file systems that namespaces have lain on: nsfs, and proc before Linux 3.19.
const nsfs = 0x6e736673
const procfs = 0x9fa0

/**
 * What the journal needs to know of a path. `id` tells a namespace from every other one that is found there later: the
 * kernel gives inode numbers to new namespaces again, so the inode's age is part of it, or the age of the process in whose
 * folder of /proc it was found. Absent where nothing of that can be told.
 */
export const lookAtNamespace = (path: string): NamespaceAt => {
  const found = networkNamespaceAt(path)
  if (found.kind !== 'other') return found
  try {
    const { type } = statfsSync(path)
    if (type !== nsfs && type !== procfs) return { kind: 'none' }
    const id = identify(path)
    return id === undefined ? { kind: 'other' } : { kind: 'other', id }
  } catch {
    // It went meanwhile, or this system does not tell.
    return { kind: 'other' }
  }
}

/**
 * The part of a Sandbox that says where: the path, and what tells the namespace there from one that is found there later,
 * where anything does. For ADD; what undoes it is then kept from another one.
 */
export const namespacePlace = (netns: string): Pick<Sandbox, 'netns' | 'netnsId'> => {
  const view = lookAtNamespace(netns)
  return view.kind === 'other' && view.id !== undefined ? { netns, netnsId: view.id } : { netns }
}

const identify = (path: string): string | undefined => {
  const { dev, ino, ctimeNs } = statSync(path, { bigint: true })
  const target = linkTarget(path)
  const pid = /^\/proc\/(\d+)\//.exec(target)?.[1]
  // A mount keeps its inode for as long as it stands. That of a path in /proc is made when somebody looks.
  if (!target.startsWith('/proc/')) return `${dev}:${ino}:${ctimeNs}`
  return pid === undefined ? undefined : `${dev}:${ino}:${pid}@${startOf(pid)}`
}

/** Where symbolic links end, but for the last one of /proc, which names no path. */
const linkTarget = (path: string): string => {
  let target = resolve(path)
  for (let links = 0; links < 8; links++) {
    try {
      const next = readlinkSync(target)
      if (/^net:\[\d+\]$/.test(next)) return join(realpathSync(dirname(target)), 'net')
      target = resolve(dirname(target), next)
    } catch {
      return target // It is no link.
    }
  }
  return target
}

/** When a process began, in clock ticks since the machine did (proc(5), field 22 of stat). */
const startOf = (pid: string): string => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}
