/** Decides what host-local does on a simulated node: lib's rules over the node's pools (reference/plugins-and-ip.md 7.6). */
import * as E from 'fp-ts/lib/Either.js'
import { quote } from '../../../lib/cni/problem.js'
import * as hostLocal from '../../../lib/ipam/host-local.js'
import { decode, poolOf } from '../../../lib/ipam/host-local-config.js'
import { parseResolvConf } from '../../../lib/ipam/resolv-conf.js'
import { fail } from '../outcome.js'
import { validAttachments } from '../owners.js'
import { createPlugin } from '../plugin.js'
import { poolState } from '../world.js'

/** The host-local address plugin. */
export const hostLocalPlugin = createPlugin({
  add: (call, world) => {
    const config = decode(call.config, call.args)
    if (E.isLeft(config)) return config
    const { resolvConf } = config.right
    const text = resolvConf === undefined ? '' : world.files.get(resolvConf)?.text
    if (text === undefined) return fail(`open ${quote(resolvConf)}: no such file or directory`)
    const pool = poolOf(call.config)
    const dns = parseResolvConf(text)
    const allocation = hostLocal.allocate(config.right, poolState(world, pool), call, dns)
    if (E.isLeft(allocation)) return allocation
    const { state, ...answer } = allocation.right
    world.pools.set(pool, state)
    return E.right(answer)
  },
  del: (call, world) => {
    const pool = poolOf(call.config)
    if (world.pools.has(pool)) {
      world.pools.set(pool, hostLocal.release(poolState(world, pool), call))
    }
    return E.right(undefined)
  },
  check: (call, world) => hostLocal.check(poolState(world, poolOf(call.config)), call),
  status: (call, world) => {
    const config = decode(call.config, call.args)
    if (E.isLeft(config)) return config
    return hostLocal.status(config.right, poolState(world, poolOf(call.config)))
  },
  gc: (call, world) => {
    const valid = validAttachments(call)
    const pool = poolOf(call.config)
    if (valid !== undefined && world.pools.has(pool)) {
      world.pools.set(pool, hostLocal.collect(poolState(world, pool), valid))
    }
    return E.right(undefined)
  },
})
