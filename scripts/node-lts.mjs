/**
 * Decides which other Node the tests run on: the newest LTS line, a package of the npm registry in .cache. Prints the
 * path of its binary, or the reason why it cannot be had. Nothing of it is installed on the machine.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const version = '24.21.0'

/** The archives' digests: npm refuses any other. */
const digests = {
  x64: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  arm64:
    'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
}

const folder = fileURLToPath(new URL(`../.cache/node-${version}`, import.meta.url))
const name = `node-linux-${process.arch}`
const binary = join(folder, 'node_modules', name, 'bin/node')

const answers = () =>
  spawnSync(binary, ['--version'], { encoding: 'utf8' }).stdout?.trim() === `v${version}`

/** Has npm install the one package, against a lock file that holds its digest. */
const install = () => {
  const dependencies = { [name]: version }
  const packages = {
    '': { dependencies },
    [`node_modules/${name}`]: { version, integrity: digests[process.arch] },
  }
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const write = (file, value) => writeFileSync(join(folder, file), JSON.stringify(value))
  write('package.json', { private: true, dependencies })
  write('package-lock.json', { lockfileVersion: 3, packages })
  const options = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error']
  const { status, stderr } = spawnSync('npm', options, { cwd: folder, encoding: 'utf8' })
  return status === 0 ? undefined : `npm cannot install ${name}@${version}: ${stderr.trim()}`
}

/** The reason why there is no such Node, or undefined when there is. */
const prepare = () => {
  if (process.platform !== 'linux' || digests[process.arch] === undefined) {
    return `no package of Node ${version} for ${process.platform} on ${process.arch}`
  }
  if (answers()) return undefined
  return install() ?? (answers() ? undefined : `${binary} does not run here`)
}

const reason = prepare()
if (reason === undefined) console.log(binary)
else console.error(reason)
process.exitCode = reason === undefined ? 0 : 1
