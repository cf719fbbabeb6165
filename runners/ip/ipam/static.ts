/** Decides what static does for a caller in the same process: lib's rules, no state (reference/plugins-and-ip.md 7.5). */
import * as E from 'fp-ts/lib/Either.js'
import { toCurrent } from '../../../lib/cni/convert.js'
import { type CniError, cniError, cniErrorCodes } from '../../../lib/cni/error.js'
import type { JsonObject } from '../../../lib/cni/json.js'
import { decodeResult, type Result } from '../../../lib/cni/result.js'
import { check, decode } from '../../../lib/ipam/static.js'
import type { AddressPlugin } from './address-plugin.js'
import { asBinary, guarded } from './binary-code.js'

const done = async (): Promise<E.Either<CniError, undefined>> => E.right(undefined)

/** The static address plugin. It keeps nothing, so that there is nothing to release or to collect. */
export const staticPlugin: AddressPlugin = {
  allocate: ({ stdin, args }) => guarded(async () => asBinary(decode(stdin, args))),
  release: done,
  check: ({ stdin, args }) =>
    guarded(async () => {
      const answer = asBinary(decode(stdin, args))
      if (E.isLeft(answer)) return answer
      const previous = previousOf(stdin)
      if (E.isLeft(previous)) return previous
      const { ips = [] } = previous.right
      return check(answer.right, { ips, routes: [], dns: {} })
    }),
  collect: done,
  status: done,
}

const previousOf = ({ cniVersion, prevResult }: JsonObject): E.Either<CniError, Result> => {
  if (prevResult === undefined || prevResult === null) return refuse('Required prevResult missing')
  const decoded = decodeResult(prevResult, typeof cniVersion === 'string' ? cniVersion : '')
  return E.isLeft(decoded)
    ? refuse(`could not parse prevResult: ${decoded.left.msg}`)
    : asBinary(toCurrent(decoded.right))
}

const refuse = (message: string): E.Either<CniError, never> =>
  E.left(cniError(cniErrorCodes.internal, message))
