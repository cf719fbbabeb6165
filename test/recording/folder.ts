/** Reads the recordings of test/recordings: what engines did on real nodes and simulated ones. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Recording, readRecordings } from '../../lib/index.js'

const folder = fileURLToPath(new URL('../recordings', import.meta.url))

/** The files, by name without their ending. */
export const recordingFiles: readonly string[] = readdirSync(folder)
  .filter((name) => name.endsWith('.jsonl'))
  .map((name) => name.slice(0, -'.jsonl'.length))

/** The text of a file. */
export const textOf = (name: string): string => readFileSync(`${folder}/${name}.jsonl`, 'utf8')

/** The recordings of a file; throws when anything is wrong with it. */
export const recordingsOf = (name: string): readonly Recording[] => {
  const { recordings, problems } = readRecordings({ source: name, text: textOf(name) })
  if (problems.length > 0) throw new Error(`${name}: ${JSON.stringify(problems)}`)
  return recordings
}

/** One recording of a file: the n-th, from 0. */
export const recordingOf = (name: string, index = 0): Recording => {
  const recording = recordingsOf(name)[index]
  if (recording === undefined) throw new Error(`${name} has no recording ${index}`)
  return recording
}
