/**
 * Decides how `metacni replay` goes: every recording of every file is gone through with this version's engine, and told.
 * Refuses files that hold none. Runs nothing and writes nothing.
 */
import type { Problem } from '../../lib/cni/problem.js'
import { hasErrors } from '../../lib/cni/problem.js'
import { type Recording, type Replayed, readRecordings, replay } from '../../lib/index.js'
import { commandWords } from '../../lib/recording/words.js'
import { paletteFor } from './colours.js'
import { problemText } from './failure.js'
import { createInputReader } from './input-text.js'
import { isDataFormat, printData } from './output.js'
import { replayText } from './replay-text.js'
import type { Terminal } from './terminal.js'

/** The options of `metacni replay`. */
export interface ReplayCommandOptions {
  readonly output: string
}

/** The longest file of recordings, in bytes. */
const longestFile = 64 * 1024 * 1024

/** Replays the recordings of files; the exit code: 0 when everything would go the same way. */
export const replayFiles = async (
  files: readonly string[],
  { output }: ReplayCommandOptions,
  terminal: Terminal,
): Promise<number> => {
  const { stdout, stderr, env } = terminal
  const reader = createInputReader(terminal)
  const problems: Problem[] = []
  const told: object[] = []
  let isSame = true
  for (const file of files) {
    const text = await reader.read(file, 'bad-recording', longestFile)
    const read = text.ok ? readRecordings(text.value) : { recordings: [], problems: [text.problem] }
    problems.push(...read.problems)
    for (const recording of read.recordings) {
      const replayed = await replay(recording)
      if (replayed.differences.length > 0) isSame = false
      if (isDataFormat(output)) told.push(dataOf(recording, replayed))
      else stdout.write(replayText(recording, replayed, paletteFor(stdout, env)))
    }
  }
  if (isDataFormat(output)) await printData(stdout, output, { recordings: told, problems })
  else stderr.write(problemText(problems, paletteFor(stderr, env)))
  return isSame && !hasErrors(problems) ? 0 : 1
}

const dataOf = (recording: Recording, { differences, steps, isCut }: Replayed): object => {
  const { source, operation, by, time, command } = recording
  const more = { ...(by !== undefined && { by }), ...(time !== undefined && { time }) }
  const about = { source, operation, ...more, command: commandWords(command) }
  return { ...about, steps: recording.steps.length, replayed: steps, isCut, differences }
}
