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
 * `cni.dev/valid-attachments`, else `cni.dev/attachments`, which the first release of 1.1.0 reads; null is an empty list.
 * Left: code 7 when neither is there, and for an element that is no attachment.
 */
export const validAttachmentsOf = (
  stdin: JsonObject,
): E.Either<CniError, readonly AddressOwner[]> => {
  const key = ['cni.dev/valid-attachments', 'cni.dev/attachments'].find((one) =>
    Object.hasOwn(stdin, one),
  )
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
