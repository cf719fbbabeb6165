/**
 * Decides which standard CNI plugins the tests run: those of the machine, or Debian's containernetworking-plugins,
 * unpacked into .cache without installing it. Prints their directory, or the reason why there are none.
 *
 * Usage: node scripts/plugins.mjs [--unpack]     (--unpack: Debian's, even where the machine has its own)
 */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { unpackPackage } from './debian.mjs'

const name = 'containernetworking-plugins'
const project = fileURLToPath(new URL('..', import.meta.url))
const cache = join(project, '.cache/cni-plugins')
const directories = ['/usr/lib/cni', '/opt/cni/bin']
/** What the tests start. */
const needed = ['bridge', 'host-local', 'loopback', 'macvlan', 'portmap', 'ptp', 'tuning']

const isComplete = (directory) => needed.every((plugin) => existsSync(join(directory, plugin)))

/** The directory of the plugins, or the reason why there is none. */
const findPlugins = (useMachine) => {
  const installed = useMachine ? directories.find(isComplete) : undefined
  if (installed !== undefined) return { directory: installed }
  const unpacked = resolve(cache, 'usr/lib/cni')
  try {
    if (!isComplete(unpacked)) unpackPackage(name, cache)
  } catch (error) {
    // Somebody else may have unpacked it at the same time.
    if (isComplete(unpacked)) return { directory: unpacked }
    return { reason: `no ${name} in ${directories.join(' or ')}, and ${error.message}` }
  }
  return isComplete(unpacked)
    ? { directory: unpacked }
    : { reason: `${name} lacks ${needed.filter((plugin) => !existsSync(join(unpacked, plugin)))}` }
}

const { directory, reason } = findPlugins(!process.argv.includes('--unpack'))
if (directory === undefined) console.error(reason)
else console.log(directory)
process.exitCode = directory === undefined ? 1 : 0
