/**
 * Decides whether an ADD would meet an interface that stands already: its plugin would fail, and undoing that would take
 * away what somebody else attached. Refuses it before anything runs. Where nobody can look, the plugins will.
 */
import { at, failure, type Problem, quote } from '../../lib/cni/problem.js'
import type { Plan } from '../../lib/index.js'
import { readInterfaceNames } from '../../runners/host/kernel-links.js'
import type { Terminal } from './terminal.js'

/** The plugins that make an interface under CNI_IFNAME, and fail where there is one. Others may work on what they find. */
const makers: ReadonlySet<string> = new Set([
  ...['bond', 'bridge', 'dummy', 'flannel', 'host-device', 'ipvlan', 'macvlan', 'multus', 'ptp'],
  ...['sriov', 'tap', 'vlan'],
])

/** What of a plan stands in the namespace; `source` is where the namespace was named. */
export const standingProblems = async (
  { attachments }: Plan,
  netns: string,
  source: string,
  { env }: Terminal,
  signal: AbortSignal,
): Promise<readonly Problem[]> => {
  const made = attachments.filter(({ config }) => makers.has(config.plugins[0]?.type ?? ''))
  if (made.length === 0) return []
  const read = await readInterfaceNames(netns, { searchPath: env.PATH ?? '', signal })
  if (!read.ok) return []
  const standing = new Set(read.value)
  return made.flatMap(({ ifname, network }) => {
    if (!standing.has(ifname)) return []
    const message = `${quote(ifname)} of ${quote(network.name)} is in ${netns} already`
    const hint = 'delete it with what has attached it, or name another interface'
    return [failure('interface-exists', at(source), message, hint)]
  })
}
