/**
 * Decides what is read of a node: everything that a plugin could have changed in the kernel and on disk. One process a
 * namespace. Runs inside the node.
 */
import { execFile } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What was read of one namespace, as the tools print it. */
export interface RawNamespace {
  readonly addresses: readonly unknown[]
  readonly routes: readonly unknown[]
  readonly rules: readonly unknown[]
  readonly rules6: readonly unknown[]
  readonly ports: readonly unknown[]
  /** Path below /proc/sys/net, and value. */
  readonly sysctls: readonly (readonly [string, string])[]
  /** How each link of the host came to its hardware address: 0 permanent, 1 by chance, 2 of another link, 3 set. */
  readonly addressTypes: readonly (readonly [string, string])[]
  /** What iptables-save and ip6tables-save print; empty without these tools. */
  readonly tables: string
  readonly tables6: string
}

/** What was read of a node. A container whose namespace is gone is null. */
export interface RawReading {
  readonly host: RawNamespace
  readonly a: RawNamespace | null
  readonly b: RawNamespace | null
  /** Files below /var/lib and /run/cni: path and content. */
  readonly files: readonly (readonly [string, string])[]
}

const separator = '=-=-='

// One process a tool. grep reads hundreds of small files; some can only be written, and its complaints are dropped.
const kernelParts = [
  "printf 'address show\\nroute show table all\\nrule show\\n' | ip -json -details -batch -",
  'ip -json -6 rule show',
  "cd /proc/sys/net && grep -rHs '' ipv4/conf ipv6/conf ipv4/ip_forward core/somaxconn || true",
]
const hostParts = (withTables: boolean): readonly string[] => [
  ...kernelParts,
  'bridge -json -details link show',
  "cd /sys/class/net && grep -Hs '' */addr_assign_type || true",
  ...(withTables ? ['iptables-save', 'ip6tables-save'] : []),
]
const script = (parts: readonly string[]): string => parts.join(`\necho ${separator}\n`)

const run = (file: string, args: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(file, args, { encoding: 'utf8', maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${file} ${args.slice(0, 2).join(' ')}: ${error.message} ${stderr}`))
    })
  })

const arrays = (text: string): readonly (readonly unknown[])[] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as unknown[])

const pairs = (text: string): readonly (readonly [string, string])[] =>
  text
    .split('\n')
    .filter((line) => line.includes(':'))
    .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)] as const)

const parse = (text: string): RawNamespace => {
  const parts = text.split(`${separator}\n`)
  const [addresses = [], routes = [], rules = []] = arrays(parts[0] ?? '')
  return {
    addresses,
    routes,
    rules,
    rules6: arrays(parts[1] ?? '')[0] ?? [],
    sysctls: pairs(parts[2] ?? ''),
    ports: arrays(parts[3] ?? '')[0] ?? [],
    addressTypes: pairs(parts[4] ?? '').map(([path, value]) => [path.split('/')[0] ?? '', value]),
    tables: parts[5] ?? '',
    tables6: parts[6] ?? '',
  }
}

const readHost = async (withTables: boolean): Promise<RawNamespace> =>
  parse(await run('/bin/sh', ['-c', script(hostParts(withTables))]))

const readContainer = async (name: string): Promise<RawNamespace | null> => {
  const netns = `/run/netns/${name}`
  // What held a namespace, and holds none, is an empty file of another file system.
  try {
    if (lstatSync(netns).dev === lstatSync('/run').dev) return null
  } catch {
    return null
  }
  const inside = ['/bin/sh', '-c', script(kernelParts)]
  return parse(await run('nsenter', [`--net=${netns}`, ...inside]))
}

const filesBelow = (directory: string): readonly (readonly [string, string])[] => {
  const found: (readonly [string, string])[] = []
  let names: readonly string[]
  try {
    names = readdirSync(directory).sort()
  } catch {
    return []
  }
  for (const name of names) {
    const path = join(directory, name)
    const status = lstatSync(path)
    if (status.isDirectory()) found.push(...filesBelow(path))
    else found.push([path, status.isFile() ? readFileSync(path, 'utf8') : 'no file'])
  }
  return found
}

const readOnce = async ({ withTables, withSecond }: Extent): Promise<RawReading> => {
  const [host, a, b] = await Promise.all([
    readHost(withTables),
    readContainer('a'),
    withSecond ? readContainer('b') : null,
  ])
  return { host, a, b, files: [...filesBelow('/var/lib'), ...filesBelow('/run/cni')] }
}

interface Addressed {
  readonly addr_info?: readonly { readonly local: string; readonly tentative?: boolean }[]
}
const isSettled = (space: RawNamespace | null): boolean =>
  ((space?.addresses ?? []) as readonly Addressed[]).every(
    ({ addr_info = [] }) =>
      !addr_info.some(({ local, tentative }) => tentative === true && !local.startsWith('fe80:')),
  )

/** How often it is read until no IPv6 address is tentative any more: its routes come with it. */
const attempts = 60

/** How much is read. */
export interface Extent {
  /** The tables of iptables, too. */
  readonly withTables: boolean
  /** Container b, too. */
  readonly withSecond: boolean
}

/** Reads everything. */
export const read = async (extent: Extent): Promise<RawReading> => {
  for (let attempt = 1; ; attempt++) {
    const reading = await readOnce(extent)
    const spaces = [reading.host, reading.a, reading.b]
    if (spaces.every(isSettled) || attempt === attempts) return reading
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
