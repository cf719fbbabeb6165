/** Decides how calls are traced when nobody says otherwise: through debug, under DEBUG=metacni:exec. */
import createDebug from 'debug'
import type { Trace } from './trace.js'

const debug = createDebug('metacni:exec')

/** Writes one line before and one after every process, to stderr, when the namespace is enabled. */
export const debugTrace: Trace = (event) => {
  if (!debug.enabled) return
  const { phase, verb, type, file, containerId, ifname, network, keys, attempt, outcome } = event
  if (phase === 'end') debug('%s %s %s: %s', verb, type, ifname, outcome)
  else debug('%s %s %s', verb, type, ifname, { file, containerId, network, keys, attempt })
}
