/**
 * Decides what lies at the path of a network namespace: our own one, another one and which, or none (reference/cni.md 1.7).
 * Refuses to take a path for a name: what was found there yesterday may be another namespace today.
 */
import { readFileSync, readlinkSync, realpathSync, statfsSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
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
const fileSystems: ReadonlySet<number> = new Set([0x6e736673, 0x9fa0])

/**
 * What the journal needs to know of a path. `id` tells a namespace from every other one that is found there later: the
 * kernel gives inode numbers to new namespaces again, so the inode's age is part of it, or the age of the process in whose
 * folder of /proc it was found. Absent where nothing of that can be told.
 */
export const lookAtNamespace = (path: string): NamespaceAt => {
  const found = networkNamespaceAt(path)
  if (found.kind === 'missing') return found
  try {
    const mounts = String(statSync('/proc/self/ns/mnt', { bigint: true }).ino)
    if (!fileSystems.has(statfsSync(path).type)) return { kind: 'none', mounts }
    const id = identify(path, found.kind)
    return id === undefined ? { kind: found.kind } : { kind: found.kind, id: `${id}/${mounts}` }
  } catch {
    // It went meanwhile, or this system does not tell.
    return { kind: found.kind }
  }
}

/**
 * The part of a Sandbox that says where: the path, and what tells the namespace there from one that is found there later,
 * where anything does. For ADD; what undoes it is then kept from another one.
 */
export const namespacePlace = (netns: string): Pick<Sandbox, 'netns' | 'netnsId'> => {
  const view = lookAtNamespace(netns)
  const id = 'id' in view ? view.id : undefined
  return id === undefined ? { netns } : { netns, netnsId: id }
}

const identify = (path: string, kind: 'same' | 'other'): string | undefined => {
  const { dev, ino, ctimeNs } = statSync(path, { bigint: true })
  const target = linkTarget(path)
  // A mount keeps its inode for as long as it stands. That of a magic link of /proc is made when somebody looks.
  if (target.kind === 'mount') return `${dev}:${ino}:${ctimeNs}`
  const { process } = target
  if (process === 'self') return kind === 'same' ? `${dev}:${ino}` : undefined
  return process && `${dev}:${ino}:${process}@${startOf(process)}`
}

/** Where symbolic links end: at something mounted, or at a link of /proc, of which process where one can tell. */
const linkTarget = (
  path: string,
): { readonly kind: 'mount' } | { readonly kind: 'link'; readonly process?: string } => {
  let target = resolve(path)
  for (let links = 0; links < 40; links++) {
    let next: string
    try {
      next = readlinkSync(target)
    } catch {
      return { kind: 'mount' } // It is no link.
    }
    if (/^\w+:\[\d+\]$/.test(next)) {
      const place = [target, join(realpathSync(dirname(target)), basename(target))]
      const [process] = place.flatMap(
        (one) => /^\/proc\/(\d+|self|thread-self)\//.exec(one)?.[1] ?? [],
      )
      // A /proc that is mounted elsewhere may be of other processes.
      return process === undefined
        ? { kind: 'link' }
        : { kind: 'link', process: process === 'thread-self' ? 'self' : process }
    }
    target = resolve(dirname(target), next)
  }
  return { kind: 'link' }
}

/** When a process began, in clock ticks since the machine did (proc(5), field 22 of stat). */
const startOf = (pid: string): string => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}
