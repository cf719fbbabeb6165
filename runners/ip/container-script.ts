/**
 * Decides how the commands of one stage are written for a shell in the container: sysctls by redirection, runs of `ip`
 * lines by `ip -batch` with a here-document, and marks that tell where it failed. Refuses nothing: the words are plain.
 */
import type { Command } from '../../lib/native/command.js'
import { sysctlFile } from './sysctl-file.js'

/** One item of the script: a run of lines for `ip`, or one sysctl. */
export interface ScriptItem {
  readonly commands: readonly Command[]
}

/** A stage as a script, and its items by number. */
export interface ContainerScript {
  readonly text: string
  readonly items: readonly ScriptItem[]
}

/** What the shell prints when a stage is done. */
export const doneMark = '.'
/** What precedes the number of the item that failed. */
export const failureMark = '!'
/** What precedes the text of a sysctl that was read. */
export const textMark = '='

/** The script of a stage. `isLast`: its last run of lines takes the place of the shell, which saves a process. */
export const containerScript = (commands: readonly Command[], isLast: boolean): ContainerScript => {
  const items = itemsOf(commands)
  const endsWithIp = isIp(items.at(-1)?.commands[0])
  const texts = items.map((item, index) =>
    textOf(item, index, isLast && endsWithIp && index === items.length - 1),
  )
  const end = isLast && endsWithIp ? '' : `echo ${doneMark}\n`
  return { text: texts.join('') + end, items }
}

const itemsOf = (commands: readonly Command[]): readonly ScriptItem[] => {
  const items: Command[][] = []
  for (const command of commands) {
    const last = items.at(-1)
    if (last !== undefined && isIp(command) && isIp(last[0])) last.push(command)
    else items.push([command])
  }
  return items.map((one) => ({ commands: one }))
}

const isIp = (command: Command | undefined): boolean =>
  command?.kind === 'ip' || command?.kind === 'show'

const textOf = ({ commands }: ScriptItem, index: number, isExecuted: boolean): string => {
  const [first] = commands
  const failed = `{ echo '${failureMark}${index}'; exit 9; }`
  if (first?.kind === 'sysctl') return sysctlText(first, failed)
  if (first?.kind === 'read') {
    // Not by the shell's own `read`, which takes a byte at a time: of a sysctl the kernel gives the first alone then.
    return `printf '${textMark}%s\\n' "$(cat ${sysctlFile(first.path)} 2>/dev/null)"\n`
  }
  const lines = commands.flatMap((one) => ('words' in one ? [one.words.join(' ')] : []))
  const start = isExecuted ? 'exec ' : ''
  const otherwise = isExecuted ? '' : ` || ${failed}`
  return `${start}ip -json -details -batch - <<'END'${otherwise}\n${lines.join('\n')}\nEND\n`
}

const sysctlText = (
  { path, value, required }: Command & { readonly kind: 'sysctl' },
  failed: string,
): string => {
  const file = sysctlFile(path)
  const text = quoted(value)
  const write = `printf %s ${text} 2>/dev/null >${file}`
  if (!required) return `${write}\n`
  // What cannot be written may be as it should be already. The last attempt is for its words.
  const isThere = `[ "$(cat ${file} 2>/dev/null)" = ${text} ]`
  return `${write} || ${isThere} || printf %s ${text} >${file} || ${failed}\n`
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
