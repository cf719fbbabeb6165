/**
 * Decides how a container gets a pair of interfaces (veth), one end in each namespace, and what the result says of them
 * (reference/plugins-and-ip.md 7.2 steps 5 and 6, P-07). Refuses nothing of its own: the kernel knows what is taken.
 */
import type { ResultInterface } from '../cni/result.js'
import { type Command, type Gone, ip, trySysctl } from './command.js'
import { hostNameOf } from './names.js'
import type { NativeCall } from './script.js'

/** What a pair is like. */
export interface PairOptions {
  /** In bytes; 0 or less: the kernel's default. */
  readonly mtu: number
  readonly mac?: string | undefined
  /** The bridge whose port the host end becomes. */
  readonly master?: string
}

/** The commands on the host that make the pair and set its host end up. Deleting the host end deletes both. */
export const pairCommands = (
  call: NativeCall,
  { mtu, mac, master }: PairOptions,
): readonly Command[] => {
  const hostName = hostNameOf(call)
  const size = mtu > 0 ? ['mtu', mtu] : []
  const own = mac === undefined ? [] : ['address', mac]
  const port = master === undefined ? [] : ['master', master]
  const first = ['link', 'add', 'name', call.ifname, 'netns', call.netns, 'txqueuelen', 0]
  const peer = ['type', 'veth', 'peer', 'name', hostName, 'txqueuelen', 0, ...size]
  return [
    ip([...first, ...size, ...own, ...peer], {
      purpose: `make veth pair ${JSON.stringify(call.ifname)}, ${JSON.stringify(hostName)}`,
      // One that is there already is not this call's: the kernel refuses another.
      ...(!call.hostHas(hostName) && { undo: ['link', 'del', 'dev', hostName] }),
    }),
    ip(['link', 'set', 'dev', hostName, ...port, 'up']),
  ]
}

/** We want to own the routes of the host end, too. */
export const hostEndSysctl = (call: NativeCall): Command =>
  trySysctl(`net/ipv6/conf/${hostNameOf(call)}/accept_ra`, '0')

/** An interface of a result. */
export const interfaceOf = (
  { name, mac }: { readonly name: string; readonly mac: string },
  sandbox?: string,
): ResultInterface => (sandbox === undefined ? { name, mac } : { name, mac, sandbox })

/** Deletes the container's interface; gone already is well. `gone`: by what the end is known before the program's. */
export const deleteLink = ({ ifname }: NativeCall, gone?: Gone): Command =>
  ip(['link', 'del', 'dev', ifname], { tolerates: 'absent', ...(gone !== undefined && { gone }) })

/** Deletes a pair. Its host end goes last; a pair of the binary's has another name there, and its program is waited for. */
export const deletePair = (call: NativeCall): Command => {
  const link = hostNameOf(call)
  return deleteLink(call, call.hostHas(link) ? { where: 'host', link } : undefined)
}
