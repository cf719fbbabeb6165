/**
 * Decides in which order a node is looked at to find what belongs to nobody: links, the calls that may make them, records
 * and cached results, which are there when a call has ended, the leases that these lead to, namespaces. Refuses to lock and
 * to change anything; what cannot be read is noted.
 */
import { statfsSync } from 'node:fs'
import { join } from 'node:path'
import type { NetworkConfigurationList } from '../../lib/cni/configuration.js'
import { holdersIn, placesOf, sandboxesOf } from '../../lib/engine/holders.js'
import { leaseDirectoriesOf } from '../../lib/engine/leaked-leases.js'
import type {
  NamespaceView,
  NodeView,
  SpoiledHolding,
  UnreadView,
} from '../../lib/engine/node-view.js'
import { lookAtNamespace } from '../node/network-namespace.js'
import {
  type CacheEntry,
  readCacheLedger,
  readScratchLedger,
  type Unread,
} from './beside-ledger.js'
import { type LinkReading, readLinks, readVeths } from './kernel-links.js'
import { readLeases } from './lease-files.js'
import { readLedger } from './ledger.js'
import { readRunningCalls } from './running-calls.js'

/** Where a node keeps what is looked at. */
export interface NodePlaces extends LinkReading {
  /** The `cniDir` of the records. */
  readonly directory: string
  /** Where else Go plugins may have scratch files. */
  readonly foreign: readonly string[]
  /** In whose `results` there are caches. */
  readonly cacheDirectories: readonly string[]
  /** Where host-local keeps leases, beside what recorded configurations name. */
  readonly dataDirectories: readonly string[]
  /** The networks that are defined on the node. */
  readonly networks: readonly NetworkConfigurationList[]
}

/** Looks at a node once. Two looks a moment apart tell what is in motion from what is left over. */
export const readNodeView = async (places: NodePlaces): Promise<NodeView> => {
  const unread: UnreadView[] = []
  const note = (what: UnreadView['what'], ones: readonly Unread[]): void => {
    for (const one of ones) unread.push({ what, ...one })
  }
  const links = await readLinks(places)
  if (!links.ok) note('links', [{ where: 'the links of the node', why: links.message }])
  const calls = readRunningCalls()
  const recorded = readRecords(places)
  note('records', recorded.unread)
  note('cached results', unreadCaches(recorded.cached))
  const hidden: Unread[] = []
  const known = { ...recorded, links: links.ok ? links.value : [], networks: places.networks }
  const bare: NodeView = { ...known, calls, leases: [], namespaces: new Map(), unread: [] }
  const holders = holdersIn(bare)
  const directories = [...places.dataDirectories, ...leaseDirectoriesOf(holders.configs)]
  const leases = readLeases(directories, hidden)
  note('leases', hidden)
  // Only where a result does not say whose a veth is, the namespaces are asked.
  const isUnexplained = bare.links.some(
    ({ name, kind, peerIndex }) =>
      kind === 'veth' && peerIndex !== undefined && !holders.links.has(name),
  )
  const ofCalls = new Set(calls.map(({ netns }) => netns))
  const namespaces = await readNamespaces(
    pathsIn(bare),
    isUnexplained ? places : undefined,
    // A call that has ended meanwhile took the way to its namespace along: that hides nothing of others.
    (one) => note('namespaces', ofCalls.has(one.where) ? [] : [one]),
  )
  return { ...bare, leases, namespaces, unread }
}

const readRecords = ({ directory, foreign, cacheDirectories }: NodePlaces) => {
  const unread: Unread[] = []
  const ledger = readLedger(directory)
  if (!ledger.ok) unread.push({ where: join(directory, '.metacni'), why: ledger.message })
  const scratch = readScratchLedger([directory, ...foreign], unread)
  const entries = [...(ledger.ok ? ledger.value : []), ...scratch]
  const records = entries.flatMap((one) =>
    one.kind === 'record' ? [{ file: one.file, record: one.record }] : [],
  )
  const spoiled = entries.flatMap((one): readonly SpoiledHolding[] => {
    if (one.kind === 'record') return []
    const { file, kind, containerId } = one
    return [{ file, kind, containerId, ...(one.kind === 'corrupt' && { message: one.message }) }]
  })
  return { records, spoiled, cached: readCacheLedger(cacheDirectories, unread), unread }
}

const unreadCaches = (cached: readonly CacheEntry[]): readonly Unread[] =>
  cached.flatMap(({ file, fault, result }) => {
    if (fault !== undefined) return [{ where: file, why: fault }]
    const why = 'it is a bare result, as libcni before 0.7 wrote them: its name alone says whose'
    return result === undefined ? [] : [{ where: file, why }]
  })

const pathsIn = ({ records, cached, calls }: NodeView): readonly string[] => [
  ...new Set(
    [
      ...records.map(({ record }) => record.sandbox.netns),
      ...cached.flatMap(({ attachment }) => (attachment ? placesOf(attachment) : [])),
      ...cached.flatMap(({ result }) => sandboxesOf(result)),
      ...calls.map(({ netns }) => netns),
    ].filter((path) => path.startsWith('/') && !path.includes('\0')),
  ),
]

/** What is at each path; its veths too where there is a `reading`. */
const readNamespaces = async (
  paths: readonly string[],
  reading: LinkReading | undefined,
  note: (unread: Unread) => void,
): Promise<ReadonlyMap<string, NamespaceView>> => {
  const views = new Map<string, NamespaceView>()
  for (const path of paths) {
    const first = stateAt(path)
    const veths = first === 'present' && reading ? await readVeths(path, reading) : undefined
    // A pod may end while it is looked at.
    const state = veths?.ok === false ? stateAt(path) : first
    if (veths?.ok === false && state === 'present') note({ where: path, why: veths.message })
    const which = (state === 'present' || state === 'no-namespace') && { at: lookAtNamespace(path) }
    views.set(path, { state, ...which, ...(veths?.ok && { veths: veths.value }) })
  }
  return views
}

/** The magic number of the kernel's file system of namespaces. */
const nsfs = 0x6e736673

const stateAt = (path: string): NamespaceView['state'] => {
  try {
    return statfsSync(path).type === nsfs ? 'present' : 'no-namespace'
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'gone' : 'unknown'
  }
}
