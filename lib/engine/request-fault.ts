/**
 * Decides whether what names a container has the form that its type says: a caller may have no types. Refuses the rest
 * with the codes of reference/cni.md 1.6, before anything is opened.
 */
import * as E from 'fp-ts/lib/Either.js'
import { parseArgs } from '../cni/args.js'
import { type CniError, cniError, cniErrorCodes } from '../cni/error.js'
import { isContainerId } from '../cni/identifier.js'
import { isObject } from '../cni/json.js'
import { quote } from '../cni/problem.js'
import { decodeAttachments } from '../cni/valid-attachments.js'
import { networksFault } from './plan-fault.js'

/** Why a container id cannot be one: code 3 for an empty one, as libcni has it, else 4. */
export const containerIdFault = (containerId: unknown): CniError | undefined => {
  if (containerId === '' || containerId === undefined)
    return cniError(cniErrorCodes.unknownContainer, 'missing containerID')
  if (typeof containerId !== 'string')
    return wrong(`CNI_CONTAINERID must be a text, not ${quote(containerId)}`)
  if (isContainerId(containerId)) return undefined
  return wrong('invalid characters in CNI_CONTAINERID', containerId.slice(0, 200))
}

/** Why a value is no Sandbox. Its interface name the engine looks at. */
export const sandboxFault = (sandbox: unknown): CniError | undefined => {
  if (!isObject(sandbox)) return wrong(`a sandbox is an object, not ${quote(sandbox)}`)
  return (
    containerIdFault(sandbox.containerId) ??
    textFault('CNI_NETNS', sandbox.netns) ??
    idFault(sandbox.netnsId) ??
    textFault('CNI_IFNAME', sandbox.ifname) ??
    textFault('CNI_ARGS', sandbox.args) ??
    searchPathFault(sandbox.path)
  )
}

/** Why a value is no SandboxReference: what is left out is taken from the record. */
export const referenceFault = (reference: unknown): CniError | undefined =>
  isObject(reference)
    ? sandboxFault({ netns: '', ifname: '', args: '', path: [], ...given(reference) })
    : sandboxFault(reference)

/** Why a value is no search path. */
export const searchPathFault = (path: unknown): CniError | undefined =>
  Array.isArray(path) && path.every((directory) => typeof directory === 'string')
    ? undefined
    : wrong(`a search path is a list of directories, not ${quote(path)}`)

/** Why a search path cannot be handed to a plugin: `:` separates the directories of CNI_PATH, and nothing escapes it. */
export const joinFault = (path: readonly string[]): CniError | undefined => {
  const one = path.find((directory) => directory.includes(':'))
  return one === undefined ? undefined : wrong(`CNI_PATH cannot hold ${quote(one)}: it contains :`)
}

/** Why a GC cannot be: a list that could be misread would leave live attachments out, which are then undone. */
export const collectionFault = (
  valid: unknown,
  networks: unknown,
  path: readonly string[],
): CniError | undefined => {
  const decoded = decodeAttachments(valid, 'the list of valid attachments')
  return E.isLeft(decoded)
    ? decoded.left
    : (networksFault(networks) ?? searchPathFault(path) ?? joinFault(path))
}

/** Why CNI_ARGS would be read as something else than was meant: there is no escape (divergence X-24). */
export const argsFault = (args: string): CniError | undefined => {
  const pairs = parseArgs(args)
  return E.isLeft(pairs) ? { ...pairs.left, msg: `CNI_${pairs.left.msg}` } : undefined
}

const given = (reference: object): object =>
  Object.fromEntries(Object.entries(reference).filter(([, value]) => value !== undefined))

// A record with another value could not be read again, and an empty text would be another namespace's.
const idFault = (netnsId: unknown): CniError | undefined =>
  netnsId === undefined || (typeof netnsId === 'string' && netnsId !== '')
    ? undefined
    : wrong(`netnsId must be a text that is not empty, not ${quote(netnsId)}`)

const textFault = (variable: string, value: unknown): CniError | undefined =>
  typeof value === 'string' ? undefined : wrong(`${variable} must be a text, not ${quote(value)}`)

const wrong = (message: string, details?: string): CniError =>
  cniError(cniErrorCodes.invalidEnvironment, message, details)
