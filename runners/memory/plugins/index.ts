/** Decides which plugins a simulated node has unless it is told otherwise. */
import type { PluginBehaviour } from '../call.js'
import { bridge } from './bridge.js'
import { flannel } from './flannel.js'
import { hostLocalPlugin } from './host-local.js'
import { loopback } from './loopback.js'
import { macvlan } from './macvlan.js'
import { portmap } from './portmap.js'
import { ptp } from './ptp.js'
import { sriov } from './sriov.js'
import { staticPlugin } from './static.js'
import { tuning } from './tuning.js'

/** The simulated plugins by type. */
export const simulatedPlugins = {
  bridge,
  flannel,
  'host-local': hostLocalPlugin,
  loopback,
  macvlan,
  portmap,
  ptp,
  sriov,
  static: staticPlugin,
  tuning,
} as const satisfies Readonly<Record<string, PluginBehaviour>>
