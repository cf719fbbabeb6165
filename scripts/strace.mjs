/**
 * Decides which strace `make crash` uses: the machine's, or Debian's, unpacked into .cache without installing it. Prints
 * a command, one word a line, or the reason why there is none.
 *
 * Usage: node scripts/strace.mjs [--unpack]      (--unpack: Debian's, even where the machine has its own)
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { unpackPackage } from './debian.mjs'

const cache = fileURLToPath(new URL('../.cache/strace', import.meta.url))

const works = (command) => {
  const { status, stdout } = spawnSync(command[0], [...command.slice(1), '-V'], {
    encoding: 'utf8',
  })
  return status === 0 && /^strace -- version ([5-9]|\d\d)/.test(stdout)
}

/** The unpacked one finds its own libraries. */
const unpacked = () => {
  const folders = readdirSync(cache).map((name) => join(cache, name))
  const libraries = folders
    .flatMap((folder) => [join(folder, 'usr/lib'), join(folder, 'lib')])
    .filter(existsSync)
    .flatMap((folder) => [folder, ...readdirSync(folder).map((name) => join(folder, name))])
  const program = join(cache, 'strace/usr/bin/strace')
  return ['env', `LD_LIBRARY_PATH=${libraries.join(':')}`, program]
}

/** strace and the one library of its that a small machine may lack. */
const packages = ['libunwind8', 'strace']

const find = (useMachine) => {
  if (useMachine && works(['strace'])) return { command: ['strace'] }
  try {
    for (const name of packages) {
      if (!existsSync(join(cache, name))) unpackPackage(name, join(cache, name))
    }
    const command = unpacked()
    return works(command) ? { command } : { reason: 'strace was unpacked and does not start' }
  } catch (error) {
    return { reason: `no strace, and ${error.message}` }
  }
}

const { command, reason } = find(!process.argv.includes('--unpack'))
if (command === undefined) console.error(reason)
else console.log(command.join('\n'))
process.exitCode = command === undefined ? 1 : 0
