/** Decides what loopback does: `lo` up and down (reference/plugins-and-ip.md 7.1). The interface name does not matter. */
import * as E from 'fp-ts/lib/Either.js'
import { quote } from '../../../lib/cni/problem.js'
import { zeroMac } from '../hardware.js'
import { changeLink, setDown, setUp } from '../links.js'
import { fail, ownerOf, previousOf } from '../outcome.js'
import { createPlugin } from '../plugin.js'
import { findNamespace, openNamespace } from '../world.js'

/** The loopback plugin. */
export const loopback = createPlugin({
  add: (call, world) => {
    const previous = previousOf(call)
    if (E.isLeft(previous)) return previous
    const namespace = openNamespace(world, call.netns)
    if (namespace === undefined) {
      return fail(`failed to open netns ${quote(call.netns)}: no such file or directory`)
    }
    // A runtime may have set it up already: then nothing of it is this attachment's.
    if (namespace.links.get('lo')?.up === false) {
      setUp(namespace, 'lo')
      changeLink(namespace, 'lo', { owner: ownerOf(call) })
    }
    return E.right(
      previous.right ?? {
        interfaces: [{ name: 'lo', mac: zeroMac, sandbox: call.netns }],
        ips: [
          { address: '127.0.0.1/8', interface: 0 },
          { address: '::1/128', interface: 0 },
        ],
      },
    )
  },
  del: ({ netns }, world) => {
    const namespace = netns === '' ? undefined : findNamespace(world, netns)
    const link = namespace?.links.get('lo')
    if (namespace !== undefined && link !== undefined) {
      setDown(namespace, 'lo')
      const { owner: _, ...without } = { ...link, ...namespace.links.get('lo') }
      namespace.links.set('lo', without)
    }
    return E.right(undefined)
  },
  check: ({ netns }, world) =>
    findNamespace(world, netns)?.links.get('lo')?.up === true
      ? E.right(undefined)
      : fail(`lo is not up in ${quote(netns)}`),
})
