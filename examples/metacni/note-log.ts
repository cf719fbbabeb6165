/**
 * Decides what of the log people see who typed a command: what is told nowhere else, with the container that it is about.
 * Refuses what belongs to a call of a plugin: how that ended is told with the outcome.
 */
import { printable } from '../../lib/cni/printable.js'
import type { Log } from '../../lib/index.js'
import type { Terminal } from './terminal.js'

/** What nobody is told otherwise: a record that was set aside, a container that could not be locked. */
export const noteLog = ({ stderr }: Pick<Terminal, 'stderr'>): Log => {
  // A command may open a container more than once.
  const told = new Set<string>()
  return {
    write: (level, message, fields) => {
      // Calls bear a network; how they ended is told with the outcome.
      if (level !== 'error' || (fields !== undefined && 'network' in fields)) return
      const reason = typeof fields?.reason === 'string' ? `: ${fields.reason}` : ''
      const line = `warning: ${printable(`${message}${reason}${placeText(fields)}`)}\n`
      if (told.has(line)) return
      told.add(line)
      stderr.write(line)
    },
  }
}

/** Which container, and what of it. */
const placeText = ({ containerId, ifname, networks }: Readonly<Record<string, unknown>> = {}) => {
  const places = [
    ...(containerId ? [`container ${containerId}`] : []),
    ...(ifname ? [`interface ${ifname}`] : []),
    ...(networks ? [`networks ${networks}`] : []),
  ]
  return places.length === 0 ? '' : ` (${places.join(', ')})`
}
