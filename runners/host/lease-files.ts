/**
 * Decides which files are host-local's leases: `<dataDir>/<network>/<address>`, with the container's id and its interface
 * in them (reference/plugins-and-ip.md 7.6). Refuses to take its lock, and to read what is named by no address.
 */
import { readdirSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import type { Lease } from '../../lib/engine/node-view.js'
import { readFileBounded } from '../node/bounded-read.js'
import { tryToRead, type Unread } from './beside-ledger.js'

/** The longest lease, in bytes; an id has no limit of its own. */
const leaseLimit = 64 * 1024

/** The leases of these directories; a directory that does not exist has none. */
export const readLeases = (directories: readonly string[], unread: Unread[]): readonly Lease[] => {
  const leases: Lease[] = []
  for (const directory of new Set(directories)) {
    tryToRead(directory, unread, () => {
      for (const network of foldersIn(directory)) {
        const folder = join(directory, network)
        tryToRead(folder, unread, () => {
          for (const address of readdirSync(folder)
            .filter((name) => isIP(name) !== 0)
            .sort()) {
            const lease = readLease(join(folder, address), network, address, unread)
            if (lease !== undefined) leases.push(lease)
          }
        })
      }
    })
  }
  return leases
}

const foldersIn = (directory: string): readonly string[] => {
  try {
    const entries = readdirSync(directory, { withFileTypes: true })
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

const readLease = (
  file: string,
  network: string,
  address: string,
  unread: Unread[],
): Lease | undefined => {
  const read = readFileBounded(file, leaseLimit)
  if (!read.ok) {
    // Given back since it was listed.
    if (read.code !== 'ENOENT') unread.push({ where: file, why: read.message })
    return undefined
  }
  const [containerId = '', ifname] = read.text.trim().split('\r\n')
  return { file, network, address, containerId, ...(ifname !== undefined && { ifname }) }
}
