/**
 * Decides how a command that failed is told: which one, where, the kernel's words, what it was for. Refuses an error
 * without the attachment that it is about.
 */
import { type CniError, cniError, cniErrorCodes } from '../../lib/cni/error.js'
import { type Command, commandText } from '../../lib/native/command.js'
import type { NativeCall } from '../../lib/native/script.js'

/** A command that failed. */
export interface Failure {
  /** What was to be done, as somebody would type it. */
  readonly command: string
  /** What it was for. */
  readonly purpose?: string | undefined
  /** The kernel's words, or the program's. */
  readonly words: string
  readonly where: 'host' | 'container'
}

/** The failure of one command. */
export const failureOf = (
  command: Command | undefined,
  words: string,
  where: Failure['where'],
): Failure => ({
  command: command === undefined ? 'ip' : commandText(command),
  purpose: command?.kind === 'ip' ? command.purpose : undefined,
  words: words.trim() || 'no words',
  where,
})

/** The error of a failure: code 999, as the binaries'. */
export const errorOf = (
  { command, purpose, words, where }: Failure,
  { network, ifname, netns }: NativeCall,
): CniError => {
  const place = where === 'host' ? '' : ` in ${netns}`
  const message =
    purpose === undefined ? `${command}${place}: ${words}` : `failed to ${purpose}: ${words}`
  const details = `network "${network}" interface ${ifname}${purpose === undefined ? '' : `, command: ${command}${place}`}`
  return cniError(cniErrorCodes.internal, message, details)
}

/** The kernel's words in what `ip -batch` says: without its own line about the command. */
export const kernelWords = (stderr: string): string =>
  stderr
    .split('\n')
    .filter((line) => !/^Command failed /.test(line))
    .join(' ')
    .trim()

/** The number of the line at which `ip -batch` stopped, from 1; undefined when it did not say. */
export const failedLine = (stderr: string): number | undefined => {
  const found = /^Command failed [^\n]*:(\d{1,9})$/m.exec(stderr)
  return found === null ? undefined : Number(found[1])
}
