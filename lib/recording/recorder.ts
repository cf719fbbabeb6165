/**
 * Decides the lines of a recording: JSON, one a line, each with the operation that it belongs to, so that operations of
 * several processes may stand in one file. Refuses to go on after a line that nobody would read.
 */
import type { Outcome } from '../engine/state.js'
import { createMask } from './mask.js'
import { bareOutcome, barePlan, bareRecord } from './outcome.js'
import {
  type Answers,
  type Asked,
  type OpenedRecords,
  type RecordedCommand,
  recordingMinor,
  recordingVersion,
} from './types.js'

/** The longest line that is written and read, in UTF-16 units: a plan is made of many files of 1 MiB. */
export const longestLine = 16 * 1024 * 1024

/** What is known of an operation beside its command. */
export interface OperationName {
  /** Another one than that of every operation beside it. */
  readonly operation: string
  /** The program that records. */
  readonly by?: string
  /** When it begins, in milliseconds since the epoch. */
  readonly time?: number
}

/** Makes the lines of one operation, each with its newline; an empty text when there is none. */
export interface Recorder {
  begin(command: RecordedCommand): string
  asked(asked: Asked): string
  /** The answer of the step before; `milliseconds`: how long it took. */
  answered<K extends Asked['kind']>(kind: K, answer: Answers[K], milliseconds?: number): string
  ended(outcome: Outcome<object>): string
}

/** A Recorder of one operation. */
export const createRecorder = ({ operation, by, time }: OperationName): Recorder => {
  const mask = createMask()
  let step = 0
  let isCut = false
  const line = (parts: object): string => {
    if (isCut) return ''
    const text = JSON.stringify(parts)
    if (text.length <= longestLine) return `${text}\n`
    isCut = true
    const cut = `a line of ${text.length} characters; ${longestLine} is the limit`
    return `${JSON.stringify({ operation, cut })}\n`
  }
  return {
    begin: (command) =>
      line({
        recording: 'metacni',
        version: recordingVersion,
        minor: recordingMinor,
        operation,
        ...(by === undefined ? {} : { by }),
        ...(time === undefined ? {} : { time }),
        command: mask(bareCommand(command)),
      }),
    asked: (asked) => line({ operation, step: ++step, asked: mask(bareAsked(asked)) }),
    answered: (kind, answer, milliseconds) =>
      line({
        operation,
        step,
        answer: mask(kind === 'open' ? bareOpened(answer as Answers['open']) : answer),
        ...(milliseconds === undefined ? {} : { milliseconds }),
      }),
    ended: (outcome) => line({ operation, steps: step, outcome: mask(bareOutcome(outcome)) }),
  }
}

/** What is recorded of a step. */
export const bareAsked = (asked: Asked): Asked =>
  asked.kind === 'save' ? { ...asked, record: bareRecord(asked.record) } : asked

const bareCommand = (command: RecordedCommand): RecordedCommand =>
  'plan' in command ? { ...command, plan: barePlan(command.plan) } : command

const bareOpened = (opened: Answers['open']): Answers['open'] => {
  if (!opened.ok) return opened
  const records = opened.value.records.map(({ ifname, record }) => ({
    ...{ ifname, record: bareRecord(record) },
  }))
  const value: OpenedRecords = { ...opened.value, records }
  return { ok: true, value }
}
