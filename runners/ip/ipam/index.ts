/**
 * Decides nothing: the address plugins host-local and static without their binaries, as a Runner and for callers in the
 * same process.
 */
export type { AddressCall, AddressPlugin } from './address-plugin.js'
export { createIpam, type Ipam, type IpamOptions } from './ipam.js'
export { machinePoolFiles, type PoolFiles } from './pool-files.js'
export { createIpamRunner } from './runner.js'
