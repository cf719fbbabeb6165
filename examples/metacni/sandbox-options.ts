/**
 * Decides whether what names a container can be handed to plugins. Refuses ids, interface names and arguments that CNI
 * does not allow, before anything is read or written for them.
 */
import { resolve } from 'node:path'
import { isLeft } from 'fp-ts/lib/Either.js'
import { parseArgs } from '../../lib/cni/args.js'
import { ifnameFault, isContainerId } from '../../lib/cni/identifier.js'
import { at, failure, type Problem, quote } from '../../lib/cni/problem.js'

/** The options that name a container and how plugins are called for it. */
export interface SandboxOptions {
  readonly containerId: string
  readonly netns?: string
  readonly ifname?: string
  readonly cniArgs?: string
}

/** What is wrong with them, all of it. */
export const sandboxProblems = ({
  containerId,
  netns,
  ifname,
  cniArgs,
}: SandboxOptions): readonly Problem[] => {
  const problems: Problem[] = []
  if (!isContainerId(containerId)) {
    const message = `${quote(containerId)} cannot be a container id`
    const hint = 'begin with a letter or digit, go on with letters, digits, _ . and -'
    problems.push(failure('bad-container-id', at('--container-id'), message, hint))
  }
  if (netns !== undefined && (netns === '' || netns.includes('\0'))) {
    const message = `${quote(netns)} cannot be the path of a network namespace`
    problems.push(failure('bad-netns', at('--netns'), message, 'for example /run/netns/blue'))
  }
  const fault = ifname === undefined ? undefined : ifnameFault(ifname)
  if (fault !== undefined) {
    problems.push(failure('bad-ifname', at('--ifname'), `${quote(ifname)}: ${fault}`))
  }
  const args = parseArgs(cniArgs ?? '')
  if (isLeft(args)) {
    const hint = 'write K=V;K=V without blanks, for example IgnoreUnknown=1;K8S_POD_NAME=web'
    problems.push(failure('bad-cni-args', at('--cni-args'), args.left.msg, hint))
  }
  return problems
}

/** The options with an absolute --netns: what is recorded is deleted from whatever directory somebody is in then. */
export const fromAnywhere = <A extends { readonly netns?: string }>(options: A): A =>
  options.netns === undefined ? options : { ...options, netns: resolve(options.netns) }
