/** Decides what the tests know of Linux namespaces: a process that holds one, and how to do something in it. */
import { spawn, spawnSync } from 'node:child_process'
import { baseEnv } from './program.js'

/** Why a command cannot be run, or undefined when it can. */
const faultOf = (file: string, ...args: readonly string[]): string | undefined => {
  const { status, error, stderr } = spawnSync(file, args, { encoding: 'utf8', env: baseEnv })
  if (status === 0) return undefined
  return `${[file, ...args].join(' ').slice(0, 60)}: ${error?.message ?? stderr.trim()}`
}

const notRoot = process.getuid?.() === 0 ? undefined : 'needs root'

/** Why there are no network namespaces for these tests, or undefined when there are. */
export const noNamespaces: string | undefined =
  notRoot ?? faultOf('unshare', '--net', 'ip', 'link', 'set', 'lo', 'up')

/** Namespaces of their own, which live as long as a process that waits in them. */
export interface Held {
  /** The path that a runtime would put into CNI_NETNS. */
  readonly netns: string
  /** Words before a command that is to run in it. */
  readonly enter: readonly string[]
  /** Runs a command in it. What it printed; throws when it fails. */
  run(...command: readonly string[]): string
  /** Ends the process, and with it everything that only these namespaces hold. */
  release(): void
}

/** Makes namespaces of these kinds. `prepare` is a shell script that runs in them first. */
export const hold = async (kinds: readonly ('net' | 'mount')[], prepare = ''): Promise<Held> => {
  const options = kinds.map((kind) => `--${kind}`)
  const script = `set -e; ${prepare}\necho ready; exec cat`
  const child = spawn('unshare', [...options, '/bin/sh', '-c', script], {
    env: baseEnv,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  // Its stdin is ours: should this process die, it ends too.
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(`unshare: exit code ${code}`)))
    child.stdout.once('data', () => resolve())
  })
  const enter = ['nsenter', ...kinds.map((kind) => `--${kind}=/proc/${child.pid}/ns/${file(kind)}`)]
  return {
    netns: `/proc/${child.pid}/ns/net`,
    enter,
    run: (...command) => {
      const [program = '', ...args] = [...enter, ...command]
      const { status, error, stdout, stderr } = spawnSync(program, args, {
        encoding: 'utf8',
        env: baseEnv,
      })
      if (status === 0) return stdout
      throw new Error(`${command.join(' ')}: ${error?.message ?? stderr}`)
    },
    release: () => {
      child.kill('SIGKILL')
    },
  }
}

const file = (kind: 'net' | 'mount'): string => (kind === 'net' ? 'net' : 'mnt')

const overlays = (scratch: string): string =>
  `mount -t tmpfs none '${scratch}'
   for place in etc opt var/lib; do
     mkdir -p '${scratch}/upper'/$place '${scratch}/work'/$place
     mount -t overlay none -o "lowerdir=/$place,upperdir=${scratch}/upper/$place,workdir=${scratch}/work/$place" /$place
   done
   for place in /etc/cni /opt/cni /var/lib/cni; do mkdir -p $place; mount -t tmpfs none $place; done`

/** Why `holdDirectories` cannot be had, or undefined when it can. */
export const noDirectories: string | undefined =
  notRoot ?? faultOf('unshare', '--mount', '/bin/sh', '-ec', overlays('/tmp'))

/**
 * A mount namespace in which /etc, /opt and /var/lib take what is written to them and show nothing of it outside: for
 * what has its place there by default. What the machine has in these places itself is not there. `scratch` is a directory
 * that is the namespace's own, too.
 */
export const holdDirectories = (scratch: string): Promise<Held> =>
  hold(['mount'], overlays(scratch))
