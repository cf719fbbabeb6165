/** Decides what static does on a simulated node: lib's rules, no state (reference/plugins-and-ip.md 7.5). */
import * as E from 'fp-ts/lib/Either.js'
import { check, decode } from '../../../lib/ipam/static.js'
import { requiredPrevious } from '../outcome.js'
import { createPlugin } from '../plugin.js'

/** The static address plugin. */
export const staticPlugin = createPlugin({
  add: (call) => decode(call.config, call.args),
  del: () => E.right(undefined),
  check: (call) => {
    const previous = requiredPrevious(call)
    if (E.isLeft(previous)) return previous
    const answer = decode(call.config, call.args)
    if (E.isLeft(answer)) return answer
    const { ips = [] } = previous.right
    return check(answer.right, { ips, routes: [], dns: {} })
  },
  gc: () => E.right(undefined),
  status: () => E.right(undefined),
})
