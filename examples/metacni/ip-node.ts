/**
 * Decides how plugins are called on a machine without their binaries: natively where that is understood and the tools are
 * there, else by the binary. Loaded only where a command uses it.
 */
import type { Runner } from '../../lib/index.js'
import { createIpRunner, findTools } from '../../runners/ip/index.js'
import { choiceOf, routeRunner } from '../../runners/wrap/route.js'
import type { Terminal } from './terminal.js'

/** The runner; `exec` answers what is not native, address plugins included. */
export const ipRunner = (exec: Runner, env: Terminal['env']): Runner => {
  const tools = findTools(env)
  return routeRunner({
    native: createIpRunner({ env, ipam: exec }),
    otherwise: exec,
    choose: (invocation) => choiceOf(invocation, { ipam: true, tools }),
  })
}
