/** Decides what a native script is told of its call, and of the node, without a process. Refuses nothing. */
import { existsSync, readFileSync } from 'node:fs'
import { ifnameFault } from '../../lib/cni/identifier.js'
import type { Invocation } from '../../lib/cni/invocation.js'
import type { NativeCall } from '../../lib/native/script.js'
import { readKept } from './kept-file.js'

/** The call of an invocation. */
export const callOf = ({ stdin, env }: Invocation, later: boolean): NativeCall => {
  const { name, cniVersion } = stdin
  return {
    config: stdin,
    network: typeof name === 'string' ? name : '',
    cniVersion: typeof cniVersion === 'string' ? cniVersion : '',
    containerId: env.CNI_CONTAINERID,
    netns: env.CNI_NETNS,
    ifname: env.CNI_IFNAME,
    args: env.CNI_ARGS,
    later,
    hasNamespace: env.CNI_NETNS !== '' && existsSync(env.CNI_NETNS),
    // The kernel lists its links there too, for the namespace of whoever looks.
    hostHas: (link) =>
      ifnameFault(link) === undefined && existsSync(`/proc/sys/net/ipv4/conf/${link}`),
    hostState: stateOf,
    kept: readKept,
  }
}

// What is mounted at /sys may be another namespace's: an index of its own then, or no such link.
const stateOf = (link: string, index: number): string | undefined => {
  try {
    const read = (key: string): string =>
      readFileSync(`/sys/class/net/${link}/${key}`, 'utf8').trim()
    return read('ifindex') === String(index) ? read('operstate') : undefined
  } catch {
    return undefined
  }
}
