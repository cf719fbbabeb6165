/**
 * Decides how a refusal and a failure are told: as data on stdout for programs, as a list on stderr for people. Refuses
 * control characters of strangers on the way to a terminal.
 */
import { errorObject } from '../../lib/cni/error.js'
import { printable } from '../../lib/cni/printable.js'
import {
  type CniError,
  currentVersion,
  type EngineError,
  type Plan,
  type Problem,
  type StepReport,
  toCniError,
} from '../../lib/index.js'
import { type Palette, paletteFor } from './colours.js'
import { type DataFormat, isDataFormat, printData } from './output.js'
import type { RunnerName } from './state-directory.js'
import type { Terminal } from './terminal.js'

/** Why nothing can be done: every problem, and what could be planned nonetheless, where planning is what failed. */
export interface Refusal {
  readonly problems: readonly Problem[]
  readonly partial?: Plan
}

/** What there is to show of a plan that could not be begun. */
export const emptyPlan: Plan = {
  version: 1,
  attachments: [],
  merge: '',
  resultVersion: currentVersion,
  decisions: [],
  warnings: [],
}

/** A refusal for which no plan is to blame: nothing was planned, or all of it. */
export const refusalOf = (problems: readonly Problem[]): Refusal => ({ problems })

/** Tells that a plan is refused: as data on stdout and nothing else, or readable on stderr. Returns the exit code. */
export const tellRefusal = async (
  terminal: Terminal,
  format: string,
  { problems, partial = emptyPlan }: Refusal,
): Promise<number> => {
  if (isDataFormat(format)) await printData(terminal.stdout, format, { problems, partial })
  else {
    const palette = paletteFor(terminal.stderr, terminal.env)
    terminal.stderr.write(refusalText([...problems, ...partial.warnings], problems.length, palette))
  }
  return 1
}

/**
 * Tells that an operation is refused before it began: as data a CNI error object that bears the problems, too, in the
 * version that a result would have. Returns the exit code.
 */
export const tellRefusedCall = async (
  terminal: Terminal,
  format: string,
  { problems, partial }: Refusal,
  { resultVersion }: Plan = partial ?? emptyPlan,
): Promise<number> => {
  const refusal = { problems, ...(partial && { partial }) }
  if (!isDataFormat(format)) return tellRefusal(terminal, format, refusal)
  const error = errorObject(toCniError(problems), resultVersion)
  await printData(terminal.stdout, format, { ...error, ...refusal })
  return 1
}

/** An operation that failed: why, what was undone and what is left behind. */
export interface Failure {
  readonly error: CniError
  readonly undone: readonly StepReport[]
  readonly left: readonly StepReport[]
  /** What the engine said: a plugin's own words on stderr are in it. */
  readonly cause: EngineError
  /** What to do, for people. */
  readonly hint?: string | undefined
}

/** The hint of commands that take --bin-dir, where a plugin was not found. */
export const pluginHint = (cause: EngineError, runner: RunnerName): string | undefined => {
  const isLost = (error: EngineError): boolean =>
    error.kind === 'several'
      ? error.errors.some(isLost)
      : error.kind === 'no-answer' && error.reason.kind === 'not-found'
  return runner !== 'memory' && isLost(cause)
    ? '--bin-dir names the directory of a plugin'
    : undefined
}

/** Tells that an operation failed: as data on stdout, readable on stderr. Returns the exit code. */
export const tellFailure = async (
  terminal: Terminal,
  format: string,
  { error, undone, left, cause, hint }: Failure,
  cniVersion: string,
): Promise<number> => {
  const palette = paletteFor(terminal.stderr, terminal.env)
  const aftermath = [...stepLines('undone', undone, palette), ...stepLines('left', left, palette)]
  if (isDataFormat(format)) await printError(terminal, format, error, cniVersion)
  else terminal.stderr.write(errorText(error, wordsOf(cause), hint, palette))
  if (aftermath.length > 0) terminal.stderr.write(`${aftermath.join('\n')}\n`)
  return 1
}

const printError = (
  { stdout }: Terminal,
  format: DataFormat,
  error: CniError,
  cniVersion: string,
): Promise<void> => printData(stdout, format, errorObject(error, cniVersion))

/** Every problem of a list, as people read it; warnings look like errors, in another colour. */
export const problemText = (problems: readonly Problem[], palette: Palette): string =>
  problems
    .map(({ severity, code, message, path, hint }) => {
      const paint = severity === 'error' ? palette.bad : palette.caution
      return [
        `${paint(`${severity}[${code}]`)}: ${lines(message)}`,
        `  ${palette.faint('at')}   ${lines(path.replace(/#$/, ''))}`,
        ...(hint === undefined ? [] : [`  ${palette.faint('hint')} ${lines(hint)}`]),
        '',
      ].join('\n')
    })
    .join('')

// The warnings, too: a file that is broken is why a network is unknown.
const refusalText = (problems: readonly Problem[], errors: number, palette: Palette): string => {
  const count = errors === 1 ? '1 problem' : `${errors} problems`
  return `${problemText(problems, palette)}${palette.head(`refused: ${count}, nothing was run`)}\n`
}

const errorText = (
  { code, msg, details }: CniError,
  stderr: string | undefined,
  hint: string | undefined,
  palette: Palette,
): string => {
  const more = (name: string, text: string | undefined): string =>
    text === undefined ? '' : `  ${palette.faint(name.padEnd(7))} ${lines(text)}\n`
  const first = `${palette.bad(`error[${code}]`)}: ${lines(msg)}\n`
  return `${first}${more('details', details)}${more('stderr', stderr)}${more('hint', hint)}`
}

/** What the plugin that failed wrote on its stderr. */
const wordsOf = (cause: EngineError): string | undefined =>
  cause.kind === 'plugin-refused' ? cause.stderr : undefined

const stepLines = (
  what: 'undone' | 'left',
  steps: readonly StepReport[],
  palette: Palette,
): readonly string[] => {
  if (steps.length === 0) return []
  const names = steps.map(({ network, ifname }) => printable(`${network}@${ifname}`)).join(', ')
  return what === 'undone'
    ? [`${palette.good('undone')}: ${names}`]
    : [`${palette.bad('left')}: ${names} (the next del tries again)`]
}

/** A text of strangers: its own lines indented, everything else that moves a cursor made visible. */
const lines = (text: string): string => text.trimEnd().split('\n').map(printable).join('\n    ')
