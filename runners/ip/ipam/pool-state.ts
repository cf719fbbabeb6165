/**
 * Decides how the folder of a pool becomes lib's PoolState, and how what lib decided becomes files again. Refuses to touch
 * what is no lease: other files, folders and links stay as they are, and a lease that nobody can read stays taken.
 */
import { join } from 'node:path'
import { parseAddress } from '../../../lib/cni/address.js'
import {
  isLeaseName,
  lastReservedName,
  leaseText,
  ownerIn,
  rangeSetIn,
} from '../../../lib/ipam/lease.js'
import type { AddressOwner, PoolState } from '../../../lib/ipam/pool.js'
import { writeHint } from './hint-file.js'
import { createLease, readText } from './lease-file.js'
import { codeOf, type PoolFiles } from './pool-files.js'
import type { FileOptions } from './temporary-file.js'

/** What the folder of a pool says. A folder that is not there is an empty pool. Throws as node:fs does. */
export const readPool = (folder: string, files: PoolFiles): PoolState => {
  const reservations: [string, AddressOwner][] = []
  const last: [string, string][] = []
  for (const name of namesIn(folder, files)) {
    const set = rangeSetIn(name)
    if (set === undefined && !isLeaseName(name)) continue
    const text = readText(join(folder, name), files)
    if (text === undefined) continue
    if (set === undefined) reservations.push([name, ownerIn(text)])
    else {
      const address = parseAddress(text)
      if (address !== undefined) last.push([set, address.text])
    }
  }
  return { reservations: Object.fromEntries(reservations), last: Object.fromEntries(last) }
}

/**
 * Makes the leases that `after` has and `before` lacks, then what was last reserved. Throws as node:fs does, or when
 * somebody took an address although the pool is locked; no lease of this call is left then.
 */
export const writeAllocation = (
  folder: string,
  before: PoolState,
  after: PoolState,
  options: FileOptions,
): void => {
  const made: string[] = []
  try {
    for (const [address, owner] of Object.entries(after.reservations)) {
      if (Object.hasOwn(before.reservations, address)) continue
      if (!createLease(folder, address, leaseText(owner), options)) {
        throw new Error(`${join(folder, address)}: somebody made it without the lock`)
      }
      made.push(address)
    }
    for (const [set, address] of Object.entries(after.last)) {
      if (before.last[set] === address) continue
      writeHint(folder, lastReservedName(set), address, options)
    }
  } catch (error) {
    for (const address of made) removeFile(join(folder, address), options.files)
    throw error
  }
}

/**
 * Removes the leases that `before` has and `after` lacks. All are tried; the words for those that could not be removed,
 * undefined when none is left.
 */
export const removeLeases = (
  folder: string,
  before: PoolState,
  after: PoolState,
  files: PoolFiles,
): string | undefined => {
  const faults: string[] = []
  for (const address of Object.keys(before.reservations)) {
    if (Object.hasOwn(after.reservations, address)) continue
    const fault = removeFile(join(folder, address), files)
    if (fault !== undefined) faults.push(fault)
  }
  return faults.length === 0 ? undefined : faults.join('; ')
}

const namesIn = (folder: string, files: PoolFiles): readonly string[] => {
  try {
    return files.readdirSync(folder)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

const removeFile = (path: string, files: PoolFiles): string | undefined => {
  try {
    files.unlinkSync(path)
    return undefined
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    return error instanceof Error ? error.message : String(error)
  }
}
