/**
 * Decides how `metacni leaks` goes: it looks at the node, and when something seems to belong to nobody once more, since an
 * ADD or a DEL may have been half done. Changes nothing. Exit code 1 when something is left.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { printable } from '../../lib/cni/printable.js'
import { at, failure, type Problem } from '../../lib/cni/problem.js'
import type { Leak } from '../../lib/engine/leak.js'
import { findLeaks, seenTwice } from '../../lib/engine/leaks.js'
import type { UnreadView } from '../../lib/engine/node-view.js'
import { readCatalogue } from '../../lib/index.js'
import { type NodePlaces, readNodeView } from '../../runners/host/node-view.js'
import { paletteFor } from './colours.js'
import { refusalOf, tellRefusedCall } from './failure.js'
import { createInputReader } from './input-text.js'
import { readConfiguration, readNetworks } from './inputs.js'
import { exitCodes, interruptible } from './interruption.js'
import { isDataFormat, printData } from './output.js'
import { chooseProfile } from './profile-choice.js'
import { nodeFile, placesBeside } from './state-directory.js'
import type { Terminal } from './terminal.js'

/** The options of `metacni leaks`. */
export interface LeaksOptions {
  readonly stateDir?: string
  readonly cacheDir?: readonly string[]
  readonly dataDir?: readonly string[]
  readonly confDir?: readonly string[]
  readonly config?: string
  readonly output: string
}

/** libcni's own, where every runtime that uses it keeps results. */
const usualCacheDirectory = '/var/lib/cni'
/** host-local's own. */
const usualDataDirectory = '/var/lib/cni/networks'

/** How long between two looks, in milliseconds. */
const pause = 200

/** Prints what belongs to nobody; the exit code. */
export const printLeaks = async (options: LeaksOptions, terminal: Terminal): Promise<number> => {
  const { value, interrupt } = await interruptible(terminal, 'giving it up', (signal) =>
    look(options, terminal, signal),
  )
  return interrupt === undefined ? value : exitCodes[interrupt]
}

const look = async (
  options: LeaksOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> => {
  const reader = createInputReader(terminal, signal)
  const { meta, problems } = await readConfiguration(options.config, reader)
  const found: Problem[] = [...problems]
  const profile = chooseProfile()
  const files = profile.ok ? readNetworks(options.confDir ?? [], meta, profile.value, found) : []
  const directory = resolve(options.stateDir ?? meta.cniDir)
  if (existsSync(nodeFile(directory))) {
    const message = `${directory} holds a simulated node, and this machine has nothing of it`
    found.push(failure('bad-configuration', at('--state-dir'), message))
  }
  const wrong = found.filter(({ severity }) => severity === 'error')
  if (wrong.length > 0) return tellRefusedCall(terminal, options.output, refusalOf(wrong))
  const { foreign, cacheDirectory } = placesBeside(options, meta, directory)
  const places: NodePlaces = {
    ...{ directory, foreign, signal },
    cacheDirectories: [cacheDirectory, ...(options.cacheDir ?? [usualCacheDirectory])].map((one) =>
      resolve(one),
    ),
    dataDirectories: (options.dataDir ?? [usualDataDirectory]).map((one) => resolve(one)),
    networks: [...readCatalogue(files).networks.values()].map(({ config }) => config),
    searchPath: terminal.env.PATH ?? '',
  }
  const view = await readNodeView(places)
  const first = findLeaks(view)
  const leaks = first.length === 0 ? [] : await confirm(first, places, signal)
  return tell(leaks, view.unread, options.output, terminal)
}

/** Looks again a moment later: those of the findings that are still there. */
const confirm = async (
  first: readonly Leak[],
  places: NodePlaces,
  signal: AbortSignal,
): Promise<readonly Leak[]> => {
  await setTimeout(pause, undefined, { signal }).catch(() => {})
  return seenTwice(first, findLeaks(await readNodeView(places)))
}

const tell = async (
  leaks: readonly Leak[],
  unread: readonly UnreadView[],
  format: string,
  terminal: Terminal,
): Promise<number> => {
  const { stdout, stderr, env } = terminal
  const exitCode = leaks.length > 0 ? 1 : 0
  if (isDataFormat(format)) {
    await printData(stdout, format, { leaks, unread })
    return exitCode
  }
  const caution = paletteFor(stderr, env).caution('warning')
  for (const { where, why } of unread) {
    stderr.write(`${caution}: not read: ${printable(`${where}: ${why}`)}\n`)
  }
  if (leaks.length === 0) {
    const nothing = unread.length > 0 ? 'nothing that could be read' : 'nothing'
    stderr.write(`${nothing} belongs to nobody\n`)
    return exitCode
  }
  const palette = paletteFor(stdout, env)
  const { textTable } = await import('./text-table.js')
  const head = ['what', 'where', 'severity', 'belongs to', 'why']
  const rows = leaks.map(({ what, where, severity, belongsTo, why }) =>
    [what, where, severity, ownerOf(belongsTo), why].map(printable),
  )
  const paint = { severity: (text: string) => text.replace('leaked', palette.bad('leaked')) }
  stdout.write(textTable({ head, rows }, palette, stdout.columns, paint))
  return exitCode
}

const ownerOf = (owner: Leak['belongsTo']): string =>
  owner === undefined ? '-' : [owner.containerId, owner.ifname ?? ''].join(' ').trim()
