/** Decides what a user of the package has: the packed archive, unpacked beside the packages that it asks for. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { project } from './sandbox.js'

/** The parts of package.json that these tests read. */
interface Manifest {
  readonly exports: Readonly<Record<string, unknown>>
  readonly dependencies: Readonly<Record<string, string>>
}

export const manifest: Manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'))

/** The subpaths that hold code, as a user writes them: `metacni`, `metacni/fp` ... */
export const specifiers: readonly string[] = Object.entries(manifest.exports)
  .filter(([, target]) => typeof target === 'object')
  .map(([subpath]) => join('metacni', subpath))

/** Why the package cannot be tested, or undefined when it is built. */
export const notBuilt: string | undefined = existsSync(join(project, 'dist/index.d.cts'))
  ? undefined
  : 'dist is not built: npm run build'

const run = (program: string, ...args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: project, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
  return stdout
}

const packInto = (folder: string): string => {
  const options = [
    '--json',
    '--ignore-scripts',
    '--loglevel',
    'error',
    '--pack-destination',
    folder,
  ]
  const [{ filename }] = JSON.parse(run('npm', 'pack', ...options))
  return join(folder, filename)
}

let archive: string | undefined

/** The path of the packed project. Packed once; it goes with the process. */
export const pack = (): string => {
  if (archive === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'metacni-pack-'))
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
    archive = packInto(folder)
  }
  return archive
}

/** Installs the package below a folder, with its dependencies and further packages, and none else. */
export const install = (folder: string, further: readonly string[] = []): void => {
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, 'metacni'), { recursive: true })
  run('tar', '-xzf', pack(), '-C', join(modules, 'metacni'), '--strip-components=1')
  for (const name of [...Object.keys(manifest.dependencies), ...further]) {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(join(project, 'node_modules', name), join(modules, name))
  }
}
