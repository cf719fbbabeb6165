/** Decides which plugins need no binary: by `type`. Address plugins are called by them, and are lib/ipam's. */
import { bridge } from './bridge.js'
import { loopback } from './loopback.js'
import { macvlan } from './macvlan.js'
import { ptp } from './ptp.js'
import type { NativePlugin } from './script.js'
import { tuning } from './tuning.js'

/** The native plugins, by type. */
export const nativePlugins: ReadonlyMap<string, NativePlugin> = new Map([
  ['bridge', bridge],
  ['loopback', loopback],
  ['macvlan', macvlan],
  ['ptp', ptp],
  ['tuning', tuning],
])
