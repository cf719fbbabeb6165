/** Decides whether a namespace is our own: what plugins change there, they change on the machine (divergence X-08). */
import { at, failure, type Problem } from '../../lib/cni/problem.js'
import { isOverride } from '../../lib/cni/request.js'
import { networkNamespaceAt } from '../../runners/node/network-namespace.js'
import type { Terminal } from './terminal.js'

/** The problem of an ADD or DEL in our own namespace; undefined elsewhere. `source`: where the namespace was named. */
export const ownNamespaceProblem = (
  netns: string,
  source: string,
  { env }: Terminal,
): Problem | undefined => {
  if (isOverride(env.CNI_NETNS_OVERRIDE) || networkNamespaceAt(netns).kind !== 'same')
    return undefined
  const message = `${netns} is the network namespace of this very process`
  return failure('bad-netns', at(source), message, "name the container's: ip netns add blue")
}
