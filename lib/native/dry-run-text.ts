/**
 * Decides how dry runs are printed: a script for people to read, grouped by namespace, with what a command is for as a
 * comment. Refuses characters that a terminal would obey, and newlines that would end a comment.
 */
import type { DryCommand, DryPlugin, DryRun } from './dry-run.js'

/** The text of some dry runs, without a newline at the end. */
export const commandsText = (runs: readonly DryRun[]): string =>
  runs.map((run) => linesOf(run).join('\n')).join('\n\n')

const linesOf = (run: DryRun): readonly string[] =>
  run.plugins.flatMap((plugin, index) => [
    ...(index === 0 ? [] : ['']),
    `# ${oneLine(`${run.ifname}, network ${run.network}: ${plugin.type}`)}`,
    ...bodyOf(plugin, run),
    ...(plugin.refusal === undefined ? [] : [`# refused: ${oneLine(plugin.refusal)}`]),
  ])

const bodyOf = ({ choice, commands }: DryPlugin, { netns }: DryRun): readonly string[] => {
  if (choice.engine === 'exec') {
    return [
      '# not shown, its binary is called:',
      ...choice.because.map((why) => `# - ${oneLine(why)}`),
    ]
  }
  const places = { node: '# on the node', container: `# in the container, ${oneLine(netns)}` }
  return commands.flatMap((command, index) => [
    ...(commands[index - 1]?.where === command.where ? [] : [places[command.where]]),
    lineOf(command),
  ])
}

const lineOf = ({ text, purpose }: DryCommand): string => {
  const comment = purpose === undefined ? '' : `# ${oneLine(purpose)}`
  if (text === undefined) return comment
  const lines = text.split('\n').map(oneLine).join('\n')
  return comment === '' ? lines : `${lines}  ${comment}`
}

// What is no letter, sign or blank is escaped: bidirectional marks and line separators, too.
const oneLine = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0
    return `\\u{${code.toString(16)}}`
  })
