/**
 * Decides which address plugins need no binary and how they are set up. Refuses every other type: there is no plugin for
 * it.
 */
import type { Log } from '../../../lib/ports/index.js'
import { type Lock, lockDescriptor } from '../../node/flock.js'
import type { AddressPlugin } from './address-plugin.js'
import { createHostLocal } from './host-local.js'
import { machinePoolFiles, type PoolFiles } from './pool-files.js'
import { staticPlugin } from './static.js'

/** How addresses are kept. */
export interface IpamOptions {
  /** Takes the flock(2) of a pool. Default: through flock(1). */
  readonly lock?: Lock
  /** Default: the file system of this machine. */
  readonly files?: PoolFiles
  /** Hears of what went on without a lock. */
  readonly log?: Log
  /** Permissions of new lease files, less the umask. Default: 0644, as host-local 1.1.1; later ones use 0600. */
  readonly mode?: number
  /**
   * Whether a lease waits for the disk, so that a power cut leaves no address without its owner. Default: false, as the
   * binary; the wait is that of one fdatasync(2) an address.
   */
  readonly sync?: boolean
}

/** The address plugins that need no binary, by their type. */
export interface Ipam {
  /** The plugin of this type; undefined for every other. */
  pluginOf(type: string): AddressPlugin | undefined
}

/** The address plugins for a caller in the same process. */
export const createIpam = (options: IpamOptions = {}): Ipam => {
  const { lock = lockDescriptor, files = machinePoolFiles, mode = 0o644, sync = false } = options
  const hostLocal = createHostLocal({ lock, files, mode, sync, log: options.log })
  return {
    pluginOf: (type) => {
      if (type === 'host-local') return hostLocal
      return type === 'static' ? staticPlugin : undefined
    },
  }
}
