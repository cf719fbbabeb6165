/**
 * Decides what a node would say to a script that only shows its commands: links that were asked for are there and as they
 * should be, a bridge has no address yet. Knows nothing of any real node.
 */
import type { Command } from './command.js'
import { hostNameOf } from './names.js'
import type { NativeCall } from './script.js'

/** What stands for values that only a kernel knows. */
export const assumed = {
  mac: '<hardware address>',
  master: '<device of the default route>',
  value: '<value before>',
} as const

/** The readings of some commands: one for each `show` and each `read`. */
export const readingsOf = (
  call: NativeCall,
  commands: readonly Command[],
  where: 'node' | 'container',
): readonly unknown[] =>
  commands.flatMap((command): readonly unknown[] => {
    if (command.kind === 'read') return ['']
    return command.kind === 'show' ? [readingOf(call, command.words, where)] : []
  })

const readingOf = (
  call: NativeCall,
  words: readonly string[],
  where: 'node' | 'container',
): unknown => {
  if (words[0] === 'route') return [{ dst: 'default', dev: assumed.master }]
  const name = words.includes('dev') ? (words.at(-1) ?? '') : assumed.master
  return [linkOf(name, kindOf(call, name, where))]
}

const kindOf = (call: NativeCall, name: string, where: 'node' | 'container'): string => {
  if (name === 'lo') return ''
  return where === 'container' || name === hostNameOf(call) ? 'veth' : 'bridge'
}

// Every MTU fits: only the real master knows better.
const linkOf = (ifname: string, kind: string) => ({
  ifname,
  address: ifname === 'lo' ? '00:00:00:00:00:00' : assumed.mac,
  mtu: Number.MAX_SAFE_INTEGER,
  flags: ['UP'],
  operstate: 'UP',
  linkinfo: { info_kind: kind },
  addr_info: ifname === 'lo' ? loopbackAddresses : [],
})

const loopbackAddresses = [
  { local: '127.0.0.1', prefixlen: 8 },
  { local: '::1', prefixlen: 128 },
]
