/**
 * Decides whether a step of today's engine is the recorded one, and what is different. Both sides are masked alike, so that
 * a secret is neither a difference nor shown.
 */
import { type JsonChange, jsonChanges } from '../cni/json-changes.js'
import { createMask } from './mask.js'
import { bareAsked } from './recorder.js'
import type { Asked } from './types.js'

/** Whether two steps ask the same one for the same thing, whatever else differs. */
export const isSameStep = (a: Asked, b: Asked): boolean => identityOf(a) === identityOf(b)

/** What is different between a recorded step and today's; paths lead into `asked`. */
export const stepChanges = (recorded: Asked, today: Asked): readonly JsonChange[] =>
  maskedChanges(recorded, bareAsked(today))

/** What is different between two values, secrets masked. */
export const maskedChanges = (recorded: unknown, today: unknown): readonly JsonChange[] => {
  const mask = createMask()
  return jsonChanges(mask(recorded), mask(today))
}

const identityOf = (asked: Asked): string => {
  switch (asked.kind) {
    case 'run': {
      const { type, verb, stdin, env } = asked
      return JSON.stringify([verb, type, stdin.name, env.CNI_CONTAINERID, env.CNI_IFNAME])
    }
    case 'list':
      return 'list'
    case 'open':
    case 'close':
      return JSON.stringify([asked.kind, asked.containerId])
    default:
      return JSON.stringify([asked.kind, asked.containerId, asked.ifname])
  }
}
