/**
 * Decides which attachments a runtime's GC says are valid (SPEC "GC"; divergences ). Refuses a GC without a
 * list, and a list that is not whole: what it does not name would be undone.
 */
import * as E from 'fp-ts/lib/Either.js'
import type { ValidAttachment } from './derive.js'
import { type CniError, cniError, cniErrorCodes } from './error.js'
import { ifnameFault, isContainerId } from './identifier.js'
import { isObject, type JsonObject } from './json.js'
import { quote } from './problem.js'

// The second one is what the first tagged release of 1.1.0 wrote.
const keys = ['cni.dev/valid-attachments', 'cni.dev/attachments'] as const

/**
 * The list in a configuration on stdin: under `cni.dev/valid-attachments`, or where that is absent or null under
 * `cni.dev/attachments`. null under both is an empty list, as Go writes one. Left: code 7, with the value that is wrong.
 */
export const decodeValidAttachments = (
  config: JsonObject,
): E.Either<CniError, readonly ValidAttachment[]> => {
  // A null beside a list says nothing: taken for an empty list it would make the other one's attachments stale.
  const key =
    keys.find((one) => (config[one] ?? undefined) !== undefined) ??
    keys.find((one) => config[one] === null)
  if (key === undefined) {
    return wrong(`GC needs the list ${keys[0]}: without one every attachment would be stale`)
  }
  return decodeAttachments(config[key] ?? [], key)
}

/** The attachments in a list, which `name` names in messages. Left: code 7, with the value that is wrong. */
export const decodeAttachments = (
  list: unknown,
  name: string,
): E.Either<CniError, readonly ValidAttachment[]> => {
  if (!Array.isArray(list)) return wrong(`${name} must be a list, not ${quote(list)}`)
  const valid: ValidAttachment[] = []
  for (const [index, one] of list.entries()) {
    const attachment = isObject(one) ? attachmentOf(one) : undefined
    if (attachment === undefined) {
      const form = '{"containerID", "ifname"} of a valid attachment'
      return wrong(`${name}[${index}] must be the ${form}, not ${quote(one)}`)
    }
    valid.push(attachment)
  }
  return E.right(valid)
}

const attachmentOf = ({ containerID, ifname }: JsonObject): ValidAttachment | undefined =>
  typeof containerID === 'string' &&
  typeof ifname === 'string' &&
  isContainerId(containerID) &&
  ifnameFault(ifname) === undefined
    ? { containerID, ifname }
    : undefined

const wrong = (message: string): E.Either<CniError, never> =>
  E.left(cniError(cniErrorCodes.invalidNetworkConfig, message))
