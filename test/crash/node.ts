/**
 * Decides what a node is to `make crash`: namespaces of its own, with empty /var/lib and /run, three networks and a pod.
 * What is there can be listed, so that what a crash leaves can be told from what a clean ADD and DEL leave.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The environment of everything here: nothing of the caller's but what finds programs. */
export const baseEnv = { PATH: process.env.PATH ?? '/usr/bin:/bin:/usr/sbin:/sbin' }

/** Where the node keeps what the programs are given. All of it lies in a tmpfs that only the node sees. */
export const places = {
  networks: '/var/lib/crash/net.d',
  plugins: '/var/lib/crash/bin',
  records: '/var/lib/cni/multus',
  cache: '/var/lib/cni/cache',
  /** While this file is there, plugins take their time. */
  slowness: '/var/lib/crash/slow',
}

/** A node. */
export interface CrashNode {
  /** The pod's network namespace, as CNI_NETNS has it. */
  readonly netns: string
  /** Words before a command that is to run on the node. */
  readonly enter: readonly string[]
  /** The path, seen from outside, of a path on the node. */
  at(path: string): string
  /** Everything that is there and a crash might leave: links, addresses, leases, rules, files. */
  inventory(): readonly string[]
  /** The processes on the node. */
  processes(): readonly number[]
  /** Ends them, and with them everything. */
  release(): void
}

const bridge = {
  cniVersion: '1.0.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: 'crash0',
      isGateway: true,
      ipMasq: true,
      ipam: {
        type: 'host-local',
        ranges: [[{ subnet: '10.77.0.0/24' }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
    { type: 'tuning', mtu: 1400, sysctl: { 'net.core.somaxconn': '517' } },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
}
const simple = (name: string, type: string, subnet: string, more = {}) => ({
  cniVersion: '1.0.0',
  name,
  plugins: [{ type, ...more, ipam: { type: 'host-local', ranges: [[{ subnet }]] } }],
})
const definitions = [
  bridge,
  simple('fast', 'macvlan', '10.78.0.0/24', { master: 'uplink0' }),
  simple('routed', 'ptp', '10.79.0.0/24', { ipMasq: true }),
]

/** The networks that a node has, in the order in which a pod gets them. */
export const networkNames = definitions.map(({ name }) => name)

// A dummy link would do for a master, but not every kernel has it.
const prepare = `mount -t tmpfs none /var/lib && mount -t tmpfs none /run
  mkdir -p ${places.networks} ${places.plugins}
  ip link set lo up
  ip link add uplink0 type veth peer name uplink1
  ip link set uplink0 up && ip link set uplink1 up`

/** Makes a node. `plugins`: the directory of the standard plugins, to which its own lead unless they are replaced. */
export const createNode = async (plugins: string): Promise<CrashNode> => {
  const host = await hold(['--net', '--mount', '--propagation', 'private'], prepare)
  const pod = await hold(['--net'], 'ip link set lo up').catch((error) => {
    host.kill('SIGKILL')
    throw error
  })
  const root = `/proc/${host.pid}/root`
  const at = (path: string): string => `${root}${path}`
  const enter = ['nsenter', `--net=/proc/${host.pid}/ns/net`, `--mount=/proc/${host.pid}/ns/mnt`]
  const inPod = ['nsenter', `--net=/proc/${pod.pid}/ns/net`]
  for (const network of definitions) {
    writeFileSync(at(`${places.networks}/${network.name}.conflist`), JSON.stringify(network))
  }
  for (const type of readdirSync(plugins)) {
    const script = `#!/bin/sh\n[ ! -e ${places.slowness} ] || sleep 1\nexec ${join(plugins, type)}\n`
    writeFileSync(at(`${places.plugins}/${type}`), script, { mode: 0o755 })
  }
  return {
    netns: `/proc/${pod.pid}/ns/net`,
    enter,
    at,
    inventory: () => [
      ...linksOf('pod', inPod),
      ...linksOf('node', enter),
      ...rulesOf(enter),
      ...['/var/lib/cni', '/run'].flatMap((folder) =>
        filesBelow(at(folder)).map((one) => folder + one),
      ),
    ],
    processes: () => processesIn(host.pid ?? 0),
    release: () => {
      pod.kill('SIGKILL')
      host.kill('SIGKILL')
    },
  }
}

/** Namespaces that live as long as a process that waits in them; its stdin is ours, should we die. */
const hold = async (kinds: readonly string[], script: string): Promise<ChildProcess> => {
  const child = spawn('unshare', [...kinds, '/bin/sh', '-ec', `${script}\necho ready; exec cat`], {
    env: baseEnv,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(`unshare: exit code ${code}`)))
    child.stdout.once('data', () => resolve())
  })
  return child
}

const ask = (enter: readonly string[], ...command: readonly string[]): string => {
  const [file = '', ...args] = [...enter, ...command]
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    encoding: 'utf8',
    env: baseEnv,
  })
  if (status === 0) return stdout
  throw new Error(`${command.join(' ')}: ${error?.message ?? stderr}`)
}

interface Link {
  readonly ifname: string
  readonly master?: string
  readonly addr_info: readonly { readonly family: string; readonly local: string }[]
}

const linksOf = (where: string, enter: readonly string[]): readonly string[] => {
  const links: readonly Link[] = JSON.parse(ask(enter, 'ip', '-j', 'address', 'show'))
  return links.flatMap(({ ifname, master, addr_info }) => [
    `link ${ifname} of the ${where}${master === undefined ? '' : `, port of ${master}`}`,
    ...addr_info
      .filter(({ family }) => family === 'inet')
      .map(({ local }) => `address ${local} on ${ifname} of the ${where}`),
  ])
}

const rulesOf = (enter: readonly string[]): readonly string[] =>
  ask(enter, 'iptables', '-w', '-t', 'nat', '-S').trimEnd().split('\n')

const filesBelow = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder, { recursive: true })
      .map((name) => `/${name}`)
      .sort()
  } catch {
    return []
  }
}

/** The processes of a mount namespace, less the one that holds it. */
const processesIn = (holder: number): readonly number[] => {
  const namespace = (pid: string | number): string | undefined => {
    try {
      return readlinkSync(`/proc/${pid}/ns/mnt`)
    } catch {
      return undefined
    }
  }
  const own = namespace(holder)
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== holder && namespace(name) === own)
    .map(Number)
}
