/**
 * Decides how CNI_ARGS is read and written (reference/cni.md 1.8). Refuses pieces that are not exactly one pair, and to
 * write a key or a value that could not be read back.
 */
import * as E from 'fp-ts/lib/Either.js'
import { type CniError, cniError, cniErrorCodes } from './error.js'
import { quote } from './problem.js'

/** The pod that a runtime names in CNI_ARGS. A key is absent when the runtime left it out or empty. */
export interface PodReference {
  /** K8S_POD_NAMESPACE. */
  readonly namespace?: string
  /** K8S_POD_NAME. */
  readonly name?: string
  /** K8S_POD_UID. */
  readonly uid?: string
  /** K8S_POD_INFRA_CONTAINER_ID. */
  readonly infraContainerId?: string
}

/**
 * The pairs of CNI_ARGS in the order of their first appearance; the last value of a key counts. Every key is taken,
 * since a meta-plugin sees those of every runtime. Left: code 4, `ARGS: invalid pair "..."` for a piece without exactly
 * one `=`, also the empty piece after a trailing `;`.
 */
export const parseArgs = (text: string): E.Either<CniError, ReadonlyMap<string, string>> => {
  const args = new Map<string, string>()
  if (text === '') return E.right(args)
  for (const pair of text.split(';')) {
    const equals = pair.indexOf('=')
    if (equals < 0 || pair.includes('=', equals + 1)) {
      return E.left(invalid(`ARGS: invalid pair ${quote(pair)}`))
    }
    args.set(pair.slice(0, equals), pair.slice(equals + 1))
  }
  return E.right(args)
}

/**
 * The text of CNI_ARGS for pairs. Left: code 4 for a key or a value with `;` or `=`, which no escape exists for
 * (divergence X-24), or with a NUL, which no environment can hold.
 */
export const formatArgs = (
  pairs: Iterable<readonly [key: string, value: string]>,
): E.Either<CniError, string> => {
  const pieces: string[] = []
  for (const [key, value] of pairs) {
    if (reserved.test(key) || reserved.test(value)) {
      return E.left(
        invalid(`ARGS: ${quote(`${key}=${value}`)} contains ; = or NUL in its key or value`),
      )
    }
    pieces.push(`${key}=${value}`)
  }
  return E.right(pieces.join(';'))
}

/** What CNI_ARGS says about the pod, as kubelet's runtimes write it. */
export const podOf = (args: ReadonlyMap<string, string>): PodReference => {
  const namespace = args.get('K8S_POD_NAMESPACE')
  const name = args.get('K8S_POD_NAME')
  const uid = args.get('K8S_POD_UID')
  const infraContainerId = args.get('K8S_POD_INFRA_CONTAINER_ID')
  return {
    ...(namespace && { namespace }),
    ...(name && { name }),
    ...(uid && { uid }),
    ...(infraContainerId && { infraContainerId }),
  }
}

const reserved = /[;=\0]/
const invalid = (message: string): CniError => cniError(cniErrorCodes.invalidEnvironment, message)
