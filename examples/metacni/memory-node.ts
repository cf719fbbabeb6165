/**
 * Decides how a simulated node outlives a command: one file, locked while a command uses it, written after every call
 * that changed it. Refuses a file that holds no node. Loaded only where a command uses it.
 */
import { closeSync, existsSync, openSync } from 'node:fs'
import { noAnswer } from '../../lib/cni/invocation.js'
import { at, failure, type Problem } from '../../lib/cni/problem.js'
import type { Added, Journal, Log, Runner } from '../../lib/index.js'
import { describe } from '../../lib/plan/describe.js'
import { createHostJournal } from '../../runners/host/journal.js'
import {
  createMemoryJournal,
  createMemoryNode,
  type MemoryNode,
  parseNodeState,
} from '../../runners/memory/index.js'
import { writeAtomically } from '../../runners/node/atomic-write.js'
import { readFileBounded } from '../../runners/node/bounded-read.js'
import { lockDescriptor } from '../../runners/node/flock.js'
import { functionTables } from './function-table.js'
import { interfaceTable, type PodInterface } from './interface-table.js'
import { makeStateDirectory, nodeFile } from './state-directory.js'
import type { TableText } from './text-table.js'

/** A simulated node, ready for one command. */
export interface OpenMemoryNode {
  readonly runner: Runner
  readonly journal: Journal
  tables(netns: string, added: Added): readonly TableText[]
  close(): Promise<void>
}

/** A simulated node, or why it cannot be had. */
export type OpenedMemoryNode =
  | { readonly ok: true; readonly value: OpenMemoryNode }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** The longest file of a node that is read, in bytes. */
const longestNode = 64 * 1024 * 1024

/**
 * Opens the node of a directory, or one that lives for the call. `create`: the directory becomes a simulated node's
 * before anything is recorded in it; `existing`: nothing is created.
 */
export const openMemoryNode = async (
  directory: string | undefined,
  mode: 'create' | 'existing',
  log: Log,
  signal: AbortSignal,
): Promise<OpenedMemoryNode> => {
  if (directory === undefined || (mode === 'existing' && !existsSync(directory))) {
    const node = createMemoryNode()
    const journal = createMemoryJournal()
    const close = async () => {}
    return opened({ runner: withLoopback(node), journal, tables: tablesOf(node), close })
  }
  const lock = await lockDirectory(directory, signal)
  if (!lock.ok) return refused(directory, lock.message)
  const file = nodeFile(directory)
  const close = async () => closeSync(lock.descriptor)
  const read = readNode(file)
  if (!read.ok) {
    await close()
    return refused(file, read.message)
  }
  const { node } = read
  const keep = createKeeper(node, file, read.text)
  const kept = mode === 'create' ? await keep() : undefined
  if (kept !== undefined) {
    await close()
    return refused(file, kept)
  }
  const runner = keepingRunner(withLoopback(node), keep)
  const journal = createHostJournal({ directory, log })
  return opened({ runner, journal, tables: tablesOf(node), close })
}

const opened = (value: OpenMemoryNode): OpenedMemoryNode => ({ ok: true, value })

const refused = (source: string, why: string): OpenedMemoryNode => {
  const problem = failure(
    'bad-configuration',
    at(source),
    `the simulated node cannot be had: ${why}`,
  )
  return { ok: false, problems: [problem] }
}

type Locked =
  | { readonly ok: true; readonly descriptor: number }
  | { readonly ok: false; readonly message: string }

const lockDirectory = async (directory: string, signal: AbortSignal): Promise<Locked> => {
  const unmade = makeStateDirectory(directory)
  if (unmade !== undefined) return { ok: false, message: unmade }
  let descriptor: number
  try {
    descriptor = openSync(directory, 'r')
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) }
  }
  const locked = await lockDescriptor(descriptor, signal)
  // Without flock(1) one command at a time is the user's care: it is only a rehearsal.
  if (locked.kind === 'locked' || locked.kind === 'unavailable') return { ok: true, descriptor }
  closeSync(descriptor)
  return { ok: false, message: locked.kind === 'aborted' ? 'waiting was given up' : locked.message }
}

type ReadNode =
  | { readonly ok: true; readonly node: MemoryNode; readonly text: string }
  | { readonly ok: false; readonly message: string }

/** The node of a file; a new one where there is none. */
const readNode = (file: string): ReadNode => {
  const read = readFileBounded(file, longestNode)
  if (!read.ok) {
    return read.code === 'ENOENT' ? { ok: true, node: createMemoryNode(), text: '' } : read
  }
  const parsed = parseNodeState(read.text)
  return parsed.ok
    ? { ok: true, node: createMemoryNode({ state: parsed.state }), text: read.text }
    : parsed
}

/** Writes the node when it is another one than before. Resolves to what went wrong. */
const createKeeper = (node: MemoryNode, file: string, before: string) => {
  let kept = before
  return async (): Promise<string | undefined> => {
    const text = `${JSON.stringify(node, null, 2)}\n`
    if (text === kept) return undefined
    const written = await writeAtomically(file, text)
    if (!written.ok) return written.message
    kept = text
    return undefined
  }
}

/** What a call changed is on disk before anybody hears of it. */
const keepingRunner = (runner: Runner, keep: () => Promise<string | undefined>): Runner => ({
  run: async (invocation, signal) => {
    const answer = await runner.run(invocation, signal)
    const why = await keep()
    return why === undefined ? answer : noAnswer('runner-threw', why, true)
  },
})

/** A namespace is there before the first plugin runs, with its loopback interface up, as runtimes leave it. */
const withLoopback = ({ runner, world, addNamespace }: MemoryNode): Runner => ({
  run: (invocation, signal) => {
    const { CNI_COMMAND: verb, CNI_NETNS: netns } = invocation.env
    if (verb === 'ADD' && !world.namespaces.has(netns)) addNamespace(netns, { loopback: true })
    return runner.run(invocation, signal)
  },
})

const tablesOf =
  (node: MemoryNode) =>
  (netns: string, { attachments }: Added): readonly TableText[] => {
    const interfaces = node.interfacesOf(netns).map((view): PodInterface => {
      const { name, mac } = view
      // Every interface has one of these by itself; results do not tell them either.
      const addresses = view.addresses.filter((address) => !address.startsWith('fe80:'))
      const own = attachments.find(({ attachment }) => attachment.ifname === name)?.attachment
      const network = own?.network.name ?? ''
      const description = own === undefined ? view.description : describe(own.config)
      return { name, addresses, mac, network, description }
    })
    return [interfaceTable(interfaces), ...functionTables(node.world, netns)]
  }
