/** Decides whether a path is the network namespace that this process itself is in (reference/cni.md 1.7). */
import { statSync } from 'node:fs'

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
