/**
 * Decides what is said when the answer to a runtime cannot be written: what stays, in the log, which is on stderr as well.
 * Refuses to be silent where there is no log, or none that takes errors.
 */
import { writeSync } from 'node:fs'
import type { PluginResponse } from '../../lib/index.js'
import type { Call } from './call.js'

/** Tells that an answer is lost. */
export const tellUnwritten = (
  call: Call | undefined,
  reason: string,
  { exitCode }: PluginResponse,
): void => {
  if (call === undefined || call.meta.logLevel === 'panic') {
    try {
      writeSync(2, `multus: the answer cannot be written to stdout: ${reason}\n`)
    } catch {
      // There is nowhere left to tell it.
    }
    return
  }
  const { containerId, ifname } = call.sandbox
  const isAttached = call.request.verb === 'ADD' && exitCode === 0
  const message = isAttached
    ? 'attached, but the result cannot be written to stdout; a DEL undoes it'
    : 'the answer cannot be written to stdout'
  call.log.write('error', message, { containerId, ifname, reason })
}
