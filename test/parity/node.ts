/**
 * Decides what a row's node is: network and mount namespaces of its own, with /run and /var/lib of its own, a link `up0`
 * with the default route, and two containers, `a` and `b`. A worker (worker.ts, bundled once) carries the row out in it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { findPlugins } from '../plugins.js'
import type { Row, Tool } from './row.js'
import type { Engines, Run, WorkOrder } from './worker.js'

const folder = fileURLToPath(new URL('.', import.meta.url))

/** Whether the ip runner is there to be judged. */
export const hasIpRunner: boolean = existsSync(join(folder, '../../runners/ip/index.ts'))

const has = (tool: string): boolean => spawnSync(tool, ['--version']).error === undefined

const needed = ['unshare', 'nsenter', 'ip', 'bridge', 'mount', 'grep'] as const

/** Why no row can be carried out here, or undefined. */
export const noNodes = (): string | undefined => {
  if (process.getuid?.() !== 0) return 'needs root'
  const lacks = needed.find((tool) => spawnSync(tool, ['-V']).error !== undefined)
  if (lacks !== undefined) return `no ${lacks}`
  const { status, stderr } = spawnSync('unshare', ['--net', '--mount', 'true'], {
    encoding: 'utf8',
  })
  if (status !== 0) return stderr.trim()
  const plugins = findPlugins()
  return plugins.ok ? undefined : plugins.reason
}

const hasTables = has('iptables') && has('ip6tables') && has('iptables-save')

/** Why this row cannot be carried out here, or undefined. */
export const lackOf = (row: Row): string | undefined => {
  const present: Readonly<Record<Tool, boolean>> = { iptables: hasTables }
  const lacks = row.needs?.find((tool) => !present[tool])
  return lacks && `no ${lacks}`
}

/** Looking for duplicates of an IPv6 address takes two seconds, even where there is nobody to ask. */
const quick = `for place in all default; do
  cd /proc/sys/net/ipv6/conf/$place; echo 0 > dad_transmits; echo 0 > router_solicitation_delay
done; cd /`

/** Everything is made in these namespaces and goes with them. */
const prepare = (findDuplicates: boolean): string => `
set -e
for place in /run /var/lib; do mount -t tmpfs none $place; done
mkdir -p /run/netns /run/cni /run/lock
mount -t sysfs none /sys
${findDuplicates ? '' : quick}
ip -batch - <<end
link set lo up
link add up0 type veth peer name up1
link set up0 up
link set up1 up
address add 192.0.2.10/24 broadcast + dev up0
route add default via 192.0.2.1 dev up0
netns add a
netns add b
end
${findDuplicates ? '' : `for name in a b; do nsenter --net=/run/netns/$name sh -c '${quick}'; done`}
exec "$@"
`

/** Ends a node: with its processes its namespaces go. */
const endGroup = (child: ChildProcess): void => {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/** Carries rows out. */
export interface Nodes {
  /** One row in a new node, by these engines. */
  run(row: Row, engines: Engines): Promise<Run>
  /** The failures that are not clean of one row in a new node. */
  failures(row: Row, engine: string): Promise<Run>
  /** Ends what still runs, and removes the bundle. */
  close(): void
}

const entry = `
import { engineTable } from './engine-table.js'
import { work } from './worker.js'
${hasIpRunner ? `import { createIpRunner } from '../../runners/ip/index.js'` : 'const createIpRunner = undefined'}
void work(engineTable(createIpRunner))
`

/** Bundles the worker. A node's program then starts in a moment, and needs nothing outside. */
export const openNodes = async (limitMilliseconds = 240_000): Promise<Nodes> => {
  const plugins = findPlugins()
  if (!plugins.ok) throw new Error(plugins.reason)
  const scratch = mkdtempSync(join(tmpdir(), 'metacni-parity-'))
  const worker = join(scratch, 'worker.cjs')
  await build({
    stdin: { contents: entry, resolveDir: folder, loader: 'ts' },
    outfile: worker,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  })
  const running = new Set<ChildProcess>()
  const start = (order: Omit<WorkOrder, 'plugins'>): Promise<Run> =>
    new Promise((resolve, reject) => {
      const options = ['--net', '--mount', '--propagation', 'private']
      const program = ['/bin/sh', '-c', prepare(order.row.findDuplicates === true), 'sh']
      const child = spawn('unshare', [...options, ...program, process.execPath, worker], {
        env: { PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' },
        stdio: ['pipe', 'pipe', 'pipe'],
        detached: true,
      })
      running.add(child)
      let stdout = ''
      let stderr = ''
      child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
      child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
      const timer = setTimeout(() => endGroup(child), limitMilliseconds)
      child.on('error', reject)
      child.on('close', (code, signal) => {
        clearTimeout(timer)
        running.delete(child)
        if (code === 0) resolve(JSON.parse(stdout) as Run)
        else reject(new Error(`${order.row.name}: ${signal ?? code}: ${stderr.trim()}`))
      })
      child.stdin.on('error', () => {})
      child.stdin.end(JSON.stringify({ ...order, plugins: plugins.directory }))
    })
  return {
    run: (row, engines) => start({ row, engines }),
    failures: (row, engine) =>
      start({ row, engines: { ADD: engine, CHECK: engine, DEL: engine }, failures: engine }),
    close: () => {
      for (const child of running) endGroup(child)
      rmSync(scratch, { recursive: true, force: true })
    },
  }
}
