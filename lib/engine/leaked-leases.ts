/**
 * Decides which of host-local's leases belong to nobody: those whose container and interface no record and no cached
 * result names. Refuses to say so where something that could name them was not read.
 */
import type { NetworkConfigurationList } from '../cni/configuration.js'
import { isObject } from '../cni/json.js'
import { quote } from '../cni/problem.js'
import { type Holders, holderKey } from './holders.js'
import { type Leak, quotePath } from './leak.js'
import type { Lease, NodeView } from './node-view.js'
import { callText } from './unseen.js'

/** The leases that belong to nobody, or may. */
export const leakedLeases = (view: NodeView, holders: Holders): readonly Leak[] =>
  view.leases.flatMap((lease): readonly Leak[] => {
    const verdict = verdictOn(lease, view, holders)
    if (verdict === undefined) return []
    const { file, containerId, ifname } = lease
    const belongsTo = ifname === undefined ? { containerId } : { containerId, ifname }
    return [{ what: 'lease', where: file, belongsTo, ...verdict }]
  })

type Verdict = Pick<Leak, 'why' | 'severity'>

const verdictOn = (lease: Lease, view: NodeView, holders: Holders): Verdict | undefined => {
  const { containerId, ifname, network, address } = lease
  const isKnown = holders.containers.has(containerId)
  if (ifname === undefined) return isKnown ? undefined : { why: byHand, severity: 'unknown' }
  const key = holderKey(containerId, ifname)
  const networks = holders.networks.get(key)
  if (networks === undefined) {
    const whose = isKnown ? `${quote(ifname)} of its container, which has others` : 'its container'
    return ownerless(lease, view, whose)
  }
  if (!networks.has(network)) {
    const names = [...networks].map(quote).join(', ')
    const why = `its container's ${quote(ifname)} is recorded for ${names}, not for ${quote(network)}`
    return { why, severity: 'unknown' }
  }
  const addresses = holders.addresses.get(key)
  if (addresses === undefined || addresses.has(address)) return undefined
  const why = `its interface has been given other addresses: ${[...addresses].map(quote).join(', ')}`
  return { why, severity: 'unknown' }
}

// GC of host-local leaves it for the same reason.
const byHand =
  'it names no interface: it was reserved by hand, torn, or left by an early version of host-local'

const ownerless = ({ containerId }: Lease, view: NodeView, whose: string): Verdict => {
  const why = `no record and no cached result names ${whose}`
  const hidden = view.unread.find(({ what }) => what === 'records')
  if (hidden !== undefined) {
    return { why: `${why}; but ${quotePath(hidden.where)} could not be read`, severity: 'unknown' }
  }
  const spoiled = view.spoiled.find((one) => one.containerId === containerId)
  if (spoiled !== undefined) {
    return { why: `${why}; but ${quotePath(spoiled.file)} cannot be read`, severity: 'unknown' }
  }
  // libcni before 0.7 wrote a bare result: `<network>-<container>`, and nothing in it says whose it is.
  const nameless = view.cached.find(
    ({ name, attachment }) => attachment === undefined && name.includes(`-${containerId}`),
  )
  if (nameless !== undefined) {
    const how = nameless.fault === undefined ? 'in an old form' : 'which cannot be read'
    const named = `${quotePath(nameless.file)}, ${how}, may be its container's`
    return { why: `${why}; but ${named}`, severity: 'unknown' }
  }
  const call = view.calls.find((one) => one.containerId === containerId)
  if (call !== undefined) return { why: `${why}; but ${callText(call)}`, severity: 'unknown' }
  return { why, severity: 'leaked' }
}

/** The directories in which host-local keeps leases by these configurations: each `dataDir`, absolute ones alone. */
export const leaseDirectoriesOf = (
  configs: readonly NetworkConfigurationList[],
): readonly string[] => {
  const directories = new Set<string>()
  for (const { plugins } of configs) {
    for (const { ipam, delegate } of plugins) {
      for (const one of [ipam, isObject(delegate) ? delegate.ipam : undefined]) {
        const dataDir = isObject(one) && one.type === 'host-local' ? one.dataDir : undefined
        if (typeof dataDir === 'string' && dataDir.startsWith('/')) directories.add(dataDir)
      }
    }
  }
  return [...directories]
}
