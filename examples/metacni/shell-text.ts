/** Decides how a command is written that people shall type: every word as their shell takes it. */

/** A command line for a shell. */
export const shellText = (words: readonly string[]): string => words.map(quoted).join(' ')

/** The command that undoes what `metacni net add` attached. */
export const netDel = (network: string, netns: string): string =>
  shellText(['metacni', 'net', 'del', network, netns])

/** What there is to say of an attachment whose result nobody got to see. */
export const undoHint = (command: string): string => `the attachment exists; to undo it: ${command}`

const quoted = (word: string): string =>
  /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
