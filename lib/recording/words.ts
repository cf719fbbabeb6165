/** Decides how a command and a step read in a sentence: short, by the names that operators know. */
import { isObject } from '../cni/json.js'
import type { Outcome } from '../engine/state.js'
import type { Asked, RecordedCommand } from './types.js'

/** A command: `ADD web eth0`. */
export const commandWords = (command: RecordedCommand): string => {
  if (!('sandbox' in command)) return command.verb
  const { containerId, ifname = '' } = command.sandbox
  return `${command.verb} ${containerId} ${ifname}`.trimEnd()
}

/** A step: `ADD bridge for front@eth0`, `save the record of web eth0 (added, adding)`. */
export const stepWords = (asked: Asked): string => {
  switch (asked.kind) {
    case 'run': {
      const { verb, type, stdin, env } = asked
      const network = typeof stdin.name === 'string' ? stdin.name : ''
      const place = env.CNI_IFNAME === '' ? network : `${network}@${env.CNI_IFNAME}`
      return `${verb} ${type} for ${place}`
    }
    case 'list':
      return 'list the containers'
    case 'open':
      return `open the records of ${asked.containerId}`
    case 'save':
      return `save the record of ${asked.containerId} ${asked.ifname}${statesIn(asked.record)}`
    case 'remove':
      return `remove the record of ${asked.containerId} ${asked.ifname}`
    case 'quarantine':
      return `set the record of ${asked.containerId} ${asked.ifname} aside`
    case 'close':
      return `close the records of ${asked.containerId}`
  }
}

/** How an operation ends: `success`, `failure (plugin-refused)`. */
export const outcomeWords = (outcome: Outcome<object>): string =>
  outcome.ok ? 'success' : `failure (${outcome.error.kind})`

const statesIn = (record: unknown): string => {
  const steps = isObject(record) && Array.isArray(record.steps) ? record.steps : []
  const states = steps.map((step) =>
    isObject(step) && typeof step.state === 'string' ? step.state : '',
  )
  return states.length === 0 ? '' : ` (${states.join(', ')})`
}
