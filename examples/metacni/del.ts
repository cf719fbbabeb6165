/**
 * Decides what `metacni del` does: DEL of every plugin in reverse, from the record. Prints nothing when all is gone, also
 * when there was nothing; what fails stays recorded for the next time.
 */
import { callRecorded, type RecordedOptions } from './recorded.js'
import type { Terminal } from './terminal.js'

/** Undoes a container's attachments; the exit code. */
export const detach = (options: RecordedOptions, terminal: Terminal): Promise<number> =>
  callRecorded('del', 'ending with the plugin that runs', options, terminal)
