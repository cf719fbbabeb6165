/**
 * Decides which calls the ip runner refuses before anything is done: versions, names, and configurations of which it
 * would pass over something. Refuses nothing of a DEL but what cannot be a name.
 */
import { type CniError, cniError, cniErrorCodes } from '../../lib/cni/error.js'
import { ifnameFault, isContainerId, isNetworkName } from '../../lib/cni/identifier.js'
import type { Invocation } from '../../lib/cni/invocation.js'
import { quote } from '../../lib/cni/problem.js'
import { knownVersions } from '../../lib/cni/version.js'
import { versionVerdict } from '../../lib/cni/version-verdict.js'
import { chooseEngine } from '../../lib/native/choose-engine.js'
import type { NativeCall } from '../../lib/native/script.js'

/** Why a call is refused whatever its configuration says: version, names, paths. */
export const refusalOf = (
  { verb, env }: Invocation,
  { cniVersion, network }: NativeCall,
): CniError | undefined => {
  const verdict = versionVerdict(verb, cniVersion, knownVersions)
  if (verdict !== undefined || verb === 'STATUS' || verb === 'GC') return verdict
  const wrong = [
    ...(isContainerId(env.CNI_CONTAINERID) ? [] : ['CNI_CONTAINERID']),
    ...(ifnameFault(env.CNI_IFNAME) === undefined ? [] : ['CNI_IFNAME']),
    // `ip` takes a path that is not absolute for a name in /run/netns, and `nsenter` does not.
    ...(isNamespacePath(env.CNI_NETNS, verb) ? [] : ['CNI_NETNS']),
  ]
  if (wrong.length > 0) {
    const message = `required env variables [${wrong.join(',')}] missing or invalid`
    return cniError(cniErrorCodes.invalidEnvironment, message)
  }
  // It stands in rules of the packet filter and in paths.
  if (isNetworkName(network)) return undefined
  return network === ''
    ? cniError(cniErrorCodes.invalidNetworkConfig, 'missing network name')
    : cniError(
        cniErrorCodes.invalidNetworkConfig,
        'invalid characters found in network name',
        quote(network),
      )
}

const isNamespacePath = (path: string, verb: Invocation['verb']): boolean =>
  path.startsWith('/') || (path === '' && verb === 'DEL')

/**
 * What of a configuration would be passed over in silence: code 2. Whoever wants its binary then routes calls by
 * `chooseEngine` (wrap/route); a DEL undoes what it can.
 */
export const misunderstood = (
  { verb, stdin, env }: Invocation,
  hasIpam: boolean,
): CniError | undefined => {
  if (verb === 'DEL') return undefined
  const choice = chooseEngine(stdin, {
    // Without `later` those keys mean nothing, as in 1.1.1.
    later: true,
    ipam: hasIpam,
    ifname: env.CNI_IFNAME,
    netns: env.CNI_NETNS,
  })
  if (choice.engine === 'native') return undefined
  const message = `the ip runner cannot do this without the binary: ${choice.because.join('; ')}`
  return cniError(cniErrorCodes.unsupportedField, message)
}
