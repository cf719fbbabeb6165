/**
 * Decides how a program of Debian's is had without installing it: its package is downloaded and unpacked in a folder of
 * ours. Refuses to change the machine: not even its package lists.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** Runs a program and gives its output; what it says when it fails is the reason. */
const run = (program, args, cwd) => {
  const { status, error, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  if (status === 0) return stdout
  const words = (error?.message ?? stderr.trim().split('\n').pop()) || `exit code ${status}`
  throw new Error(`${program}: ${words}`)
}

const asRoot = ['-o', 'APT::Sandbox::User=root']

/** Downloads the package with the machine's lists, or with lists of our own where those are missing or too old. */
const download = (name, folder) => {
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

/** Moves what is complete to where it belongs. Whoever has put the same there meanwhile uses it already: that stays. */
const publish = (folder, place) => {
  try {
    renameSync(folder, place)
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
  }
}

/**
 * Downloads a package and unpacks it at `cache`, which appears when it is complete. What is there before was found wanting,
 * and is replaced. Throws with the reason.
 */
export const unpackPackage = (name, cache) => {
  const folder = `${cache}.${process.pid}`
  const isWanting = existsSync(cache)
  mkdirSync(folder, { recursive: true })
  try {
    download(name, folder)
    const archive = readdirSync(folder).find((file) => file.endsWith('.deb'))
    run('dpkg', ['-x', archive, 'root'], folder)
    if (isWanting) rmSync(cache, { recursive: true, force: true })
    publish(join(folder, 'root'), cache)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
