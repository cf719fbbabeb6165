/**
 * Decides what an address plugin offers to a caller in the same process: the verbs as functions over decoded values.
 * Types only.
 */
import type { Either } from 'fp-ts/lib/Either.js'
import type { CniError } from '../../../lib/cni/error.js'
import type { JsonObject } from '../../../lib/cni/json.js'
import type { AddressOwner } from '../../../lib/ipam/pool.js'
import type { AddressAnswer } from '../../../lib/ipam/request.js'

/** One call of an attachment. */
export interface AddressCall {
  /** The configuration of the plugin that delegates; its `ipam` is the address plugin's. */
  readonly stdin: JsonObject
  /** CNI_ARGS; '' for none. */
  readonly args: string
  readonly owner: AddressOwner
}

/**
 * An address plugin. Nothing throws or rejects. What a plugin's binary refuses has the binary's code, 999; code 11 means
 * that the signal fired while the call waited for the lock, before it changed anything.
 */
export interface AddressPlugin {
  /** ADD. Left: nothing was taken. */
  allocate(call: AddressCall, signal: AbortSignal): Promise<Either<CniError, AddressAnswer>>
  /** DEL. Releasing what is not there succeeds. CNI_ARGS are not looked at. */
  release(call: AddressCall, signal: AbortSignal): Promise<Either<CniError, undefined>>
  /** CHECK. */
  check(call: AddressCall, signal: AbortSignal): Promise<Either<CniError, undefined>>
  /** GC: releases what belongs to no attachment of the list in `stdin`. Left also: code 7 without a list. */
  collect(stdin: JsonObject, signal: AbortSignal): Promise<Either<CniError, undefined>>
  /** STATUS. Left: code 50 when no address is left, 7 for a configuration that ADD would refuse. */
  status(stdin: JsonObject, signal: AbortSignal): Promise<Either<CniError, undefined>>
}
