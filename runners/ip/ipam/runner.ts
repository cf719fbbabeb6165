/**
 * Decides how calls of address plugins are answered without their binaries: everything that Go's skel checks, then the
 * plugin in this process. Refuses types that it does not know: `none`, not found.
 */
import * as E from 'fp-ts/lib/Either.js'
import { type CniError, cniErrorCodes, decodeCniError } from '../../../lib/cni/error.js'
import { type Answer, type Invocation, noAnswer } from '../../../lib/cni/invocation.js'
import { decodeJson } from '../../../lib/cni/json.js'
import { quote } from '../../../lib/cni/problem.js'
import { resultOf } from '../../../lib/ipam/answer-result.js'
import { definePlugin, type Plugin, type PluginRequest, type Reply } from '../../../lib/plugin.js'
import type { Runner } from '../../../lib/ports/index.js'
import { faultOfCall } from '../border.js'
import type { AddressCall, AddressPlugin } from './address-plugin.js'
import { createIpam, type Ipam, type IpamOptions } from './ipam.js'

/** A Runner for the types `host-local` and `static`. Other types: `none`, not found, nothing started. */
export const createIpamRunner = (options: IpamOptions = {}): Runner => {
  const ipam = createIpam(options)
  return {
    run: async (invocation, signal) => {
      try {
        return await run(ipam, invocation, signal)
      } catch (error) {
        return noAnswer('runner-threw', error instanceof Error ? error.message : 'unknown', true)
      }
    },
  }
}

const run = async (ipam: Ipam, invocation: Invocation, signal: AbortSignal): Promise<Answer> => {
  if (signal.aborted) return noAnswer('aborted', 'the call was stopped before it began', false)
  const fault = faultOfCall(invocation)
  if (fault !== undefined) return fault
  const { type, env, stdin } = invocation
  const found = ipam.pluginOf(type)
  if (found === undefined) {
    const message = `${quote(type)} is not host-local or static: nothing else runs without its binary`
    return noAnswer('not-found', message, false)
  }
  const { stdout, exitCode } = await pluginFrom(found).respond({
    // No plugin here looks for programs (divergence X-07).
    env: { ...env, CNI_PATH: env.CNI_PATH || '/' },
    readStdin: async () => ({ ok: true, value: JSON.stringify(stdin) }),
    isOwnNamespace: () => false,
    signal,
  })
  if (exitCode === 0) return { kind: 'success', stdout }
  const parsed = decodeJson(stdout, 'error')
  const error = E.isRight(parsed) ? decodeCniError(parsed.right) : undefined
  // Nothing was changed yet: the lock was still waited for.
  if (signal.aborted && error?.code === cniErrorCodes.tryAgainLater) {
    return noAnswer('aborted', error.msg, false)
  }
  return { kind: 'refused', error: error ?? { code: cniErrorCodes.internal, msg: stdout } }
}

const pluginFrom = (found: AddressPlugin): Plugin =>
  definePlugin({
    add: async (request, signal) => {
      const answer = await found.allocate(callOf(request), signal)
      return replyFrom(E.isLeft(answer) ? answer : resultOf(answer.right, request.cniVersion))
    },
    del: async (request, signal) => replyFrom(await found.release(callOf(request), signal)),
    check: async (request, signal) => replyFrom(await found.check(callOf(request), signal)),
    gc: async ({ config }, signal) => replyFrom(await found.collect(config, signal)),
    status: async ({ config }, signal) => replyFrom(await found.status(config, signal)),
  })

const callOf = ({ config, args, containerId, ifname }: PluginRequest): AddressCall => ({
  stdin: config,
  args,
  owner: { containerId, ifname },
})

const replyFrom = <A>(either: E.Either<CniError, A>): Reply<A> =>
  E.isLeft(either) ? { ok: false, error: either.left } : { ok: true, value: either.right }
