/**
 * Decides what host-local does on this machine: lib's rules over the files of a pool, interchangeable with the binary's
 * (reference/plugins-and-ip.md 7.6). Refuses to allocate without the lock that the binary takes.
 */
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { type CniError, cniError, cniErrorCodes } from '../../../lib/cni/error.js'
import { ifnameFault, isContainerId } from '../../../lib/cni/identifier.js'
import { quote } from '../../../lib/cni/problem.js'
import type { ResultDns } from '../../../lib/cni/result.js'
import * as hostLocal from '../../../lib/ipam/host-local.js'
import {
  decode,
  type HostLocalConfig,
  type PoolPlace,
  placeOf,
} from '../../../lib/ipam/host-local-config.js'
import type { AddressOwner, PoolState } from '../../../lib/ipam/pool.js'
import type { AddressAnswer } from '../../../lib/ipam/request.js'
import { parseResolvConf } from '../../../lib/ipam/resolv-conf.js'
import { validAttachmentsOf } from '../../../lib/ipam/valid-attachments.js'
import { readFileBounded } from '../../node/bounded-read.js'
import type { AddressCall, AddressPlugin } from './address-plugin.js'
import { asBinary, guarded } from './binary-code.js'
import { folderOf, isFolder, openPool, type PoolNeeds, type PoolOptions } from './pool-folder.js'
import { readPool, removeLeases, writeAllocation } from './pool-state.js'
import { discard, type FileOptions, temporaryName } from './temporary-file.js'

type Done = E.Either<CniError, undefined>

/** The host-local address plugin on the files of this machine. */
export const createHostLocal = (options: PoolOptions & FileOptions): AddressPlugin => ({
  allocate: (call, signal) => guarded(() => allocate(call, options, signal)),
  release: ({ stdin, owner }, signal) =>
    guarded(async () => {
      const fault = faultOf(owner)
      if (fault !== undefined) return E.left(fault)
      const place = asBinary(placeOf(stdin))
      if (E.isLeft(place)) return place
      const keep = (state: PoolState) => hostLocal.release(state, owner)
      return remove(place.right, { make: false, lock: false }, keep, options, signal)
    }),
  check: (call) => guarded(async () => check(call, options)),
  collect: (stdin, signal) =>
    guarded(async () => {
      const valid = validAttachmentsOf(stdin)
      if (E.isLeft(valid)) return valid
      const place = placeOf(stdin)
      if (E.isLeft(place)) return place
      const keep = (state: PoolState) => hostLocal.collect(state, valid.right)
      return remove(place.right, { make: false, lock: true }, keep, options, signal)
    }),
  status: (stdin) => guarded(async () => status(stdin, options)),
})

const allocate = async (
  { stdin, args, owner }: AddressCall,
  options: PoolOptions & FileOptions,
  signal: AbortSignal,
): Promise<E.Either<CniError, AddressAnswer>> => {
  const fault = faultOf(owner)
  if (fault !== undefined) return E.left(fault)
  const place = asBinary(placeOf(stdin))
  if (E.isLeft(place)) return place
  const config = asBinary(decode(stdin, args))
  if (E.isLeft(config)) return config
  const dns = dnsOf(config.right)
  if (E.isLeft(dns)) return dns
  const pool = await openPool(place.right, { make: true, lock: true }, options, signal)
  if (E.isLeft(pool)) return pool
  if (pool.right === undefined) return refuse('there is no pool')
  const { folder, close } = pool.right
  try {
    const before = readPool(folder, options.files)
    const allocation = hostLocal.allocate(config.right, before, owner, dns.right)
    if (E.isLeft(allocation)) return allocation
    const { state, ...answer } = allocation.right
    writeAllocation(folder, before, state, options)
    return E.right(answer)
  } finally {
    close()
  }
}

const remove = async (
  place: PoolPlace,
  needs: PoolNeeds,
  keep: (state: PoolState) => PoolState,
  options: PoolOptions,
  signal: AbortSignal,
): Promise<Done> => {
  const pool = await openPool(place, needs, options, signal)
  if (E.isLeft(pool)) return pool
  if (pool.right === undefined) return E.right(undefined)
  const { folder, isLocked, close } = pool.right
  const { files } = options
  try {
    const before = readPool(folder, files)
    const fault = removeLeases(folder, before, keep(before), files)
    // What a killed ADD left: whoever holds the lock knows that nobody writes it.
    if (isLocked) discard(join(folder, temporaryName), files)
    return fault === undefined ? E.right(undefined) : refuse(`cannot release: ${fault}`)
  } finally {
    close()
  }
}

// Reads alone, without the lock: a lease of the owner that is whole stays so while its attachment lives.
const check = ({ stdin, args, owner }: AddressCall, { files }: PoolOptions): Done => {
  const fault = faultOf(owner)
  if (fault !== undefined) return E.left(fault)
  const place = asBinary(placeOf(stdin))
  if (E.isLeft(place)) return place
  const config = asBinary(decode(stdin, args))
  if (E.isLeft(config)) return config
  const folder = folderOf(place.right)
  isFolder(folder, files)
  return hostLocal.check(readPool(folder, files), owner)
}

const status = (stdin: AddressCall['stdin'], { files }: PoolOptions): Done => {
  const place = placeOf(stdin)
  if (E.isLeft(place)) return place
  const config = decode(stdin, '')
  if (E.isLeft(config)) return config
  const folder = folderOf(place.right)
  isFolder(folder, files)
  return hostLocal.status(config.right, readPool(folder, files))
}

const dnsOf = ({ resolvConf }: HostLocalConfig): E.Either<CniError, ResultDns> => {
  if (resolvConf === undefined) return E.right({})
  const text = readFileBounded(resolvConf)
  return text.ok
    ? E.right(parseResolvConf(text.text))
    : refuse(`cannot read resolvConf ${quote(resolvConf)}: ${text.message}`)
}

const faultOf = ({ containerId, ifname }: AddressOwner): CniError | undefined => {
  const fault = isContainerId(containerId)
    ? ifnameFault(ifname)
    : `invalid container id ${quote(containerId)}`
  return fault === undefined ? undefined : cniError(cniErrorCodes.invalidEnvironment, fault)
}

const refuse = (message: string): E.Either<CniError, never> =>
  E.left(cniError(cniErrorCodes.internal, `host-local: ${message}`))
