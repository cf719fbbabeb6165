/**
 * Decides how `--record` works: an engine that writes down what it does, in a file that is open before anything runs.
 * Refuses a file that cannot be written or holds something else; one that fills up is told once, and the work goes on.
 * Loaded only with --record.
 */
import { printable } from '../../lib/cni/printable.js'
import { at, failure, type Problem } from '../../lib/cni/problem.js'
import type { Engine, EnginePorts } from '../../lib/index.js'
import metadata from '../../package.json' with { type: 'json' }
import { openRecordingFile } from '../../runners/host/recording-file.js'
import { type RecordingSink, record } from '../../runners/wrap/record.js'
import type { Terminal } from './terminal.js'

/** How the engines of a command are made. */
export interface EngineMaker {
  engineOn(ports: EnginePorts): Engine
  close(): void
}

/** A maker of engines, or why there is none. */
export type OpenedMaker =
  | { readonly ok: true; readonly value: EngineMaker }
  | { readonly ok: false; readonly problem: Problem }

/** Opens a file for what the engines of a command do. */
export const openRecording = (file: string, terminal: Terminal): OpenedMaker => {
  const opened = openRecordingFile(file)
  if (!opened.ok) {
    const message = `it cannot be recorded: ${opened.message}`
    const hint = 'name a new file in a directory that is there, or one that was recorded to before'
    return { ok: false, problem: failure('bad-recording', at('--record'), message, hint) }
  }
  const { write, close } = opened.value
  const sink: RecordingSink = (line) => {
    try {
      write(line)
    } catch (error) {
      const why = `the recording ends early: ${error instanceof Error ? error.message : error}`
      terminal.stderr.write(`warning: ${printable(why)}\n`)
      throw error
    }
  }
  const by = `metacni ${metadata.version}`
  const engineOn = (ports: EnginePorts) =>
    record({ ...ports, clock: { now: Date.now } }, sink, { by })
  return { ok: true, value: { engineOn, close } }
}
