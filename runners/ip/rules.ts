/**
 * Decides how rules of the packet filter are read and changed: iptables-save and iptables-restore, one process each,
 * all or nothing. Refuses to flush what is there.
 */
import type { FilterRules } from '../../lib/native/command.js'
import type { Failure } from './failure.js'
import type { Programs } from './programs.js'

/** What a program of iptables came to. */
export type RulesAnswer =
  | { readonly ok: true; readonly lines: readonly string[] }
  | { readonly ok: false; readonly failure: Failure }

/** The lines of the table nat that name a chain: a node may have hundreds of thousands of others. */
export const readRules = (family: 4 | 6, chain: string, programs: Programs): Promise<RulesAnswer> =>
  run(`${nameOf(family)}-save`, ['-t', 'nat'], '', programs, (line) => line.includes(chain))

/** Carries out rules of the table nat, all of them or none. */
export const changeRules = (
  family: 4 | 6,
  lines: FilterRules['lines'],
  programs: Programs,
): Promise<RulesAnswer> =>
  run(
    `${nameOf(family)}-restore`,
    ['--noflush', '--wait', '10'],
    `*nat\n${lines.join('\n')}\nCOMMIT\n`,
    programs,
  )

const nameOf = (family: 4 | 6): string => (family === 4 ? 'iptables' : 'ip6tables')

const run = async (
  file: string,
  args: readonly string[],
  stdin: string,
  programs: Programs,
  keeps: (line: string) => boolean = () => true,
): Promise<RulesAnswer> => {
  const program = programs.startKeeping(keeps, file, ...args)
  program.write(stdin)
  program.end()
  const lines: string[] = []
  for (let line = await program.line(); line !== undefined; line = await program.line()) {
    lines.push(line)
  }
  const { exitCode, stderr, startError } = await program.ended
  if (exitCode === 0) return { ok: true, lines }
  const words = startError ?? (stderr.trim() || `exit code ${exitCode ?? 'none'}`)
  const command = [file, ...args].join(' ')
  return { ok: false, failure: { command, words, where: 'host' } }
}
