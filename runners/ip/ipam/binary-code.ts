/**
 * Decides how a refusal of ours looks like the binary's: Go's address plugins answer everything that is wrong with 999,
 * where lib knows better (issue: same code, same meaning). Refuses to throw.
 */
import * as E from 'fp-ts/lib/Either.js'
import { type CniError, cniError, cniErrorCodes } from '../../../lib/cni/error.js'

/** The same refusal with the code that the binary gives it. */
export const asBinary = <A>(either: E.Either<CniError, A>): E.Either<CniError, A> =>
  E.mapLeft((error: CniError) => ({ ...error, code: cniErrorCodes.internal }))(either)

/** What `work` comes to; what it throws becomes code 999 with its message: an errno and the path, mostly. */
export const guarded = async <A>(
  work: () => Promise<E.Either<CniError, A>>,
): Promise<E.Either<CniError, A>> => {
  try {
    return await work()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return E.left(cniError(cniErrorCodes.internal, message || 'internal error'))
  }
}
