/**
 * Decides which recordings a text holds: lines of several operations may stand in any mixture, and each may end early, as after
 * a crash. Refuses another major version and an operation with a gap; goes on with the rest after what it cannot read.
 */
import * as E from 'fp-ts/lib/Either.js'
import { decodeJson, isObject, type JsonObject, maximumDepth } from '../cni/json.js'
import { at, failure, type Problem, quote, warning } from '../cni/problem.js'
import type { SourceText } from '../network/network.js'
import { type Decoded, decodeAnswer, decodeAsked, decodeCommand } from './codec.js'
import { longestLine } from './recorder.js'
import { type RecordedStep, type Recording, recordingMinor, recordingVersion } from './types.js'

/** What a text holds, in the order of its beginnings, and what is wrong with the rest of it. */
export interface ReadRecordings {
  readonly recordings: readonly Recording[]
  /** An error for what cannot be replayed, a warning for what is cut short. */
  readonly problems: readonly Problem[]
}

/** A configuration of 64 levels stands some deep in a record, and that in a line. */
const limits = { length: longestLine, depth: maximumDepth + 32 }

/** A file that is none of ours has a problem in every line. */
const mostProblems = 8

/** The recordings of a text. Never throws. */
export const readRecordings = ({ source, text }: SourceText): ReadRecordings => {
  const reader = createReader()
  let number = 0
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\n', from)
    const line = text.slice(from, end < 0 ? text.length : end)
    number++
    if (line.trim() !== '') reader.take(line, `${source}:${number}`)
    from = end < 0 ? text.length : end + 1
  }
  const { recordings, errors, warnings } = reader
  if (recordings.length === 0 && errors.length === 0)
    errors.push(failure('bad-recording', at(source), 'nothing is recorded here'))
  return { recordings, problems: [...errors, ...warnings].slice(0, mostProblems) }
}

/** A recording that is being read. */
interface Draft extends Recording {
  readonly minor: number
  readonly steps: RecordedStep[]
  outcome?: unknown
  hasGap?: true
  /** Nothing more is taken: it is complete, or something of it is missing. */
  isOver: boolean
}

const createReader = () => {
  const recordings: Draft[] = []
  const errors: Problem[] = []
  const warnings: Problem[] = []
  const drafts = new Map<string, Draft | undefined>()

  const tell = (problem: Problem): void => {
    const list = problem.severity === 'error' ? errors : warnings
    if (list.length < mostProblems) list.push(problem)
  }

  const take = (line: string, source: string): void => {
    const json = decodeJson(line, source, limits)
    if (E.isLeft(json)) {
      const message = `the line cannot be read, and is passed over: ${json.left.message}`
      tell(warning('bad-recording', at(source), message))
    } else if (!isObject(json.right) || typeof json.right.operation !== 'string') {
      tell(failure('bad-recording', at(source), 'it is no line of a recording'))
    } else if (json.right.recording !== undefined) begin(json.right, json.right.operation, source)
    else goOn(json.right, json.right.operation, source)
  }

  const begin = (value: JsonObject, operation: string, source: string): void => {
    const fault = drafts.has(operation)
      ? { path: at(source, 'operation'), message: `${quote(operation)} has begun before` }
      : beginningFault(value, source)
    const command = fault ? E.left(fault) : decodeCommand(value.command, source)
    if (E.isLeft(command)) {
      const { path, message } = command.left
      tell(failure('bad-recording', path, message))
      if (!drafts.has(operation)) drafts.set(operation, undefined)
      return
    }
    const { by, time, minor } = value
    const draft: Draft = {
      source,
      operation,
      ...(typeof by === 'string' && { by }),
      ...(typeof time === 'number' && { time }),
      minor: typeof minor === 'number' ? minor : 0,
      command: command.right,
      steps: [],
      isOver: false,
    }
    drafts.set(operation, draft)
    recordings.push(draft)
  }

  const goOn = (value: JsonObject, operation: string, source: string): void => {
    const draft = drafts.get(operation)
    if (draft === undefined) {
      if (drafts.has(operation)) return
      drafts.set(operation, undefined)
      const message = `the beginning of ${quote(operation)} is missing`
      tell(cutOf(value, source) ?? failure('bad-recording', at(source), message))
      return
    }
    if (draft.isOver) return
    const added = addTo(draft, value, source)
    if (added === undefined) return
    draft.isOver = true
    if (added.kind === 'gap') draft.hasGap = true
    // A later minor version may ask for something new: what comes before it counts all the same.
    const isExpected = added.kind === 'unknown' && draft.minor > recordingMinor
    const make = isExpected || added.kind === 'cut' ? warning : failure
    tell(make('bad-recording', added.path, added.message))
  }

  return { recordings, errors, warnings, take }
}

interface Fault {
  /** `cut`: the recorder ended it; `gap`: lines are missing; `unknown`: no line of this version. */
  readonly kind: 'cut' | 'gap' | 'unknown'
  readonly path: string
  readonly message: string
}

const beginningFault = (
  { recording, version }: JsonObject,
  source: string,
): Omit<Fault, 'kind'> | undefined => {
  if (recording !== 'metacni') {
    return { path: at(source, 'recording'), message: `${quote(recording)} is not "metacni"` }
  }
  if (version === recordingVersion) return undefined
  const message = `recordings of version ${quote(version)} are not understood, only of version ${recordingVersion}`
  return { path: at(source, 'version'), message }
}

/** Adds a line to its recording. Why nothing after it can be used, or undefined. */
const addTo = (draft: Draft, value: JsonObject, source: string): Fault | undefined => {
  const { steps } = draft
  const last = steps.at(-1)
  if (value.asked !== undefined) {
    if (value.step !== steps.length + 1 || (last && last.answer === undefined))
      return missing(source)
    return use(decodeAsked(value.asked, source), (asked) => steps.push({ asked }))
  }
  if (value.answer !== undefined) {
    if (last === undefined || value.step !== steps.length || last.answer) return missing(source)
    const { asked } = last
    const decoded = decodeAnswer(asked.kind, value.answer, source)
    return use(decoded, (answer) => steps.splice(-1, 1, { asked, answer }))
  }
  if (isObject(value.outcome)) {
    if (last && last.answer === undefined) return missing(source)
    if (typeof value.steps === 'number' && value.steps !== steps.length) return missing(source)
    draft.outcome = value.outcome
    draft.isOver = true
    return undefined
  }
  if (value.cut !== undefined) return { kind: 'cut', path: at(source), message: cutWords(value) }
  if (draft.minor > recordingMinor) return undefined
  return { kind: 'unknown', path: at(source), message: 'nothing that this version knows' }
}

const cutWords = ({ cut }: JsonObject): string => `the recording ends here: ${quote(cut)}`

/** An operation may be ended by the recorder before it has begun. */
const cutOf = (value: JsonObject, source: string): Problem | undefined =>
  value.cut === undefined ? undefined : warning('bad-recording', at(source), cutWords(value))

const missing = (source: string): Fault => ({
  ...{ kind: 'gap', path: at(source, 'step'), message: 'lines before this one are missing' },
})

const use = <A>(decoded: Decoded<A>, work: (value: A) => void): Fault | undefined => {
  if (E.isLeft(decoded)) return { kind: 'unknown', ...decoded.left }
  work(decoded.right)
  return undefined
}
