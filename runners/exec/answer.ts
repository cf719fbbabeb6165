/**
 * Decides what a finished plugin process means: libcni's decoding of failures (reference/cni.md 2.5), less its empty
 * messages and its forgotten stderr. Refuses to judge what a plugin printed when it succeeded.
 */
import { type CniError, cniError, cniErrorCodes } from '../../lib/cni/error.js'
import { type Answer, noAnswer, type Verb } from '../../lib/cni/invocation.js'
import type { Finished, StartError } from '../node/start.js'
import { decodeDiagnostic } from './diagnostic.js'

/** Which call an answer is about; for messages. */
export interface Call {
  readonly type: string
  readonly verb: Verb
  /** The program's path. */
  readonly file: string
}

/** The answer of a call whose process has ended, was ended, or never began. */
export const answerOf = (call: Call, finished: Finished): Answer => {
  const { startError, stderr } = finished
  const name = `plugin "${call.type}" (${call.verb}, ${call.file})`
  if (startError !== undefined) {
    return noAnswer('not-startable', `cannot start ${name}: ${textOfStart(startError)}`, false)
  }
  if (finished.unkillable) {
    return noAnswer('unkillable', `${name} was killed, but something of it is still running`, true)
  }
  if (finished.overflow) {
    return noAnswer('too-much-output', `${name} printed too much and was killed`, true)
  }
  if (finished.aborted) {
    const message = finished.started ? `${name} was stopped before it answered` : `${name}: not run`
    return noAnswer('aborted', message, finished.started)
  }
  const kept = stderr === '' ? {} : { stderr }
  return finished.exitCode === 0
    ? { kind: 'success', stdout: finished.stdout, ...kept }
    : { kind: 'refused', error: errorOf(finished), ...kept }
}

// Go prints the second half of these for the same errno values.
const startTexts: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  ENOENT: 'no such file or directory: it, or the interpreter that it names',
  ENOEXEC: 'exec format error',
  ETXTBSY: 'text file busy: it is being written',
  E2BIG: 'argument list too long: environment too large',
  EAGAIN: 'resource temporarily unavailable: too many processes',
  EMFILE: 'too many open files',
  ENOMEM: 'cannot allocate memory',
}

const textOfStart = ({ code, message }: StartError): string => {
  const text = Object.hasOwn(startTexts, code) ? startTexts[code] : undefined
  return text === undefined ? `${message} (${code})` : `${text} (${code}; ${message})`
}

const errorOf = (finished: Finished): CniError => {
  const { stdout, stderr } = finished
  const status = statusOf(finished)
  const said = stderr === '' ? '' : `: ${quoteOutput(stderr)}`
  if (stdout === '') {
    const what = said === '' ? 'netplugin failed with no error message' : `netplugin failed${said}`
    return cniError(cniErrorCodes.unknown, `${what}: ${status}`)
  }
  const diagnostic = decodeDiagnostic(stdout)
  if (!diagnostic.ok) {
    const what = `netplugin failed but error parsing its diagnostic message ${quoteOutput(stdout)}`
    return cniError(cniErrorCodes.unknown, `${what}: ${diagnostic.fault}: ${status}${said}`)
  }
  const silent = `netplugin failed with no error message in ${quoteOutput(stdout)}: ${status}${said}`
  return cniError(diagnostic.code, diagnostic.msg || silent, diagnostic.details)
}

// As Go's os/exec words it.
const statusOf = ({ exitCode, signal }: Finished): string => {
  if (exitCode !== undefined) return `exit status ${exitCode}`
  if (signal === undefined) return 'no exit status'
  return `signal: ${Object.hasOwn(signalNames, signal) ? signalNames[signal] : signal}`
}

const signalNames: Readonly<Record<string, string>> = {
  SIGKILL: 'killed',
  SIGTERM: 'terminated',
  SIGSEGV: 'segmentation fault',
  SIGABRT: 'aborted',
  SIGINT: 'interrupt',
  SIGHUP: 'hangup',
  SIGQUIT: 'quit',
  SIGBUS: 'bus error',
  SIGILL: 'illegal instruction',
  SIGFPE: 'floating point exception',
  SIGPIPE: 'broken pipe',
}

const quotedLength = 4096

// All of what a plugin said fits into a message unless it said a lot.
const quoteOutput = (text: string): string =>
  text.length <= quotedLength
    ? JSON.stringify(text)
    : `${JSON.stringify(text.slice(0, quotedLength))} (and ${text.length - quotedLength} more)`
