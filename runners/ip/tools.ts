/**
 * Decides which programs of a machine native plugins can use: regular files that may be executed, in PATH. Starts none of
 * them.
 */
import { accessSync, constants, statSync } from 'node:fs'
import type { Tool } from '../../lib/native/choose-engine.js'
import { defaultPath } from './default-path.js'

/** The files that stand for each tool. */
const files: ReadonlyMap<Tool, readonly string[]> = new Map([
  ['ip', ['ip']],
  ['nsenter', ['nsenter', 'sh']],
  ['flock', ['flock']],
  ['iptables', ['iptables-save', 'iptables-restore']],
  ['ip6tables', ['ip6tables-save', 'ip6tables-restore']],
])

/** The tools that an environment's PATH has; looked up once, when this is called. */
export const findTools = ({
  PATH,
}: Readonly<Record<string, string | undefined>>): ReadonlySet<Tool> => {
  const directories = (PATH || defaultPath).split(':')
  const isThere = (file: string) => directories.some((one) => isProgram(`${one || '.'}/${file}`))
  return new Set([...files].flatMap(([tool, needed]) => (needed.every(isThere) ? [tool] : [])))
}

const isProgram = (file: string): boolean => {
  try {
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return false
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false // EACCES, ELOOP, a NUL in the name: not there for us
  }
}
