/**
 * Decides which standard CNI plugins the tests run: those of the machine, or Debian's containernetworking-plugins,
 * unpacked into .cache without installing it. Prints their directory, or the reason why there are none.
 *
 * Usage: node scripts/plugins.mjs [--unpack]     (--unpack: Debian's, even where the machine has its own)
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const name = 'containernetworking-plugins'
const project = fileURLToPath(new URL('..', import.meta.url))
const cache = join(project, '.cache/cni-plugins')
const directories = ['/usr/lib/cni', '/opt/cni/bin']
/** What the tests start. */
const needed = ['bridge', 'host-local', 'loopback', 'macvlan', 'portmap', 'ptp', 'tuning']

const isComplete = (directory) => needed.every((plugin) => existsSync(join(directory, plugin)))

/** Runs a program and gives its output; what it says when it fails is the reason. */
const run = (program, args, cwd) => {
  const { status, error, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  if (status === 0) return stdout
  const words = (error?.message ?? stderr.trim().split('\n').pop()) || `exit code ${status}`
  throw new Error(`${program}: ${words}`)
}

const asRoot = ['-o', 'APT::Sandbox::User=root']

/** Downloads the package with the machine's lists, or with lists of our own where those are missing or too old. */
const download = (folder) => {
  try {
    run('apt-get', [...asRoot, '-qq', 'download', name], folder)
  } catch {
    const options = ownLists(folder)
    run('apt-get', [...options, '-qq', 'update'], folder)
    run('apt-get', [...options, '-qq', 'download', name], folder)
  }
}

/** Lists below `folder`: no root needed, and the machine's stay as they are. */
const ownLists = (folder) => {
  for (const path of ['lists/partial', 'archives/partial']) {
    mkdirSync(join(folder, path), { recursive: true })
  }
  return [
    ...asRoot,
    '-o',
    `Dir::State::Lists=${join(folder, 'lists')}`,
    '-o',
    `Dir::Cache=${folder}`,
  ]
}

/** Downloads and unpacks the package; the directory appears when it is complete. */
const unpack = () => {
  const folder = `${cache}.${process.pid}`
  mkdirSync(folder, { recursive: true })
  try {
    download(folder)
    const archive = readdirSync(folder).find((file) => file.endsWith('.deb'))
    run('dpkg', ['-x', archive, 'root'], folder)
    rmSync(cache, { recursive: true, force: true })
    renameSync(join(folder, 'root'), cache)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The directory of the plugins, or the reason why there is none. */
const findPlugins = (useMachine) => {
  const installed = useMachine ? directories.find(isComplete) : undefined
  if (installed !== undefined) return { directory: installed }
  const unpacked = resolve(cache, 'usr/lib/cni')
  try {
    if (!isComplete(unpacked)) unpack()
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
