/**
 * Decides what loopback does by `ip` commands: `lo` up or down, whatever CNI_IFNAME says (reference/plugins-and-ip.md
 * 7.1). Refuses an address of `lo` that is none of loopback's.
 */
import * as E from 'fp-ts/lib/Either.js'
import { contains, parseCidr } from '../cni/address.js'
import { quote } from '../cni/problem.js'
import { currentVersion } from '../cni/version.js'
import { ip, show } from './command.js'
import { commonKeys, namespaceOf, previousOf, refuse } from './configuration.js'
import { linkIn } from './kernel.js'
import { interfaceOf } from './pair.js'
import type { NativePlugin } from './script.js'

const own = ['127.0.0.0/8', '::1/128'].flatMap((text) => parseCidr(text) ?? [])

const setDown = ip(['link', 'set', 'dev', 'lo', 'down'])

/** The loopback plugin. */
export const loopback: NativePlugin = {
  keys: commonKeys,
  laterKeys: [],
  takesAddresses: false,
  *add(call) {
    const previous = previousOf(call)
    if (E.isLeft(previous)) return previous
    const namespace = namespaceOf(call)
    if (E.isLeft(namespace)) return namespace
    const read = show('address', 'show', 'dev', 'lo')
    const seen = yield {
      container: [read, ip(['link', 'set', 'dev', 'lo', 'up']), read],
      isLast: true,
    }
    const [before, link] = [linkIn(seen.container[0], 'lo'), linkIn(seen.container[1], 'lo')]
    if (before === undefined || link === undefined) return refuse('there is no lo')
    const foreign = link.addresses.find(
      ({ cidr }) => !own.some((one) => contains(one, cidr.address)),
    )
    if (foreign !== undefined) {
      if (!before.flags.includes('UP')) yield { container: [setDown], isLast: true }
      return refuse(
        `loopback interface found with non-loopback address ${quote(foreign.cidr.text)}`,
      )
    }
    if (previous.right !== undefined) return E.right(previous.right)
    const families = [4, 6].map((family) =>
      link.addresses.find(({ cidr }) => cidr.address.family === family),
    )
    const ips = families.flatMap((one) =>
      one === undefined ? [] : [{ address: one.cidr.text, interface: 0 }],
    )
    return E.right({ cniVersion: currentVersion, interfaces: [interfaceOf(link, call.netns)], ips })
  },
  *check(call) {
    const namespace = namespaceOf(call)
    if (E.isLeft(namespace)) return namespace
    const seen = yield { container: [show('address', 'show', 'dev', 'lo')], isLast: true }
    return linkIn(seen.container[0], 'lo')?.flags.includes('UP')
      ? E.right(undefined)
      : refuse('loopback interface is down')
  },
  *del(call) {
    if (call.hasNamespace) {
      yield { container: [setDown], isLast: true }
    }
    return E.right(undefined)
  },
}
