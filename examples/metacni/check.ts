/** Decides what `metacni check` does: CHECK of every plugin against the result of the ADD. Prints nothing when all is well. */
import { callRecorded, type RecordedOptions } from './recorded.js'
import type { Terminal } from './terminal.js'

/** Checks a container's attachments; the exit code. */
export const check = (options: RecordedOptions, terminal: Terminal): Promise<number> =>
  callRecorded('check', 'giving the check up', options, terminal)
