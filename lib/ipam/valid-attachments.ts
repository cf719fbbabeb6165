/**
 * Decides which attachments GC must spare (SPEC "GC"; divergence X-17). Refuses to guess: without a list, or with one that
 * cannot be read whole, an address in use could be given away.
 */
import * as E from 'fp-ts/lib/Either.js'
import type { CniError } from '../cni/error.js'
import { isObject, type JsonObject } from '../cni/json.js'
import { quote } from '../cni/problem.js'
import type { AddressOwner } from './pool.js'
import { refuseConfig } from './request.js'

/**
 * `cni.dev/valid-attachments`, or where that is absent or null `cni.dev/attachments`, which the first release of 1.1.0
 * reads; null under both is an empty list.
 * Left: code 7 when neither is there, and for an element that is no attachment.
 */
export const validAttachmentsOf = (
  stdin: JsonObject,
): E.Either<CniError, readonly AddressOwner[]> => {
  const keys = ['cni.dev/valid-attachments', 'cni.dev/attachments'].filter((one) =>
    Object.hasOwn(stdin, one),
  )
  // A null beside a list says nothing: taken for an empty list it would give away the other one's addresses.
  const key = keys.find((one) => stdin[one] !== null) ?? keys[0]
  if (key === undefined) return refuseConfig('GC needs "cni.dev/valid-attachments"')
  const list = stdin[key] ?? []
  if (!Array.isArray(list)) return refuseConfig(`${quote(key)} must be a list, not ${quote(list)}`)
  const valid: AddressOwner[] = []
  for (const one of list) {
    const { containerID: containerId, ifname } = isObject(one) ? one : {}
    if (typeof containerId !== 'string' || typeof ifname !== 'string') {
      return refuseConfig(`${quote(key)} holds ${quote(one)}, which is no attachment`)
    }
    valid.push({ containerId, ifname })
  }
  return E.right(valid)
}
