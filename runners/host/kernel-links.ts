/**
 * Decides what is read of the kernel's links: by `ip` of iproute2, in this namespace or in another one that nsenter(1)
 * enters. Refuses to change anything, and to trust what is not of the form that `ip -json` has.
 */
import type { LinkView, NamespaceView } from '../../lib/engine/node-view.js'
import type { Stored } from '../../lib/ports/index.js'
import { start } from '../node/start.js'

/** The most that `ip` may print, in bytes. */
const outputLimit = 64 * 1024 * 1024

/** What `ip` is started with. */
export interface LinkReading {
  /** The PATH in which `ip` and `nsenter` are looked for. */
  readonly searchPath: string
  readonly signal: AbortSignal
}

/** The links of our own namespace. */
export const readLinks = async (reading: LinkReading): Promise<Stored<readonly LinkView[]>> => {
  const read = await readJson(['ip', '-json', '-details', 'link', 'show'], reading)
  return read.ok ? { ok: true, value: read.value.flatMap(linkOf) } : read
}

/** The veths, or what looks like them, of the namespace at a path. */
export const readVeths = async (
  netns: string,
  reading: LinkReading,
): Promise<Stored<Exclude<NamespaceView['veths'], undefined>>> => {
  const read = await readLinksAt(netns, reading)
  if (!read.ok) return read
  const veths = read.value.flatMap(({ index, peerIndex }) => {
    return peerIndex === undefined ? [] : [{ index, peerIndex }]
  })
  return { ok: true, value: veths }
}

/** The names of the interfaces in the namespace at a path. */
export const readInterfaceNames = async (
  netns: string,
  reading: LinkReading,
): Promise<Stored<readonly string[]>> => {
  const read = await readLinksAt(netns, reading)
  return read.ok ? { ok: true, value: read.value.map(({ name }) => name) } : read
}

const readLinksAt = async (
  netns: string,
  reading: LinkReading,
): Promise<Stored<readonly LinkView[]>> => {
  const command = ['nsenter', `--net=${netns}`, 'ip', '-json', 'link', 'show']
  const read = await readJson(command, reading)
  return read.ok ? { ok: true, value: read.value.flatMap(linkOf) } : read
}

const readJson = async (
  [file = '', ...args]: readonly string[],
  { searchPath, signal }: LinkReading,
): Promise<Stored<readonly unknown[]>> => {
  const env = { PATH: searchPath }
  const program = { file, args, env, stdin: '', limitBytes: outputLimit, signal }
  const { exitCode, stdout, stderr, startError } = await start(program)
  if (exitCode !== 0) {
    const why = startError?.message ?? (stderr.trim() || `exit status ${exitCode}`)
    return { ok: false, message: `${file}: ${why}` }
  }
  try {
    const value: unknown = JSON.parse(stdout)
    if (Array.isArray(value)) return { ok: true, value }
  } catch {
    // Told below.
  }
  return { ok: false, message: `${file} printed no list` }
}

/** One link of `ip -json`. `link` is a name in the same namespace, `link_index` an index in another one. */
const linkOf = (value: unknown): readonly LinkView[] => {
  const { ifname, ifindex, master, link, link_index, linkinfo } = (value ?? {}) as Readonly<
    Partial<Record<string, unknown>>
  >
  if (typeof ifname !== 'string' || typeof ifindex !== 'number') return []
  const kind = (linkinfo as { info_kind?: unknown } | undefined)?.info_kind
  return [
    {
      name: ifname,
      index: ifindex,
      ...(typeof kind === 'string' && { kind }),
      ...(typeof master === 'string' && { master }),
      ...(typeof link === 'string' && { lower: link }),
      ...(typeof link_index === 'number' && { peerIndex: link_index }),
    },
  ]
}
