/** Decides how a demonstration prints what a reader would type: quoted for a shell, long lines broken at options. */
import { writeSync } from 'node:fs'

const longestLine = 100

const quote = (word) =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`

/** A command with its prompt. Options are words, or lists of words that stay together. */
export const type = (command, options) => {
  const pieces = options.map((option) => [option].flat().map(quote).join(' '))
  const lines = [`$ ${command}`]
  for (const piece of pieces) {
    const last = lines.length - 1
    if (`${lines[last]} ${piece} \\`.length <= longestLine) lines[last] += ` ${piece}`
    else lines.push(`    ${piece}`)
  }
  return `\n${lines.join(' \\\n')}`
}

/** Prints a line before anything that follows it, whoever prints that. */
export const say = (line) => {
  writeSync(1, `${line}\n`)
}
